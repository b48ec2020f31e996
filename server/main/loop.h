// The clock and the alarm of the event loop.

#ifndef L2TP_SERVER_MAIN_LOOP_H_
#define L2TP_SERVER_MAIN_LOOP_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "server/control/ports.h"

namespace l2tp {

class SystemClock final : public control::Clock {
 public:
  Instant Now() const override {
    return Instant::FromNanoseconds(Count(std::chrono::steady_clock::now()));
  }
  WallTime WallNow() const override { return {Count(std::chrono::system_clock::now())}; }

 private:
  template <typename TimePoint>
  static int64_t Count(TimePoint when) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
  }
};

class LoopAlarm final : public control::Alarm {
 public:
  // `ring` runs on the loop when the alarm goes off; set it before the first Set().
  explicit LoopAlarm(asio::io_context& io) : timer_(io) {}
  void OnRing(std::function<void()> ring) { ring_ = std::move(ring); }

  void Set(std::optional<Instant> when) override {
    if (when == armed_) return;
    armed_ = when;
    if (!when.has_value()) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(
        std::chrono::steady_clock::time_point(std::chrono::nanoseconds(when->nanoseconds())));
    timer_.async_wait([this](const asio::error_code& error) {
      if (error) return;  // replaced or cancelled
      armed_.reset();
      ring_();
    });
  }

 private:
  asio::steady_timer timer_;
  std::function<void()> ring_;
  std::optional<Instant> armed_;
};

}  // namespace l2tp

#endif  // L2TP_SERVER_MAIN_LOOP_H_
