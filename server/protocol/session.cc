#include "server/protocol/session.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

void AddText(AvpType type, const std::string& text, Message* message) {
  if (!text.empty()) message->Add(type, text);
}

Message MakeIcrq(SessionId id, const CallInfo& call) {
  Message icrq(MessageType::kIcrq);
  icrq.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id.value()));
  icrq.Add(AvpType::kCallSerialNumber, call.call_serial_number);
  if (call.bearer_type) icrq.Add(AvpType::kBearerType, *call.bearer_type);
  if (call.physical_channel_id) icrq.Add(AvpType::kPhysicalChannelId, *call.physical_channel_id);
  AddText(AvpType::kCallingNumber, call.calling_number, &icrq);
  AddText(AvpType::kCalledNumber, call.called_number, &icrq);
  AddText(AvpType::kSubAddress, call.sub_address, &icrq);
  return icrq;
}

Message MakeIccn(const CallInfo& call) {
  Message iccn(MessageType::kIccn);
  iccn.Add(AvpType::kTxConnectSpeed, call.tx_connect_speed);
  iccn.Add(AvpType::kFramingType, call.framing_type);
  AddText(AvpType::kPrivateGroupId, call.private_group_id, &iccn);
  if (call.rx_connect_speed) iccn.Add(AvpType::kRxConnectSpeed, *call.rx_connect_speed);
  if (call.sequencing_required) iccn.Add(AvpType::kSequencingRequired, wire::Empty{});
  return iccn;
}

// What ICRQ tells.
CallInfo ReadIcrq(const Message& icrq) {
  CallInfo call;
  call.call_serial_number = icrq.Get<uint32_t>(AvpType::kCallSerialNumber).value_or(0);
  call.bearer_type = icrq.Get<uint32_t>(AvpType::kBearerType);
  call.physical_channel_id = icrq.Get<uint32_t>(AvpType::kPhysicalChannelId);
  call.calling_number = icrq.Get<std::string>(AvpType::kCallingNumber).value_or("");
  call.called_number = icrq.Get<std::string>(AvpType::kCalledNumber).value_or("");
  call.sub_address = icrq.Get<std::string>(AvpType::kSubAddress).value_or("");
  return call;
}

// Adds what ICCN tells.
void ReadIccn(const Message& iccn, CallInfo* call) {
  call->tx_connect_speed = iccn.Get<uint32_t>(AvpType::kTxConnectSpeed).value_or(0);
  call->rx_connect_speed = iccn.Get<uint32_t>(AvpType::kRxConnectSpeed);
  call->framing_type = iccn.Get<uint32_t>(AvpType::kFramingType).value_or(0);
  call->sequencing_required = iccn.Has(AvpType::kSequencingRequired);
  call->private_group_id = iccn.Get<std::string>(AvpType::kPrivateGroupId).value_or("");
}

SessionId AssignedSessionId(const Message& message) {
  return SessionId(message.Get<uint16_t>(AvpType::kAssignedSessionId).value_or(0));
}

}  // namespace

Session Session::Place(SessionHandle handle, SessionId id, CallInfo call) {
  Session session(handle, id, Side::kLac, State::kWaitTunnel);
  session.call_ = std::move(call);
  return session;
}

Session Session::Answer(SessionHandle handle, SessionId id, TunnelHandle tunnel,
                        const Message& icrq, Outbox* out) {
  Session session(handle, id, Side::kLns, State::kWaitPath);
  session.peer_id_ = AssignedSessionId(icrq);
  session.call_ = ReadIcrq(icrq);
  out->Emit(SessionRequested{handle, tunnel, id, session.peer_id_, session.call_});
  return session;
}

void Session::Start(Outbox* out) {
  out->Send(SessionId(), MakeIcrq(id_, call_));
  state_ = State::kWaitReply;
}

bool Session::Accept(Outbox* out) {
  if (side_ != Side::kLns || state_ != State::kWaitPath) return false;
  Message icrp(MessageType::kIcrp);
  icrp.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id_.value()));
  out->Send(peer_id_, icrp);
  state_ = State::kWaitConnect;
  return true;
}

bool Session::Confirm(Outbox* out) {
  if (side_ != Side::kLac || state_ != State::kWaitPath) return false;
  out->Send(peer_id_, MakeIccn(call_));
  Establish(out);
  return true;
}

void Session::HandleMessage(const Message& message, Outbox* out) {
  switch (message.type()) {
    case MessageType::kIcrp: return HandleIcrp(message, out);
    case MessageType::kIccn: return HandleIccn(message, out);
    case MessageType::kCdn: return HandleCdn(message, out);
    case MessageType::kSli:
      // Not in the state tables: meaningful for an established call, else harmless (L-13).
      if (state_ == State::kEstablished && side_ == Side::kLac) {
        if (auto accm = message.Get<wire::Accm>(AvpType::kAccm)) {
          out->Emit(LinkInfoReceived{handle_, *accm});
        }
      }
      return;
    case MessageType::kWen: return;  // counters of the LAC's line; likewise
    default: return RefuseOutOfState(message, out);
  }
}

void Session::HandleIcrp(const Message& message, Outbox* out) {
  if (side_ != Side::kLac || state_ != State::kWaitReply) return RefuseOutOfState(message, out);
  peer_id_ = AssignedSessionId(message);
  state_ = State::kWaitPath;
  out->Emit(SessionAnswered{handle_, peer_id_});
}

void Session::HandleIccn(const Message& message, Outbox* out) {
  if (side_ != Side::kLns || state_ != State::kWaitConnect) return RefuseOutOfState(message, out);
  ReadIccn(message, &call_);
  Establish(out);
}

void Session::HandleCdn(const Message& message, Outbox* out) {
  Closure closure;
  closure.kind = Closure::Kind::kPeer;
  if (auto result = message.Get<wire::ResultCode>(AvpType::kResultCode)) closure.result = *result;
  Abandon(std::move(closure), out);
}

void Session::RefuseOutOfState(const Message& message, Outbox* out) {
  Closure closure;
  closure.kind = Closure::Kind::kProtocolError;
  closure.detail = absl::StrCat(wire::MessageTypeName(message.type()), " in state ", StateName());
  closure.result = wire::MakeResult(wire::CdnResult::kGeneralError,
                                    wire::ErrorCode::kInvalidSessionId, closure.detail);
  Close(std::move(closure), out);
}

void Session::Close(Closure closure, Outbox* out) {
  if (state_ != State::kWaitTunnel && state_ != State::kClosed) {
    Message cdn(MessageType::kCdn);
    cdn.Add(AvpType::kResultCode, closure.result);
    cdn.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id_.value()));
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
  if (side_ != Side::kLns || state_ != State::kEstablished) return false;
  Message sli(MessageType::kSli);
  sli.Add(AvpType::kAccm, accm);
  out->Send(peer_id_, sli);
  return true;
}

void Session::Establish(Outbox* out) {
  state_ = State::kEstablished;
  out->Emit(SessionEstablished{handle_, call_});
}

absl::string_view Session::StateName() const {
  switch (state_) {
    case State::kWaitTunnel: return "wait-tunnel";
    case State::kWaitReply: return "wait-reply";
    case State::kWaitPath: return side_ == Side::kLac ? "wait-reply" : "idle";
    case State::kWaitConnect: return "wait-connect";
    case State::kEstablished: return "established";
    case State::kClosed: return "idle";
  }
  return "idle";
}

}  // namespace l2tp::protocol
