#include "tests/bench/load/ppp/option_automaton.h"

namespace l2tp::load::ppp {

// ---- Events from here --------------------------------------------------------------------------

void OptionAutomaton::Start(Instant now) {
  if (state_ != State::kInitial) return;
  state_ = State::kReqSent;
  timer_.Initialize(kMaxConfigure);
  SendNewRequest(now);
}

void OptionAutomaton::Close(Instant now) {
  if (state_ == State::kFinished || state_ == State::kClosing) return;
  if (state_ == State::kInitial) return Finish(End::kLocal);
  if (end_ == End::kNone) end_ = End::kLocal;
  const bool stopping = state_ == State::kStopping;
  state_ = State::kClosing;
  if (stopping) return;  // the timer that runs is the right one
  timer_.Initialize(kMaxTerminate);
  SendTerminate(now);
}

void OptionAutomaton::HandleTimeout(Instant now) {
  const RestartTimer::Outcome outcome = timer_.HandleTimeout(now);
  if (outcome == RestartTimer::Outcome::kNotDue) return;
  const bool again = outcome == RestartTimer::Outcome::kAgain;
  switch (state_) {
    case State::kReqSent:
    case State::kAckRcvd:
      if (!again) return Finish(End::kNoAnswer);
      state_ = State::kReqSent;
      return SendRequest(now);
    case State::kAckSent: return again ? SendRequest(now) : Finish(End::kNoAnswer);
    case State::kClosing: return again ? SendTerminate(now) : Finish(end_);
    case State::kStopping: return Finish(end_);
    case State::kInitial:
    case State::kOpened:
    case State::kFinished: return;
  }
}

void OptionAutomaton::SendNewRequest(Instant now) {
  request_ = EncodeOptions(negotiator_->Wanted());
  ++identifier_;
  SendRequest(now);
}

// A repeated request keeps its Identifier, so that a late answer still counts.
void OptionAutomaton::SendRequest(Instant now) {
  Send(Code::kConfigureRequest, identifier_, request_);
  timer_.Sent(now);
}

void OptionAutomaton::SendTerminate(Instant now) {
  Send(Code::kTerminateRequest, ++identifier_, {});
  timer_.Sent(now);
}

void OptionAutomaton::Open() {
  state_ = State::kOpened;
  timer_.Stop();
}

void OptionAutomaton::Finish(End end) {
  if (state_ == State::kFinished) return;
  state_ = State::kFinished;
  if (end_ == End::kNone) end_ = end;
  timer_.Stop();
}

// ---- Packets of the peer -----------------------------------------------------------------------

void OptionAutomaton::HandlePacket(Instant now, const ControlPacket& packet) {
  if (state_ == State::kInitial) return;
  switch (static_cast<Code>(packet.code)) {
    case Code::kConfigureRequest: return HandleRequest(now, packet);
    case Code::kConfigureAck: return HandleAck(now, packet);
    case Code::kConfigureNak:
    case Code::kConfigureReject: return HandleRefusal(now, packet);
    case Code::kTerminateRequest: return HandleTerminateRequest(now, packet);
    case Code::kTerminateAck: return HandleTerminateAck(now);
    case Code::kCodeReject: return HandleCodeReject(packet);
    default: break;
  }
  // The rejected packet, cut so that ours fits where it came from.
  Send(Code::kCodeReject, ++identifier_,
       EncodeControlPacket(packet.code, packet.identifier, packet.data));
}

void OptionAutomaton::HandleRequest(Instant now, const ControlPacket& packet) {
  switch (state_) {
    case State::kFinished: return Send(Code::kTerminateAck, packet.identifier, {});
    case State::kInitial:
    case State::kClosing:
    case State::kStopping: return;
    case State::kOpened:  // the peer begins anew
      state_ = State::kReqSent;
      timer_.Initialize(kMaxConfigure);
      SendNewRequest(now);
      break;
    case State::kReqSent:
    case State::kAckRcvd:
    case State::kAckSent: break;
  }
  const bool acknowledged = Answer(packet);
  if (!acknowledged) {
    if (state_ == State::kAckSent) state_ = State::kReqSent;
  } else if (state_ == State::kAckRcvd) {
    Open();
  } else {
    state_ = State::kAckSent;
  }
}

// Sends Ack, Nak or Reject; true: Ack.
bool OptionAutomaton::Answer(const ControlPacket& packet) {
  const auto request = ParseOptions(packet.data);
  if (!request.has_value()) return false;  // section 5: silently discarded
  std::vector<Option> rejected;
  std::vector<Option> refused;
  for (const Option& option : *request) {
    Option better = option;
    switch (negotiator_->Judge(&better)) {
      case Negotiator::Verdict::kAck: break;
      case Negotiator::Verdict::kReject: rejected.push_back(option); break;
      // Section 4.6: a peer that does not converge is refused the option.
      case Negotiator::Verdict::kNak:
        if (naks_ < kMaxFailure) {
          refused.push_back(std::move(better));
        } else {
          rejected.push_back(option);
        }
        break;
    }
  }
  if (naks_ < kMaxFailure) {
    for (Option& missing : negotiator_->Missing(*request)) refused.push_back(std::move(missing));
  }
  if (!rejected.empty()) {
    Send(Code::kConfigureReject, packet.identifier, EncodeOptions(rejected));
    return false;
  }
  if (!refused.empty()) {
    ++naks_;
    Send(Code::kConfigureNak, packet.identifier, EncodeOptions(refused));
    return false;
  }
  naks_ = 0;
  Send(Code::kConfigureAck, packet.identifier, packet.data);
  negotiator_->HandleAgreed(*request);
  return true;
}

void OptionAutomaton::HandleAck(Instant now, const ControlPacket& packet) {
  if (state_ == State::kFinished) return Send(Code::kTerminateAck, packet.identifier, {});
  // Section 5.2: exactly what we have asked for, else it is none of ours.
  if (packet.identifier != identifier_ || packet.data != ByteSpan(request_)) return;
  switch (state_) {
    case State::kReqSent:
      state_ = State::kAckRcvd;
      timer_.Initialize(kMaxConfigure);
      timer_.Sent(now);
      return;
    case State::kAckSent: return Open();
    // A second one is a datagram that the network has doubled. RFC 1661 would begin anew; pppd
    // does as is done here.
    default: return;
  }
}

void OptionAutomaton::HandleRefusal(Instant now, const ControlPacket& packet) {
  if (state_ == State::kFinished) return Send(Code::kTerminateAck, packet.identifier, {});
  if (packet.identifier != identifier_) return;
  if (state_ != State::kReqSent && state_ != State::kAckSent) return;  // doubled, as above
  const auto options = ParseOptions(packet.data);
  if (!options.has_value()) return;
  const bool nak = static_cast<Code>(packet.code) == Code::kConfigureNak;
  for (const Option& option : *options) {
    const bool go_on = nak ? negotiator_->HandleNak(option) : negotiator_->HandleReject(option);
    if (!go_on) {
      end_ = End::kNoAgreement;
      return Close(now);
    }
  }
  timer_.Initialize(kMaxConfigure);
  SendNewRequest(now);
}

void OptionAutomaton::HandleTerminateRequest(Instant now, const ControlPacket& packet) {
  if (state_ == State::kOpened) {
    // One interval for the Ack to arrive: then the layers below may go.
    end_ = End::kPeer;
    state_ = State::kStopping;
    timer_.Initialize(1);
    timer_.Sent(now);
  } else if (negotiating()) {
    // The peer gives up before there was anything. RFC 1661 would go on; a peer that refuses us
    // would then be asked until the timer runs out.
    Finish(End::kPeer);
  }
  Send(Code::kTerminateAck, packet.identifier, {});
}

void OptionAutomaton::HandleTerminateAck(Instant now) {
  switch (state_) {
    case State::kClosing:
    case State::kStopping: return Finish(end_);
    case State::kAckRcvd: state_ = State::kReqSent; return;
    case State::kOpened:
      state_ = State::kReqSent;
      timer_.Initialize(kMaxConfigure);
      return SendNewRequest(now);
    default: return;
  }
}

// A peer that does not know codes 1 to 7 cannot be talked to (RXJ-); others are no loss (RXJ+).
void OptionAutomaton::HandleCodeReject(const ControlPacket& packet) {
  if (packet.data.empty() || packet.data[0] > static_cast<uint8_t>(Code::kCodeReject)) return;
  Finish(End::kRejected);
}

}  // namespace l2tp::load::ppp
