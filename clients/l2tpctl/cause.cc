// Why things ended, in words.

#include <string>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {
namespace {

struct Words {
  const char* what;
  const char* advice;
};

Words ForReason(v1::Cause::Reason reason) {
  using C = v1::Cause;
  switch (reason) {
    case C::REASON_ADMINISTRATIVE: return {"somebody asked for it", ""};
    case C::REASON_SHUTDOWN: return {"the daemon was stopped", "start the daemon again"};
    case C::REASON_PEER_REQUEST:
      return {"the peer ended it", "the result code says why; look at the peer's log"};
    case C::REASON_PEER_UNREACHABLE:
      return {"the peer did not answer",
              "check that UDP port 1701 gets through to it and that it runs"};
    case C::REASON_TUNNEL_CLOSED: return {"its tunnel ended", "look at what ended the tunnel"};
    case C::REASON_PROTOCOL_ERROR:
      return {"the peer broke the protocol", "look at the daemon's log and at the peer's version"};
    case C::REASON_NOT_AUTHORIZED:
      return {"tunnel authentication failed, or the peer is not one we admit",
              "compare the secrets on both sides; see \"l2tpctl peer list\""};
    case C::REASON_NO_RESOURCES:
      return {"a limit was reached, or ids or addresses have run out",
              "see \"l2tpctl pool list\" and the daemon's limits"};
    case C::REASON_DRAINING:
      return {"the daemon, the peer or the tunnel is draining",
              "see \"l2tpctl system\"; \"system undrain\", \"peer undrain\" or \"tunnel "
              "undrain\" end it"};
    case C::REASON_SETUP_TIMEOUT:
      return {"it was not up in time",
              "look at the last event before: that is the step which got no answer"};
    case C::REASON_KERNEL_FAILURE:
      return {"the kernel refused the data path",
              "load l2tp_ppp and l2tp_netlink; look at the daemon's log"};
    case C::REASON_PPPD_FAILURE:
      return {"pppd could not start, or failed inside", "look at pppd's log"};
    case C::REASON_PPPD_KILLED:
      return {"somebody killed pppd", "find out who: the kernel's OOM killer, or an operator"};
    case C::REASON_PPP_TERMINATED: return {"the other end closed PPP", ""};
    case C::REASON_PPP_NEGOTIATION_FAILED:
      return {"PPP did not come up",
              "set ppp.debug in the profile and look at what the two ends cannot agree on"};
    case C::REASON_PPP_PEER_AUTH_FAILED:
      return {"the other end's login was refused",
              "the message says why; see \"l2tpctl user show\""};
    case C::REASON_PPP_OWN_AUTH_FAILED:
      return {"the other end refused our login", "check --user and the password"};
    case C::REASON_PPP_PEER_DEAD:
      return {"LCP echo requests stayed unanswered",
              "the other end, or the path to it, is gone; it may help to call again"};
    case C::REASON_PPP_HANGUP:
      return {"the link went away under PPP", "look at what happened to the tunnel"};
    case C::REASON_PPP_LOOPBACK:
      return {"PPP hears itself: the link is looped back", "check the peer's configuration"};
    case C::REASON_TIE_LOST:
      return {"the peer opened a tunnel at the same time and won the tie",
              "use the tunnel that the peer opened; see \"l2tpctl tunnel list\""};
    case C::REASON_PEER_INCAPABLE:
      return {"the peer does not offer what the call needs",
              "for outgoing calls the peer must send Bearer Capabilities: allow them there"};
    case C::REASON_PPP_STALLED:
      return {"pppd did not get on, and was ended",
              "the message says where; set ppp.debug in the profile"};
    case C::REASON_PPP_LIMIT: return {"an idle, time or traffic limit was reached", ""};
    default: return {"", ""};
  }
}

const char* ForClosedBy(v1::Cause::ClosedBy closed_by) {
  switch (closed_by) {
    case v1::Cause::CLOSED_BY_OPERATOR: return "an operator";
    case v1::Cause::CLOSED_BY_PEER: return "the L2TP peer";
    case v1::Cause::CLOSED_BY_PPP: return "PPP";
    case v1::Cause::CLOSED_BY_DAEMON: return "this daemon";
    default: return "";
  }
}

// "3 (error 4)"
std::string Codes(const v1::Cause& cause) {
  if (cause.result_code() == 0) return "";
  std::string text = absl::StrCat(cause.result_code());
  if (cause.error_code() != 0) absl::StrAppend(&text, ", error code ", cause.error_code());
  return text;
}

}  // namespace

void AddCause(const v1::Cause& cause, Page* page) {
  const Words words = ForReason(cause.reason());
  page->Gap();
  page->Add("closed by", ForClosedBy(cause.closed_by()));
  page->Add("why", words.what);
  page->Add("reason", Lower(v1::Cause::Reason_Name(cause.reason()), "REASON_"));
  page->Add("result code", Codes(cause));
  page->Add("message", cause.message());
  if (cause.has_pppd_exit_status()) {
    page->Add("pppd exit status", absl::StrCat(cause.pppd_exit_status()));
  }
  if (cause.pppd_signal() != 0) page->Add("pppd signal", absl::StrCat(cause.pppd_signal()));
  page->Add("what to do", words.advice);
}

std::string CauseInShort(const v1::Cause& cause) {
  const Words words = ForReason(cause.reason());
  std::string text = words.what;
  if (text.empty()) text = "for no reason that is known";
  if (const std::string who = ForClosedBy(cause.closed_by()); !who.empty()) {
    absl::StrAppend(&text, "; closed by ", who);
  }
  if (const std::string codes = Codes(cause); !codes.empty()) {
    absl::StrAppend(&text, "; result code ", codes);
  }
  if (!cause.message().empty()) absl::StrAppend(&text, "; \"", Printable(cause.message()), "\"");
  return text;
}

}  // namespace l2tp::ctl
