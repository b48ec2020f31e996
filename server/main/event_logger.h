// Writes what happens to the log: one line an event, for the operator who reads the journal.

#ifndef L2TP_SERVER_MAIN_EVENT_LOGGER_H_
#define L2TP_SERVER_MAIN_EVENT_LOGGER_H_

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "server/control/controller.h"
#include "server/events/event.h"
#include "server/events/subscription.h"

namespace l2tp {

// The line for an event: "session=tunnels/a/sessions/b event=SESSION_IP_UP local=... remote=...".
// Holds no secret, because events hold none.
std::string LogLine(const events::Event& event);

// A subscriber like any other, but in the daemon. Loop thread.
class EventLogger {
 public:
  // Not owned; both must outlive this.
  EventLogger(asio::io_context& io, control::Controller* controller);
  ~EventLogger();

 private:
  void Subscribe();
  void Drain();

  asio::io_context& io_;
  control::Controller* const controller_;
  std::shared_ptr<events::Subscription> subscription_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace l2tp

#endif  // L2TP_SERVER_MAIN_EVENT_LOGGER_H_
