// Who may begin a tunnel while many do: an SCCRQ costs its sender nothing, not even a true source
// address, and costs us a tunnel (RFC 2661 has no defence; see section 9 and docs/operation.md,
// Security).

#ifndef L2TP_SERVER_PROTOCOL_SCCRQ_GATE_H_
#define L2TP_SERVER_PROTOCOL_SCCRQ_GATE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/protocol/params.h"

namespace l2tp::protocol {

// Remembers what was seen some seconds ago, in a fixed amount of memory: two Bloom filters, the
// present one and the one before. May say yes wrongly, once in a hundred with 100,000 keys a
// second; never says no wrongly within one to two periods.
class RepeatFilter {
 public:
  static constexpr Duration kPeriod = Duration::Seconds(2);

  // True when `hash` was given in the period before this one. Takes note of it.
  bool Check(Instant now, uint64_t hash);

 private:
  using Bits = std::vector<uint64_t>;
  void Turn(Instant now);

  Bits present_;  // empty until something is noted
  Bits before_;
  Instant present_began_;
};

// Half-open tunnels: begun by a peer and not established. Three rules, in this order:
//   - an address may have so many; then its oldest makes room, for a forged one may hold the place;
//   - from half of the total on, an SCCRQ is only taken when it comes again, as RFC 2661
//   section 5.8
//     makes every honest peer do: a flood with forged sources seldom repeats itself;
//   - when the total is reached, the oldest makes room.
class SccrqGate {
 public:
  explicit SccrqGate(uint64_t key) : key_(key) {}

  void set_limits(const HalfOpenLimits& limits) { limits_ = limits; }

  // False: drop the SCCRQ, it has to come again.
  bool Admits(Instant now, const Endpoint& remote, TunnelId peer_tunnel_id);
  // The half-open tunnel that has to go before one of `source` may enter; nullopt: there is room.
  std::optional<TunnelHandle> Displaced(const IpAddress& source) const;
  // `handle` must be greater than those before.
  void Enter(TunnelHandle handle, const IpAddress& source);
  void Leave(TunnelHandle handle, const IpAddress& source);

  size_t half_open() const { return half_open_.size(); }

 private:
  const uint64_t key_;  // so that nobody can aim at the filter
  HalfOpenLimits limits_;
  absl::btree_set<TunnelHandle> half_open_;  // oldest first
  absl::flat_hash_map<IpAddress, absl::btree_set<TunnelHandle>> of_source_;
  RepeatFilter repeats_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_SCCRQ_GATE_H_
