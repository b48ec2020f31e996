// Tells authenticators of the sessions they have let in.

#ifndef L2TP_SERVER_CONTROL_ACCOUNTING_H_
#define L2TP_SERVER_CONTROL_ACCOUNTING_H_

#include <map>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "server/control/environment.h"
#include "server/control/ports.h"
#include "server/control/timer_queue.h"
#include "server/events/resources.h"

namespace l2tp::control {

class Accounting {
 public:
  // Not owned; must outlive this.
  explicit Accounting(Environment* env) : env_(env) {}

  // The session's network is up. Only the first time counts. `interim`: time between records; 0:
  // none are sent.
  void Start(const std::string& server, SessionFacts facts, Duration interim,
             const events::SessionInfo& session);
  // The session is over; no-op unless Start() was called.
  void Stop(const events::SessionInfo& session);

  // For each session that is due: `get` gives it with the counters of the moment.
  using Get =
      absl::FunctionRef<void(const std::string& session, Completion<events::SessionInfo> done)>;
  void HandleTimeout(Get get);
  std::optional<Instant> NextTimeout() const { return timers_.Next(); }

 private:
  struct Account {
    std::string server;
    SessionFacts facts;
    Duration interim;
    Instant start;
    IpAddress address;  // as last known: at the end of a session it is gone
  };
  void Tell(AccountingRecord::Type type, const events::SessionInfo& session, Account* account);

  Environment* const env_;
  std::map<std::string, Account, std::less<>> accounts_;  // by session
  TimerQueue<std::string> timers_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_ACCOUNTING_H_
