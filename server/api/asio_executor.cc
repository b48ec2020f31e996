#include "server/api/asio_executor.h"

#include <asio/post.hpp>
#include <utility>

namespace l2tp::api {

AsioExecutor::AsioExecutor(asio::io_context* loop, int capacity)
    : loop_(loop), capacity_(capacity) {}

bool AsioExecutor::Post(absl::AnyInvocable<void()> work) {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= capacity_) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  asio::post(*loop_, [this, work = std::move(work)]() mutable {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    work();
  });
  return true;
}

}  // namespace l2tp::api
