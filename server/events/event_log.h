// The ring of recent events and the fan-out to subscriptions.

#ifndef L2TP_SERVER_EVENTS_EVENT_LOG_H_
#define L2TP_SERVER_EVENTS_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/events/event.h"
#include "server/events/subscription.h"

namespace l2tp::events {

struct WatchOptions {
  Filter filter;
  // Continue after this point (as made by ResumeToken); empty: from now.
  std::string resume_token;
  // Give the present state of every matching resource first, then Synced. Not with resume_token.
  bool include_initial_state = false;
  Delivery delivery = Delivery::kEveryEvent;
  bool own = false;  // the daemon's: beyond the limit
};

struct ListOptions {
  Filter filter;
  std::optional<WallTime> start;  // from then on
  std::optional<WallTime> end;    // before then
  bool newest_first = false;
  // Of this run: the last revision of the page before; 0: the first page.
  int64_t after = 0;
  int size = 100;
};

struct EventPage {
  std::vector<EventPtr> events;
  bool more = false;
  int64_t oldest_revision = 0;  // that is kept; 0: there is none
};

// Loop thread only. Guarantees to every subscriber: events come in the order of their revisions,
// each at most once, none is left out unless the subscription ends with an error that says so.
class EventLog {
 public:
  struct Limits {
    size_t ring_size = 8192;   // events kept for resuming; 0: none
    size_t queue_size = 4096;  // events one subscriber may lag behind
    size_t max_subscriptions = 256;
  };

  // `epoch` tells this daemon run from every other: a token of another run is expired.
  EventLog(uint64_t epoch, const Limits& limits);

  // `sink` is given every event from now on, before any subscriber is. It must not block.
  void OnAppend(std::function<void(const EventPtr&)> sink) { sink_ = std::move(sink); }

  // Gives the event its revision, keeps it, and hands it to every subscription it matches.
  void Append(WallTime time, EventType type, Resource resource, Labels labels_before = {});

  // Errors: RESUME_TOKEN_INVALID (unreadable, or of a revision that has not been),
  // RESUME_TOKEN_EXPIRED (another run, or older than the ring), WATCHER_LIMIT, and FIELD_INVALID
  // when a resume token and initial state are both asked for.
  // `initial` is called only when the initial state is wanted; it gives every resource there is, a
  // tunnel before its sessions. `on_ready`: see Subscription.
  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(
      const WatchOptions& options, const std::function<std::vector<Resource>()>& initial,
      absl::AnyInvocable<void()> on_ready);

  // Of the events that are kept, those that match.
  EventPage List(const ListOptions& options) const;

  // Puts a Bookmark into every open subscription whose queue is empty. Call now and then (30 s):
  // it keeps the tokens of subscribers whose filter rarely matches from expiring.
  void SendBookmarks();

  // Closes every subscription with `status`, as when the daemon stops. What is waiting may still be
  // read.
  void CloseAll(const absl::Status& status);

  // Opaque text for "everything up to `revision` has been seen".
  std::string ResumeToken(int64_t revision) const;

  uint64_t epoch() const { return epoch_; }
  int64_t revision() const { return revision_; }
  size_t subscription_count();

 private:
  absl::StatusOr<Subscription::Start> Resume(const WatchOptions& options) const;
  void DropEnded();

  const uint64_t epoch_;
  const Limits limits_;
  std::function<void(const EventPtr&)> sink_;
  int64_t revision_ = 0;
  std::deque<EventPtr> ring_;  // revisions revision_-size+1 .. revision_
  std::vector<std::shared_ptr<Subscription>> subscriptions_;
};

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_EVENT_LOG_H_
