// How long several have waited, together.

#ifndef L2TP_SERVER_PROTOCOL_WAITING_TIME_H_
#define L2TP_SERVER_PROTOCOL_WAITING_TIME_H_

#include "server/base/time.h"

namespace l2tp::protocol {

// The sum of the times for which each of them has waited. Costs the same however many there are.
class WaitingTime {
 public:
  // `by` more wait from `now` on, or fewer. `now` must not go backwards.
  void Change(Instant now, int by) {
    sum_ = Until(now);
    since_ = now;
    waiting_ += by;
  }
  // Those that still wait included.
  Duration Until(Instant now) const { return sum_ + (now - since_) * waiting_; }

 private:
  int waiting_ = 0;
  Instant since_;  // waiting_ is what it is
  Duration sum_;   // until then
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_WAITING_TIME_H_
