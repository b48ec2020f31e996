// Tunnels and sessions that are gone and may still be read: why they ended, and what they had done.

#ifndef L2TP_SERVER_CONTROL_CLOSED_H_
#define L2TP_SERVER_CONTROL_CLOSED_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/base/time.h"

namespace l2tp::control {

// Of one kind, the last one of each name.
template <typename Info>
class Closed {
 public:
  using Map = std::map<std::string, Info, std::less<>>;

  // Each is kept for `retention` (0: not at all), and at most `limit` are, the latest.
  Closed(Duration retention, size_t limit) : retention_(retention), limit_(limit) {}

  void Add(Instant now, Info info) {
    if (retention_ == Duration() || limit_ == 0) return;
    DropOld(now);
    Forget(info.name);
    if (items_.size() >= limit_) Forget(std::string(order_.begin()->second.name));
    order_[++last_] = {now + retention_, info.name};
    position_[info.name] = last_;
    const std::string name = info.name;
    items_.emplace(name, std::move(info));
  }

  // There is another one of that name.
  void Forget(absl::string_view name) {
    const auto found = position_.find(name);
    if (found == position_.end()) return;
    order_.erase(found->second);
    items_.erase(items_.find(name));
    position_.erase(found);
  }

  void DropOld(Instant now) {
    while (!order_.empty() && order_.begin()->second.until <= now) {
      Forget(std::string(order_.begin()->second.name));
    }
  }

  const Info* Find(absl::string_view name) const {
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : &found->second;
  }
  const Map& items() const { return items_; }

 private:
  struct Entry {
    Instant until;
    std::string name;
  };

  const Duration retention_;
  const size_t limit_;
  Map items_;
  int64_t last_ = 0;
  std::map<int64_t, Entry> order_;                      // by the time of the end
  absl::flat_hash_map<std::string, int64_t> position_;  // in order_, by name
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CLOSED_H_
