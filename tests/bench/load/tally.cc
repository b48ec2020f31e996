#include "tests/bench/load/tally.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace l2tp::load {
namespace {

// A peer may send any codes, but not fill our memory with them.
constexpr size_t kMaxCauses = 1000;

std::string Codes(bool tunnel, const wire::ResultCode& result) {
  std::string text =
      tunnel ? absl::StrCat("StopCCN ", result.result, " (", wire::StopCcnResultName(result.result),
                            ")")
             : absl::StrCat("CDN ", result.result, " (", wire::CdnResultName(result.result), ")");
  if (result.error != 0) {
    absl::StrAppend(&text, ", error ", result.error, " (", wire::ErrorCodeName(result.error), ")");
  }
  return text;
}

}  // namespace

absl::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kTunnel: return "tunnel";
    case Phase::kCall: return "call";
    case Phase::kLcp: return "lcp";
    case Phase::kAuth: return "auth";
    case Phase::kIpcp: return "ipcp";
    case Phase::kIpv6cp: return "ipv6cp";
    case Phase::kSetUp: return "set_up";
    case Phase::kPing: return "ping";
    case Phase::kHold: return "hold";
    case Phase::kDown: return "down";
  }
  return "";
}

std::string CauseOf(const protocol::Closure& closure, bool tunnel) {
  using Kind = protocol::Closure::Kind;
  const bool by_tunnel = closure.kind == Kind::kTunnel;
  tunnel = tunnel || by_tunnel;
  switch (by_tunnel ? closure.tunnel_kind : closure.kind) {
    case Kind::kPeer: return Codes(tunnel, closure.result);
    case Kind::kUnreachable: return "no acknowledgement";
    case Kind::kProtocolError:
      return absl::StrCat("protocol error, told ", Codes(tunnel, closure.result));
    case Kind::kNotAuthorized: return "tunnel authentication failed";
    case Kind::kSetupTimeout: return "timeout";
    case Kind::kLocal: return "closed by us";
    case Kind::kTieLost: return "tie lost";
    case Kind::kPeerIncapable: return "not offered by the peer";
    case Kind::kDisplaced: return "displaced";
    case Kind::kTunnel: break;
  }
  return "tunnel closed";
}

void Tally::Fail(Phase phase, absl::string_view cause) {
  ++At(phase).failed;
  // Whoever fails on the way is not set up.
  if (phase >= Phase::kCall && phase < Phase::kSetUp) ++At(Phase::kSetUp).failed;
  const std::pair key(phase, std::string(cause));
  const bool room = failures_.size() < kMaxCauses || failures_.contains(key);
  ++failures_[room ? key : std::pair(phase, std::string("other causes"))];
}

Duration Percentile(int percent, std::vector<Duration>* took) {
  if (took->empty()) return {};
  const size_t rank = (took->size() * static_cast<size_t>(percent) + 99) / 100;
  const auto nth = took->begin() + static_cast<ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(took->begin(), nth, took->end());
  return *nth;
}

}  // namespace l2tp::load
