#include "clients/l2tpctl/explain.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/table.h"

namespace l2tp::ctl {
namespace {

// What a state means, and what to do about it; "" for nothing.
struct Standing {
  std::string now;
  std::string advice;
};

template <typename Resource>
std::string WhenGone(const Resource& resource) {
  if (resource.has_cause()) return "it is gone";
  return "it is gone, with the run of the daemon that had it, which did not get to say why";
}

// States of the control connection (RFC 2661 section 7.2.1).
Standing StandingOf(const v1::Tunnel& tunnel) {
  switch (tunnel.state()) {
    case v1::Tunnel::STATE_CONNECTING:
      if (tunnel.protocol_state() == "wait-ctl-reply") {
        return {"we have sent SCCRQ, and the peer has not answered yet",
                tunnel.retransmit_count() > 0
                    ? "check that UDP port 1701 gets through to it and back, that it runs, and "
                      "that it admits us"
                    : ""};
      }
      return {"it is being set up", ""};
    case v1::Tunnel::STATE_ESTABLISHED:
      return {absl::StrCat("it is up; sessions in it: ", tunnel.session_count()), ""};
    case v1::Tunnel::STATE_CLOSING: return {"it is being closed; nothing stops that", ""};
    case v1::Tunnel::STATE_CLOSED: return {WhenGone(tunnel), ""};
    default: return {"its state is not known", ""};
  }
}

// States of calls (RFC 2661 section 7.4).
Standing WhileConnecting(const v1::Session& session) {
  const std::string& state = session.protocol_state();
  if (state == "wait-tunnel") {
    const std::string name = ShortName(session.name());
    return {"the call is placed as soon as its tunnel is up",
            absl::StrCat("see \"l2tpctl explain ", name.substr(0, name.find('/')), "\"")};
  }
  if (state == "wait-reply") {
    return {"we have asked the peer for the call, and it has not answered yet",
            "if it stays so: look at the peer's log"};
  }
  if (state == "wait-connect") {
    return {"the peer has still to say that the call is connected",
            "if it stays so: look at the peer's log"};
  }
  return {"the call is being set up", ""};
}

// L2TP is up: how far PPP is.
Standing WhileEstablished(const v1::Session& session) {
  if (session.has_ipv4() || session.has_ipv6()) {
    return {absl::StrCat("it is up, PPP with ", session.has_ipv4() ? "IPv4" : "",
                         session.has_ipv4() && session.has_ipv6() ? " and " : "",
                         session.has_ipv6() ? "IPv6" : ""),
            ""};
  }
  switch (session.ppp_phase()) {
    case v1::Session::PPP_PHASE_ESTABLISH:
      return {"the call is up, and LCP is being negotiated",
              "if it stays so: the other end does not speak PPP on this call, or its frames do not "
              "get here; set ppp.debug in the profile"};
    case v1::Session::PPP_PHASE_AUTHENTICATE:
      return {"the call and LCP are up, and logins are under way",
              "if it stays so: look at who has to log in, and at what decides about it"};
    case v1::Session::PPP_PHASE_NETWORK:
      return {session.has_last_ipv4() || session.has_last_ipv6()
                  ? "the login is done, and PPP has lost the addresses that it had"
                  : "the login is done, and addresses are being negotiated",
              "if it stays so: one end offers none, or insists on another one; set ppp.debug in "
              "the profile"};
    case v1::Session::PPP_PHASE_TERMINATE: return {"the call is up, and PPP is being closed", ""};
    default: break;
  }
  return session.pppd_pid() == 0
             ? Standing{"the call is up, and its pppd has not been started yet",
                        "\"l2tpctl system\" says how many pppds wait to be started"}
             : Standing{"the call is up, and PPP has not begun",
                        "if it stays so: look at the daemon's log"};
}

Standing StandingOf(const v1::Session& session) {
  switch (session.state()) {
    case v1::Session::STATE_CONNECTING: return WhileConnecting(session);
    case v1::Session::STATE_ESTABLISHED: return WhileEstablished(session);
    case v1::Session::STATE_WAITING:
      return {absl::StrCat("it has ended, and will be placed again at ",
                           FormatTime(session.reconnect().next_attempt_time())),
              ""};
    case v1::Session::STATE_CLOSING: return {"it is being closed; nothing stops that", ""};
    case v1::Session::STATE_CLOSED: return {WhenGone(session), ""};
    default: return {"its state is not known", ""};
  }
}

std::string InWords(v1::AuthInfo::Failure failure) {
  switch (failure) {
    case v1::AuthInfo::FAILURE_UNKNOWN_USER: return "nobody has that login";
    case v1::AuthInfo::FAILURE_WRONG_PASSWORD: return "the password is another one";
    case v1::AuthInfo::FAILURE_USER_DISABLED: return "the user is not enabled";
    case v1::AuthInfo::FAILURE_WRONG_PROFILE: return "the user is one of another profile";
    case v1::AuthInfo::FAILURE_SESSION_LIMIT: return "the user has as many sessions as it may";
    case v1::AuthInfo::FAILURE_NO_ADDRESS: return "no address is left for it";
    case v1::AuthInfo::FAILURE_REJECTED: return "the authenticator said no";
    case v1::AuthInfo::FAILURE_AUTHENTICATOR_UNAVAILABLE:
      return "the authenticator said nothing in time, or nothing that can be";
    default: return "";
  }
}

std::string Login(const v1::AuthInfo& auth) {
  std::string text =
      absl::StrCat(auth.we_are_authenticator() ? "the peer logged in as " : "we logged in as ",
                   auth.user().empty() ? "nobody" : auth.user(), ", and was ",
                   auth.succeeded() ? "accepted" : "refused");
  if (const std::string why = InWords(auth.failure()); !why.empty()) {
    absl::StrAppend(&text, ": ", why);
  }
  return text;
}

// What the facts of a session speak for, beyond its state.
void AddSigns(const v1::Session& session, Page* page) {
  if (session.has_auth()) {
    page->Add("login", Login(session.auth()),
              session.auth().succeeded() ? Style::kGood : Style::kBad);
  }
  if (session.unanswered_echo_count() > 0) {
    page->Add("silence",
              absl::StrCat("the last ", session.unanswered_echo_count(),
                           " LCP echo requests stayed unanswered: the other end, or the way to it, "
                           "may be gone"),
              Style::kBusy);
  }
  const v1::SessionCounters& counters = session.counters();
  if (session.state() == v1::Session::STATE_ESTABLISHED && counters.tx_packet_count() > 0 &&
      counters.rx_packet_count() == 0) {
    page->Add("one way",
              absl::StrCat(counters.tx_packet_count(),
                           " packets were sent and none received: data messages of the peer do not "
                           "get here; a firewall, NAT, or another address or port of its"),
              Style::kBusy);
  }
  if (counters.rx_sequence_discard_count() > 0) {
    page->Add("sequence",
              absl::StrCat(counters.rx_sequence_discard_count(),
                           " packets were dropped for their sequence number: they are lost or "
                           "overtaken on the way, or the peer sends none"),
              Style::kBusy);
  }
  if (counters.rx_error_count() > 0 || counters.tx_error_count() > 0) {
    page->Add("errors",
              absl::StrCat(counters.rx_error_count(), " received and ", counters.tx_error_count(),
                           " sent packets were faulty"),
              Style::kBusy);
  }
  if (session.has_reconnect() && session.reconnect().failure_count() > 0) {
    page->Add("failures",
              absl::StrCat(FormatFailures(session.reconnect()),
                           " in a row; each makes the next attempt come later"),
              Style::kBusy);
  }
}

void AddSigns(const v1::Tunnel& tunnel, Page* page) {
  if (tunnel.retransmit_count() > 0) {
    page->Add("retransmissions",
              absl::StrCat(tunnel.retransmit_count(),
                           ": control messages are lost on the way, or are answered late"),
              Style::kBusy);
  }
}

void AddFacts(const v1::Session& session, Page* page) {
  page->Add("since", FormatTime(session.has_establish_time() ? session.establish_time()
                                                             : session.create_time()));
  page->Add("interface", session.interface_name());
}

void AddFacts(const v1::Tunnel& tunnel, Page* page) {
  page->Add("since", FormatTime(tunnel.has_establish_time() ? tunnel.establish_time()
                                                            : tunnel.create_time()));
  std::string peer = FormatEndpoint(tunnel.remote_ip_address(), tunnel.remote_port());
  if (!tunnel.peer_host_name().empty()) absl::StrAppend(&peer, ", ", tunnel.peer_host_name());
  page->Add("peer", peer);
}

template <typename Resource>
std::string ExplainIt(const Resource& resource, const Story& story, const Layout& layout) {
  std::string out;
  for (const v1::Event& event : story) absl::StrAppend(&out, EventLine(event, layout), "\n");
  if (!story.empty()) out += "\n";
  const Standing standing = StandingOf(resource);
  const std::string state = Lower(Resource::State_Name(resource.state()), "STATE_");
  Page page;
  page.Add("name", resource.name());
  page.Add("state", state, StyleOfState(state));
  page.Add("now", standing.now);
  AddFacts(resource, &page);
  AddSigns(resource, &page);
  if (resource.has_cause()) {
    AddCause(resource.cause(), &page);
  } else {
    page.Add("what to do", standing.advice);
  }
  return out + page.Render(layout);
}

}  // namespace

std::string Explain(const v1::Tunnel& tunnel, const Story& story, const Layout& layout) {
  return ExplainIt(tunnel, story, layout);
}

std::string Explain(const v1::Session& session, const Story& story, const Layout& layout) {
  return ExplainIt(session, story, layout);
}

}  // namespace l2tp::ctl
