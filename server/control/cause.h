// From the engine's closures to the causes that operators see, and back to Result Codes.

#ifndef L2TP_SERVER_CONTROL_CAUSE_H_
#define L2TP_SERVER_CONTROL_CAUSE_H_

#include "absl/status/status.h"
#include "server/control/ports.h"
#include "server/control/specs.h"
#include "server/events/resources.h"
#include "server/protocol/effects.h"

namespace l2tp::control {

// What the engine says about the end of a tunnel or session.
events::Cause ToCause(const protocol::Closure& closure);

// Somebody asked for it, with the options given; `default_result` when they name no Result Code.
events::Cause OperatorCause(const CloseOptions& options, uint16_t default_result);

// We gave up: `status` says why.
events::Cause DaemonCause(events::CloseReason reason, const absl::Status& status, uint16_t result,
                          uint16_t error);

// A peer did not get what it wanted: with the codes it was told, or, with Result Code 0, without an
// answer.
events::Cause RefusalCause(const wire::ResultCode& result, absl::string_view detail);

// What the engine tells the peer for a cause of our own making.
protocol::Closure ToClosure(const events::Cause& cause);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CAUSE_H_
