// Pools, and users with what they have of their own.

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/checks.h"
#include "server/control/labels.h"
#include "server/control/login_name.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

constexpr size_t kMaxRanges = 64;  // of one kind in a pool
constexpr uint64_t kMaxAddresses = uint64_t{1} << 20;
constexpr uint64_t kMaxNumbers = uint64_t{1} << 32;

bool IsInterfaceId(const IpAddress& address) {
  return address.is_v6() && address.v6_upper() == 0 && address.v6_lower() != 0;
}

// What IPCP may give to somebody: not 0.0.0.0 and its net, not the loopback, not multicast and what
// is behind it.
bool IsHostAddress(const IpAddress& address) {
  if (!address.is_v4()) return false;
  const uint32_t net = address.v4() >> 24;
  return net != 0 && net != 127 && net < 224;
}

std::string Element(absl::string_view list, size_t index) {
  return absl::StrCat(list, "[", index, "]");
}

// That ranges are in order, do not overlap, and hold no more than `most` together.
absl::Status CheckRanges(absl::string_view field, const std::vector<NumberRange>& ranges,
                         uint64_t most) {
  if (ranges.size() > kMaxRanges) {
    return InvalidField(field, absl::StrCat(ranges.size(), " are more than ", kMaxRanges));
  }
  uint64_t left = most;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const NumberRange& range = ranges[i];
    if (range.first > range.last) {
      return InvalidField(Element(field, i), "its last is before its first");
    }
    for (size_t j = 0; j < i; ++j) {
      if (!range.Overlaps(ranges[j])) continue;
      return InvalidField(Element(field, i), absl::StrCat("overlaps with ", Element(field, j)));
    }
    if (range.last - range.first >= left) {
      return InvalidField(Element(field, i), absl::StrCat("more than ", most, " in one pool"));
    }
    left -= range.last - range.first + 1;
  }
  return absl::OkStatus();
}

absl::Status CheckBeside(absl::string_view field, const std::vector<NumberRange>& ranges,
                         const std::vector<NumberRange>& others, absl::string_view other) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    for (const NumberRange& range : others) {
      if (!ranges[i].Overlaps(range)) continue;
      return InvalidField(Element(field, i), absl::StrCat("overlaps with what ", other, " has"));
    }
  }
  return absl::OkStatus();
}

constexpr char kIpRanges[] = "ip_ranges";
constexpr char kInterfaceIds[] = "ipv6_interface_id_ranges";
constexpr char kPrefixes[] = "ipv6_prefixes";
constexpr char kNoInterfaceId[] = "not an interface identifier, as in ::1:2:3:4";

}  // namespace

std::vector<NumberRange> AddressNumbers(const Pool& pool) {
  std::vector<NumberRange> numbers;
  for (const AddressRange& range : pool.ip_ranges) {
    numbers.push_back({range.first.v4(), range.last.v4()});
  }
  return numbers;
}

std::vector<NumberRange> InterfaceIdNumbers(const Pool& pool) {
  std::vector<NumberRange> numbers;
  for (const AddressRange& range : pool.ipv6_interface_ids) {
    numbers.push_back({range.first.v6_lower(), range.last.v6_lower()});
  }
  return numbers;
}

std::vector<NumberRange> PrefixNumbers(const Pool& pool) {
  std::vector<NumberRange> numbers;
  for (const IpPrefix& prefix : pool.ipv6_prefixes) {
    const uint64_t first = prefix.address.v6_upper();
    numbers.push_back({first, first + ((uint64_t{1} << (64 - prefix.length)) - 1)});
  }
  return numbers;
}

absl::Status Validate(const Pool& pool) {
  L2TP_RETURN_IF_ERROR(CheckName("pools", pool.name));
  L2TP_RETURN_IF_ERROR(ValidateLabels(pool.labels));
  if (pool.ip_ranges.empty() && pool.ipv6_interface_ids.empty() && pool.ipv6_prefixes.empty()) {
    return MissingField(kIpRanges);
  }
  for (size_t i = 0; i < pool.ip_ranges.size(); ++i) {
    const AddressRange& range = pool.ip_ranges[i];
    if (IsHostAddress(range.first) && IsHostAddress(range.last)) continue;
    return InvalidField(Element(kIpRanges, i), "not IPv4 addresses that a host can have");
  }
  for (size_t i = 0; i < pool.ipv6_interface_ids.size(); ++i) {
    const AddressRange& range = pool.ipv6_interface_ids[i];
    if (IsInterfaceId(range.first) && IsInterfaceId(range.last)) continue;
    return InvalidField(Element(kInterfaceIds, i), kNoInterfaceId);
  }
  for (size_t i = 0; i < pool.ipv6_prefixes.size(); ++i) {
    const IpPrefix& prefix = pool.ipv6_prefixes[i];
    const std::string field = Element(kPrefixes, i);
    if (!prefix.address.is_v6() || prefix.length < 32 || prefix.length > 64) {
      return InvalidField(field, "not an IPv6 prefix of 32 to 64 bits");
    }
    const uint64_t below = (uint64_t{1} << (64 - prefix.length)) - 1;
    if (prefix.address.v6_lower() != 0 || (prefix.address.v6_upper() & below) != 0) {
      return InvalidField(field, absl::StrCat("has bits behind its length of ", prefix.length));
    }
  }
  L2TP_RETURN_IF_ERROR(CheckRanges(kIpRanges, AddressNumbers(pool), kMaxAddresses));
  L2TP_RETURN_IF_ERROR(CheckRanges(kInterfaceIds, InterfaceIdNumbers(pool), kMaxNumbers));
  return CheckRanges(kPrefixes, PrefixNumbers(pool), kMaxNumbers);
}

absl::Status ValidateBeside(const Pool& pool, const Pool& other) {
  L2TP_RETURN_IF_ERROR(
      CheckBeside(kIpRanges, AddressNumbers(pool), AddressNumbers(other), other.name));
  L2TP_RETURN_IF_ERROR(
      CheckBeside(kInterfaceIds, InterfaceIdNumbers(pool), InterfaceIdNumbers(other), other.name));
  return CheckBeside(kPrefixes, PrefixNumbers(pool), PrefixNumbers(other), other.name);
}

absl::Status Validate(const User& user) {
  L2TP_RETURN_IF_ERROR(CheckName("users", user.name));
  L2TP_RETURN_IF_ERROR(ValidateLabels(user.labels));
  // As long as what pppd can hold, so that no longer name is cut to it.
  L2TP_RETURN_IF_ERROR(CheckText("login", user.login, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckText("login", SpellLogin(user.login), kMaxText));
  // An empty one would let anybody in who knows the name.
  if (user.password.empty()) return MissingField("password");
  L2TP_RETURN_IF_ERROR(CheckSecret("password", user.password));
  L2TP_RETURN_IF_ERROR(CheckReference("profile", "profiles", user.profile));
  if (user.address.is_set() && !IsHostAddress(user.address)) {
    return InvalidField("ip_address", "not an IPv4 address that a host can have");
  }
  if (user.interface_id.is_set() && !IsInterfaceId(user.interface_id)) {
    return InvalidField("ipv6_interface_id", kNoInterfaceId);
  }
  const IpAddress& prefix = user.prefix.address;
  const bool good_prefix = prefix.is_v6() && user.prefix.length == 64 && prefix.v6_upper() != 0 &&
                           prefix.v6_lower() == 0;
  if (prefix.is_set() && !good_prefix) {
    return InvalidField("ipv6_prefix", "not a prefix of 64 bits, as in 2001:db8:1:2::/64");
  }
  L2TP_RETURN_IF_ERROR(CheckRange("max_sessions", user.max_sessions, 0, 65535));
  const bool has_own = user.address.is_set() || user.interface_id.is_set() || prefix.is_set();
  if (has_own && user.max_sessions > 1) {
    return InvalidField("max_sessions", "more than 1 session cannot have the same address");
  }
  return absl::OkStatus();
}

}  // namespace l2tp::control
