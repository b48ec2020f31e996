// A RandomSource that gives the same octets for the same seed (SplitMix64).

#ifndef L2TP_TESTS_SUPPORT_SEEDED_RANDOM_H_
#define L2TP_TESTS_SUPPORT_SEEDED_RANDOM_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/base/time.h"

namespace l2tp::testing {

class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  // The stream for one purpose of a run. Each purpose has its own, so that one more draw for the
  // one does not shift those for the others.
  static SeededRandom For(uint64_t seed, absl::string_view purpose) {
    uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (char c : purpose) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    return SeededRandom(SeededRandom(seed).Next() ^ hash);
  }

  void Fill(absl::Span<uint8_t> out) override {
    uint64_t bits = 0;
    for (size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) bits = Next();
      out[i] = static_cast<uint8_t>(bits >> (8 * (i % 8)));
    }
  }

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 to limit - 1.
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  // low to high, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  Duration Between(Duration low, Duration high) {
    return Duration::Nanoseconds(Between(low.nanoseconds(), high.nanoseconds()));
  }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }

 private:
  uint64_t state_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_SEEDED_RANDOM_H_
