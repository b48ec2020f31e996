#include "server/control/ppp_spec.h"

#include "server/control/pppd_options.h"

namespace l2tp::control {

PppSpec MakePppSpec(const events::SessionInfo& session, TunnelId tunnel_id,
                    const PppSettings& settings, const std::string& interface_name,
                    const Lease* lease) {
  PppSpec spec;
  spec.name = session.name;
  spec.tunnel_id = tunnel_id;
  spec.session_id = session.assigned_session_id;
  spec.lns = session.role == events::Role::kLns;
  spec.interface_name = interface_name;
  spec.network_namespace = settings.network_namespace;
  spec.vrf = settings.vrf;
  spec.mtu = session.mtu;
  spec.mru = session.mru;
  spec.require_auth = settings.require_auth;
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
  for (const std::string& option : settings.pppd_options) {
    const auto words = ParsePppdOption(option);  // has been checked
    if (words.ok()) {
      spec.more_options.insert(spec.more_options.end(), words->begin(), words->end());
    }
  }
  return spec;
}

}  // namespace l2tp::control
