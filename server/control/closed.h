// Tunnels and sessions that are gone and may still be read: why they ended, and what they had done.

#ifndef L2TP_SERVER_CONTROL_CLOSED_H_
#define L2TP_SERVER_CONTROL_CLOSED_H_

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

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
    if (order_.size() >= limit_) DropFirst();
    const std::string name = info.name;
    order_.push_back({now + retention_, name, info.uid});
    items_.insert_or_assign(name, std::move(info));
  }

  // There is another one of that name.
  void Forget(absl::string_view name) {
    const auto found = items_.find(name);
    if (found != items_.end()) items_.erase(found);
  }

  void DropOld(Instant now) {
    while (!order_.empty() && order_.front().until <= now) DropFirst();
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
    std::string uid;
  };

  // Unless it has been forgotten, or a later one of the name has come.
  void DropFirst() {
    const auto found = items_.find(order_.front().name);
    if (found != items_.end() && found->second.uid == order_.front().uid) items_.erase(found);
    order_.pop_front();
  }

  const Duration retention_;
  const size_t limit_;
  Map items_;
  std::deque<Entry> order_;  // by the time of the end
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CLOSED_H_
