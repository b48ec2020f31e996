// Labels: the operator's own keys of a resource; etags: has it changed?

#ifndef L2TP_SERVER_CONTROL_LABELS_H_
#define L2TP_SERVER_CONTROL_LABELS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/events/resources.h"

namespace l2tp::control {

inline constexpr int kMaxLabels = 32;

// FIELD_INVALID "labels": more than 32 of them, a key that is not 1 to 63 characters of a-z, 0-9,
// ".", "_", "-" and "/" beginning with a letter, a value of more than 253 octets, not UTF-8, or
// with a control character.
absl::Status ValidateLabels(const events::Labels& labels);

// ETAG_MISMATCH, unless `wanted` is what the resource has, or "".
absl::Status CheckEtag(absl::string_view name, absl::string_view wanted, absl::string_view etag);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_LABELS_H_
