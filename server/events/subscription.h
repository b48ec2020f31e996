// One subscriber's bounded queue of events.

#ifndef L2TP_SERVER_EVENTS_SUBSCRIPTION_H_
#define L2TP_SERVER_EVENTS_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/events/event.h"
#include "server/events/resume_token.h"

namespace l2tp::events {

// What a subscriber wants to see. Empty lists and texts mean "everything".
struct Filter {
  std::vector<EventType> types;
  std::vector<Kind> kinds;
  // "tunnels/a" takes the tunnel and its sessions; "tunnels/a/sessions/b" one session, "users/a"
  // one user.
  std::string name;
  Labels labels;  // all of them, with these values

  // Also an update that takes its labels away: the last that is told of it.
  bool Matches(const Event& event) const;
  // Whether the types and kinds take it.
  bool Takes(EventType type) const;
  bool Takes(Kind kind) const;
  // Whatever the type, for initial state.
  bool Matches(const Resource& resource) const;
  // Whatever the type and kind, for an event of which no more is known.
  bool Matches(absl::string_view resource_name, const Labels& now, const Labels& before) const;

 private:
  bool MatchesName(absl::string_view resource_name) const;
};

// How much is told to a subscriber that does not read fast enough.
enum class Delivery {
  kEveryEvent,
  kLatestState,  // of each resource, the last event that has not been read
};

// One resource of the initial state.
struct InitialState {
  Resource resource;
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

// Made by EventLog::Subscribe on the loop thread; read by one consumer on any thread:
//
//   while (auto item = subscription->Pop()) Deliver(*item, subscription->resume_token());
//   if (!subscription->status().ok()) ...   // closed; else wait for on_ready
//
// Read once before waiting: on_ready is not called for what is there from the start.
//
// The loop never waits for the consumer: when more than `capacity` items are waiting, not counting
// the backlog it began with, the queue is emptied and the subscription closes with
// RESOURCE_EXHAUSTED / WATCH_TOO_SLOW, whose metadata says where to resume. With kLatestState an
// event takes the place of an earlier one of its resource; refusals take nobody's.
class Subscription {
 public:
  // What a subscription begins with.
  struct Start {
    uint64_t epoch = 0;
    std::optional<int64_t> revision;  // seen before; nullopt: `backlog` is an initial state
    std::deque<Item> backlog;         // to be read first
    Delivery delivery = Delivery::kEveryEvent;
  };

  // `on_ready` is called, from the loop thread and without any lock held, whenever the queue turns
  // from empty to non-empty and when the subscription closes. It must not block, and must not call
  // the event log.
  Subscription(Filter filter, Start start, size_t capacity, absl::AnyInvocable<void()> on_ready);

  // The next item; nullopt when none is waiting (or the subscription is closed: see status()).
  std::optional<Item> Pop();

  // OK while open; what closed it afterwards, CANCELLED after Cancel(). Any thread.
  absl::Status status() const;

  // Resumes after what Pop() gave last, or where this subscription started. "" while an initial
  // state has not been read to its Synced: then only starting again helps.
  std::string resume_token() const;
  // The revision in resume_token(); nullopt when that is "".
  std::optional<int64_t> last_revision() const;

  // Ends the subscription from the consumer's side. Any thread. on_ready is not called any more
  // once this has returned on the loop thread; from other threads one call may still be under way.
  void Cancel();

  // True when nothing waits to be popped. Any thread.
  bool empty() const;

  // Loop thread, for EventLog. Push and Close do nothing once the subscription has ended.
  bool ended() const;
  void Push(Item item);
  void Close(absl::Status status);
  const Filter& filter() const { return filter_; }

 private:
  void CloseTooSlow();  // with mutex_ held

  // With mutex_ held.
  void Add(Item item);
  void DropGaps();

  const Filter filter_;
  const size_t capacity_;
  const Delivery delivery_;
  const uint64_t epoch_;
  absl::AnyInvocable<void()> on_ready_;  // loop thread only
  mutable std::mutex mutex_;
  std::deque<Item> queue_;   // guarded by mutex_; an EventPtr that is nullptr is a gap
  size_t gaps_ = 0;          // of queue_; guarded by mutex_
  int64_t popped_ = 0;       // items that have left the front; guarded by mutex_
  int64_t backlog_end_ = 0;  // popped_ plus the index behind the backlog; guarded by mutex_
  // kLatestState: popped_ plus the index in queue_, of each resource's event; guarded by mutex_.
  absl::flat_hash_map<std::string, int64_t> latest_;
  size_t backlog_ = 0;                    // of queue_'s items, without gaps; guarded by mutex_
  std::optional<int64_t> last_revision_;  // guarded by mutex_
  absl::Status status_;                   // guarded by mutex_
};

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_SUBSCRIPTION_H_
