#include "server/kernel/work_queue.h"

#include <algorithm>

namespace l2tp::kernel {
namespace {

// std::unique_lock with the annotations that clang needs.
class ABSL_SCOPED_LOCKABLE Lock {
 public:
  explicit Lock(CheckedMutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~Lock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  CheckedMutex& mutex_;
};

}  // namespace

void WorkQueue::Push(Work work) {
  {
    Lock lock(mutex_);
    const bool slow = work.kind == Kind::kDeletion || BehindDeletion(work);
    if (slow) ++slow_keys_[Key(work.tunnel, work.session)];
    (slow ? slow_ : prompt_).push_back(Entry{next_number_++, std::move(work)});
  }
  changed_.notify_one();
}

bool WorkQueue::BehindDeletion(const Work& work) const {
  return work.tunnel && (slow_keys_.contains(Key(work.tunnel, SessionId())) ||
                         slow_keys_.contains(Key(work.tunnel, work.session)));
}

std::vector<WorkQueue::Work> WorkQueue::PopBatch() {
  Lock lock(mutex_);
  while (!stopped_ && prompt_.empty() && slow_.empty()) changed_.wait(mutex_);
  if (stopped_) return {};
  return DeletionIsNext() ? TakeDeletion() : TakePrompt();
}

bool WorkQueue::DeletionIsNext() const {
  if (slow_.empty()) return false;
  if (prompt_.empty()) return true;
  // A deletion younger than prompt work may be about the same object, so it never goes first.
  return overtaking_batches_ >= kMaxOvertakingBatches &&
         slow_.front().number < prompt_.front().number;
}

std::vector<WorkQueue::Work> WorkQueue::TakeDeletion() {
  overtaking_batches_ = 0;
  std::vector<Work> batch;
  batch.push_back(std::move(slow_.front().work));
  slow_.pop_front();
  auto key = slow_keys_.find(Key(batch[0].tunnel, batch[0].session));
  if (--key->second == 0) slow_keys_.erase(key);
  return batch;
}

std::vector<WorkQueue::Work> WorkQueue::TakePrompt() {
  if (!slow_.empty()) ++overtaking_batches_;
  std::vector<Work> batch;
  const size_t count = std::min(prompt_.size(), kMaxBatch);
  batch.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    batch.push_back(std::move(prompt_.front().work));
    prompt_.pop_front();
  }
  return batch;
}

void WorkQueue::Stop() {
  {
    Lock lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace l2tp::kernel
