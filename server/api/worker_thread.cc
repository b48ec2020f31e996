#include "server/api/worker_thread.h"

#include <utility>

namespace l2tp::api {

WorkerThread::WorkerThread() : thread_([this] { Run(); }) {}

WorkerThread::~WorkerThread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void WorkerThread::PostAfter(Clock::duration delay, absl::AnyInvocable<void()> work) {
  {
    std::lock_guard lock(mutex_);
    queue_.emplace(Clock::now() + delay, std::move(work));
  }
  changed_.notify_one();
}

void WorkerThread::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      changed_.wait(lock);
    } else if (const Clock::time_point due = queue_.begin()->first; due > Clock::now()) {
      changed_.wait_until(lock, due);
    } else {
      auto next = queue_.extract(queue_.begin());
      lock.unlock();
      next.mapped()();
      next = {};  // destroyed without the lock: it may hold the last reference to something
      lock.lock();
    }
  }
}

}  // namespace l2tp::api
