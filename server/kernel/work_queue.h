// What the loop thread has asked of the kernel and the worker has not done yet.

#ifndef L2TP_SERVER_KERNEL_WORK_QUEUE_H_
#define L2TP_SERVER_KERNEL_WORK_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "server/base/ids.h"

namespace l2tp::kernel {

// A std::mutex that clang's thread-safety analysis understands.
class ABSL_LOCKABLE CheckedMutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Hands work from the loop thread to the worker thread.
//
// Deletions are slow: before Linux 6.12 each holds up the kernel's generic netlink for a grace
// period, tens of milliseconds. A thousand of them must not delay the calls that come in meanwhile,
// so other work overtakes them, with two limits: nothing overtakes a deletion of the tunnel or
// session it is about, and a deletion that has been passed by `kMaxOvertakingBatches` batches has
// its turn.
class WorkQueue {
 public:
  enum class Kind { kPrompt, kDeletion };
  struct Work {
    Kind kind = Kind::kPrompt;
    TunnelId tunnel;    // what it is about; 0: nothing in particular
    SessionId session;  // 0: the tunnel itself
    absl::AnyInvocable<void()> run;
  };

  static constexpr size_t kMaxBatch = 32;
  static constexpr int kMaxOvertakingBatches = 4;

  // Any thread. Never waits for the worker.
  void Push(Work work);

  // What to do next: up to kMaxBatch pieces of prompt work, or one deletion. Waits until there is
  // some; empty once Stop() has been called.
  std::vector<Work> PopBatch();

  // Any thread. What is still queued is dropped with the queue.
  void Stop();

 private:
  using Key = std::pair<TunnelId, SessionId>;
  struct Entry {
    uint64_t number = 0;  // in order of Push
    Work work;
  };

  bool BehindDeletion(const Work& work) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool DeletionIsNext() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Work> TakeDeletion() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Work> TakePrompt() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CheckedMutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Entry> prompt_ ABSL_GUARDED_BY(mutex_);
  // Deletions, and what had to queue up behind one of them.
  std::deque<Entry> slow_ ABSL_GUARDED_BY(mutex_);
  // How many entries of slow_ are about a key.
  absl::flat_hash_map<Key, int> slow_keys_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  int overtaking_batches_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_WORK_QUEUE_H_
