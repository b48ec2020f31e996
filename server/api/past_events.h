// Events that have been: out of memory, and out of the history if there is one.

#ifndef L2TP_SERVER_API_PAST_EVENTS_H_
#define L2TP_SERVER_API_PAST_EVENTS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "l2tp/v1/event.pb.h"
#include "server/api/unary_call.h"
#include "server/control/controller.h"
#include "server/events/event_log.h"
#include "server/history/event_history.h"

namespace l2tp::api {

// An event as the history keeps it. No secret is in it. Any thread.
history::Record ToRecord(const events::Event& event);

// v1.Event.run.
std::string RunText(const history::Run& run);

// What a page token says: "START RUN REVISION". nullopt for anything else.
std::string PositionText(const history::Position& position);
std::optional<history::Position> ParsePosition(absl::string_view text);

// Lists them.
class PastEvents {
 public:
  // Neither is owned; `history` may be nullptr. The controller's run is known from here on.
  PastEvents(control::Controller* controller, history::EventHistory* history);

  const history::Run& run() const { return run_; }

  // Fills in the page behind `after` and answers, here or on the thread of the history: what is
  // older than the ring is read there. `options.after` is not looked at. `scope`: see ParsePage().
  // Loop thread. Error: OVERLOADED.
  void List(events::ListOptions options, const std::optional<history::Position>& after,
            const std::string& scope, v1::ListEventsResponse* response, Reply reply);

 private:
  control::Controller* const controller_;
  history::EventHistory* const history_;
  const history::Run run_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_PAST_EVENTS_H_
