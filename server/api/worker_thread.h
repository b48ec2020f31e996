// A thread for short pieces of work, now or later.

#ifndef L2TP_SERVER_API_WORKER_THREAD_H_
#define L2TP_SERVER_API_WORKER_THREAD_H_

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace l2tp::api {

// Makes the messages of Watch streams, so that a thousand watchers of one event cost the loop
// thread a thousand wake-ups and not a thousand serialisations. gRPC's own threads cannot be asked
// to run something.
class WorkerThread {
 public:
  using Clock = std::chrono::steady_clock;

  WorkerThread();
  // Waits for the piece of work that is running; what is waiting is destroyed without being run.
  ~WorkerThread();

  // Runs `work` on the thread, in the order of posting. Any thread. Never blocks.
  void Post(absl::AnyInvocable<void()> work) {
    PostAfter(Clock::duration::zero(), std::move(work));
  }
  // Not before `delay` has passed.
  void PostAfter(Clock::duration delay, absl::AnyInvocable<void()> work);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;                                               // guarded by mutex_
  std::multimap<Clock::time_point, absl::AnyInvocable<void()>> queue_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_WORKER_THREAD_H_
