// The events that are kept on disk, and the thread that writes and reads them.

#ifndef L2TP_SERVER_HISTORY_EVENT_HISTORY_H_
#define L2TP_SERVER_HISTORY_EVENT_HISTORY_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/time.h"
#include "server/events/event.h"
#include "server/history/store.h"

namespace l2tp::history {

// Since the start of the daemon, but for what is there now.
struct Totals {
  int64_t written = 0;   // events
  int64_t left_out = 0;  // events that the disk was too slow or too full for
  int64_t damaged = 0;   // files in which reading has met damage
  int64_t octets = 0;    // of all files there are
};

// The loop thread hands over events, anybody asks for some; whatever touches the disk is done on a
// thread of its own, in turn.
class EventHistory {
 public:
  struct Options {
    Store::Options store;
    size_t queue_size = 4096;  // events that may wait to be written
    size_t max_reads = 64;     // queries that may wait
    // Both are called on the thread of the history.
    std::function<Record(const events::Event&)> to_record;
    std::function<WallTime()> now;
  };
  using Done = absl::AnyInvocable<void(Found)>;

  // Errors: as Store::Open().
  static absl::StatusOr<std::unique_ptr<EventHistory>> Open(const Options& options);
  // Writes what waits. Queries that wait are destroyed without an answer.
  ~EventHistory();

  // Never blocks: an event for which there is no room is left out, and counted. Loop thread.
  void Append(events::EventPtr event);

  // Calls `done` on the thread of the history, when all that has been appended before is written.
  // Any thread. False when too many wait: `done` has been destroyed.
  bool Read(Query query, Done done);

  // Of this daemon. Its events on disk have it.
  const Run& run() const { return run_; }
  // Any thread.
  Totals totals() const;

 private:
  struct Reading {
    Query query;
    Done done;
  };

  EventHistory(const Options& options, std::unique_ptr<Store> store);

  void Work();
  void Write(const std::deque<events::EventPtr>& events);
  void LeaveOut(int64_t count, const absl::Status& why);
  void Publish();

  const Options options_;
  const std::unique_ptr<Store> store_;  // the thread's
  const Run run_;
  bool failing_ = false;  // the thread's

  std::atomic<int64_t> written_ = 0;
  std::atomic<int64_t> left_out_ = 0;
  std::atomic<int64_t> damaged_ = 0;
  std::atomic<int64_t> octets_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<events::EventPtr> events_;  // guarded by mutex_
  std::deque<Reading> readings_;         // guarded by mutex_
  int64_t crowded_out_ = 0;              // not told to the log yet; guarded by mutex_
  bool stopping_ = false;                // guarded by mutex_
  std::thread thread_;
};

}  // namespace l2tp::history

#endif  // L2TP_SERVER_HISTORY_EVENT_HISTORY_H_
