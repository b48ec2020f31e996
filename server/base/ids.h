// Identifiers that cannot be mixed up: a bare integer never crosses a function boundary as an id.

#ifndef L2TP_SERVER_BASE_IDS_H_
#define L2TP_SERVER_BASE_IDS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace l2tp {

// An integer of its own type. `Tag` only tells the types apart.
template <typename Tag, typename T>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(T value) : value_(value) {}

  constexpr T value() const { return value_; }

  // True for anything but 0, which is reserved in every id space of this project.
  constexpr explicit operator bool() const { return value_ != 0; }

  friend constexpr bool operator==(StrongId a, StrongId b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(StrongId a, StrongId b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(StrongId a, StrongId b) { return a.value_ < b.value_; }

  template <typename H>
  friend H AbslHashValue(H h, StrongId id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  T value_ = 0;
};

// The Tunnel ID and Session ID of RFC 2661 section 3.1: 16 bits in L2TPv2, 32 in L2TPv3.
// 0 means "not known yet" in a header and is never assigned.
using TunnelId = StrongId<struct TunnelIdTag, uint32_t>;
using SessionId = StrongId<struct SessionIdTag, uint32_t>;

// Names a tunnel or a session of the protocol engine for as long as the process lives; never
// reused, so a stale one is simply unknown. 0 names nothing.
using TunnelHandle = StrongId<struct TunnelHandleTag, uint64_t>;
using SessionHandle = StrongId<struct SessionHandleTag, uint64_t>;

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_IDS_H_
