// One subscriber's bounded queue of events.

#ifndef L2TP_SERVER_EVENTS_SUBSCRIPTION_H_
#define L2TP_SERVER_EVENTS_SUBSCRIPTION_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/events/event.h"

namespace l2tp::events {

// What a subscriber wants to see. Empty lists and texts mean "everything".
struct Filter {
  std::vector<EventType> types;
  // "tunnels/a" takes the tunnel and its sessions; "tunnels/a/sessions/b" one session.
  std::string name;

  bool Matches(const Event& event) const;
  // By the name alone, for initial state.
  bool MatchesName(const std::string& resource_name) const;
};

// One resource of the initial state.
struct InitialState {
  std::variant<TunnelInfo, SessionInfo> resource;
};
// All of the initial state has been given; events after `revision` follow.
struct Synced {
  int64_t revision = 0;
};
// No matching news, but everything up to `revision` has been considered.
struct Bookmark {
  int64_t revision = 0;
};
using Item = std::variant<InitialState, Synced, EventPtr, Bookmark>;

// Made by EventLog::Subscribe on the loop thread; read by one consumer on any thread. The loop
// never waits for the consumer: when more than `capacity` items are waiting, the queue is emptied
// and the subscription closes with RESOURCE_EXHAUSTED / WATCH_TOO_SLOW.
class Subscription {
 public:
  // `on_ready` is called, from the loop thread and without any lock held, whenever the queue turns
  // from empty to non-empty and when the subscription closes. It must not block.
  Subscription(Filter filter, size_t capacity, absl::AnyInvocable<void()> on_ready);

  // The next item; nullopt when none is waiting (or the subscription is closed: see status()).
  std::optional<Item> Pop();

  // OK while open; what closed it afterwards. Any thread.
  absl::Status status() const;

  // The revision of the last item given by Pop, 0 before: where to resume.
  int64_t last_revision() const;

  // Ends the subscription from the consumer's side. Any thread. on_ready is not called any more
  // once this has returned on the loop thread; from other threads one call may still be under way.
  void Cancel();

  // Loop thread, for EventLog.
  bool cancelled() const;
  void Push(Item item);
  void Close(absl::Status status);
  const Filter& filter() const { return filter_; }

 private:
  const Filter filter_;
  const size_t capacity_;
  absl::AnyInvocable<void()> on_ready_;
  mutable std::mutex mutex_;
  std::deque<Item> queue_;     // guarded by mutex_
  absl::Status status_;        // guarded by mutex_
  int64_t last_revision_ = 0;  // guarded by mutex_
  bool cancelled_ = false;     // guarded by mutex_
};

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_SUBSCRIPTION_H_
