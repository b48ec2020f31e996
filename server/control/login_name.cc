#include "server/control/login_name.h"

#include <cstdint>

namespace l2tp::control {

// As pppd's "%v" does it.
std::string SpellLogin(absl::string_view name) {
  std::string spelt;
  for (const char c : name) {
    auto octet = static_cast<uint8_t>(c);
    if (octet >= 0x80) {
      spelt += "M-";
      octet -= 0x80;
    }
    if (octet < 0x20 || octet == 0x7f) {
      spelt += '^';
      octet ^= 0x40;
    }
    spelt += static_cast<char>(octet);
  }
  return spelt;
}

}  // namespace l2tp::control
