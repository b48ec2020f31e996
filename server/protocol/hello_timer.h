// Keepalive (RFC 2661 section 5.5).

#ifndef L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_
#define L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_

#include <optional>

#include "server/base/time.h"

namespace l2tp::protocol {

// Says when a HELLO is due: after `interval` without anything received from the peer. An interval
// of 0 means never.
class HelloTimer {
 public:
  explicit HelloTimer(Duration interval) : interval_(interval) {}

  void Start(Instant now) { OnHeard(now); }
  void Stop() { due_.reset(); }

  // Something valid came from the peer.
  void OnHeard(Instant now) {
    if (interval_ > Duration()) due_ = now + interval_;
  }

  // Data came at some time within the last interval: look again before long.
  void OnData(Instant now) {
    if (interval_ > Duration()) due_ = now + Duration::Nanoseconds(interval_.nanoseconds() / 4);
  }

  // True once per interval without news: send a HELLO. Whether the peer answers it is for the
  // reliable channel to find out.
  bool HandleTimeout(Instant now) {
    if (!due_.has_value() || *due_ > now) return false;
    due_ = now + interval_;
    return true;
  }

  std::optional<Instant> NextTimeout() const { return due_; }

 private:
  Duration interval_;
  std::optional<Instant> due_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_HELLO_TIMER_H_
