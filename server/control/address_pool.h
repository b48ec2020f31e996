// IPv4 addresses for sessions.

#ifndef L2TP_SERVER_CONTROL_ADDRESS_POOL_H_
#define L2TP_SERVER_CONTROL_ADDRESS_POOL_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "server/base/endpoint.h"

namespace l2tp::control {

// Gives each address of a range to one holder at a time. An address that was given back comes last
// in turn, so that late traffic for its old holder does not reach a new one at once.
class AddressPool {
 public:
  // Both IPv4, `first` not after `last`.
  AddressPool(const IpAddress& first, const IpAddress& last);

  // nullopt when all are in use.
  std::optional<IpAddress> Acquire();
  // Addresses that are not in use are ignored.
  void Release(const IpAddress& address);

  int64_t size() const { return int64_t{last_} - first_ + 1; }
  int64_t used() const { return static_cast<int64_t>(used_.size()); }

 private:
  const uint32_t first_;
  const uint32_t last_;
  int64_t never_given_;  // the lowest address that was never given out
  std::deque<uint32_t> returned_;
  absl::flat_hash_set<uint32_t> used_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_ADDRESS_POOL_H_
