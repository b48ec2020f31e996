#include "server/control/call_facts.h"

#include <algorithm>

#include "server/control/access_line.h"

namespace l2tp::control {
namespace {

events::ProxyInfo ToProxyInfo(const protocol::ProxyInfo& proxy) {
  events::ProxyInfo info;
  info.initial_received_lcp_confreq = proxy.initial_received_lcp_confreq;
  info.last_sent_lcp_confreq = proxy.last_sent_lcp_confreq;
  info.last_received_lcp_confreq = proxy.last_received_lcp_confreq;
  info.authen_type = proxy.authen_type;
  info.authen_name = proxy.authen_name;
  info.authen_challenge = proxy.authen_challenge;
  info.authen_id = proxy.authen_id;
  info.has_authen_response = proxy.authen_response.has_value();
  return info;
}

protocol::ProxyInfo FromSpec(const ProxySpec& spec) {
  protocol::ProxyInfo proxy;
  proxy.initial_received_lcp_confreq = spec.info.initial_received_lcp_confreq;
  proxy.last_sent_lcp_confreq = spec.info.last_sent_lcp_confreq;
  proxy.last_received_lcp_confreq = spec.info.last_received_lcp_confreq;
  proxy.authen_type = spec.info.authen_type;
  proxy.authen_name = spec.info.authen_name;
  proxy.authen_challenge = spec.info.authen_challenge;
  proxy.authen_id = spec.info.authen_id;
  proxy.authen_response = spec.authen_response;
  return proxy;
}

}  // namespace

void TakeCall(const protocol::CallInfo& call, events::SessionInfo* info) {
  info->direction =
      IsOutgoing(call) ? events::CallDirection::kOutgoing : events::CallDirection::kIncoming;
  info->call_serial_number = call.call_serial_number;
  info->called_number = call.called_number;
  info->calling_number = call.calling_number;
  info->sub_address = call.sub_address;
  info->tx_connect_speed = call.tx_connect_speed;
  info->rx_connect_speed = call.rx_connect_speed.value_or(call.tx_connect_speed);
  info->sequencing_required = call.sequencing_required;
  info->bearer_type = call.bearer_type;
  info->framing_type = call.framing_type;
  info->physical_channel_id = call.physical_channel_id;
  info->minimum_bps = call.minimum_bps;
  info->maximum_bps = call.maximum_bps;
  info->private_group_id = call.private_group_id;
  if (call.proxy != protocol::ProxyInfo()) info->proxy = ToProxyInfo(call.proxy);
  info->access_line = ToAccessLine(call.access_line);
}

protocol::CallInfo MakeCall(const SessionSpec& spec, const SessionSettings& settings) {
  protocol::CallInfo call;
  call.called_number = spec.called_number;
  call.sub_address = spec.sub_address;
  call.bearer_type = spec.bearer_type;
  if (spec.direction == events::CallDirection::kOutgoing) {
    call.direction = protocol::CallDirection::kOutgoing;
    call.framing_type = wire::kFramingSync | wire::kFramingAsync;
    call.minimum_bps = spec.minimum_bps;
    constexpr uint32_t kUnlimited = 0xffffffff;
    call.maximum_bps = spec.maximum_bps == 0 ? kUnlimited : spec.maximum_bps;
    return call;
  }
  call.calling_number = spec.calling_number;
  call.physical_channel_id = spec.physical_channel_id;
  call.private_group_id = spec.private_group_id;
  call.proxy = FromSpec(spec.proxy);
  call.access_line = ToAvps(spec.access_line);
  call.tx_connect_speed = settings.tx_connect_speed;
  if (settings.rx_connect_speed != 0) call.rx_connect_speed = settings.rx_connect_speed;
  call.sequencing_required = settings.receive_sequence;
  return call;
}

protocol::LineInfo LineOf(const SessionSettings& settings, const events::SessionInfo& session) {
  protocol::LineInfo line;
  // No more than the LNS takes (section 4.4.4, Maximum BPS).
  line.tx_connect_speed = std::min(settings.tx_connect_speed, session.maximum_bps);
  if (settings.rx_connect_speed != 0) {
    line.rx_connect_speed = std::min(settings.rx_connect_speed, session.maximum_bps);
  }
  line.sequencing_required = settings.receive_sequence;
  return line;
}

SessionFacts MakeSessionFacts(const events::SessionInfo& session, const events::TunnelInfo& tunnel,
                              const std::string& user) {
  SessionFacts facts;
  facts.session = session.name;
  facts.session_uid = session.uid;
  facts.profile = session.profile;
  facts.user = user;
  facts.peer_address = tunnel.remote.address;
  facts.peer_host_name = tunnel.peer_host_name;
  facts.called_number = session.called_number;
  facts.calling_number = session.calling_number;
  return facts;
}

}  // namespace l2tp::control
