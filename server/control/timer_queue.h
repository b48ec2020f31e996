// Deadlines of many things, ordered.

#ifndef L2TP_SERVER_CONTROL_TIMER_QUEUE_H_
#define L2TP_SERVER_CONTROL_TIMER_QUEUE_H_

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "server/base/time.h"

namespace l2tp::control {

// At most one deadline a key. Setting, cancelling and taking cost O(log n).
template <typename Key>
class TimerQueue {
 public:
  // Replaces the deadline of `key`.
  void Set(const Key& key, Instant when) {
    Cancel(key);
    by_key_[key] = when;
    ordered_.insert({when, key});
  }
  void Cancel(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    ordered_.erase({found->second, key});
    by_key_.erase(found);
  }
  size_t size() const { return by_key_.size(); }
  std::optional<Instant> Next() const {
    if (ordered_.empty()) return std::nullopt;
    return ordered_.begin()->first;
  }
  // The key whose deadline is the earliest of those that have passed; it has none any more.
  std::optional<Key> TakeDue(Instant now) {
    if (ordered_.empty() || ordered_.begin()->first > now) return std::nullopt;
    const Key key = ordered_.begin()->second;
    ordered_.erase(ordered_.begin());
    by_key_.erase(key);
    return key;
  }

 private:
  absl::btree_set<std::pair<Instant, Key>> ordered_;
  absl::flat_hash_map<Key, Instant> by_key_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_TIMER_QUEUE_H_
