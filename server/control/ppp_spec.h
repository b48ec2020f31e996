// What a session's pppd is started with.

#ifndef L2TP_SERVER_CONTROL_PPP_SPEC_H_
#define L2TP_SERVER_CONTROL_PPP_SPEC_H_

#include <string>

#include "server/control/ports.h"
#include "server/control/specs.h"
#include "server/events/resources.h"

namespace l2tp::control {

// `session` has its sizes (ppp_sizes.h). `interface_name`: asked for; empty: any. `lease`: what the
// peer gets; nullptr: nothing of ours.
PppSpec MakePppSpec(const events::SessionInfo& session, const events::TunnelInfo& tunnel,
                    const PppSettings& settings, const std::string& interface_name,
                    const Lease* lease);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PPP_SPEC_H_
