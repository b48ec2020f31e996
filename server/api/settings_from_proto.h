// The settings of a profile, from proto.

#ifndef L2TP_SERVER_API_SETTINGS_FROM_PROTO_H_
#define L2TP_SERVER_API_SETTINGS_FROM_PROTO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/duration.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/control/specs.h"

namespace l2tp::api {

// Reads tunnel, session and ppp of `profile`; what is not set keeps its default. Errors name the
// field below the profile ("ppp.mtu").
absl::Status ParseSettings(const v1::Profile& profile, control::Profile* out);

// "" is the unset address.
absl::StatusOr<IpAddress> ParseAddress(absl::string_view field, absl::string_view text);

// Within 100 years either way, so that it can be added to any point of time.
absl::StatusOr<Duration> ParseDuration(absl::string_view field,
                                       const google::protobuf::Duration& duration);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_SETTINGS_FROM_PROTO_H_
