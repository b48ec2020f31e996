// What is to happen later in a simulation.

#ifndef L2TP_TESTS_SUPPORT_AGENDA_H_
#define L2TP_TESTS_SUPPORT_AGENDA_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/base/time.h"

namespace l2tp::testing {

// Ordered by time; what is due at the same time is done in the order in which it was put down.
class Agenda {
 public:
  using Work = absl::AnyInvocable<void()>;

  void At(Instant when, Work work) { entries_[{when, next_++}] = std::move(work); }

  // nullopt: nothing is to be done.
  std::optional<Instant> Next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first.first;
  }

  // Does the first entry. There must be one.
  void RunNext() {
    Work work = std::move(entries_.begin()->second);
    entries_.erase(entries_.begin());
    work();
  }

 private:
  std::map<std::pair<Instant, uint64_t>, Work> entries_;
  uint64_t next_ = 0;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_AGENDA_H_
