// Draining: what is there stays as it is, and nothing new is taken.

#ifndef L2TP_SERVER_CONTROL_DRAINING_H_
#define L2TP_SERVER_CONTROL_DRAINING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/control/environment.h"

namespace l2tp::control {

// What drains, and so stands in the way of a new tunnel from `peer` ("peers/x"; "": one of our
// own): "system" or the peer's name; "" when nothing does.
std::string WhatDrains(const Environment& env, absl::string_view peer);
// The same of a new call in `tunnel`; or the tunnel's own name.
std::string WhatDrains(const Environment& env, const events::TunnelInfo& tunnel);

// OK for "", DRAINING otherwise.
absl::Status CheckDraining(const std::string& what);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_DRAINING_H_
