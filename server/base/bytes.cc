#include "server/base/bytes.h"

namespace l2tp {
namespace {

// The first sizeof(T) octets of `*data` as a big-endian number.
template <typename T>
std::optional<T> ReadBigEndian(ByteSpan* data) {
  if (data->size() < sizeof(T)) return std::nullopt;
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | (*data)[i]);
  data->remove_prefix(sizeof(T));
  return value;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<uint8_t> ByteReader::ReadU8() {
  if (data_.empty()) return std::nullopt;
  const uint8_t value = data_.front();
  data_.remove_prefix(1);
  return value;
}
std::optional<uint16_t> ByteReader::ReadU16() { return ReadBigEndian<uint16_t>(&data_); }
std::optional<uint32_t> ByteReader::ReadU32() { return ReadBigEndian<uint32_t>(&data_); }
std::optional<uint64_t> ByteReader::ReadU64() { return ReadBigEndian<uint64_t>(&data_); }

std::optional<ByteSpan> ByteReader::ReadBytes(size_t count) {
  if (data_.size() < count) return std::nullopt;
  const ByteSpan taken = data_.first(count);
  data_.remove_prefix(count);
  return taken;
}

ByteSpan ByteReader::ReadRest() {
  const ByteSpan rest = data_;
  data_ = ByteSpan();
  return rest;
}

void ByteWriter::WriteU16(uint16_t value) {
  WriteU8(static_cast<uint8_t>(value >> 8));
  WriteU8(static_cast<uint8_t>(value));
}
void ByteWriter::WriteU32(uint32_t value) {
  WriteU16(static_cast<uint16_t>(value >> 16));
  WriteU16(static_cast<uint16_t>(value));
}
void ByteWriter::WriteU64(uint64_t value) {
  WriteU32(static_cast<uint32_t>(value >> 32));
  WriteU32(static_cast<uint32_t>(value));
}

void ByteWriter::PatchU16(size_t offset, uint16_t value) {
  out_.at(offset) = static_cast<uint8_t>(value >> 8);
  out_.at(offset + 1) = static_cast<uint8_t>(value);
}

std::optional<Bytes> FromHex(absl::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return bytes;
}

std::string ToHex(ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

}  // namespace l2tp
