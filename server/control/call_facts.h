// What is told of a call, between the callers' specs, the protocol's messages and what is shown.

#ifndef L2TP_SERVER_CONTROL_CALL_FACTS_H_
#define L2TP_SERVER_CONTROL_CALL_FACTS_H_

#include <string>

#include "server/control/ports.h"
#include "server/control/specs.h"
#include "server/events/resources.h"
#include "server/protocol/call_info.h"

namespace l2tp::control {

constexpr bool IsOutgoing(const protocol::CallInfo& call) {
  return call.direction == protocol::CallDirection::kOutgoing;
}

// Everything that the messages of the call have told so far, secrets excepted.
void TakeCall(const protocol::CallInfo& call, events::SessionInfo* info);

// What ICRQ and ICCN, or OCRQ, will tell.
protocol::CallInfo MakeCall(const SessionSpec& spec, const SessionSettings& settings);

// What OCCN will tell of our line.
protocol::LineInfo LineOf(const SessionSettings& settings, const events::SessionInfo& session);

// What an authenticator is told. `user` as pppd spells it.
SessionFacts MakeSessionFacts(const events::SessionInfo& session, const events::TunnelInfo& tunnel,
                              const std::string& user);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CALL_FACTS_H_
