// Domain values as messages of the API. Secrets stop here: nothing in this file copies one.

#ifndef L2TP_SERVER_API_TO_PROTO_H_
#define L2TP_SERVER_API_TO_PROTO_H_

#include "l2tp/v1/capture.pb.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/pool.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/system.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"
#include "server/control/capture.h"
#include "server/control/specs.h"
#include "server/events/subscription.h"

namespace l2tp::api {

// Each fills in an empty message.
// The etag of a version that Resources has given.
std::string EtagText(uint64_t version);

void ToProto(const events::TunnelInfo& tunnel, v1::Tunnel* out);
void ToProto(const events::SessionInfo& session, v1::Session* out);
void ToProto(const control::Profile& profile, v1::Profile* out);
void ToProto(const control::Pool& pool, v1::Pool* out);
void ToProto(const control::Lease& lease, v1::Lease* out);
void ToProto(const control::User& user, v1::User* out);
void ToProto(const control::Peer& peer, v1::Peer* out);
void ToProto(const control::SystemInfo& system, v1::System* out);
void ToProto(const control::CapturedMessage& message, v1::CaptureResponse* out);

// Without the resume token.
void ToProto(const events::Event& event, v1::Event* out);
void ToProto(const events::Item& item, v1::WatchResponse* out);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_TO_PROTO_H_
