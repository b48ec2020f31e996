// Requests as domain values. What these return has passed control::Validate(); what is wrong with a
// request comes back as FIELD_INVALID or FIELD_REQUIRED with the field's path in the request, as in
// "tunnel.remote_ip_address". Output-only fields are ignored.

#ifndef L2TP_SERVER_API_FROM_PROTO_H_
#define L2TP_SERVER_API_FROM_PROTO_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "l2tp/v1/capture.pb.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/pool.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"
#include "server/api/paging.h"
#include "server/api/status.h"
#include "server/control/capture.h"
#include "server/control/specs.h"
#include "server/events/event_log.h"

namespace l2tp::api {

absl::StatusOr<control::TunnelSpec> FromProto(const v1::CreateTunnelRequest& request);
absl::StatusOr<control::SessionSpec> FromProto(const v1::CreateSessionRequest& request);
absl::StatusOr<control::Profile> FromProto(const v1::CreateProfileRequest& request);
absl::StatusOr<control::Pool> FromProto(const v1::CreatePoolRequest& request);
absl::StatusOr<control::User> FromProto(const v1::CreateUserRequest& request);
absl::StatusOr<control::Peer> FromProto(const v1::CreatePeerRequest& request);
// The resource of that name; errors name the field below it.
absl::StatusOr<control::Profile> FromProto(const v1::Profile& profile, std::string name);
absl::StatusOr<control::Pool> FromProto(const v1::Pool& pool, std::string name);
absl::StatusOr<control::User> FromProto(const v1::User& user, std::string name);
absl::StatusOr<control::Peer> FromProto(const v1::Peer& peer, std::string name);
absl::StatusOr<control::TunnelFilter> FromProto(const v1::TunnelFilter& filter);
absl::StatusOr<control::SessionFilter> FromProto(const v1::SessionFilter& filter);
absl::StatusOr<control::ProfileFilter> FromProto(const v1::ProfileFilter& filter);
absl::StatusOr<control::PoolFilter> FromProto(const v1::PoolFilter& filter);
absl::StatusOr<control::UserFilter> FromProto(const v1::UserFilter& filter);
absl::StatusOr<control::PeerFilter> FromProto(const v1::PeerFilter& filter);
absl::StatusOr<events::ListOptions> FromProto(const v1::ListEventsRequest& request);
absl::StatusOr<events::WatchOptions> FromProto(const v1::WatchRequest& request);
absl::StatusOr<control::CaptureFilter> FromProto(const v1::CaptureRequest& request);

// A name of `collection` ("tunnels"), or of a session for "sessions".
absl::StatusOr<std::string> ParseName(absl::string_view collection, absl::string_view name);

// What a List request asks for.
template <typename Filter>
struct Listing {
  control::PageRequest page;
  Filter filter;
  bool closed = false;  // of tunnels and sessions
};

// `scope`: see ParsePage().
template <typename Request>
auto ParseListing(const Request& request, absl::string_view scope)
    -> absl::StatusOr<Listing<typename decltype(FromProto(request.filter()))::value_type>> {
  auto page = ParsePage(request.page_size(), request.page_token(), scope);
  if (!page.ok()) return page.status();
  auto filter = FromProto(request.filter());
  if (!filter.ok()) return UnderField("filter", filter.status());
  Listing<typename decltype(filter)::value_type> listing{*std::move(page), *std::move(filter)};
  if constexpr (requires { request.show_closed(); }) listing.closed = request.show_closed();
  return listing;
}

// What is to be deleted, and how.
struct Deletion {
  std::string name;
  bool allow_missing = false;
  control::CloseOptions close;
};
absl::StatusOr<Deletion> FromProto(const v1::DeleteTunnelRequest& request);
absl::StatusOr<Deletion> FromProto(const v1::DeleteSessionRequest& request);

struct Restart {
  std::string name;
  control::CloseOptions close;
};
absl::StatusOr<Restart> FromProto(const v1::RestartTunnelRequest& request);
absl::StatusOr<Restart> FromProto(const v1::RestartSessionRequest& request);

struct TunnelUpdate {
  std::string name;
  std::string etag;
  control::TunnelChange change;
};
absl::StatusOr<TunnelUpdate> FromProto(const v1::UpdateTunnelRequest& request);

// New labels of a session.
struct Relabelling {
  std::string name;
  std::string etag;
  events::Labels labels;
};
absl::StatusOr<Relabelling> FromProto(const v1::UpdateSessionRequest& request);

struct Closing {
  std::string tunnel;  // name; empty: any
  control::SessionFilter filter;
  control::CloseOptions close;
  std::string after;  // name; empty: from the beginning
};
absl::StatusOr<Closing> FromProto(const v1::CloseSessionsRequest& request);

struct CallErrorReport {
  std::string session;  // name
  wire::CallErrors errors;
};
absl::StatusOr<CallErrorReport> FromProto(const v1::ReportCallErrorsRequest& request);

// For the requests that have nothing but `name` and `allow_missing`.
template <typename Request>
absl::StatusOr<Deletion> ParseDeletion(absl::string_view collection, const Request& request) {
  absl::StatusOr<std::string> name = ParseName(collection, request.name());
  if (!name.ok()) return name.status();
  return Deletion{*std::move(name), request.allow_missing(), {}};
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_FROM_PROTO_H_
