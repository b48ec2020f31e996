// Many timers, of which one is the next.

#ifndef L2TP_TESTS_BENCH_LOAD_TIMER_QUEUE_H_
#define L2TP_TESTS_BENCH_LOAD_TIMER_QUEUE_H_

#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "server/base/time.h"

namespace l2tp::load {

// One timer a key. All is O(log timers).
template <typename Key>
class TimerQueue {
 public:
  // Replaces the timer of `key`; nullopt: it has none.
  void Arm(const Key& key, std::optional<Instant> when) {
    const auto armed = armed_.find(key);
    if (armed != armed_.end()) {
      if (armed->second == when) return;
      order_.erase({armed->second, key});
      armed_.erase(armed);
    }
    if (!when.has_value()) return;
    armed_[key] = *when;
    order_.insert({*when, key});
  }

  std::optional<Instant> Next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  // A key whose time has come, which has no timer then; nullopt: there is none.
  std::optional<Key> TakeDue(Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    const Key key = order_.begin()->second;
    Arm(key, std::nullopt);
    return key;
  }

  size_t size() const { return order_.size(); }

 private:
  absl::btree_set<std::pair<Instant, Key>> order_;
  absl::flat_hash_map<Key, Instant> armed_;
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_TIMER_QUEUE_H_
