#include "server/api/asio_executor.h"

#include <asio/post.hpp>
#include <utility>

namespace l2tp::api {

AsioExecutor::AsioExecutor(asio::io_context* loop, int capacity)
    : loop_(loop), capacity_(capacity) {}

bool AsioExecutor::Post(absl::AnyInvocable<void()> work) {
  std::lock_guard lock(mutex_);
  if (waiting_ >= capacity_) return false;
  ++waiting_;
  asio::post(*loop_, [this, work = std::move(work)]() mutable {
    {
      std::lock_guard done(mutex_);
      --waiting_;
    }
    work();
  });
  return true;
}

}  // namespace l2tp::api
