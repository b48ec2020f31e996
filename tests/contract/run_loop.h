// Turns an event loop until something has happened.

#ifndef L2TP_TESTS_CONTRACT_RUN_LOOP_H_
#define L2TP_TESTS_CONTRACT_RUN_LOOP_H_

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace l2tp::testing {

// False when `done` did not come true in time. The limit only ends a test that has failed.
inline bool RunLoopUntil(asio::io_context& io, const std::function<bool()>& done,
                         std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    // A loop without work stops at once; completions may still be posted from another thread.
    auto work = asio::make_work_guard(io);
    io.restart();
    io.run_one_for(
        std::min<std::chrono::nanoseconds>(deadline - now, std::chrono::milliseconds(20)));
  }
  return true;
}

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_CONTRACT_RUN_LOOP_H_
