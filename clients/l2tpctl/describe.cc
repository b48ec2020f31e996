#include "clients/l2tpctl/describe.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace l2tp::ctl {
namespace {

std::string YesNo(bool value) { return value ? "yes" : "no"; }

// Nothing for zero, which mostly means "not known yet".
std::string NotZero(int64_t value) { return value == 0 ? "" : absl::StrCat(value); }

// A speed in bit/s.
std::string Speed(int64_t bps) {
  if (bps == 0) return "";
  if (bps % 1'000'000 == 0) return absl::StrCat(bps / 1'000'000, " Mbit/s");
  return absl::StrCat(bps, " bit/s");
}

std::string Origin(v1::Origin origin) {
  return origin == v1::ORIGIN_PEER ? "the peer" : "this daemon";
}

template <typename Resource>
std::string State(const Resource& resource) {
  std::string text = Lower(Resource::State_Name(resource.state()), "STATE_");
  if (!resource.protocol_state().empty() && resource.protocol_state() != text) {
    absl::StrAppend(&text, " (", resource.protocol_state(), ")");
  }
  return text;
}

template <typename Resource>
Style StateStyle(const Resource& resource) {
  return StyleOfState(Lower(Resource::State_Name(resource.state()), "STATE_"));
}

std::string Traffic(int64_t packets, int64_t bytes, int64_t errors) {
  return absl::StrCat(packets, " packets, ", bytes, " octets, ", errors, " errors");
}

std::string Allowed(bool calls, bool outgoing) {
  if (!calls && !outgoing) return "no";
  return !outgoing ? "incoming calls" : calls ? "incoming and outgoing calls" : "outgoing calls";
}

// What the call's own messages told beyond numbers and speeds.
void AddCall(const v1::Session& session, Page* page) {
  page->Add("group", session.private_group_id());
  page->Add("physical channel",
            session.has_physical_channel_id() ? absl::StrCat(session.physical_channel_id()) : "");
  if (session.direction() == v1::Session::DIRECTION_OUTGOING) {
    page->Add("asked for", absl::StrCat("at least ", session.minimum_bps(), ", at most ",
                                        session.maximum_bps(), " bit/s"));
  }
  if (session.has_access_line()) {
    page->Add("circuit", session.access_line().agent_circuit_id());
    page->Add("remote id", session.access_line().agent_remote_id());
    page->Add("line up",
              Speed(static_cast<int64_t>(session.access_line().actual_rate_upstream_bps())));
    page->Add("line down",
              Speed(static_cast<int64_t>(session.access_line().actual_rate_downstream_bps())));
  }
  if (session.has_proxy()) {
    page->Add("proxy login", absl::StrCat("type ", session.proxy().authen_type(), ", ",
                                          session.proxy().authen_name()));
  }
  if (session.has_call_errors()) {
    const v1::CallErrors& errors = session.call_errors();
    page->Add(
        "line errors",
        absl::StrCat("crc ", errors.crc_error_count(), ", framing ", errors.framing_error_count(),
                     ", hardware ", errors.hardware_overrun_count(), ", buffer ",
                     errors.buffer_overrun_count(), ", timeout ", errors.timeout_error_count(),
                     ", alignment ", errors.alignment_error_count()));
  }
}

// "" when there is nothing of the kind.
std::string Usage(const v1::PoolUsage& usage) {
  if (usage.total_count() == 0) return "";
  return absl::StrCat(usage.total_count(), ", in use ", usage.used_count(), ", reserved ",
                      usage.reserved_count(), ", free ", usage.free_count());
}

template <typename Resource>
void AddTimes(const Resource& resource, Page* page) {
  page->Add("created", FormatTime(resource.create_time()));
  page->Add("established", FormatTime(resource.establish_time()));
}

std::string FormatCompression(const std::string& method, int key_bits, bool stateful) {
  if (method.empty()) return "none";
  return absl::StrCat(method, key_bits == 0 ? "" : absl::StrCat("/", key_bits),
                      stateful ? " stateful" : "");
}

// The names that RFC 1661 and its companions give to LCP options, by number.
template <typename Options>
std::string FormatOptions(const Options& options) {
  const auto name = [](uint32_t option) -> std::string {
    switch (option) {
      case 1: return "mru";
      case 2: return "accm";
      case 3: return "auth";
      case 4: return "quality";
      case 5: return "magic";
      case 7: return "pfc";
      case 8: return "acfc";
      case 13: return "callback";
      case 17: return "mrru";
      case 18: return "ssnhf";
      case 19: return "endpoint";
      default: return absl::StrCat(option);
    }
  };
  if (options.empty()) return "none";
  return absl::StrJoin(
      options, " ", [&](std::string* out, uint32_t option) { absl::StrAppend(out, name(option)); });
}

std::string FailureText(v1::AuthInfo::Failure failure) {
  return Lower(v1::AuthInfo::Failure_Name(failure), "FAILURE_");
}

void AddPpp(const v1::Session& session, Page* page) {
  if (session.ppp_phase() != v1::Session::PPP_PHASE_UNSPECIFIED) {
    page->Add("ppp phase", Lower(v1::Session::PppPhase_Name(session.ppp_phase()), "PPP_PHASE_"));
  }
  if (session.has_lcp()) {
    const v1::LcpInfo& lcp = session.lcp();
    page->Add("lcp options", absl::StrCat("asked ", FormatOptions(lcp.asked_options()), ", got ",
                                          FormatOptions(lcp.agreed_options()), "; peer ",
                                          FormatOptions(lcp.peer_options())));
    page->Add("magic", absl::StrFormat("0x%08x, peer 0x%08x", lcp.magic(), lcp.peer_magic()));
    page->Add("peer logs in by", lcp.auth_of_peer());
    page->Add("we log in by", lcp.auth_of_us());
    page->Add("accm", absl::StrCat("send ", FormatAccm(lcp.send_accm()), ", receive ",
                                   FormatAccm(lcp.receive_accm())));
    page->Add("mru", absl::StrCat(lcp.mru(), ", peer ", lcp.peer_mru()));
  }
  page->Add("unanswered echoes", NotZero(session.unanswered_echo_count()));
  if (session.has_ccp()) {
    page->Add("ccp", absl::StrCat("send ", FormatSendCompression(session.ccp()), ", receive ",
                                  FormatReceiveCompression(session.ccp())));
  }
  if (session.has_auth()) {
    const v1::AuthInfo& auth = session.auth();
    page->Add("login",
              absl::StrCat(auth.user(), auth.we_are_authenticator() ? " to us" : " to peer",
                           auth.method().empty() ? "" : ", ", auth.method(), ", ",
                           auth.succeeded() ? "accepted" : "refused",
                           auth.failure() == v1::AuthInfo::FAILURE_UNSPECIFIED
                               ? ""
                               : absl::StrCat(" (", FailureText(auth.failure()), ")")));
  }
  if (session.has_ipv4()) {
    const v1::Ipv4Info& ipv4 = session.ipv4();
    page->Add("ipv4", absl::StrCat(ipv4.local_ip_address(), " -> ", ipv4.remote_ip_address()));
    page->Add("dns", absl::StrJoin(ipv4.dns_ip_addresses(), ", "));
  }
  if (session.has_ipv6()) {
    page->Add("ipv6", absl::StrCat(session.ipv6().local_ip_address(), " -> ",
                                   session.ipv6().remote_ip_address()));
  }
  if (session.has_last_ipv4()) {
    page->Add("last ipv4", absl::StrCat(session.last_ipv4().local_ip_address(), " -> ",
                                        session.last_ipv4().remote_ip_address()));
  }
  if (session.has_last_ipv6()) {
    page->Add("last ipv6", absl::StrCat(session.last_ipv6().local_ip_address(), " -> ",
                                        session.last_ipv6().remote_ip_address()));
  }
  page->Add("peer user", session.peer_user());
  page->Add("ipv6 prefix", session.ipv6_prefix());
  page->Add("routes", absl::StrJoin(session.routes(), ", "));
  page->Add("rate down", Speed(session.downstream_rate_bps()));
  page->Add("rate up", Speed(session.upstream_rate_bps()));
  if (session.has_link_info()) {
    const v1::LinkInfo& link = session.link_info();
    page->Add("link info", absl::StrCat("send ", FormatAccm(link.send_accm()), ", receive ",
                                        FormatAccm(link.receive_accm()),
                                        link.from_peer() ? ", from peer" : ", sent"));
  }
}

void AddCounters(const v1::SessionCounters& counters, Page* page) {
  page->Add("sent", Traffic(counters.tx_packet_count(), counters.tx_byte_count(),
                            counters.tx_error_count()));
  page->Add("received", Traffic(counters.rx_packet_count(), counters.rx_byte_count(),
                                counters.rx_error_count()));
  page->Add("sequence discards", NotZero(counters.rx_sequence_discard_count()));
  page->Add("out of sequence", NotZero(counters.rx_out_of_sequence_count()));
}

}  // namespace

std::string Lower(const std::string& enumerator, const std::string& prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(enumerator, prefix));
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  const absl::Time instant =
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", instant, absl::UTCTimeZone());
}

std::string FormatDuration(const google::protobuf::Duration& duration) {
  if (duration.nanos() == 0) return absl::StrCat(duration.seconds(), "s");
  return absl::StrFormat("%d.%03ds", duration.seconds(), duration.nanos() / 1'000'000);
}

std::string FormatEndpoint(const std::string& address, int port) {
  if (address.empty()) return port == 0 ? "" : absl::StrCat("*:", port);
  if (port == 0) return address;
  const bool v6 = absl::StrContains(address, ':');
  return absl::StrCat(v6 ? "[" : "", address, v6 ? "]:" : ":", port);
}

std::string FormatAccm(uint32_t accm) { return absl::StrFormat("0x%08x", accm); }

std::string FormatSendCompression(const v1::CcpInfo& ccp) {
  return FormatCompression(ccp.send_method(), ccp.send_key_bits(), ccp.send_stateful());
}
std::string FormatReceiveCompression(const v1::CcpInfo& ccp) {
  return FormatCompression(ccp.receive_method(), ccp.receive_key_bits(), ccp.receive_stateful());
}

Page Describe(const v1::Tunnel& tunnel) {
  Page page;
  page.Add("name", tunnel.name());
  page.Add("state", State(tunnel), StateStyle(tunnel));
  page.Add("opened by", Origin(tunnel.origin()));
  page.Add("profile", tunnel.profile());
  page.Add("peer", tunnel.peer());
  page.Add("local", FormatEndpoint(tunnel.local_ip_address(), tunnel.local_port()));
  page.Add("remote", FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port()));
  page.Add("tunnel id", NotZero(tunnel.assigned_tunnel_id()));
  page.Add("peer tunnel id", NotZero(tunnel.peer_assigned_tunnel_id()));
  page.Add("host name", tunnel.host_name());
  page.Add("peer host name", tunnel.peer_host_name());
  page.Add("peer vendor", tunnel.peer_vendor_name());
  page.Add("peer window", NotZero(tunnel.peer_receive_window()));
  if (tunnel.draining()) page.Add("draining", "yes: no new calls");
  page.Add("peer may call", Allowed(tunnel.allow_calls(), tunnel.allow_outgoing_calls()));
  page.Add("sessions", absl::StrCat(tunnel.session_count()));
  page.Add("retransmissions", absl::StrCat(tunnel.retransmit_count()));
  if (tunnel.debug()) page.Add("debug", "on");
  AddTimes(tunnel, &page);
  page.Add("uid", tunnel.uid());
  if (tunnel.has_cause()) AddCause(tunnel.cause(), &page);
  return page;
}

std::string FormatFailures(const v1::ReconnectInfo& reconnect) {
  const int most = reconnect.max_failure_count();
  return absl::StrCat(reconnect.failure_count(), most == 0 ? "" : absl::StrCat("/", most));
}

Page Describe(const v1::Session& session) {
  Page page;
  page.Add("name", session.name());
  page.Add("state", State(session), StateStyle(session));
  page.Add("called by", Origin(session.origin()));
  page.Add("role", absl::AsciiStrToUpper(Lower(v1::Session::Role_Name(session.role()), "ROLE_")));
  page.Add("direction", Lower(v1::Session::Direction_Name(session.direction()), "DIRECTION_"));
  page.Add("profile", session.profile());
  page.Add("user", session.user());
  page.Add("session id", NotZero(session.assigned_session_id()));
  page.Add("peer session id", NotZero(session.peer_assigned_session_id()));
  page.Add("call serial number", NotZero(session.call_serial_number()));
  page.Add("called number", session.called_number());
  page.Add("calling number", session.calling_number());
  page.Add("sub-address", session.sub_address());
  page.Add("tx speed", Speed(session.tx_connect_speed_bps()));
  page.Add("rx speed", Speed(session.rx_connect_speed_bps()));
  page.Add("sequencing", session.sequencing_required() ? "required" : "");
  AddCall(session, &page);
  page.Add("interface", session.interface_name());
  page.Add("told to pppd",
           session.mtu() == 0 ? "" : absl::StrCat("mtu ", session.mtu(), ", mru ", session.mru()));
  page.Add("pppd pid", NotZero(session.pppd_pid()));
  AddPpp(session, &page);
  AddCounters(session.counters(), &page);
  if (session.has_ppp_counters()) {
    const v1::PppCounters& ppp = session.ppp_counters();
    page.Add("ppp sent", Traffic(ppp.tx_packet_count(), ppp.tx_byte_count(), 0));
    page.Add("ppp received", Traffic(ppp.rx_packet_count(), ppp.rx_byte_count(), 0));
    page.Add("ppp connected", FormatDuration(ppp.connect_time()));
  }
  AddTimes(session, &page);
  if (session.has_reconnect()) {
    const v1::ReconnectInfo& reconnect = session.reconnect();
    page.Add("persistent", absl::StrCat("yes, failures in a row ", FormatFailures(reconnect)));
    page.Add("next attempt", FormatTime(reconnect.next_attempt_time()));
  }
  page.Add("uid", session.uid());
  if (session.has_cause()) AddCause(session.cause(), &page);
  return page;
}

Page Describe(const v1::Pool& pool) {
  Page page;
  page.Add("name", pool.name());
  page.Add("ranges", absl::StrJoin(pool.ip_ranges(), ", "));
  page.Add("addresses", Usage(pool.addresses()));
  page.Add("ipv6 interface ids", absl::StrJoin(pool.ipv6_interface_id_ranges(), ", "));
  page.Add("interface ids", Usage(pool.interface_ids()));
  page.Add("ipv6 prefixes", absl::StrJoin(pool.ipv6_prefixes(), ", "));
  page.Add("prefixes of 64", Usage(pool.prefixes()));
  return page;
}

Page Describe(const v1::User& user) {
  Page page;
  page.Add("name", user.name());
  page.Add("login", user.login());
  page.Add("may log in", YesNo(user.enabled()));
  page.Add("profile", user.profile().empty() ? "any" : user.profile());
  page.Add("address", user.ip_address());
  page.Add("ipv6 interface id", user.ipv6_interface_id());
  page.Add("ipv6 prefix", user.ipv6_prefix());
  page.Add("sessions",
           absl::StrCat(
               user.session_count(),
               user.max_sessions() == 0 ? "" : absl::StrCat(", at most ", user.max_sessions())));
  return page;
}

Page Describe(const v1::Peer& peer) {
  Page page;
  page.Add("name", peer.name());
  page.Add("addresses", peer.ip_prefix().empty() ? "any" : peer.ip_prefix());
  page.Add("host name", peer.host_name().empty() ? "any" : peer.host_name());
  page.Add("profile", peer.profile());
  page.Add("may place calls", YesNo(peer.allow_calls()));
  if (peer.draining()) page.Add("draining", "yes: no new tunnels and calls");
  return page;
}

Page Describe(const v1::System& system) {
  Page page;
  page.Add("version", system.version());
  page.Add("state", Lower(v1::System::State_Name(system.state()), "STATE_"), StateStyle(system));
  page.Add("host name", system.host_name());
  page.Add("started", FormatTime(system.start_time()));
  page.Add("listeners",
           absl::StrJoin(system.listeners(), ", ", [](std::string* out, const auto& e) {
             absl::StrAppend(out, FormatEndpoint(e.ip_address(), e.port()));
           }));
  page.Add("pppd", system.pppd_path());
  page.Add("pppds",
           absl::StrCat(system.running_pppd_count(), " running, ", system.starting_pppd_count(),
                        " starting, ", system.queued_pppd_count(), " waiting to be started; ",
                        system.forked_pppd_count(), " forked, ", system.executed_pppd_count(),
                        " executed so far"));
  page.Add("tunnels", absl::StrCat(system.tunnel_count(), ", established ",
                                   system.established_tunnel_count()));
  page.Add("sessions", absl::StrCat(system.session_count(), ", established ",
                                    system.established_session_count(), ", waiting ",
                                    system.waiting_session_count()));
  page.Add("refused", absl::StrCat("tunnels ", system.refused_tunnel_count(), ", calls ",
                                   system.refused_session_count()));
  page.Add("half-open", absl::StrCat("tunnels ", system.half_open_tunnel_count(), ", displaced ",
                                     system.displaced_tunnel_count(), ", SCCRQs dropped ",
                                     system.dropped_sccrq_count()));
  page.Add("ties", absl::StrCat("lost ", system.lost_tie_count()));
  page.Add("datagrams", absl::StrCat("malformed ", system.malformed_datagram_count(),
                                     ", unknown tunnel ", system.unknown_tunnel_count(),
                                     ", foreign source ", system.foreign_source_count()));
  page.Add("watchers", absl::StrCat(system.watcher_count()));
  page.Add("revision", absl::StrCat(system.revision()));
  return page;
}

}  // namespace l2tp::ctl
