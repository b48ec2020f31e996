// Events and initial state, a line each: "key=value" facts behind time, type and name.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {
namespace {

using Facts = std::vector<std::string>;

// Appends "key=value", quoted when it has to be; nothing for an empty value.
void Fact(absl::string_view key, absl::string_view value, Facts* facts) {
  if (value.empty()) return;
  const bool plain =
      value.find_first_of(" \"=\\") == absl::string_view::npos && Printable(value) == value;
  if (plain) {
    facts->push_back(absl::StrCat(key, "=", value));
  } else {
    const std::string escaped =
        absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
    facts->push_back(absl::StrCat(key, "=\"", Printable(escaped), "\""));
  }
}

void Number(absl::string_view key, int64_t value, Facts* facts) {
  if (value != 0) Fact(key, absl::StrCat(value), facts);
}

void CauseFacts(const v1::Cause& cause, Facts* facts) {
  Fact("cause", Lower(v1::Cause::Reason_Name(cause.reason()), "REASON_"), facts);
  Fact("closed_by", Lower(v1::Cause::ClosedBy_Name(cause.closed_by()), "CLOSED_BY_"), facts);
  Number("result_code", cause.result_code(), facts);
  Number("error_code", cause.error_code(), facts);
  if (cause.has_pppd_exit_status()) {
    Fact("pppd_exit_status", absl::StrCat(cause.pppd_exit_status()), facts);
  }
  Number("pppd_signal", cause.pppd_signal(), facts);
  Number("q931_cause", cause.q931_cause().cause_code(), facts);
  if (cause.has_ppp_disconnect_cause()) {
    const v1::PppDisconnectCause& ppp = cause.ppp_disconnect_cause();
    Fact("ppp_cause",
         absl::StrFormat("%d/0x%04x/%d", ppp.code(), ppp.control_protocol(), ppp.direction()),
         facts);
    Fact("ppp_message", ppp.message(), facts);
  }
  Fact("message", cause.message(), facts);
}

void LcpFacts(const v1::LcpInfo& lcp, Facts* facts) {
  Fact("accm", absl::StrCat(FormatAccm(lcp.send_accm()), "/", FormatAccm(lcp.receive_accm())),
       facts);
  Fact("mru", absl::StrCat(lcp.mru(), "/", lcp.peer_mru()), facts);
  Fact("auth_of_peer", lcp.auth_of_peer(), facts);
  Fact("auth_of_us", lcp.auth_of_us(), facts);
}

void AuthFacts(const v1::AuthInfo& auth, Facts* facts) {
  Fact("result", auth.succeeded() ? "accepted" : "refused", facts);
  Fact("who", auth.we_are_authenticator() ? "peer" : "us", facts);
  Fact("user", auth.user(), facts);
  Fact("method", auth.method(), facts);
  if (auth.failure() != v1::AuthInfo::FAILURE_UNSPECIFIED) {
    Fact("failure", Lower(v1::AuthInfo::Failure_Name(auth.failure()), "FAILURE_"), facts);
  }
}

template <typename Info>
void AddressFacts(const v1::Session& session, const Info& info, Facts* facts) {
  Fact("interface", session.interface_name(), facts);
  Fact("local", info.local_ip_address(), facts);
  Fact("remote", info.remote_ip_address(), facts);
}

void TunnelFacts(const v1::Tunnel& tunnel, Facts* facts) {
  Fact("remote", FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port()), facts);
  Fact("peer_host_name", tunnel.peer_host_name(), facts);
  Number("tunnel_id", tunnel.assigned_tunnel_id(), facts);
  Number("peer_tunnel_id", tunnel.peer_assigned_tunnel_id(), facts);
}

void SessionIdFacts(const v1::Session& session, Facts* facts) {
  Number("session_id", session.assigned_session_id(), facts);
  Number("peer_session_id", session.peer_assigned_session_id(), facts);
}

void CallErrorFacts(const v1::CallErrors& errors, Facts* facts) {
  Fact("crc", absl::StrCat(errors.crc_error_count()), facts);
  Fact("framing", absl::StrCat(errors.framing_error_count()), facts);
  Fact("hardware", absl::StrCat(errors.hardware_overrun_count()), facts);
  Fact("buffer", absl::StrCat(errors.buffer_overrun_count()), facts);
  Fact("timeout", absl::StrCat(errors.timeout_error_count()), facts);
  Fact("alignment", absl::StrCat(errors.alignment_error_count()), facts);
}

void RefusalFacts(const v1::Refusal& refusal, Facts* facts) {
  Fact("remote",
       refusal.remote_ip_address().empty()
           ? "several"
           : FormatEndpoint(refusal.remote_ip_address(), refusal.remote_port()),
       facts);
  Fact("peer_host_name", refusal.host_name(), facts);
  Fact("called_number", refusal.called_number(), facts);
  Fact("calling_number", refusal.calling_number(), facts);
  Number("count", refusal.count(), facts);
  CauseFacts(refusal.cause(), facts);
}

void ConfigFacts(const v1::Profile& profile, Facts* facts) {
  Fact("parent", profile.parent(), facts);
  Fact("display_name", profile.display_name(), facts);
}

void ConfigFacts(const v1::Pool& pool, Facts* facts) {
  Fact("ip_ranges", absl::StrJoin(pool.ip_ranges(), ","), facts);
  Fact("ipv6_interface_ids", absl::StrJoin(pool.ipv6_interface_id_ranges(), ","), facts);
  Fact("ipv6_prefixes", absl::StrJoin(pool.ipv6_prefixes(), ","), facts);
}

void ConfigFacts(const v1::User& user, Facts* facts) {
  Fact("login", user.login(), facts);
  Fact("enabled", user.enabled() ? "" : "false", facts);
  Fact("profile", user.profile(), facts);
  Fact("ip_address", user.ip_address(), facts);
  Fact("ipv6_prefix", user.ipv6_prefix(), facts);
}

void ConfigFacts(const v1::Peer& peer, Facts* facts) {
  Fact("ip_prefix", peer.ip_prefix(), facts);
  Fact("host_name", peer.host_name(), facts);
  Fact("profile", peer.profile(), facts);
  Fact("deny", peer.deny() ? "true" : "", facts);
  Fact("draining", peer.draining() ? "true" : "", facts);
}

// Of an Event or InitialState: the name and facts of what is configured; "" for anything else.
template <typename Message>
std::string AddConfig(const Message& message, Facts* facts) {
  const auto add = [facts](const auto& config) {
    ConfigFacts(config, facts);
    return config.name();
  };
  if (message.has_profile()) return add(message.profile());
  if (message.has_pool()) return add(message.pool());
  if (message.has_user()) return add(message.user());
  if (message.has_peer()) return add(message.peer());
  return "";
}

void SessionFacts(const v1::Event& event, Facts* facts) {
  const v1::Session& session = event.session();
  switch (event.type()) {
    case v1::Event::TYPE_SESSION_LCP_UP: LcpFacts(session.lcp(), facts); break;
    case v1::Event::TYPE_SESSION_AUTHENTICATED: AuthFacts(session.auth(), facts); break;
    case v1::Event::TYPE_SESSION_PPP_PHASE:
      Fact("phase", Lower(v1::Session::PppPhase_Name(session.ppp_phase()), "PPP_PHASE_"), facts);
      break;
    case v1::Event::TYPE_SESSION_LCP_ECHO:
      Fact("unanswered", absl::StrCat(session.unanswered_echo_count()), facts);
      break;
    case v1::Event::TYPE_SESSION_CCP_UP:
      Fact("send", FormatSendCompression(session.ccp()), facts);
      Fact("receive", FormatReceiveCompression(session.ccp()), facts);
      break;
    case v1::Event::TYPE_SESSION_IP_UP: AddressFacts(session, session.ipv4(), facts); break;
    case v1::Event::TYPE_SESSION_IP_DOWN: AddressFacts(session, session.last_ipv4(), facts); break;
    case v1::Event::TYPE_SESSION_IPV6_UP:
      AddressFacts(session, session.ipv6(), facts);
      Fact("prefix", session.ipv6_prefix(), facts);
      break;
    case v1::Event::TYPE_SESSION_IPV6_DOWN:
      AddressFacts(session, session.last_ipv6(), facts);
      break;
    case v1::Event::TYPE_SESSION_LINK_INFO:
      Fact("from", session.link_info().from_peer() ? "peer" : "us", facts);
      Fact("accm",
           absl::StrCat(FormatAccm(session.link_info().send_accm()), "/",
                        FormatAccm(session.link_info().receive_accm())),
           facts);
      break;
    case v1::Event::TYPE_SESSION_WAITING:
      Fact("until", FormatTime(session.reconnect().next_attempt_time()), facts);
      Fact("failures", FormatFailures(session.reconnect()), facts);
      break;
    case v1::Event::TYPE_SESSION_RECONNECTING:
      Fact("failures", FormatFailures(session.reconnect()), facts);
      break;
    case v1::Event::TYPE_SESSION_CALL_ERRORS: CallErrorFacts(session.call_errors(), facts); break;
    case v1::Event::TYPE_SESSION_DELETED:
      Fact("sent", absl::StrCat(session.counters().tx_byte_count()), facts);
      Fact("received", absl::StrCat(session.counters().rx_byte_count()), facts);
      if (session.has_reconnect()) Fact("failures", FormatFailures(session.reconnect()), facts);
      break;
    default: SessionIdFacts(session, facts);
  }
  if (session.has_cause()) CauseFacts(session.cause(), facts);
}

// What it means for the tunnel or session.
Style StyleOf(const v1::Event& event) {
  switch (event.type()) {
    case v1::Event::TYPE_TUNNEL_UP:
    case v1::Event::TYPE_SESSION_UP:
    case v1::Event::TYPE_SESSION_LCP_UP:
    case v1::Event::TYPE_SESSION_IP_UP:
    case v1::Event::TYPE_SESSION_IPV6_UP:
    case v1::Event::TYPE_SESSION_CCP_UP: return Style::kGood;
    case v1::Event::TYPE_SESSION_AUTHENTICATED:
      return event.session().auth().succeeded() ? Style::kGood : Style::kBad;
    case v1::Event::TYPE_TUNNEL_DOWN:
    case v1::Event::TYPE_TUNNEL_REFUSED:
    case v1::Event::TYPE_SESSION_DOWN:
    case v1::Event::TYPE_SESSION_REFUSED:
    case v1::Event::TYPE_SESSION_IP_DOWN:
    case v1::Event::TYPE_SESSION_IPV6_DOWN:
    case v1::Event::TYPE_SESSION_CCP_DOWN: return Style::kBad;
    case v1::Event::TYPE_SESSION_LCP_ECHO:
      return event.session().unanswered_echo_count() > 0 ? Style::kBusy : Style::kPlain;
    case v1::Event::TYPE_SESSION_WAITING:
    case v1::Event::TYPE_SESSION_RECONNECTING:
    case v1::Event::TYPE_SESSION_CALL_ERRORS: return Style::kBusy;
    default: return Style::kPlain;
  }
}

std::string Compose(const std::string& time, const std::string& type, Style style,
                    const std::string& name, const Facts& facts, const Layout& layout) {
  std::vector<std::pair<std::string, Style>> words = {
      {time, Style::kFaint}, {type, style}, {Printable(name), Style::kHeading}};
  for (const std::string& fact : facts) words.emplace_back(fact, Style::kPlain);
  return Wrap(words, 4, 0, layout);
}

}  // namespace

std::string EventLine(const v1::Event& event, const Layout& layout) {
  Facts facts;
  if (event.has_tunnel()) {
    TunnelFacts(event.tunnel(), &facts);
    if (event.tunnel().has_cause()) CauseFacts(event.tunnel().cause(), &facts);
  } else if (event.has_refusal()) {
    RefusalFacts(event.refusal(), &facts);
  } else if (event.has_session()) {
    SessionFacts(event, &facts);
  } else {
    AddConfig(event, &facts);
  }
  const std::string type(absl::StripPrefix(v1::Event::Type_Name(event.type()), "TYPE_"));
  return Compose(FormatTime(event.time()), type, StyleOf(event), event.name(), facts, layout);
}

std::string InitialStateLine(const v1::InitialState& initial, const Layout& layout) {
  Facts facts;
  std::string name;
  std::string state;
  if (initial.has_tunnel()) {
    const v1::Tunnel& tunnel = initial.tunnel();
    name = tunnel.name();
    state = Lower(v1::Tunnel::State_Name(tunnel.state()), "STATE_");
    Fact("state", state, &facts);
    TunnelFacts(tunnel, &facts);
    if (tunnel.has_cause()) CauseFacts(tunnel.cause(), &facts);
  } else if (initial.has_session()) {
    const v1::Session& session = initial.session();
    name = session.name();
    state = Lower(v1::Session::State_Name(session.state()), "STATE_");
    Fact("state", state, &facts);
    if (session.has_ipv4()) {
      AddressFacts(session, session.ipv4(), &facts);
    } else {
      Fact("interface", session.interface_name(), &facts);
    }
    if (session.has_cause()) CauseFacts(session.cause(), &facts);
  } else {
    name = AddConfig(initial, &facts);
  }
  return Compose("-", "STATE", StyleOfState(state), name, facts, layout);
}

}  // namespace l2tp::ctl
