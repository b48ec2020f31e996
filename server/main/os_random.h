// The kernel's random numbers.

#ifndef L2TP_SERVER_MAIN_OS_RANDOM_H_
#define L2TP_SERVER_MAIN_OS_RANDOM_H_

#include <sys/random.h>

#include "server/base/random.h"

namespace l2tp {

class OsRandom final : public RandomSource {
 public:
  void Fill(absl::Span<uint8_t> out) override {
    while (!out.empty()) {
      const ssize_t got = ::getrandom(out.data(), out.size(), 0);
      // Cannot fail once the kernel's pool is seeded, except by a signal.
      if (got < 0) continue;
      out.remove_prefix(static_cast<size_t>(got));
    }
  }
};

}  // namespace l2tp

#endif  // L2TP_SERVER_MAIN_OS_RANDOM_H_
