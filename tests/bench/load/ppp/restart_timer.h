// The restart timer and its counter (RFC 1661 section 4.6).

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_RESTART_TIMER_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_RESTART_TIMER_H_

#include <optional>

#include "server/base/time.h"

namespace l2tp::load::ppp {

// The values that RFC 1661 proposes, and pppd has.
inline constexpr Duration kRestartInterval = Duration::Seconds(3);
inline constexpr int kMaxConfigure = 10;
inline constexpr int kMaxTerminate = 2;
inline constexpr int kMaxFailure = 5;

class RestartTimer {
 public:
  enum class Outcome {
    kNotDue,
    kAgain,   // TO+: send it again
    kGiveUp,  // TO-: it has been sent often enough
  };

  // Something may be sent `count` times from now on.
  void Initialize(int count) { left_ = count; }
  // It has been sent.
  void Sent(Instant now) {
    --left_;
    due_ = now + kRestartInterval;
  }
  void Stop() { due_.reset(); }

  Outcome HandleTimeout(Instant now) {
    if (!due_.has_value() || *due_ > now) return Outcome::kNotDue;
    due_.reset();
    return left_ > 0 ? Outcome::kAgain : Outcome::kGiveUp;
  }
  std::optional<Instant> NextTimeout() const { return due_; }

 private:
  int left_ = 0;
  std::optional<Instant> due_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_RESTART_TIMER_H_
