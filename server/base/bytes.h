// Reading and writing big-endian octets with bounds that cannot be forgotten.

#ifndef L2TP_SERVER_BASE_BYTES_H_
#define L2TP_SERVER_BASE_BYTES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace l2tp {

using Bytes = std::vector<uint8_t>;
using ByteSpan = absl::Span<const uint8_t>;

// Takes values from the front of a span. Every Read returns nullopt, and consumes nothing, when
// fewer octets are left than it needs. The span must outlive the reader and every span it returns.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan data) : data_(data) {}

  std::optional<uint8_t> ReadU8();
  std::optional<uint16_t> ReadU16();
  std::optional<uint32_t> ReadU32();
  std::optional<uint64_t> ReadU64();
  std::optional<ByteSpan> ReadBytes(size_t count);

  // Everything that is left; never fails.
  ByteSpan ReadRest();

  size_t remaining() const { return data_.size(); }
  bool empty() const { return data_.empty(); }

 private:
  ByteSpan data_;
};

// Appends values to a growing buffer.
class ByteWriter {
 public:
  void WriteU8(uint8_t value) { out_.push_back(value); }
  void WriteU16(uint16_t value);
  void WriteU32(uint32_t value);
  void WriteU64(uint64_t value);
  void WriteBytes(ByteSpan bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void WriteText(absl::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }

  // Overwrites two octets at `offset`, which must already have been written.
  void PatchU16(size_t offset, uint16_t value);

  size_t size() const { return out_.size(); }
  const Bytes& bytes() const { return out_; }
  Bytes Take() { return std::move(out_); }

 private:
  Bytes out_;
};

// "c802000c" -> octets; nullopt for an odd count or a character that is no hex digit.
std::optional<Bytes> FromHex(absl::string_view hex);
std::string ToHex(ByteSpan bytes);

// The octets of a text, without a terminating NUL.
inline ByteSpan AsBytes(absl::string_view text) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}
inline std::string AsText(ByteSpan bytes) { return std::string(bytes.begin(), bytes.end()); }

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_BYTES_H_
