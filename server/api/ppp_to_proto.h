// Domain to API: what pppd tells of a session.

#ifndef L2TP_SERVER_API_PPP_TO_PROTO_H_
#define L2TP_SERVER_API_PPP_TO_PROTO_H_

#include "l2tp/v1/session.pb.h"
#include "server/events/resources.h"

namespace l2tp::api {

// Everything of `session` that PPP is about.
void SetPpp(const events::SessionInfo& session, v1::Session* out);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_PPP_TO_PROTO_H_
