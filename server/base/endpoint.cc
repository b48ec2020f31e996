#include "server/base/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace l2tp {

std::optional<IpAddress> IpAddress::Parse(absl::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.octets_.data()) == 1) {
    address.family_ = Family::kV4;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.octets_.data()) == 1) {
    address.family_ = Family::kV6;
    return address;
  }
  return std::nullopt;
}

IpAddress IpAddress::FromV4(uint32_t host_order) {
  IpAddress address;
  address.family_ = Family::kV4;
  for (int i = 0; i < 4; ++i) {
    address.octets_[static_cast<size_t>(i)] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::FromV6(const std::array<uint8_t, 16>& octets) {
  IpAddress address;
  address.family_ = Family::kV6;
  address.octets_ = octets;
  return address;
}

IpAddress IpAddress::FromV6(uint64_t upper, uint64_t lower) {
  IpAddress address;
  address.family_ = Family::kV6;
  for (size_t i = 0; i < 8; ++i) {
    address.octets_[i] = static_cast<uint8_t>(upper >> (56 - 8 * i));
    address.octets_[8 + i] = static_cast<uint8_t>(lower >> (56 - 8 * i));
  }
  return address;
}

bool IpAddress::is_unspecified() const {
  return is_set() &&
         std::all_of(octets_.begin(), octets_.end(), [](uint8_t octet) { return octet == 0; });
}

bool IpAddress::is_loopback() const {
  return is_v4() ? octets_[0] == 127 : is_v6() && v6_upper() == 0 && v6_lower() == 1;
}

uint32_t IpAddress::v4() const {
  if (!is_v4()) return 0;
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = (value << 8) | octets_[i];
  return value;
}

uint64_t IpAddress::v6_upper() const {
  if (!is_v6()) return 0;
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value = (value << 8) | octets_[i];
  return value;
}

uint64_t IpAddress::v6_lower() const {
  if (!is_v6()) return 0;
  uint64_t value = 0;
  for (size_t i = 8; i < 16; ++i) value = (value << 8) | octets_[i];
  return value;
}

std::string IpAddress::ToString() const {
  if (!is_set()) return "";
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text, sizeof(text));
  return text;
}

std::string InterfaceIdText(const IpAddress& id) {
  if (!id.is_v6()) return "";
  std::string text = ":";
  for (int shift = 48; shift >= 0; shift -= 16) {
    const uint64_t left = id.v6_lower() >> shift;
    if (left != 0 || shift == 0) absl::StrAppend(&text, ":", absl::Hex(left & 0xffff));
  }
  return text;
}

std::optional<IpPrefix> IpPrefix::Parse(absl::string_view text) {
  IpPrefix prefix;
  const size_t slash = text.find('/');
  auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address.has_value()) return std::nullopt;
  prefix.address = *address;
  const int longest = address->is_v4() ? 32 : 128;
  prefix.length = longest;
  if (slash != absl::string_view::npos) {
    const absl::string_view digits = text.substr(slash + 1);
    const bool plain =
        !digits.empty() && digits.size() <= 3 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!plain || !absl::SimpleAtoi(digits, &prefix.length) || prefix.length > longest) {
      return std::nullopt;
    }
  }
  return prefix;
}

bool IpPrefix::Contains(const IpAddress& candidate) const {
  if (!address.is_set()) return true;
  if (address.is_v4() != candidate.is_v4() || !candidate.is_set()) return false;
  for (int bit = 0; bit < length; ++bit) {
    const auto octet = static_cast<size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((address.octets()[octet] & mask) != (candidate.octets()[octet] & mask)) return false;
  }
  return true;
}

std::string IpPrefix::ToString() const {
  return address.is_set() ? absl::StrCat(address.ToString(), "/", length) : "";
}

std::string Endpoint::ToString() const {
  if (address.is_v6()) return absl::StrCat("[", address.ToString(), "]:", port);
  return absl::StrCat(address.ToString(), ":", port);
}

}  // namespace l2tp
