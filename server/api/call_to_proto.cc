#include "server/api/call_to_proto.h"

#include "server/api/enums.h"
#include "server/api/text.h"

namespace l2tp::api {
namespace {

void SetProxy(const events::ProxyInfo& proxy, v1::ProxyInfo* out) {
  if (proxy.initial_received_lcp_confreq) {
    out->set_initial_received_lcp_confreq(*proxy.initial_received_lcp_confreq);
  }
  if (proxy.last_sent_lcp_confreq) out->set_last_sent_lcp_confreq(*proxy.last_sent_lcp_confreq);
  if (proxy.last_received_lcp_confreq) {
    out->set_last_received_lcp_confreq(*proxy.last_received_lcp_confreq);
  }
  if (proxy.authen_type) out->set_authen_type(*proxy.authen_type);
  if (proxy.authen_name) out->set_authen_name(*proxy.authen_name);
  if (proxy.authen_challenge) out->set_authen_challenge(*proxy.authen_challenge);
  if (proxy.authen_id) out->set_authen_id(*proxy.authen_id);
  out->set_has_response(proxy.has_authen_response);
}

void SetAccessLine(const events::AccessLine& line, v1::AccessLine* out) {
  out->set_agent_circuit_id(CleanText(line.agent_circuit_id));
  out->set_agent_remote_id(CleanText(line.agent_remote_id));
#define L2TP_GIVE(field, proto_field) \
  if (line.field.has_value()) out->set_##proto_field(*line.field)
  L2TP_GIVE(actual_rate_upstream, actual_rate_upstream_bps);
  L2TP_GIVE(actual_rate_downstream, actual_rate_downstream_bps);
  L2TP_GIVE(minimum_rate_upstream, minimum_rate_upstream_bps);
  L2TP_GIVE(minimum_rate_downstream, minimum_rate_downstream_bps);
  L2TP_GIVE(attainable_rate_upstream, attainable_rate_upstream_bps);
  L2TP_GIVE(attainable_rate_downstream, attainable_rate_downstream_bps);
  L2TP_GIVE(maximum_rate_upstream, maximum_rate_upstream_bps);
  L2TP_GIVE(maximum_rate_downstream, maximum_rate_downstream_bps);
  L2TP_GIVE(minimum_low_power_rate_upstream, minimum_low_power_rate_upstream_bps);
  L2TP_GIVE(minimum_low_power_rate_downstream, minimum_low_power_rate_downstream_bps);
  L2TP_GIVE(maximum_delay_upstream, maximum_delay_upstream_ms);
  L2TP_GIVE(actual_delay_upstream, actual_delay_upstream_ms);
  L2TP_GIVE(maximum_delay_downstream, maximum_delay_downstream_ms);
  L2TP_GIVE(actual_delay_downstream, actual_delay_downstream_ms);
  L2TP_GIVE(encapsulation, encapsulation);
  L2TP_GIVE(line_type, line_type);
#undef L2TP_GIVE
  out->set_iwf_session(line.iwf_session.has_value());
}

void SetCallErrors(const wire::CallErrors& errors, v1::CallErrors* out) {
  out->set_crc_error_count(errors.crc_errors);
  out->set_framing_error_count(errors.framing_errors);
  out->set_hardware_overrun_count(errors.hardware_overruns);
  out->set_buffer_overrun_count(errors.buffer_overruns);
  out->set_timeout_error_count(errors.timeout_errors);
  out->set_alignment_error_count(errors.alignment_errors);
}

}  // namespace

void SetCall(const events::SessionInfo& session, v1::Session* out) {
  out->set_direction(ToProto(session.direction));
  out->set_called_number(CleanText(session.called_number));
  out->set_calling_number(CleanText(session.calling_number));
  out->set_sub_address(CleanText(session.sub_address));
  out->set_call_serial_number(session.call_serial_number);
  out->set_tx_connect_speed_bps(session.tx_connect_speed);
  out->set_rx_connect_speed_bps(session.rx_connect_speed);
  out->set_sequencing_required(session.sequencing_required);
  if (session.bearer_type) out->set_bearer_type(*session.bearer_type);
  out->set_framing_type(session.framing_type);
  if (session.physical_channel_id) out->set_physical_channel_id(*session.physical_channel_id);
  out->set_minimum_bps(session.minimum_bps);
  out->set_maximum_bps(session.maximum_bps);
  out->set_private_group_id(CleanText(session.private_group_id));
  if (session.proxy) SetProxy(*session.proxy, out->mutable_proxy());
  if (session.access_line) SetAccessLine(*session.access_line, out->mutable_access_line());
  if (session.call_errors) SetCallErrors(*session.call_errors, out->mutable_call_errors());
}

void SetQ931Cause(const wire::Q931Cause& cause, v1::Q931Cause* out) {
  out->set_cause_code(cause.cause_code);
  out->set_cause_message(cause.cause_message);
  out->set_advisory(CleanText(cause.advisory));
}

void SetPppCause(const wire::PppDisconnectCause& cause, v1::PppDisconnectCause* out) {
  out->set_code(cause.code);
  out->set_control_protocol(cause.protocol);
  out->set_direction(cause.direction);
  out->set_message(CleanText(cause.message));
}

}  // namespace l2tp::api
