// The record of a simulation: a digest of all that happened, and the same in words when wanted.

#ifndef L2TP_TESTS_SUPPORT_TRACE_H_
#define L2TP_TESTS_SUPPORT_TRACE_H_

#include <cstdint>
#include <cstdio>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/control/ports.h"

namespace l2tp::testing {

// Two runs of the same seed must give the same digest: whoever reads a clock of the machine, or
// lets the order of a hash table show, changes it.
class Trace {
 public:
  // `clock` must outlive this. `verbose`: every line is printed, too.
  Trace(const control::Clock& clock, bool verbose) : clock_(clock), verbose_(verbose) {}

  // `octets` are part of the digest and are not printed.
  void Add(absl::string_view who, absl::string_view what, ByteSpan octets = {}) {
    const int64_t now = clock_.Now().nanoseconds();
    for (int i = 0; i < 64; i += 8) Mix(static_cast<uint8_t>(now >> i));
    for (char c : who) Mix(static_cast<uint8_t>(c));
    for (char c : what) Mix(static_cast<uint8_t>(c));
    for (uint8_t octet : octets) Mix(octet);
    if (!verbose_) return;
    std::printf("%12.6f %-6.*s %.*s\n", static_cast<double>(now) / 1e9,
                static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()),
                what.data());
  }

  uint64_t digest() const { return digest_; }

 private:
  void Mix(uint8_t octet) { digest_ = (digest_ ^ octet) * 0x100000001b3u; }  // FNV-1a

  const control::Clock& clock_;
  const bool verbose_;
  uint64_t digest_ = 0xcbf29ce484222325u;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_TRACE_H_
