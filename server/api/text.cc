#include "server/api/text.h"

#include <cstddef>
#include <cstdint>

namespace l2tp::api {
namespace {

// The length of the well-formed character at the front of `text`; 0 if there is none.
size_t CharacterLength(absl::string_view text) {
  const auto octet = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (octet(0) < 0x80) return 1;
  const size_t length = octet(0) >= 0xf0 ? 4 : octet(0) >= 0xe0 ? 3 : 2;
  if (octet(0) < 0xc2 || octet(0) > 0xf4 || text.size() < length) return 0;
  uint32_t value = octet(0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
    value = value << 6 | (octet(i) & 0x3fu);
  }
  // Longer than needed, a surrogate, or beyond Unicode.
  if (length == 3 && (value < 0x800 || (value >= 0xd800 && value < 0xe000))) return 0;
  if (length == 4 && (value < 0x10000 || value > 0x10ffff)) return 0;
  return length;
}

}  // namespace

std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      clean.append("\xef\xbf\xbd");
      text.remove_prefix(1);
    } else {
      clean.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

}  // namespace l2tp::api
