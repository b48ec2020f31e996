#include "server/protocol/session.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

// Section 6.13: "no more than once every 60 seconds".
constexpr Duration kCallErrorsInterval = Duration::Seconds(60);

}  // namespace

void Session::Start(const PeerFacts&, Outbox*) {}
bool Session::Accept(const LineInfo&, Outbox*) { return false; }
bool Session::Confirm(Outbox*) { return false; }

void Session::HandleMessage(const Message& message, Outbox* out) {
  switch (message.type()) {
    case MessageType::kCdn: return HandleCdn(message, out);
    // These two are not in the state tables: meaningful for an established call, else harmless.
    case MessageType::kSli: return HandleSli(message, out);
    case MessageType::kWen: return HandleWen(message, out);
    default: break;
  }
  if (HandleCallMessage(message, out)) return;
  Refuse(wire::ErrorCode::kInvalidSessionId,
         absl::StrCat(wire::MessageTypeName(message.type()), " in state ", StateName()), out);
}

void Session::HandleCdn(const Message& message, Outbox* out) {
  Closure closure;
  closure.kind = Closure::Kind::kPeer;
  if (auto result = message.Get<wire::ResultCode>(AvpType::kResultCode)) closure.result = *result;
  closure.q931_cause = message.Get<wire::Q931Cause>(AvpType::kQ931CauseCode);
  closure.ppp_cause = message.Get<wire::PppDisconnectCause>(AvpType::kPppDisconnectCause);
  Abandon(std::move(closure), out);
}

void Session::HandleSli(const Message& message, Outbox* out) {
  if (state_ != State::kEstablished || side_ != CallSide::kLac) return;
  if (auto accm = message.Get<wire::Accm>(AvpType::kAccm)) {
    out->Emit(LinkInfoReceived{handle_, *accm});
  }
}

void Session::HandleWen(const Message& message, Outbox* out) {
  if (state_ != State::kEstablished || side_ != CallSide::kLns) return;
  if (auto errors = message.Get<wire::CallErrors>(AvpType::kCallErrors)) {
    out->Emit(CallErrorsReceived{handle_, *errors});
  }
}

void Session::Refuse(wire::ErrorCode error, absl::string_view detail, Outbox* out) {
  Closure closure;
  closure.kind = Closure::Kind::kProtocolError;
  closure.detail = std::string(detail);
  closure.result = wire::MakeResult(wire::CdnResult::kGeneralError, error, detail);
  Close(std::move(closure), out);
}

void Session::Close(Closure closure, Outbox* out) {
  if (state_ != State::kWaitTunnel && state_ != State::kClosed) {
    Message cdn(MessageType::kCdn);
    cdn.Add(AvpType::kResultCode, closure.result);
    cdn.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id_.value()));
    if (closure.q931_cause) cdn.Add(AvpType::kQ931CauseCode, *closure.q931_cause);
    if (closure.ppp_cause) cdn.Add(AvpType::kPppDisconnectCause, *closure.ppp_cause);
    out->Send(peer_id_, cdn);
  }
  Abandon(std::move(closure), out);
}

void Session::Abandon(Closure closure, Outbox* out) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  out->Emit(SessionClosed{handle_, std::move(closure)});
}

bool Session::SendLinkInfo(const wire::Accm& accm, Outbox* out) {
  if (side_ != CallSide::kLns || state_ != State::kEstablished) return false;
  Message sli(MessageType::kSli);
  sli.Add(AvpType::kAccm, accm);
  out->Send(peer_id_, sli);
  return true;
}

bool Session::SendCallErrors(Instant now, const wire::CallErrors& errors, Outbox* out) {
  if (side_ != CallSide::kLac || state_ != State::kEstablished) return false;
  if (call_errors_sent_.has_value() && now < *call_errors_sent_ + kCallErrorsInterval) return false;
  call_errors_sent_ = now;
  Message wen(MessageType::kWen);
  wen.Add(AvpType::kCallErrors, errors);
  out->Send(peer_id_, wen);
  return true;
}

void Session::Establish(Outbox* out) {
  state_ = State::kEstablished;
  out->Emit(SessionEstablished{handle_, call_});
}

}  // namespace l2tp::protocol
