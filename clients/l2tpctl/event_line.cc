// Events and initial state, a line each: "key=value" facts behind time, type and name.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {
namespace {

// Appends " key=value", quoted when it has to be; nothing for an empty value.
void Fact(absl::string_view key, absl::string_view value, std::string* line) {
  if (value.empty()) return;
  const bool plain =
      value.find_first_of(" \"=\\") == absl::string_view::npos && Printable(value) == value;
  if (plain) {
    absl::StrAppend(line, " ", key, "=", value);
  } else {
    const std::string escaped =
        absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
    absl::StrAppend(line, " ", key, "=\"", Printable(escaped), "\"");
  }
}

void Number(absl::string_view key, int64_t value, std::string* line) {
  if (value != 0) Fact(key, absl::StrCat(value), line);
}

void CauseFacts(const v1::Cause& cause, std::string* line) {
  Fact("cause", Lower(v1::Cause::Reason_Name(cause.reason()), "REASON_"), line);
  Fact("closed_by", Lower(v1::Cause::ClosedBy_Name(cause.closed_by()), "CLOSED_BY_"), line);
  Number("result_code", cause.result_code(), line);
  Number("error_code", cause.error_code(), line);
  if (cause.has_pppd_exit_status()) {
    Fact("pppd_exit_status", absl::StrCat(cause.pppd_exit_status()), line);
  }
  Number("pppd_signal", cause.pppd_signal(), line);
  Number("q931_cause", cause.q931_cause().cause_code(), line);
  if (cause.has_ppp_disconnect_cause()) {
    const v1::PppDisconnectCause& ppp = cause.ppp_disconnect_cause();
    Fact("ppp_cause",
         absl::StrFormat("%d/0x%04x/%d", ppp.code(), ppp.control_protocol(), ppp.direction()),
         line);
    Fact("ppp_message", ppp.message(), line);
  }
  Fact("message", cause.message(), line);
}

void LcpFacts(const v1::LcpInfo& lcp, std::string* line) {
  Fact("accm", absl::StrCat(FormatAccm(lcp.send_accm()), "/", FormatAccm(lcp.receive_accm())),
       line);
  Fact("mru", absl::StrCat(lcp.mru(), "/", lcp.peer_mru()), line);
  Fact("auth_of_peer", lcp.auth_of_peer(), line);
  Fact("auth_of_us", lcp.auth_of_us(), line);
}

void AuthFacts(const v1::AuthInfo& auth, std::string* line) {
  Fact("result", auth.succeeded() ? "accepted" : "refused", line);
  Fact("who", auth.we_are_authenticator() ? "peer" : "us", line);
  Fact("user", auth.user(), line);
  Fact("method", auth.method(), line);
  if (auth.failure() != v1::AuthInfo::FAILURE_UNSPECIFIED) {
    Fact("failure", Lower(v1::AuthInfo::Failure_Name(auth.failure()), "FAILURE_"), line);
  }
}

template <typename Info>
void AddressFacts(const v1::Session& session, const Info& info, std::string* line) {
  Fact("interface", session.interface_name(), line);
  Fact("local", info.local_ip_address(), line);
  Fact("remote", info.remote_ip_address(), line);
}

void TunnelFacts(const v1::Tunnel& tunnel, std::string* line) {
  Fact("remote", FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port()), line);
  Fact("peer_host_name", tunnel.peer_host_name(), line);
  Number("tunnel_id", tunnel.assigned_tunnel_id(), line);
  Number("peer_tunnel_id", tunnel.peer_assigned_tunnel_id(), line);
}

void SessionIdFacts(const v1::Session& session, std::string* line) {
  Number("session_id", session.assigned_session_id(), line);
  Number("peer_session_id", session.peer_assigned_session_id(), line);
}

void CallErrorFacts(const v1::CallErrors& errors, std::string* line) {
  Fact("crc", absl::StrCat(errors.crc_error_count()), line);
  Fact("framing", absl::StrCat(errors.framing_error_count()), line);
  Fact("hardware", absl::StrCat(errors.hardware_overrun_count()), line);
  Fact("buffer", absl::StrCat(errors.buffer_overrun_count()), line);
  Fact("timeout", absl::StrCat(errors.timeout_error_count()), line);
  Fact("alignment", absl::StrCat(errors.alignment_error_count()), line);
}

void RefusalFacts(const v1::Refusal& refusal, std::string* line) {
  Fact("remote",
       refusal.remote_ip_address().empty()
           ? "several"
           : FormatEndpoint(refusal.remote_ip_address(), refusal.remote_port()),
       line);
  Fact("peer_host_name", refusal.host_name(), line);
  Fact("called_number", refusal.called_number(), line);
  Fact("calling_number", refusal.calling_number(), line);
  Number("count", refusal.count(), line);
  CauseFacts(refusal.cause(), line);
}

void SessionFacts(const v1::Event& event, std::string* line) {
  const v1::Session& session = event.session();
  switch (event.type()) {
    case v1::Event::TYPE_SESSION_LCP_UP: LcpFacts(session.lcp(), line); break;
    case v1::Event::TYPE_SESSION_AUTHENTICATED: AuthFacts(session.auth(), line); break;
    case v1::Event::TYPE_SESSION_PPP_PHASE:
      Fact("phase", Lower(v1::Session::PppPhase_Name(session.ppp_phase()), "PPP_PHASE_"), line);
      break;
    case v1::Event::TYPE_SESSION_LCP_ECHO:
      Fact("unanswered", absl::StrCat(session.unanswered_echo_count()), line);
      break;
    case v1::Event::TYPE_SESSION_CCP_UP:
      Fact("send", FormatSendCompression(session.ccp()), line);
      Fact("receive", FormatReceiveCompression(session.ccp()), line);
      break;
    case v1::Event::TYPE_SESSION_IP_UP: AddressFacts(session, session.ipv4(), line); break;
    case v1::Event::TYPE_SESSION_IP_DOWN: AddressFacts(session, session.last_ipv4(), line); break;
    case v1::Event::TYPE_SESSION_IPV6_UP:
      AddressFacts(session, session.ipv6(), line);
      Fact("prefix", session.ipv6_prefix(), line);
      break;
    case v1::Event::TYPE_SESSION_IPV6_DOWN: AddressFacts(session, session.last_ipv6(), line); break;
    case v1::Event::TYPE_SESSION_LINK_INFO:
      Fact("from", session.link_info().from_peer() ? "peer" : "us", line);
      Fact("accm",
           absl::StrCat(FormatAccm(session.link_info().send_accm()), "/",
                        FormatAccm(session.link_info().receive_accm())),
           line);
      break;
    case v1::Event::TYPE_SESSION_WAITING:
      Fact("until", FormatTime(session.reconnect().next_attempt_time()), line);
      Fact("failures", FormatFailures(session.reconnect()), line);
      break;
    case v1::Event::TYPE_SESSION_RECONNECTING:
      Fact("failures", FormatFailures(session.reconnect()), line);
      break;
    case v1::Event::TYPE_SESSION_CALL_ERRORS: CallErrorFacts(session.call_errors(), line); break;
    case v1::Event::TYPE_SESSION_DELETED:
      Fact("sent", absl::StrCat(session.counters().tx_byte_count()), line);
      Fact("received", absl::StrCat(session.counters().rx_byte_count()), line);
      if (session.has_reconnect()) Fact("failures", FormatFailures(session.reconnect()), line);
      break;
    default: SessionIdFacts(session, line);
  }
  if (session.has_cause()) CauseFacts(session.cause(), line);
}

}  // namespace

std::string EventLine(const v1::Event& event) {
  std::string line = absl::StrCat(FormatTime(event.time()), " ",
                                  absl::StripPrefix(v1::Event::Type_Name(event.type()), "TYPE_"),
                                  " ", Printable(event.name()));
  if (event.has_tunnel()) {
    TunnelFacts(event.tunnel(), &line);
    if (event.tunnel().has_cause()) CauseFacts(event.tunnel().cause(), &line);
  } else if (event.has_refusal()) {
    RefusalFacts(event.refusal(), &line);
  } else {
    SessionFacts(event, &line);
  }
  return line;
}

std::string InitialStateLine(const v1::InitialState& initial) {
  std::string line = "- STATE ";
  if (initial.has_tunnel()) {
    const v1::Tunnel& tunnel = initial.tunnel();
    absl::StrAppend(&line, Printable(tunnel.name()));
    Fact("state", Lower(v1::Tunnel::State_Name(tunnel.state()), "STATE_"), &line);
    TunnelFacts(tunnel, &line);
    if (tunnel.has_cause()) CauseFacts(tunnel.cause(), &line);
  } else {
    const v1::Session& session = initial.session();
    absl::StrAppend(&line, Printable(session.name()));
    Fact("state", Lower(v1::Session::State_Name(session.state()), "STATE_"), &line);
    if (session.has_ipv4()) {
      AddressFacts(session, session.ipv4(), &line);
    } else {
      Fact("interface", session.interface_name(), &line);
    }
    if (session.has_cause()) CauseFacts(session.cause(), &line);
  }
  return line;
}

}  // namespace l2tp::ctl
