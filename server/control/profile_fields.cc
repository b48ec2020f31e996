#include "server/control/profile_fields.h"

namespace l2tp::control {
namespace {

template <auto kSection, auto kMember>
void Copy(const Profile& from, Profile* to) {
  (to->*kSection).*kMember = (from.*kSection).*kMember;
}

template <auto kMember>
constexpr auto kTunnel = &Copy<&Profile::tunnel, kMember>;
template <auto kMember>
constexpr auto kSession = &Copy<&Profile::session, kMember>;
template <auto kMember>
constexpr auto kPpp = &Copy<&Profile::ppp, kMember>;
template <auto kMember>
void CopySocket(const Profile& from, Profile* to) {
  to->tunnel.socket.*kMember = from.tunnel.socket.*kMember;
}

}  // namespace

const std::vector<ProfileField>& ProfileFields() {
  static const auto& fields = *new std::vector<ProfileField>{
      {"tunnel.hello_interval", kTunnel<&TunnelSettings::hello_interval>},
      {"tunnel.retransmit_timeout", kTunnel<&TunnelSettings::retransmit_timeout>},
      {"tunnel.retransmit_cap", kTunnel<&TunnelSettings::retransmit_cap>},
      {"tunnel.max_retransmits", kTunnel<&TunnelSettings::max_retransmits>},
      {"tunnel.receive_window", kTunnel<&TunnelSettings::receive_window>},
      {"tunnel.setup_timeout", kTunnel<&TunnelSettings::setup_timeout>},
      {"tunnel.hide_avps", kTunnel<&TunnelSettings::hide_avps>},
      {"tunnel.tie_breaker", kTunnel<&TunnelSettings::tie_breaker>},
      {"tunnel.max_sessions", kTunnel<&TunnelSettings::max_sessions>},
      {"tunnel.udp_checksums", &CopySocket<&SocketOptions::udp_checksums>},
      {"tunnel.dscp", &CopySocket<&SocketOptions::dscp>},
      {"tunnel.path_mtu_discovery", &CopySocket<&SocketOptions::path_mtu_discovery>},
      {"tunnel.device", &CopySocket<&SocketOptions::device>},
      {"session.send_sequence", kSession<&SessionSettings::send_sequence>},
      {"session.receive_sequence", kSession<&SessionSettings::receive_sequence>},
      {"session.reorder_timeout", kSession<&SessionSettings::reorder_timeout>},
      {"session.tx_connect_speed_bps", kSession<&SessionSettings::tx_connect_speed>},
      {"session.rx_connect_speed_bps", kSession<&SessionSettings::rx_connect_speed>},
      {"session.setup_timeout", kSession<&SessionSettings::setup_timeout>},
      {"session.ppp_timeout", kSession<&SessionSettings::ppp_timeout>},
      {"session.reconnect_min_delay", kSession<&SessionSettings::reconnect_min_delay>},
      {"session.reconnect_max_delay", kSession<&SessionSettings::reconnect_max_delay>},
      {"session.max_reconnect_failures", kSession<&SessionSettings::max_reconnect_failures>},
      {"ppp.require_auth", kPpp<&PppSettings::require_auth>},
      {"ppp.user", kPpp<&PppSettings::user>},
      {"ppp.password", kPpp<&PppSettings::password>},
      {"ppp.local_ip_address", kPpp<&PppSettings::local_address>},
      {"ppp.pool", kPpp<&PppSettings::pool>},
      {"ppp.dns_ip_addresses", kPpp<&PppSettings::dns>},
      {"ppp.ask_dns", kPpp<&PppSettings::ask_dns>},
      {"ppp.ipv6", kPpp<&PppSettings::ipv6>},
      {"ppp.default_route", kPpp<&PppSettings::default_route>},
      {"ppp.mppe_required", kPpp<&PppSettings::mppe_required>},
      {"ppp.mtu", kPpp<&PppSettings::mtu>},
      {"ppp.mru", kPpp<&PppSettings::mru>},
      {"ppp.lcp_echo_interval", kPpp<&PppSettings::lcp_echo_interval>},
      {"ppp.lcp_echo_failures", kPpp<&PppSettings::lcp_echo_failures>},
      {"ppp.asyncmap", kPpp<&PppSettings::asyncmap>},
      {"ppp.debug", kPpp<&PppSettings::debug>},
      {"ppp.scripts", kPpp<&PppSettings::scripts>},
      {"ppp.authenticator", kPpp<&PppSettings::authenticator>},
      {"ppp.radius", kPpp<&PppSettings::radius>},
      {"ppp.authenticator_timeout", kPpp<&PppSettings::authenticator_timeout>},
      {"ppp.network_namespace", kPpp<&PppSettings::network_namespace>},
      {"ppp.vrf", kPpp<&PppSettings::vrf>},
      {"ppp.pppd_options", kPpp<&PppSettings::pppd_options>},
  };
  return fields;
}

void Inherit(const Profile& parent, Profile* profile) {
  for (const ProfileField& field : ProfileFields()) {
    const bool own = profile->set.contains(field.path) ||
                     (field.path == "ppp.password" && profile->set.contains("ppp.user"));
    if (!own) field.copy(parent, profile);
  }
}

}  // namespace l2tp::control
