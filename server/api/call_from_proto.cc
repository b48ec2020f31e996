#include "server/api/call_from_proto.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::api {
namespace {

constexpr size_t kMaxAdvisory = 200;

absl::StatusOr<uint32_t> ParseSpeed(absl::string_view field, int64_t speed) {
  if (speed >= 0 && speed <= std::numeric_limits<uint32_t>::max()) {
    return static_cast<uint32_t>(speed);
  }
  return InvalidField(field, absl::StrCat(speed, " is not between 0 and 4294967295"));
}

absl::StatusOr<uint16_t> ParseNumber(absl::string_view field, uint32_t number, uint32_t most) {
  if (number <= most) return static_cast<uint16_t>(number);
  return InvalidField(field, absl::StrCat(number, " is more than ", most));
}

absl::Status ParseProxy(const v1::ProxyInfo& proxy, control::ProxySpec* out) {
  if (proxy.has_initial_received_lcp_confreq()) {
    out->info.initial_received_lcp_confreq = proxy.initial_received_lcp_confreq();
  }
  if (proxy.has_last_sent_lcp_confreq()) {
    out->info.last_sent_lcp_confreq = proxy.last_sent_lcp_confreq();
  }
  if (proxy.has_last_received_lcp_confreq()) {
    out->info.last_received_lcp_confreq = proxy.last_received_lcp_confreq();
  }
  if (proxy.has_authen_type()) {
    L2TP_ASSIGN_OR_RETURN(out->info.authen_type,
                          ParseNumber("proxy.authen_type", proxy.authen_type(), 5));
  }
  if (proxy.has_authen_name()) out->info.authen_name = proxy.authen_name();
  if (proxy.has_authen_challenge()) out->info.authen_challenge = proxy.authen_challenge();
  if (proxy.has_authen_id()) {
    L2TP_ASSIGN_OR_RETURN(out->info.authen_id,
                          ParseNumber("proxy.authen_id", proxy.authen_id(), 255));
  }
  if (proxy.has_authen_response()) out->authen_response = proxy.authen_response();
  return absl::OkStatus();
}

void ParseAccessLine(const v1::AccessLine& line, events::AccessLine* out) {
  out->agent_circuit_id = line.agent_circuit_id();
  out->agent_remote_id = line.agent_remote_id();
#define L2TP_TAKE(field, proto_field) \
  if (line.has_##proto_field()) out->field = line.proto_field()
  L2TP_TAKE(actual_rate_upstream, actual_rate_upstream_bps);
  L2TP_TAKE(actual_rate_downstream, actual_rate_downstream_bps);
  L2TP_TAKE(minimum_rate_upstream, minimum_rate_upstream_bps);
  L2TP_TAKE(minimum_rate_downstream, minimum_rate_downstream_bps);
  L2TP_TAKE(attainable_rate_upstream, attainable_rate_upstream_bps);
  L2TP_TAKE(attainable_rate_downstream, attainable_rate_downstream_bps);
  L2TP_TAKE(maximum_rate_upstream, maximum_rate_upstream_bps);
  L2TP_TAKE(maximum_rate_downstream, maximum_rate_downstream_bps);
  L2TP_TAKE(minimum_low_power_rate_upstream, minimum_low_power_rate_upstream_bps);
  L2TP_TAKE(minimum_low_power_rate_downstream, minimum_low_power_rate_downstream_bps);
  L2TP_TAKE(maximum_delay_upstream, maximum_delay_upstream_ms);
  L2TP_TAKE(actual_delay_upstream, actual_delay_upstream_ms);
  L2TP_TAKE(maximum_delay_downstream, maximum_delay_downstream_ms);
  L2TP_TAKE(actual_delay_downstream, actual_delay_downstream_ms);
  L2TP_TAKE(line_type, line_type);
#undef L2TP_TAKE
  if (!line.encapsulation().empty()) out->encapsulation = line.encapsulation();
  if (line.iwf_session()) out->iwf_session = 0;
}

}  // namespace

absl::Status ParseCall(const v1::Session& session, control::SessionSpec* out) {
  if (session.direction() == v1::Session::DIRECTION_OUTGOING) {
    out->direction = events::CallDirection::kOutgoing;
  } else if (session.direction() != v1::Session::DIRECTION_UNSPECIFIED &&
             session.direction() != v1::Session::DIRECTION_INCOMING) {
    return InvalidField("direction",
                        absl::StrCat(static_cast<int>(session.direction()), " is no direction"));
  }
  out->called_number = session.called_number();
  out->calling_number = session.calling_number();
  out->sub_address = session.sub_address();
  out->private_group_id = session.private_group_id();
  if (session.has_bearer_type()) out->bearer_type = session.bearer_type();
  if (session.has_physical_channel_id()) out->physical_channel_id = session.physical_channel_id();
  L2TP_ASSIGN_OR_RETURN(out->minimum_bps, ParseSpeed("minimum_bps", session.minimum_bps()));
  L2TP_ASSIGN_OR_RETURN(out->maximum_bps, ParseSpeed("maximum_bps", session.maximum_bps()));
  if (session.has_access_line()) ParseAccessLine(session.access_line(), &out->access_line);
  return ParseProxy(session.proxy(), &out->proxy);
}

wire::CallErrors ParseCallErrors(const v1::CallErrors& errors) {
  return {.crc_errors = errors.crc_error_count(),
          .framing_errors = errors.framing_error_count(),
          .hardware_overruns = errors.hardware_overrun_count(),
          .buffer_overruns = errors.buffer_overrun_count(),
          .timeout_errors = errors.timeout_error_count(),
          .alignment_errors = errors.alignment_error_count()};
}

absl::StatusOr<wire::Q931Cause> ParseQ931Cause(const v1::Q931Cause& cause) {
  wire::Q931Cause out;
  L2TP_ASSIGN_OR_RETURN(out.cause_code,
                        ParseNumber("q931_cause.cause_code", cause.cause_code(), 65535));
  L2TP_ASSIGN_OR_RETURN(const uint16_t message,
                        ParseNumber("q931_cause.cause_message", cause.cause_message(), 255));
  out.cause_message = static_cast<uint8_t>(message);
  if (cause.advisory().size() > kMaxAdvisory) {
    return InvalidField("q931_cause.advisory", "is longer than 200 octets");
  }
  out.advisory = cause.advisory();
  return out;
}

}  // namespace l2tp::api
