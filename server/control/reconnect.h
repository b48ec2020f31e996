// When sessions that shall persist are placed again: later after each failure, never all at once.

#ifndef L2TP_SERVER_CONTROL_RECONNECT_H_
#define L2TP_SERVER_CONTROL_RECONNECT_H_

#include <optional>
#include <string>

#include "server/base/random.h"
#include "server/base/time.h"
#include "server/control/specs.h"
#include "server/control/timer_queue.h"
#include "server/events/resources.h"

namespace l2tp::control {

// What a persistent session is placed again from.
struct Persistence {
  SessionSpec spec;
  TunnelSpec tunnel;  // with its id
  int failures = 0;   // in a row
  // Since when PPP has had an address; unset: it has none.
  std::optional<Instant> network_since;
  // At its next end it is placed again at once: that end is asked for.
  bool restart = false;
  // It waits because something drains, and no longer than that.
  bool held = false;
};

// Notes that the session has ended for `reason`, and says how long to wait; nullopt: not another
// time. Of the wait of the settings, which doubles with each failure in a row, a random half is
// taken off. When the other end refuses us it is the longest from the start: another attempt soon
// only looks like an attack. A session that had an address for a minute has not failed.
std::optional<Duration> NextDelay(const SessionSettings& settings, events::CloseReason reason,
                                  Instant now, RandomSource* random, Persistence* persistence);

// Sessions that wait, by name. Hands out at most 50 a second, whatever their times are.
class ReconnectQueue {
 public:
  void Add(const std::string& session, Instant when) { waiting_.Set(session, when); }
  void Remove(const std::string& session) { waiting_.Cancel(session); }
  // The one whose time has come first.
  std::optional<std::string> TakeDue(Instant now);
  std::optional<Instant> Next() const;
  size_t size() const { return waiting_.size(); }

 private:
  TimerQueue<std::string> waiting_;
  Instant earliest_;  // for the next one
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_RECONNECT_H_
