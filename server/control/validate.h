// What is wrong with a spec: the first field that cannot be, as FIELD_INVALID or FIELD_REQUIRED
// with the field's path below the resource ("ppp.mtu").

#ifndef L2TP_SERVER_CONTROL_VALIDATE_H_
#define L2TP_SERVER_CONTROL_VALIDATE_H_

#include <vector>

#include "absl/status/status.h"
#include "server/control/number_pool.h"
#include "server/control/specs.h"

namespace l2tp::control {

// Each setting by itself, since what is missing may be inherited.
absl::Status Validate(const Profile& profile);
// Once it has inherited: what must go together.
absl::Status ValidateTogether(const Profile& profile);
absl::Status Validate(const Pool& pool);
// Nothing may be in two pools.
absl::Status ValidateBeside(const Pool& pool, const Pool& other);
absl::Status Validate(const User& user);
absl::Status Validate(const Peer& peer);
// May `peer` stand beside `other`? Who can choose a Host Name must not choose by it how well it has
// to prove who it is, and of two peers that admit the same there must not be both.
absl::Status ValidateBeside(const Peer& peer, const Peer& other);
absl::Status Validate(const TunnelSpec& spec);
absl::Status Validate(const SessionSpec& spec);

// What a valid pool has of each kind: addresses, the lower halves of interface identifiers, the
// upper halves of /64 prefixes.
std::vector<NumberRange> AddressNumbers(const Pool& pool);
std::vector<NumberRange> InterfaceIdNumbers(const Pool& pool);
std::vector<NumberRange> PrefixNumbers(const Pool& pool);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_VALIDATE_H_
