#include "server/api/ppp_to_proto.h"

#include "server/api/enums.h"
#include "server/api/text.h"

namespace l2tp::api {
namespace {

void SetLcp(const events::LcpInfo& lcp, v1::LcpInfo* out) {
  out->set_send_accm(lcp.send_accm);
  out->set_receive_accm(lcp.receive_accm);
  out->set_mru(static_cast<int32_t>(lcp.mru));
  out->set_peer_mru(static_cast<int32_t>(lcp.peer_mru));
  out->set_magic(lcp.magic);
  out->set_peer_magic(lcp.peer_magic);
  out->mutable_asked_options()->Add(lcp.asked_options.begin(), lcp.asked_options.end());
  out->mutable_agreed_options()->Add(lcp.agreed_options.begin(), lcp.agreed_options.end());
  out->mutable_peer_options()->Add(lcp.peer_options.begin(), lcp.peer_options.end());
  out->set_auth_of_peer(lcp.auth_of_peer);
  out->set_auth_of_us(lcp.auth_of_us);
}

void SetAuth(const events::AuthInfo& auth, v1::AuthInfo* out) {
  out->set_succeeded(auth.succeeded);
  out->set_we_are_authenticator(auth.we_are_authenticator);
  out->set_user(CleanText(auth.user));
  out->set_method(CleanText(auth.method));
  out->set_failure(ToProto(auth.failure));
}

void SetIpv4(const events::Ipv4Info& ipv4, v1::Ipv4Info* out) {
  out->set_local_ip_address(ipv4.local.ToString());
  out->set_remote_ip_address(ipv4.remote.ToString());
  for (const IpAddress& dns : ipv4.dns) out->add_dns_ip_addresses(dns.ToString());
}

void SetIpv6(const events::Ipv6Info& ipv6, v1::Ipv6Info* out) {
  out->set_local_ip_address(ipv6.local.ToString());
  out->set_remote_ip_address(ipv6.remote.ToString());
}

void SetCcp(const events::CcpInfo& ccp, v1::CcpInfo* out) {
  out->set_send_method(ccp.send.method);
  out->set_send_key_bits(ccp.send.key_bits);
  out->set_send_stateful(ccp.send.stateful);
  out->set_receive_method(ccp.receive.method);
  out->set_receive_key_bits(ccp.receive.key_bits);
  out->set_receive_stateful(ccp.receive.stateful);
}

void SetCounters(const events::PppCounters& counters, v1::PppCounters* out) {
  out->mutable_connect_time()->set_seconds(counters.connect_seconds);
  out->set_tx_packet_count(counters.tx_packets);
  out->set_tx_byte_count(counters.tx_bytes);
  out->set_rx_packet_count(counters.rx_packets);
  out->set_rx_byte_count(counters.rx_bytes);
}

}  // namespace

void SetPpp(const events::SessionInfo& session, v1::Session* out) {
  out->set_pppd_pid(session.pppd_pid);
  out->set_ppp_phase(ToProto(session.ppp_phase));
  if (session.lcp.has_value()) SetLcp(*session.lcp, out->mutable_lcp());
  out->set_unanswered_echo_count(session.unanswered_echoes);
  if (session.auth.has_value()) SetAuth(*session.auth, out->mutable_auth());
  if (session.ccp.has_value()) SetCcp(*session.ccp, out->mutable_ccp());
  if (session.ipv4.has_value()) SetIpv4(*session.ipv4, out->mutable_ipv4());
  if (session.ipv6.has_value()) SetIpv6(*session.ipv6, out->mutable_ipv6());
  if (session.last_ipv4.has_value()) SetIpv4(*session.last_ipv4, out->mutable_last_ipv4());
  if (session.last_ipv6.has_value()) SetIpv6(*session.last_ipv6, out->mutable_last_ipv6());
  if (session.ppp_counters) SetCounters(*session.ppp_counters, out->mutable_ppp_counters());
}

}  // namespace l2tp::api
