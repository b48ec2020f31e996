// Where unpredictable numbers come from: ids, challenges, tie breakers, random vectors.

#ifndef L2TP_SERVER_BASE_RANDOM_H_
#define L2TP_SERVER_BASE_RANDOM_H_

#include <cstdint>

#include "absl/types/span.h"

namespace l2tp {

// Implemented by the kernel's generator in the daemon and by a seeded one in simulations.
// Not thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  // Fills the whole of `out`. Never fails.
  virtual void Fill(absl::Span<uint8_t> out) = 0;

  uint64_t NextU64() {
    uint8_t raw[8];
    Fill(absl::MakeSpan(raw));
    uint64_t value = 0;
    for (uint8_t byte : raw) value = (value << 8) | byte;
    return value;
  }
};

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_RANDOM_H_
