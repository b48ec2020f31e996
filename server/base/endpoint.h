// IP addresses and UDP end points as plain values.

#ifndef L2TP_SERVER_BASE_ENDPOINT_H_
#define L2TP_SERVER_BASE_ENDPOINT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace l2tp {

// An IPv4 or IPv6 address, or none.
class IpAddress {
 public:
  IpAddress() = default;

  // Reads "192.0.2.1" or "2001:db8::1"; nullopt for anything else, names included.
  static std::optional<IpAddress> Parse(absl::string_view text);
  static IpAddress FromV4(uint32_t host_order);
  // `octets` in network order.
  static IpAddress FromV6(const std::array<uint8_t, 16>& octets);
  // The IPv6 address whose upper and lower 64 bits are these.
  static IpAddress FromV6(uint64_t upper, uint64_t lower);

  bool is_v4() const { return family_ == Family::kV4; }
  bool is_v6() const { return family_ == Family::kV6; }
  bool is_set() const { return family_ != Family::kNone; }
  // True for 0.0.0.0 and ::.
  bool is_unspecified() const;
  // True for 127.0.0.0/8 and ::1.
  bool is_loopback() const;

  // The address in host order; 0 unless is_v4().
  uint32_t v4() const;
  // The halves of an IPv6 address; 0 unless is_v6().
  uint64_t v6_upper() const;
  uint64_t v6_lower() const;
  // 16 octets in network order; an IPv4 address stands in the first four.
  const std::array<uint8_t, 16>& octets() const { return octets_; }

  // "" for none.
  std::string ToString() const;

  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.family_ == b.family_ && a.octets_ == b.octets_;
  }
  friend bool operator!=(const IpAddress& a, const IpAddress& b) { return !(a == b); }
  friend bool operator<(const IpAddress& a, const IpAddress& b) {
    return std::pair(a.family_, a.octets_) < std::pair(b.family_, b.octets_);
  }
  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& a) {
    return H::combine(std::move(h), a.family_, a.octets_);
  }

 private:
  enum class Family : uint8_t { kNone, kV4, kV6 };
  Family family_ = Family::kNone;
  std::array<uint8_t, 16> octets_ = {};
};

// An address without upper 64 bits as an IPv6 interface identifier: "::1:7", never "::0.1.0.7". ""
// for none.
std::string InterfaceIdText(const IpAddress& id);

// An address prefix such as 192.0.2.0/24. A default one (no address) contains every address.
struct IpPrefix {
  IpAddress address;
  int length = 0;  // 0..32 or 0..128

  // Reads "192.0.2.0/24", "2001:db8::/32", or a single address.
  static std::optional<IpPrefix> Parse(absl::string_view text);
  bool Contains(const IpAddress& candidate) const;
  std::string ToString() const;

  friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
};

// A UDP address and port.
struct Endpoint {
  IpAddress address;
  uint16_t port = 0;

  // "192.0.2.1:1701", "[2001:db8::1]:1701".
  std::string ToString() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Endpoint& e) {
    return H::combine(std::move(h), e.address, e.port);
  }
};

// The two ends of a UDP flow, as seen from here.
struct Path {
  Endpoint local;
  Endpoint remote;

  friend bool operator==(const Path&, const Path&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Path& p) {
    return H::combine(std::move(h), p.local, p.remote);
  }
};

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_ENDPOINT_H_
