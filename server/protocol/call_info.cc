#include "server/protocol/call_info.h"

#include <utility>

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

void AddText(AvpType type, const std::string& text, Message* message) {
  if (!text.empty()) message->Add(type, text);
}
std::string Text(const Message& message, AvpType type) {
  return message.Get<std::string>(type).value_or("");
}
uint32_t Number(const Message& message, AvpType type) {
  return message.Get<uint32_t>(type).value_or(0);
}

template <typename T>
void AddIf(AvpType type, const std::optional<T>& value, Message* message) {
  if (value.has_value()) message->Add(type, *value);
}

// One entry for each proxy AVP, so that what is sent and what is read cannot differ.
template <typename Proxy, typename Function>
void ForEachProxyAvp(Proxy& proxy, Function function) {
  function(AvpType::kInitialReceivedLcpConfreq, proxy.initial_received_lcp_confreq);
  function(AvpType::kLastSentLcpConfreq, proxy.last_sent_lcp_confreq);
  function(AvpType::kLastReceivedLcpConfreq, proxy.last_received_lcp_confreq);
  function(AvpType::kProxyAuthenType, proxy.authen_type);
  function(AvpType::kProxyAuthenName, proxy.authen_name);
  function(AvpType::kProxyAuthenChallenge, proxy.authen_challenge);
  function(AvpType::kProxyAuthenId, proxy.authen_id);
  function(AvpType::kProxyAuthenResponse, proxy.authen_response);
}

// What ICCN and OCCN have in common.
void AddConnected(const CallInfo& call, Message* message) {
  message->Add(AvpType::kTxConnectSpeed, call.tx_connect_speed);
  message->Add(AvpType::kFramingType, call.framing_type);
  AddIf(AvpType::kRxConnectSpeed, call.rx_connect_speed, message);
  if (call.sequencing_required) message->Add(AvpType::kSequencingRequired, wire::Empty{});
}
void ReadConnected(const Message& message, CallInfo* call) {
  call->tx_connect_speed = Number(message, AvpType::kTxConnectSpeed);
  call->rx_connect_speed = message.Get<uint32_t>(AvpType::kRxConnectSpeed);
  call->framing_type = Number(message, AvpType::kFramingType);
  call->sequencing_required = message.Has(AvpType::kSequencingRequired);
}

void AddAssignedSessionId(SessionId id, Message* message) {
  message->Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(id.value()));
}

}  // namespace

Message MakeIcrq(SessionId id, const CallInfo& call) {
  Message icrq(MessageType::kIcrq);
  AddAssignedSessionId(id, &icrq);
  icrq.Add(AvpType::kCallSerialNumber, call.call_serial_number);
  AddIf(AvpType::kBearerType, call.bearer_type, &icrq);
  AddIf(AvpType::kPhysicalChannelId, call.physical_channel_id, &icrq);
  AddText(AvpType::kCallingNumber, call.calling_number, &icrq);
  AddText(AvpType::kCalledNumber, call.called_number, &icrq);
  AddText(AvpType::kSubAddress, call.sub_address, &icrq);
  for (const wire::Avp& avp : call.access_line) icrq.Add(avp.type, avp.value);
  return icrq;
}

void ReadIcrq(const Message& icrq, CallInfo* call) {
  call->direction = CallDirection::kIncoming;
  call->call_serial_number = Number(icrq, AvpType::kCallSerialNumber);
  call->bearer_type = icrq.Get<uint32_t>(AvpType::kBearerType);
  call->physical_channel_id = icrq.Get<uint32_t>(AvpType::kPhysicalChannelId);
  call->calling_number = Text(icrq, AvpType::kCallingNumber);
  call->called_number = Text(icrq, AvpType::kCalledNumber);
  call->sub_address = Text(icrq, AvpType::kSubAddress);
  call->connect_speed_update = icrq.Has(AvpType::kConnectSpeedUpdateEnable);
  for (const wire::Avp& avp : icrq.avps()) {
    if (wire::IsAccessLine(avp.type)) call->access_line.push_back(avp);
  }
}

Message MakeIccn(const CallInfo& call) {
  Message iccn(MessageType::kIccn);
  AddConnected(call, &iccn);
  AddText(AvpType::kPrivateGroupId, call.private_group_id, &iccn);
  ForEachProxyAvp(call.proxy,
                  [&iccn](AvpType type, const auto& value) { AddIf(type, value, &iccn); });
  return iccn;
}

void ReadIccn(const Message& iccn, CallInfo* call) {
  ReadConnected(iccn, call);
  call->private_group_id = Text(iccn, AvpType::kPrivateGroupId);
  ForEachProxyAvp(call->proxy, [&iccn]<typename T>(AvpType type, std::optional<T>& value) {
    value = iccn.Get<T>(type);
  });
  // The high octet is reserved (section 4.4.5).
  if (call->proxy.authen_id.has_value()) *call->proxy.authen_id &= 0xff;
}

Message MakeOcrq(SessionId id, const CallInfo& call) {
  Message ocrq(MessageType::kOcrq);
  AddAssignedSessionId(id, &ocrq);
  ocrq.Add(AvpType::kCallSerialNumber, call.call_serial_number);
  ocrq.Add(AvpType::kMinimumBps, call.minimum_bps);
  ocrq.Add(AvpType::kMaximumBps, call.maximum_bps);
  ocrq.Add(AvpType::kBearerType, call.bearer_type.value_or(0));
  ocrq.Add(AvpType::kFramingType, call.framing_type);
  ocrq.Add(AvpType::kCalledNumber, call.called_number);
  AddText(AvpType::kSubAddress, call.sub_address, &ocrq);
  return ocrq;
}

void ReadOcrq(const Message& ocrq, CallInfo* call) {
  call->direction = CallDirection::kOutgoing;
  call->call_serial_number = Number(ocrq, AvpType::kCallSerialNumber);
  call->minimum_bps = Number(ocrq, AvpType::kMinimumBps);
  call->maximum_bps = Number(ocrq, AvpType::kMaximumBps);
  call->bearer_type = ocrq.Get<uint32_t>(AvpType::kBearerType);
  call->framing_type = Number(ocrq, AvpType::kFramingType);
  call->called_number = Text(ocrq, AvpType::kCalledNumber);
  call->sub_address = Text(ocrq, AvpType::kSubAddress);
}

Message MakeOcrp(SessionId id, const CallInfo& call) {
  Message ocrp(MessageType::kOcrp);
  AddAssignedSessionId(id, &ocrp);
  AddIf(AvpType::kPhysicalChannelId, call.physical_channel_id, &ocrp);
  return ocrp;
}

void ReadOcrp(const Message& ocrp, CallInfo* call) {
  call->physical_channel_id = ocrp.Get<uint32_t>(AvpType::kPhysicalChannelId);
}

Message MakeOccn(const CallInfo& call) {
  Message occn(MessageType::kOccn);
  AddConnected(call, &occn);
  return occn;
}

void ReadOccn(const Message& occn, CallInfo* call) { ReadConnected(occn, call); }

SessionId AssignedSessionId(const Message& message) {
  return SessionId(message.Get<uint16_t>(AvpType::kAssignedSessionId).value_or(0));
}

}  // namespace l2tp::protocol
