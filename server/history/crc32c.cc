#include "server/history/crc32c.h"

#include <array>

namespace l2tp::history {
namespace {

constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

// Table n takes an octet n places before the end of eight.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t octet = 0; octet < 256; ++octet) {
    uint32_t crc = octet;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    tables[0][octet] = crc;
  }
  for (size_t n = 1; n < kSlices; ++n) {
    for (size_t octet = 0; octet < 256; ++octet) {
      const uint32_t before = tables[n - 1][octet];
      tables[n][octet] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32c(ByteSpan octets) {
  uint32_t crc = 0xffffffff;
  while (octets.size() >= kSlices) {
    uint32_t next = 0;
    for (size_t i = 0; i < kSlices; ++i) {
      const uint8_t octet = i < 4 ? static_cast<uint8_t>(octets[i] ^ (crc >> (8 * i))) : octets[i];
      next ^= kTables[kSlices - 1 - i][octet];
    }
    crc = next;
    octets.remove_prefix(kSlices);
  }
  for (const uint8_t octet : octets) crc = (crc >> 8) ^ kTables[0][(crc ^ octet) & 0xff];
  return ~crc;
}

}  // namespace l2tp::history
