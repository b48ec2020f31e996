// Draining: what is there stays as it is, and nothing new is taken.

#ifndef L2TP_SERVER_CONTROL_DRAINING_H_
#define L2TP_SERVER_CONTROL_DRAINING_H_

#include "absl/status/status.h"
#include "server/control/environment.h"

namespace l2tp::control {

// DRAINING, with what drains, when that takes nothing new: the system,
absl::Status CheckDraining(const Environment& env);
// or it, the tunnel, or the peer that admitted the tunnel.
absl::Status CheckDraining(const Environment& env, const events::TunnelInfo& tunnel);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_DRAINING_H_
