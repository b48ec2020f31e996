#include "server/api/settings_from_proto.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "server/api/enums.h"
#include "server/api/profile_settings.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/checks.h"
#include "server/control/profile_fields.h"

namespace l2tp::api {
namespace {

constexpr size_t kMaxDnsServers = 2;
constexpr uint32_t kMaxDscp = 63;

absl::StatusOr<uint32_t> ParseSpeed(absl::string_view field, int64_t speed) {
  if (speed >= 0 && speed <= std::numeric_limits<uint32_t>::max()) {
    return static_cast<uint32_t>(speed);
  }
  return InvalidField(field, absl::StrCat(speed, " is not between 0 and 4294967295"));
}

absl::Status ParseSocketOptions(const v1::TunnelSettings& settings, control::SocketOptions* out) {
  if (settings.has_udp_checksums()) out->udp_checksums = settings.udp_checksums();
  if (settings.dscp() > kMaxDscp) {
    return InvalidField("tunnel.dscp", absl::StrCat(settings.dscp(), " is not between 0 and 63"));
  }
  out->dscp = static_cast<int>(settings.dscp());
  const auto discovery = PathMtuDiscoveryFromProto(settings.path_mtu_discovery());
  if (!discovery.has_value()) {
    return InvalidField("tunnel.path_mtu_discovery",
                        absl::StrCat(static_cast<int>(settings.path_mtu_discovery()),
                                     " is no kind of path MTU discovery"));
  }
  out->path_mtu_discovery = *discovery;
  out->device = settings.device();
  return absl::OkStatus();
}

absl::Status ParseTunnelSettings(const v1::TunnelSettings& settings, control::TunnelSettings* out) {
  if (settings.has_hello_interval()) {
    L2TP_ASSIGN_OR_RETURN(out->hello_interval,
                          ParseDuration("tunnel.hello_interval", settings.hello_interval()));
  }
  if (settings.has_retransmit_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->retransmit_timeout, ParseDuration("tunnel.retransmit_timeout",
                                                                 settings.retransmit_timeout()));
  }
  if (settings.has_retransmit_cap()) {
    L2TP_ASSIGN_OR_RETURN(out->retransmit_cap,
                          ParseDuration("tunnel.retransmit_cap", settings.retransmit_cap()));
  }
  if (settings.has_max_retransmits()) out->max_retransmits = settings.max_retransmits();
  if (settings.has_receive_window()) out->receive_window = settings.receive_window();
  if (settings.has_setup_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->setup_timeout,
                          ParseDuration("tunnel.setup_timeout", settings.setup_timeout()));
  }
  out->hide_avps = settings.hide_avps();
  out->tie_breaker = settings.tie_breaker();
  out->max_sessions = settings.max_sessions();
  return ParseSocketOptions(settings, &out->socket);
}

absl::Status ParseSessionSettings(const v1::SessionSettings& settings,
                                  control::SessionSettings* out) {
  out->send_sequence = settings.send_sequence();
  out->receive_sequence = settings.receive_sequence();
  if (settings.has_reorder_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->reorder_timeout,
                          ParseDuration("session.reorder_timeout", settings.reorder_timeout()));
  }
  if (settings.has_tx_connect_speed_bps()) {
    L2TP_ASSIGN_OR_RETURN(out->tx_connect_speed, ParseSpeed("session.tx_connect_speed_bps",
                                                            settings.tx_connect_speed_bps()));
  }
  L2TP_ASSIGN_OR_RETURN(out->rx_connect_speed, ParseSpeed("session.rx_connect_speed_bps",
                                                          settings.rx_connect_speed_bps()));
  if (settings.has_setup_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->setup_timeout,
                          ParseDuration("session.setup_timeout", settings.setup_timeout()));
  }
  if (settings.has_ppp_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->ppp_timeout,
                          ParseDuration("session.ppp_timeout", settings.ppp_timeout()));
  }
  if (settings.has_reconnect_min_delay()) {
    L2TP_ASSIGN_OR_RETURN(out->reconnect_min_delay, ParseDuration("session.reconnect_min_delay",
                                                                  settings.reconnect_min_delay()));
  }
  if (settings.has_reconnect_max_delay()) {
    L2TP_ASSIGN_OR_RETURN(out->reconnect_max_delay, ParseDuration("session.reconnect_max_delay",
                                                                  settings.reconnect_max_delay()));
  }
  out->max_reconnect_failures = settings.max_reconnect_failures();
  return absl::OkStatus();
}

absl::StatusOr<Endpoint> ParseRadiusServer(absl::string_view field, const std::string& text) {
  if (text.empty()) return Endpoint();
  if (const auto server = control::ParseServer(text)) return *server;
  return InvalidField(field,
                      absl::StrCat("\"", text, "\" is not an address, with or without a port"));
}

absl::Status ParseRadius(const v1::RadiusSettings& settings, control::RadiusSettings* out) {
  L2TP_ASSIGN_OR_RETURN(out->server, ParseRadiusServer("ppp.radius.server", settings.server()));
  L2TP_ASSIGN_OR_RETURN(out->accounting_server, ParseRadiusServer("ppp.radius.accounting_server",
                                                                  settings.accounting_server()));
  out->secret = settings.secret();
  if (settings.has_timeout()) {
    L2TP_ASSIGN_OR_RETURN(out->timeout, ParseDuration("ppp.radius.timeout", settings.timeout()));
  }
  if (settings.has_retries()) out->retries = settings.retries();
  out->nas_identifier = settings.nas_identifier();
  return absl::OkStatus();
}

absl::Status ParseAuth(const v1::PppSettings& settings, control::PppSettings* out) {
  for (int i = 0; i < settings.require_auth_size(); ++i) {
    const auto method = AuthMethodFromProto(settings.require_auth(i));
    if (!method.has_value()) {
      return InvalidField(
          absl::StrCat("ppp.require_auth[", i, "]"),
          absl::StrCat(static_cast<int>(settings.require_auth(i)), " is no authentication method"));
    }
    out->require_auth.push_back(*method);
  }
  L2TP_RETURN_IF_ERROR(ParseRadius(settings.radius(), &out->radius));
  out->authenticator = settings.authenticator();
  if (settings.has_authenticator_timeout()) {
    L2TP_ASSIGN_OR_RETURN(
        out->authenticator_timeout,
        ParseDuration("ppp.authenticator_timeout", settings.authenticator_timeout()));
  }
  out->user = settings.user();
  out->password = settings.password();
  return absl::OkStatus();
}

absl::Status ParsePppAddresses(const v1::PppSettings& settings, control::PppSettings* out) {
  L2TP_ASSIGN_OR_RETURN(out->local_address,
                        ParseAddress("ppp.local_ip_address", settings.local_ip_address()));
  out->pool = settings.pool();
  for (int i = 0; i < settings.dns_ip_addresses_size(); ++i) {
    const std::string field = absl::StrCat("ppp.dns_ip_addresses[", i, "]");
    L2TP_ASSIGN_OR_RETURN(const IpAddress address,
                          ParseAddress(field, settings.dns_ip_addresses(i)));
    if (!address.is_v4()) return InvalidField(field, "not an IPv4 address");
    out->dns.push_back(address);
  }
  if (out->dns.size() > kMaxDnsServers) {
    return InvalidField("ppp.dns_ip_addresses", "PPP can tell at most two servers");
  }
  return absl::OkStatus();
}

absl::Status ParsePppSettings(const v1::PppSettings& settings, control::PppSettings* out) {
  L2TP_RETURN_IF_ERROR(ParseAuth(settings, out));
  L2TP_RETURN_IF_ERROR(ParsePppAddresses(settings, out));
  out->ask_dns = settings.ask_dns();
  out->ipv6 = settings.ipv6();
  out->default_route = settings.default_route();
  out->mppe_required = settings.mppe_required();
  if (settings.has_mtu()) out->mtu = settings.mtu();
  if (settings.has_mru()) out->mru = settings.mru();
  if (settings.has_lcp_echo_interval()) {
    L2TP_ASSIGN_OR_RETURN(const Duration interval,
                          ParseDuration("ppp.lcp_echo_interval", settings.lcp_echo_interval()));
    if (interval != Duration::Seconds(interval.seconds()) || interval.seconds() > 3600) {
      return InvalidField("ppp.lcp_echo_interval", "is not whole seconds, at most 3600");
    }
    out->lcp_echo_interval = static_cast<int>(interval.seconds());
  }
  if (settings.has_lcp_echo_failures()) out->lcp_echo_failures = settings.lcp_echo_failures();
  out->asyncmap = settings.asyncmap();
  out->debug = settings.debug();
  out->scripts = settings.scripts();
  out->network_namespace = settings.network_namespace();
  out->vrf = settings.vrf();
  out->pppd_options.assign(settings.pppd_options().begin(), settings.pppd_options().end());
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseSettings(const v1::Profile& profile, control::Profile* out) {
  L2TP_RETURN_IF_ERROR(ParseTunnelSettings(profile.tunnel(), &out->tunnel));
  L2TP_RETURN_IF_ERROR(ParseSessionSettings(profile.session(), &out->session));
  L2TP_RETURN_IF_ERROR(ParsePppSettings(profile.ppp(), &out->ppp));
  for (const control::ProfileField& field : control::ProfileFields()) {
    if (HasSetting(profile, field.path)) out->set.emplace(field.path);
  }
  return absl::OkStatus();
}

absl::StatusOr<IpAddress> ParseAddress(absl::string_view field, absl::string_view text) {
  if (text.empty()) return IpAddress();
  if (const auto address = IpAddress::Parse(text)) return *address;
  return InvalidField(field, absl::StrCat("\"", text, "\" is not an IPv4 or IPv6 address"));
}

absl::StatusOr<Duration> ParseDuration(absl::string_view field,
                                       const google::protobuf::Duration& duration) {
  constexpr int64_t kCentury = int64_t{100} * 366 * 24 * 3600;
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (nanos <= -1'000'000'000 || nanos >= 1'000'000'000 || (seconds > 0 && nanos < 0) ||
      (seconds < 0 && nanos > 0)) {
    return InvalidField(field,
                        "is not a valid Duration: nanos must be below 10^9 and of the same "
                        "sign as seconds");
  }
  if (seconds < -kCentury || seconds > kCentury) {
    return InvalidField(field, absl::StrCat(seconds, " s is out of range"));
  }
  return Duration::Seconds(seconds) + Duration::Nanoseconds(nanos);
}

}  // namespace l2tp::api
