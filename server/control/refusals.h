// What peers wanted and did not get: counted one by one, told in handfuls, because anybody can
// cause any number of them.

#ifndef L2TP_SERVER_CONTROL_REFUSALS_H_
#define L2TP_SERVER_CONTROL_REFUSALS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/events/resources.h"

namespace l2tp::control {

// The first refusal of a kind (what was refused, to which address, with which codes) is told at
// once. Those alike are told together when ten seconds are over, with their count and the details
// of the last one. In ten seconds at most 32 kinds are told apart; the rest is one kind more,
// of tunnels and of calls, with no address.
class Refusals {
 public:
  static constexpr Duration kWindow = Duration::Seconds(10);
  static constexpr size_t kMaxKinds = 32;
  using Tell = absl::AnyInvocable<void(events::RefusalInfo)>;

  explicit Refusals(Tell tell) : tell_(std::move(tell)) {}

  void Note(Instant now, events::RefusalInfo refusal);
  void HandleTimeout(Instant now);
  std::optional<Instant> NextTimeout() const { return window_end_; }

  // Since the start, whether told or not.
  int64_t tunnel_count() const { return tunnel_count_; }
  int64_t session_count() const { return session_count_; }

 private:
  using Kind = std::tuple<bool, std::string, IpAddress, uint16_t, uint16_t>;
  static Kind KindOf(const events::RefusalInfo& refusal);

  Tell tell_;
  // By kind, those that are still to be told: the last one with the count of all, which may be 0.
  std::map<Kind, events::RefusalInfo> pending_;
  std::optional<Instant> window_end_;  // set while there is anything in pending_
  int64_t tunnel_count_ = 0;
  int64_t session_count_ = 0;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_REFUSALS_H_
