// What the end of a pppd means: for the peer (a CDN), for programs and for people.

#ifndef L2TP_SERVER_CONTROL_PPP_EXIT_H_
#define L2TP_SERVER_CONTROL_PPP_EXIT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/control/ports.h"
#include "server/events/resources.h"

namespace l2tp::control {

// The Cause of a session whose pppd ended like this. `result_code` and `error_code` are those of
// the CDN to send (RFC 2661 section 4.4.2); `message` says what happened, followed by pppd's own
// words when there are any.
//
// An end that Stop() asked for is not told from one that a stranger's TERM brought about by its
// status alone (pppd exits with 5 either way): `exit.stopped_by_us` decides. The caller, who knows
// why it stopped the pppd, overrides the reason then.
events::Cause DescribePppExit(const PppExit& exit);

// The same in the terms of RFC 3145, for the CDN; nullopt when pppd, not PPP, was at fault.
// `lcp_up`: LCP had come up. `auth_method`: as in events::AuthInfo, "" when there was none.
std::optional<wire::PppDisconnectCause> DescribeForPeer(const PppExit& exit, bool lcp_up,
                                                        absl::string_view auth_method);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PPP_EXIT_H_
