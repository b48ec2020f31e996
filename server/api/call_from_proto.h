// What a caller tells of a call: fields of a v1::Session.

#ifndef L2TP_SERVER_API_CALL_FROM_PROTO_H_
#define L2TP_SERVER_API_CALL_FROM_PROTO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "l2tp/v1/common.pb.h"
#include "l2tp/v1/session.pb.h"
#include "server/control/specs.h"

namespace l2tp::api {

// Fills in everything about the call. Errors name fields of v1::Session.
absl::Status ParseCall(const v1::Session& session, control::SessionSpec* out);

wire::CallErrors ParseCallErrors(const v1::CallErrors& errors);

// Errors name fields below "q931_cause".
absl::StatusOr<wire::Q931Cause> ParseQ931Cause(const v1::Q931Cause& cause);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CALL_FROM_PROTO_H_
