// What is known of a call: fields of a v1::Session and of a v1::Cause.

#ifndef L2TP_SERVER_API_CALL_TO_PROTO_H_
#define L2TP_SERVER_API_CALL_TO_PROTO_H_

#include "l2tp/v1/common.pb.h"
#include "l2tp/v1/session.pb.h"
#include "server/events/resources.h"

namespace l2tp::api {

// Everything of `session` that the messages of the call told.
void SetCall(const events::SessionInfo& session, v1::Session* out);

void SetQ931Cause(const wire::Q931Cause& cause, v1::Q931Cause* out);
void SetPppCause(const wire::PppDisconnectCause& cause, v1::PppDisconnectCause* out);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CALL_TO_PROTO_H_
