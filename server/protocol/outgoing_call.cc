#include "server/protocol/outgoing_call.h"

namespace l2tp::protocol {

using wire::Message;
using wire::MessageType;

// ---- LNS (section 7.5.2) -----------------------------------------------------------------------

void OutgoingCallLns::Start(const PeerFacts& peer, Outbox* out) {
  // Sections 4.4.3 and 6.9: nothing may be asked for that the peer has not offered.
  const uint32_t bearers = peer.bearer_capabilities.value_or(0);
  call_.bearer_type = call_.bearer_type.value_or(bearers) & bearers;
  call_.framing_type &= peer.framing_capabilities;
  if (*call_.bearer_type == 0 || call_.framing_type == 0) {
    Closure closure;
    closure.kind = Closure::Kind::kPeerIncapable;
    closure.detail = *call_.bearer_type == 0 ? "the peer does not offer the bearer"
                                             : "the peer does not offer the framing";
    return Abandon(std::move(closure), out);
  }
  out->Send(SessionId(), MakeOcrq(id(), call_));
  state_ = State::kWaitReply;
}

bool OutgoingCallLns::HandleCallMessage(const Message& message, Outbox* out) {
  if (message.type() == MessageType::kOcrp && state_ == State::kWaitReply) {
    HandleOcrp(message, out);
    return true;
  }
  if (message.type() == MessageType::kOccn && state_ == State::kWaitConnect) {
    HandleOccn(message, out);
    return true;
  }
  return false;
}

void OutgoingCallLns::HandleOcrp(const Message& ocrp, Outbox* out) {
  peer_id_ = AssignedSessionId(ocrp);
  ReadOcrp(ocrp, &call_);
  state_ = State::kWaitConnect;
  out->Emit(SessionAnswered{handle(), peer_id_});
}

void OutgoingCallLns::HandleOccn(const Message& occn, Outbox* out) {
  ReadOccn(occn, &call_);
  if (path_ready_) return Establish(out);
  state_ = State::kWaitPath;
}

bool OutgoingCallLns::Confirm(Outbox* out) {
  if (state_ != State::kWaitConnect && state_ != State::kWaitPath) return false;
  path_ready_ = true;
  if (state_ == State::kWaitPath) Establish(out);
  return true;
}

absl::string_view OutgoingCallLns::StateName() const {
  switch (state_) {
    case State::kWaitTunnel: return "wait-tunnel";
    case State::kWaitReply: return "wait-reply";
    case State::kWaitConnect:
    case State::kWaitPath: return "wait-connect";
    case State::kEstablished: return "established";
    default: return "idle";
  }
}

// ---- LAC (section 7.5.1) -----------------------------------------------------------------------

OutgoingCallLac::OutgoingCallLac(SessionHandle handle, SessionId id, const Message& ocrq)
    : Session(handle, id, CallSide::kLac, State::kWaitReply, {}) {
  peer_id_ = AssignedSessionId(ocrq);
  ReadOcrq(ocrq, &call_);
}

bool OutgoingCallLac::Accept(const LineInfo& line, Outbox* out) {
  if (state_ != State::kWaitReply) return false;
  // OCRQ may leave us the choice; OCCN states one.
  call_.framing_type =
      (call_.framing_type & wire::kFramingSync) != 0 ? wire::kFramingSync : wire::kFramingAsync;
  call_.tx_connect_speed = line.tx_connect_speed;
  call_.rx_connect_speed = line.rx_connect_speed;
  call_.sequencing_required = line.sequencing_required;
  out->Send(peer_id_, MakeOcrp(id(), call_));
  state_ = State::kWaitCsAnswer;
  return true;
}

bool OutgoingCallLac::Confirm(Outbox* out) {
  if (state_ != State::kWaitCsAnswer) return false;
  out->Send(peer_id_, MakeOccn(call_));
  Establish(out);
  return true;
}

absl::string_view OutgoingCallLac::StateName() const {
  switch (state_) {
    case State::kWaitCsAnswer: return "wait-cs-answer";
    case State::kEstablished: return "established";
    default: return "idle";
  }
}

}  // namespace l2tp::protocol
