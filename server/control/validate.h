// What is wrong with a spec: the first field that cannot be, as FIELD_INVALID or FIELD_REQUIRED
// with the field's path below the resource ("ppp.mtu").

#ifndef L2TP_SERVER_CONTROL_VALIDATE_H_
#define L2TP_SERVER_CONTROL_VALIDATE_H_

#include "absl/status/status.h"
#include "server/control/specs.h"

namespace l2tp::control {

absl::Status Validate(const Profile& profile);
absl::Status Validate(const Pool& pool);
absl::Status Validate(const Peer& peer);
absl::Status Validate(const TunnelSpec& spec);
absl::Status Validate(const SessionSpec& spec);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_VALIDATE_H_
