#include "server/protocol/incoming_call.h"

namespace l2tp::protocol {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

// ---- LAC (section 7.4.1) -----------------------------------------------------------------------

void IncomingCallLac::Start(const PeerFacts&, Outbox* out) {
  out->Send(SessionId(), MakeIcrq(id(), call_));
  state_ = State::kWaitReply;
}

bool IncomingCallLac::HandleCallMessage(const Message& message, Outbox* out) {
  if (message.type() != MessageType::kIcrp || state_ != State::kWaitReply) return false;
  peer_id_ = AssignedSessionId(message);
  state_ = State::kWaitPath;
  out->Emit(SessionAnswered{handle(), peer_id_});
  return true;
}

bool IncomingCallLac::Confirm(Outbox* out) {
  if (state_ != State::kWaitPath) return false;
  out->Send(peer_id_, MakeIccn(call_));
  Establish(out);
  return true;
}

absl::string_view IncomingCallLac::StateName() const {
  switch (state_) {
    case State::kWaitTunnel: return "wait-tunnel";
    case State::kWaitReply:
    case State::kWaitPath: return "wait-reply";
    case State::kEstablished: return "established";
    default: return "idle";
  }
}

// ---- LNS (section 7.4.2) -----------------------------------------------------------------------

IncomingCallLns::IncomingCallLns(SessionHandle handle, SessionId id, const Message& icrq)
    : Session(handle, id, CallSide::kLns, State::kWaitPath, {}) {
  peer_id_ = AssignedSessionId(icrq);
  ReadIcrq(icrq, &call_);
}

bool IncomingCallLns::Accept(const LineInfo&, Outbox* out) {
  if (state_ != State::kWaitPath) return false;
  Message icrp(MessageType::kIcrp);
  icrp.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id().value()));
  out->Send(peer_id_, icrp);
  state_ = State::kWaitConnect;
  return true;
}

bool IncomingCallLns::HandleCallMessage(const Message& message, Outbox* out) {
  if (message.type() != MessageType::kIccn || state_ != State::kWaitConnect) return false;
  ReadIccn(message, &call_);
  Establish(out);
  return true;
}

absl::string_view IncomingCallLns::StateName() const {
  switch (state_) {
    case State::kWaitConnect: return "wait-connect";
    case State::kEstablished: return "established";
    default: return "idle";
  }
}

}  // namespace l2tp::protocol
