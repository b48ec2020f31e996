// What pppd tells of a session, between its events and what is shown.

#ifndef L2TP_SERVER_CONTROL_PPP_FACTS_H_
#define L2TP_SERVER_CONTROL_PPP_FACTS_H_

#include <optional>

#include "server/control/ports.h"
#include "server/events/event.h"
#include "server/events/resources.h"

namespace l2tp::control {

// Puts the facts of `event` into `info`. Gives the event to be told; nullopt when there is nothing
// new in it, when nobody is told of its kind (statistics), and for PppExit, whose only facts here
// are the counters.
std::optional<events::EventType> TakePppFacts(const PppEvent& event, events::SessionInfo* info);

// pppd is gone, and may have had no time to say what went with it. Takes one thing away that only a
// living pppd has and gives the event to be told; nullopt when nothing is left.
std::optional<events::EventType> ForgetPppFact(events::SessionInfo* info);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PPP_FACTS_H_
