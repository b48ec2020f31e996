#include "server/control/ppp_spec.h"

#include "server/control/pppd_options.h"

namespace l2tp::control {
namespace {

constexpr uint16_t kRadiusPort = 1812;
constexpr uint16_t kRadiusAccountingPort = 1813;

std::optional<RadiusSpec> MakeRadiusSpec(const RadiusSettings& settings,
                                         const std::string& host_name) {
  if (!settings.server.address.is_set()) return std::nullopt;
  RadiusSpec spec;
  spec.server = settings.server;
  if (spec.server.port == 0) spec.server.port = kRadiusPort;
  spec.accounting_server = settings.accounting_server;
  if (!spec.accounting_server.address.is_set()) {
    spec.accounting_server.address = settings.server.address;
  }
  if (spec.accounting_server.port == 0) spec.accounting_server.port = kRadiusAccountingPort;
  spec.secret = settings.secret;
  spec.timeout = static_cast<int>(settings.timeout.seconds());
  spec.retries = settings.retries;
  spec.nas_identifier = settings.nas_identifier.empty() ? host_name : settings.nas_identifier;
  return spec;
}

}  // namespace

PppSpec MakePppSpec(const events::SessionInfo& session, const events::TunnelInfo& tunnel,
                    const PppSettings& settings, const std::string& interface_name,
                    const Lease* lease) {
  PppSpec spec;
  spec.name = session.name;
  spec.tunnel_id = tunnel.assigned_tunnel_id;
  spec.session_id = session.assigned_session_id;
  spec.lns = session.role == events::Role::kLns;
  spec.interface_name = interface_name;
  spec.network_namespace = settings.network_namespace;
  spec.vrf = settings.vrf;
  spec.mtu = session.mtu;
  spec.mru = session.mru;
  spec.require_auth = settings.require_auth;
  spec.radius = MakeRadiusSpec(settings.radius, tunnel.host_name);
  spec.called_number = session.called_number;
  spec.calling_number = session.calling_number;
  spec.user = session.user;
  spec.local_address = settings.local_address;
  if (lease != nullptr) {
    spec.peer_address = lease->address;
    spec.peer_interface_id = lease->interface_id;
  }
  spec.dns = settings.dns;
  spec.ask_dns = settings.ask_dns;
  spec.ipv6 = settings.ipv6;
  spec.default_route = settings.default_route;
  spec.mppe_required = settings.mppe_required;
  spec.lcp_echo_interval = settings.lcp_echo_interval;
  spec.lcp_echo_failures = settings.lcp_echo_failures;
  spec.asyncmap = settings.asyncmap;
  spec.debug = settings.debug;
  spec.scripts = settings.scripts;
  for (const std::string& option : settings.pppd_options) {
    const auto words = ParsePppdOption(option);  // has been checked
    if (words.ok()) {
      spec.proxyarp |= words->front() == "proxyarp";
      spec.more_options.insert(spec.more_options.end(), words->begin(), words->end());
    }
  }
  return spec;
}

}  // namespace l2tp::control
