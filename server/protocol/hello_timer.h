// Keepalive (RFC 2661 section 5.5).

#ifndef L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_
#define L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_

#include <algorithm>
#include <optional>

#include "server/base/time.h"

namespace l2tp::protocol {

// Says when a HELLO is due: after `interval` without anything received from the peer. An interval
// of 0 means never. Control messages are told as they come; whether data came has to be asked, four
// times in each interval without them.
class HelloTimer {
 public:
  explicit HelloTimer(Duration interval) : interval_(interval) {}

  void Start(Instant now) { OnHeard(now); }
  void Stop() { due_.reset(); }

  // Something valid came from the peer.
  void OnHeard(Instant now) {
    heard_ = now;
    if (interval_ > Duration()) due_ = now + Quarter();
  }

  // True when it is time to ask whether data came.
  bool HandleTimeout(Instant now) {
    if (!due_.has_value() || *due_ > now) return false;
    due_ = now + Quarter();
    return true;
  }

  // The answer. True: send a HELLO. Whether the peer answers it is for the reliable channel to find
  // out.
  bool OnAsked(Instant now, bool data_came) {
    if (data_came) heard_ = now;
    if (now >= heard_ + interval_) return true;
    if (due_.has_value()) due_ = std::min(now + Quarter(), heard_ + interval_);
    return false;
  }

  std::optional<Instant> NextTimeout() const { return due_; }

 private:
  Duration Quarter() const { return Duration::Nanoseconds(interval_.nanoseconds() / 4); }

  Duration interval_;
  Instant heard_;
  std::optional<Instant> due_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_
