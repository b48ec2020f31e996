// Values of control as messages of l2tp.auth.v1, and back. What comes back is a stranger's until it
// has been read here.

#ifndef L2TP_SERVER_AUTH_MESSAGES_H_
#define L2TP_SERVER_AUTH_MESSAGES_H_

#include "absl/status/statusor.h"
#include "l2tp/auth/v1/authenticator.pb.h"
#include "server/control/ports.h"

namespace l2tp::auth {

// Each fills in an empty message.
void ToProto(const control::AuthorizationRequest& request, ::l2tp::auth::v1::AuthorizeRequest* out);
void ToProto(const control::AccountingRecord& record, ::l2tp::auth::v1::AccountRequest* out);

// InvalidArgument, with a text that says what is wrong, for an answer that cannot be;
// `needs_password`: also for an acceptance without one.
absl::StatusOr<control::Authorization> FromProto(
    const ::l2tp::auth::v1::AuthorizeResponse& response, bool needs_password);

}  // namespace l2tp::auth

#endif  // L2TP_SERVER_AUTH_MESSAGES_H_
