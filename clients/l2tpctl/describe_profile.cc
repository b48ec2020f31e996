#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/l2tpctl/describe.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace l2tp::ctl {
namespace {

std::string YesNo(bool value) { return value ? "yes" : "no"; }

// An MTU or MRU.
std::string Size(int octets) { return octets == 0 ? "by the path" : absl::StrCat(octets); }

// Whether the profile itself sets what `path`, "ppp.mtu", names. What is below it,
// "ppp.radius.server", is set with it.
bool IsSet(const v1::Profile& profile, const std::string& path) {
  const size_t dot = path.find('.');
  const size_t end = path.find('.', dot + 1);
  const auto* section = profile.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  const google::protobuf::Message& settings = profile.GetReflection()->GetMessage(profile, section);
  const auto* field =
      settings.GetDescriptor()->FindFieldByName(path.substr(dot + 1, end - dot - 1));
  return field->is_repeated() ? settings.GetReflection()->FieldSize(settings, field) > 0
                              : settings.GetReflection()->HasField(settings, field);
}

}  // namespace

Page Describe(const v1::Profile& profile) {
  Page page;
  page.Add("name", profile.name());
  page.Add("display name", profile.display_name());
  page.Add("parent", profile.parent());
  // The values that hold, and where those are from that the profile does not set itself.
  const auto add = [&](const std::string& path, const std::string& value) {
    const bool own = IsSet(profile, path);
    const char* from = own ? "" : profile.parent().empty() ? "  (default)" : "  (inherited)";
    const std::string shown = value.empty() && own ? "none" : value;
    page.Add(path, shown.empty() ? "" : absl::StrCat(shown, from));
  };
  page.Gap();
  const v1::TunnelSettings& tunnel = profile.effective().tunnel();
  add("tunnel.hello_interval", FormatDuration(tunnel.hello_interval()));
  add("tunnel.retransmit_timeout", FormatDuration(tunnel.retransmit_timeout()));
  add("tunnel.retransmit_cap", FormatDuration(tunnel.retransmit_cap()));
  add("tunnel.max_retransmits", absl::StrCat(tunnel.max_retransmits()));
  add("tunnel.receive_window", absl::StrCat(tunnel.receive_window()));
  add("tunnel.setup_timeout", FormatDuration(tunnel.setup_timeout()));
  add("tunnel.hide_avps", YesNo(tunnel.hide_avps()));
  add("tunnel.tie_breaker", YesNo(tunnel.tie_breaker()));
  add("tunnel.max_sessions", absl::StrCat(tunnel.max_sessions()));
  add("tunnel.udp_checksums", YesNo(tunnel.udp_checksums()));
  add("tunnel.dscp", absl::StrCat(tunnel.dscp()));
  add("tunnel.path_mtu_discovery",
      tunnel.path_mtu_discovery() == v1::TunnelSettings::PATH_MTU_DISCOVERY_UNSPECIFIED
          ? "the system's"
          : Lower(v1::TunnelSettings::PathMtuDiscovery_Name(tunnel.path_mtu_discovery()),
                  "PATH_MTU_DISCOVERY_"));
  add("tunnel.device", tunnel.device());
  page.Gap();
  const v1::SessionSettings& session = profile.effective().session();
  add("session.send_sequence", YesNo(session.send_sequence()));
  add("session.receive_sequence", YesNo(session.receive_sequence()));
  add("session.reorder_timeout", FormatDuration(session.reorder_timeout()));
  add("session.tx_connect_speed_bps", absl::StrCat(session.tx_connect_speed_bps()));
  add("session.rx_connect_speed_bps", absl::StrCat(session.rx_connect_speed_bps()));
  add("session.setup_timeout", FormatDuration(session.setup_timeout()));
  add("session.ppp_timeout", FormatDuration(session.ppp_timeout()));
  add("session.reconnect_min_delay", FormatDuration(session.reconnect_min_delay()));
  add("session.reconnect_max_delay", FormatDuration(session.reconnect_max_delay()));
  add("session.max_reconnect_failures", absl::StrCat(session.max_reconnect_failures()));
  page.Gap();
  const v1::PppSettings& ppp = profile.effective().ppp();
  std::vector<std::string> methods;
  for (int method : ppp.require_auth()) {
    methods.push_back(Lower(v1::PppSettings::AuthMethod_Name(method), "AUTH_METHOD_"));
  }
  add("ppp.require_auth", methods.empty() ? "none" : absl::StrJoin(methods, ", "));
  add("ppp.authenticator", ppp.authenticator());
  add("ppp.authenticator_timeout", FormatDuration(ppp.authenticator_timeout()));
  const v1::RadiusSettings& radius = ppp.radius();
  add("ppp.radius.server", radius.server());
  if (!radius.server().empty()) {
    add("ppp.radius.accounting_server",
        radius.accounting_server().empty() ? "the same address" : radius.accounting_server());
    add("ppp.radius.timeout", FormatDuration(radius.timeout()));
    add("ppp.radius.retries", absl::StrCat(radius.retries()));
    add("ppp.radius.nas_identifier",
        radius.nas_identifier().empty() ? "our host name" : radius.nas_identifier());
  }
  add("ppp.user", ppp.user());
  add("ppp.local_ip_address", ppp.local_ip_address());
  add("ppp.pool", ppp.pool());
  add("ppp.dns_ip_addresses", absl::StrJoin(ppp.dns_ip_addresses(), ", "));
  add("ppp.ask_dns", YesNo(ppp.ask_dns()));
  add("ppp.ipv6", YesNo(ppp.ipv6()));
  add("ppp.default_route", YesNo(ppp.default_route()));
  add("ppp.mppe_required", YesNo(ppp.mppe_required()));
  add("ppp.mtu", Size(ppp.mtu()));
  add("ppp.mru", Size(ppp.mru()));
  add("ppp.lcp_echo_interval", FormatDuration(ppp.lcp_echo_interval()));
  add("ppp.lcp_echo_failures", absl::StrCat(ppp.lcp_echo_failures()));
  add("ppp.asyncmap", FormatAccm(ppp.asyncmap()));
  add("ppp.debug", YesNo(ppp.debug()));
  add("ppp.scripts", YesNo(ppp.scripts()));
  add("ppp.network_namespace", ppp.network_namespace());
  add("ppp.vrf", ppp.vrf());
  add("ppp.pppd_options", absl::StrJoin(ppp.pppd_options(), ", "));
  return page;
}

}  // namespace l2tp::ctl
