// The Executor of an Asio loop.

#ifndef L2TP_SERVER_API_ASIO_EXECUTOR_H_
#define L2TP_SERVER_API_ASIO_EXECUTOR_H_

#include <asio/io_context.hpp>
#include <mutex>

#include "server/api/executor.h"

namespace l2tp::api {

class AsioExecutor final : public Executor {
 public:
  // `capacity`: pieces of work that may wait. Not owned: `loop`, which must outlive this and be run
  // by one thread; whatever is still waiting is destroyed with it.
  explicit AsioExecutor(asio::io_context* loop, int capacity = 10000);

  bool Post(absl::AnyInvocable<void()> work) override;

  // Pieces of work that wait, for metrics. Any thread.
  int waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  asio::io_context* loop_;
  const int capacity_;
  mutable std::mutex mutex_;
  int waiting_ = 0;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_ASIO_EXECUTOR_H_
