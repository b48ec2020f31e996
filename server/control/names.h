// Resource names and ids: "tunnels/{id}", "tunnels/{id}/sessions/{id}" and so on.

#ifndef L2TP_SERVER_CONTROL_NAMES_H_
#define L2TP_SERVER_CONTROL_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/base/random.h"

namespace l2tp::control {

// ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$
bool IsResourceId(absl::string_view id);

// True for `collection` + "/" + a resource id, as in IsName("profiles", "profiles/isp").
bool IsName(absl::string_view collection, absl::string_view name);

// An id for a resource that nobody named: `prefix` and eight random characters, "in-k3m9x2ab".
std::string MakeResourceId(absl::string_view prefix, RandomSource* random);

// 16 hex digits that tell this incarnation of a resource from all others.
std::string MakeUid(RandomSource* random);

std::string SessionName(absl::string_view tunnel, absl::string_view id);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_NAMES_H_
