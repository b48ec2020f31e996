// An input that says step by step what happens. Values are taken from its front only, so that a
// part that is moved, repeated or cut out means the same elsewhere.

#ifndef L2TP_TESTS_FUZZ_SCRIPT_H_
#define L2TP_TESTS_FUZZ_SCRIPT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "server/base/bytes.h"

namespace l2tp {

// Behind the end there are zeros. Does not own the octets.
class Script {
 public:
  explicit Script(ByteSpan octets) : reader_(octets) {}

  bool empty() const { return reader_.empty(); }

  uint8_t U8() { return reader_.ReadU8().value_or(0); }
  uint16_t U16() { return static_cast<uint16_t>(U8() << 8 | U8()); }
  uint32_t U32() { return uint32_t{U16()} << 16 | U16(); }
  uint64_t U64() { return uint64_t{U32()} << 32 | U32(); }

  // An octet that counts, then so many octets, or fewer at the end.
  std::string Text() { return Octets(U8()); }
  std::string Octets(size_t count) {
    return AsText(*reader_.ReadBytes(std::min(count, reader_.remaining())));
  }

 private:
  ByteReader reader_;
};

}  // namespace l2tp

#endif  // L2TP_TESTS_FUZZ_SCRIPT_H_
