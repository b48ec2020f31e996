// What came of all the attempts: counts, causes and times.

#ifndef L2TP_TESTS_BENCH_LOAD_TALLY_H_
#define L2TP_TESTS_BENCH_LOAD_TALLY_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/protocol/effects.h"

namespace l2tp::load {

// The steps of a call's life, in their order. kSetUp is not one of them but all from kCall to the
// last NCP.
enum class Phase {
  kTunnel,  // SCCRQ to SCCCN
  kCall,    // ICRQ to ICCN
  kLcp,
  kAuth,
  kIpcp,
  kIpv6cp,
  kSetUp,
  kPing,  // to the first reply
  kHold,  // a call that was up went down by itself
  kDown,  // StopCCN to its acknowledgement, with all CDNs before it
};
inline constexpr size_t kPhases = 10;
// "tunnel", "set_up".
absl::string_view PhaseName(Phase phase);

// What StopCCN, CDN and the engine say: "CDN 3 (administrative reasons)". The words are ours: what
// a peer writes could be anything.
std::string CauseOf(const protocol::Closure& closure, bool tunnel);

class Tally {
 public:
  struct Count {
    int64_t tried = 0;  // those that neither passed nor failed were cut short
    int64_t passed = 0;
    int64_t failed = 0;
    std::vector<Duration> took;  // of those that passed, in no order
  };

  void Try(Phase phase) { ++At(phase).tried; }
  void Pass(Phase phase, Duration took) {
    ++At(phase).passed;
    At(phase).took.push_back(took);
  }
  void Fail(Phase phase, absl::string_view cause);

  void CountEchoes(int64_t sent, int64_t answered) {
    echoes_sent_ += sent;
    echoes_answered_ += answered;
  }
  // Calls have come up in this time, in one round.
  void CountRound(int64_t calls_up, Duration took) { rounds_.push_back({calls_up, took}); }

  const Count& count(Phase phase) const { return counts_[static_cast<size_t>(phase)]; }
  const std::map<std::pair<Phase, std::string>, int64_t>& failures() const { return failures_; }
  int64_t echoes_sent() const { return echoes_sent_; }
  int64_t echoes_answered() const { return echoes_answered_; }
  struct Round {
    int64_t calls_up = 0;
    Duration took;
  };
  const std::vector<Round>& rounds() const { return rounds_; }

 private:
  Count& At(Phase phase) { return counts_[static_cast<size_t>(phase)]; }

  std::array<Count, kPhases> counts_;
  std::map<std::pair<Phase, std::string>, int64_t> failures_;
  std::vector<Round> rounds_;
  int64_t echoes_sent_ = 0;
  int64_t echoes_answered_ = 0;
};

// The smallest of `took` that `percent` of them do not exceed (nearest rank); 0 of none. Reorders.
Duration Percentile(int percent, std::vector<Duration>* took);

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_TALLY_H_
