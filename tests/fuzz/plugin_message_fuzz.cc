// Any octets from a plugin's socket. What is accepted must be something a link can be.

#include <algorithm>
#include <string>

#include "plugin/plugin_protocol.h"
#include "server/ppp/plugin_message.h"
#include "tests/fuzz/require.h"

namespace l2tp::ppp {
namespace {

void RequireText(const std::string& text, size_t limit) {
  Require(text.size() < limit, "a text is shorter than its field");
  for (const char c : text) Require(c >= 0x20 && c < 0x7f, "a text is printable");
}

void RequireCounters(const events::PppCounters& counters) {
  Require(counters.connect_seconds >= 0 && counters.tx_packets >= 0 && counters.tx_bytes >= 0 &&
              counters.rx_packets >= 0 && counters.rx_bytes >= 0,
          "a counter is not negative");
}

struct Checker {
  void operator()(const Hello& hello) const {
    RequireText(hello.plugin_version, L2TP_PLUGIN_RELEASE_SIZE);
    RequireText(hello.pppd_version, L2TP_PLUGIN_RELEASE_SIZE);
  }
  void operator()(const control::PppLcpUp& up) const {
    Require(up.lcp.mru <= 0xffff && up.lcp.peer_mru <= 0xffff, "an MRU has 16 bits");
    for (const auto* options :
         {&up.lcp.asked_options, &up.lcp.agreed_options, &up.lcp.peer_options}) {
      Require(std::is_sorted(options->begin(), options->end()), "options rise");
      Require(options->empty() || options->back() < 32, "an option is a bit of 32");
    }
  }
  void operator()(const control::PppAuth& result) const {
    RequireText(result.auth.user, L2TP_PLUGIN_NAME_SIZE);
  }
  void operator()(const control::PppIpUp& up) const {
    RequireText(up.interface_name, L2TP_PLUGIN_INTERFACE_SIZE);
    Require(!up.interface_name.empty(), "an interface has a name");
    Require(up.ipv4.local.is_v4() && !up.ipv4.local.is_unspecified(), "we have an address");
    Require(up.ipv4.dns.size() <= 2, "there are two name servers at most");
  }
  void operator()(const control::PppIpv6Up& up) const {
    Require(up.ipv6.local.is_v6() && up.ipv6.remote.is_v6(), "both ends have an address");
  }
  void operator()(const control::PppPhaseChange& change) const {
    Require(change.phase != events::PppPhase::kDead, "a phase is one of a living PPP");
    Require(change.phase <= events::PppPhase::kTerminate, "a phase is one that there is");
  }
  void operator()(const control::PppCcpUp& up) const {
    for (const events::Compression* way : {&up.ccp.send, &up.ccp.receive}) {
      RequireText(way->method, 20);
      Require(way->key_bits >= 0 && way->key_bits <= 128, "a key has 128 bits at most");
    }
  }
  void operator()(const control::PppEcho& echo) const {
    Require(echo.unanswered >= 0, "a count is not negative");
  }
  void operator()(const control::PppStatistics& statistics) const {
    RequireCounters(statistics.counters);
  }
  void operator()(const ExitReport& report) const {
    RequireCounters(report.counters);
    Require(report.status >= 0 && report.status <= 255, "a status has 8 bits");
    RequireText(report.reason, L2TP_PLUGIN_REASON_SIZE);
  }
  void operator()(const control::PeerLogin& login) const {
    RequireText(login.user, L2TP_PLUGIN_NAME_SIZE);
    Require(login.challenge.size() <= L2TP_PLUGIN_CHALLENGE_SIZE, "a challenge fits");
    Require(login.response.size() < L2TP_PLUGIN_SECRET_SIZE, "a response fits");
  }
  void operator()(const control::PppCcpDown&) const {}
  void operator()(const AdmitRequest& request) const {
    RequireText(request.user, L2TP_PLUGIN_NAME_SIZE);
  }
  void operator()(const SecretRequest&) const {}
  void operator()(const control::PppIpDown&) const {}
  void operator()(const control::PppIpv6Down&) const {}
};

void Check(ByteSpan octets) {
  const auto message = DecodePluginMessage(octets);
  if (!message.ok()) return;
  std::visit(Checker(), message->body);
  NewsFilter filter;
  Require(filter.IsNew(*message) == (message->sequence > 0), "what comes first is news");
  Require(!filter.IsNew(*message), "what comes again is none");
  const uint32_t sequence = message->sequence;
  const control::PppId ppp = message->instance;
  if (const auto* login = std::get_if<control::PeerLogin>(&message->body)) {
    const Bytes reply =
        EncodeLoginReply(sequence, ppp, {control::LoginAnswer::Verdict::kCheck, login->response});
    Require(reply.size() == sizeof(l2tp_plugin_login_reply), "a reply has its size");
    Require(!DecodePluginMessage(reply).ok(), "a plugin does not send replies");
  }
  if (const auto* request = std::get_if<AdmitRequest>(&message->body)) {
    control::PeerAdmission admission;
    admission.message = request->user;
    const Bytes reply = EncodeAdmitReply(sequence, ppp, admission);
    Require(reply.size() == sizeof(l2tp_plugin_admit_reply), "a reply has its size");
    Require(!DecodePluginMessage(reply).ok(), "a plugin does not send replies");
  }
}

}  // namespace
}  // namespace l2tp::ppp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l2tp::ppp::Check(l2tp::ByteSpan(data, size));
  return 0;
}
