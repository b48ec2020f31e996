#include "server/api/from_proto.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/call_from_proto.h"
#include "server/api/enums.h"
#include "server/api/settings_from_proto.h"
#include "server/api/status.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/labels.h"
#include "server/control/names.h"
#include "server/control/validate.h"

namespace l2tp::api {
namespace {

constexpr size_t kMaxCloseMessage = 200;

absl::StatusOr<uint16_t> ParsePort(absl::string_view field, int32_t port) {
  if (port >= 0 && port <= 65535) return static_cast<uint16_t>(port);
  return InvalidField(field, absl::StrCat(port, " is not between 0 and 65535"));
}

absl::StatusOr<uint16_t> ParseCode(absl::string_view field, uint32_t code) {
  if (code <= 65535) return static_cast<uint16_t>(code);
  return InvalidField(field, absl::StrCat(code, " is more than 65535"));
}

// "profiles" and "isp" make "profiles/isp". `field`: where the id stands.
absl::StatusOr<std::string> MakeName(absl::string_view collection, absl::string_view field,
                                     absl::string_view id) {
  if (id.empty()) return MissingField(field);
  if (!control::IsResourceId(id)) {
    return InvalidField(field, absl::StrCat("\"", id,
                                            "\" is not 1 to 63 characters of a-z, 0-9 and -, "
                                            "starting with a letter, not ending with -"));
  }
  return absl::StrCat(collection, "/", id);
}

template <typename Request>
absl::Status ParseClose(const Request& request, control::CloseOptions* out) {
  L2TP_ASSIGN_OR_RETURN(out->result_code, ParseCode("result_code", request.result_code()));
  L2TP_ASSIGN_OR_RETURN(out->error_code, ParseCode("error_code", request.error_code()));
  if (request.message().size() > kMaxCloseMessage) {
    return InvalidField("message", absl::StrCat(request.message().size(), " octets are more than ",
                                                kMaxCloseMessage));
  }
  out->message = request.message();
  return absl::OkStatus();
}

bool IsSessionName(absl::string_view name) {
  const size_t split = name.find("/sessions/");
  return split != absl::string_view::npos && control::IsName("tunnels", name.substr(0, split)) &&
         control::IsName("sessions", name.substr(split + 1));
}

template <typename Message>
events::Labels ParseLabels(const Message& message) {
  return {message.labels().begin(), message.labels().end()};
}

absl::StatusOr<control::TunnelSpec> ParseTunnel(const v1::Tunnel& tunnel) {
  control::TunnelSpec spec;
  spec.labels = ParseLabels(tunnel);
  spec.profile = tunnel.profile();
  L2TP_ASSIGN_OR_RETURN(spec.remote.address,
                        ParseAddress("remote_ip_address", tunnel.remote_ip_address()));
  L2TP_ASSIGN_OR_RETURN(spec.remote.port, ParsePort("remote_port", tunnel.remote_port()));
  L2TP_ASSIGN_OR_RETURN(spec.local.address,
                        ParseAddress("local_ip_address", tunnel.local_ip_address()));
  L2TP_ASSIGN_OR_RETURN(spec.local.port, ParsePort("local_port", tunnel.local_port()));
  spec.host_name = tunnel.host_name();
  spec.secret = tunnel.secret();
  spec.allow_calls = tunnel.allow_calls();
  spec.allow_outgoing_calls = tunnel.allow_outgoing_calls();
  spec.debug = tunnel.debug();
  L2TP_RETURN_IF_ERROR(control::Validate(spec));
  return spec;
}

constexpr char kAnyTunnel[] = "tunnels/-";

absl::Status ParseParent(const v1::CreateSessionRequest& request, control::SessionSpec* out) {
  if (request.parent().empty()) return MissingField("parent");
  if (request.parent() == kAnyTunnel) {
    if (!request.has_tunnel()) return MissingField("tunnel");
    absl::StatusOr<control::TunnelSpec> tunnel = ParseTunnel(request.tunnel());
    if (!tunnel.ok()) return UnderField("tunnel", tunnel.status());
    out->tunnel_to = *std::move(tunnel);
    return absl::OkStatus();
  }
  if (!control::IsName("tunnels", request.parent())) {
    return InvalidField("parent", absl::StrCat("\"", request.parent(),
                                               "\" is not of the form tunnels/{id} or tunnels/-"));
  }
  if (request.has_tunnel()) return InvalidField("tunnel", "goes with the parent tunnels/- only");
  out->tunnel = request.parent();
  return absl::OkStatus();
}

// "192.0.2.1-192.0.2.9", or a single address.
absl::StatusOr<control::AddressRange> ParseRange(absl::string_view field, absl::string_view text) {
  const size_t dash = text.find('-');
  const auto first = IpAddress::Parse(text.substr(0, dash));
  const auto last =
      dash == absl::string_view::npos ? first : IpAddress::Parse(text.substr(dash + 1));
  if (first.has_value() && last.has_value()) return control::AddressRange{*first, *last};
  return InvalidField(field, absl::StrCat("\"", text, "\" is not an address or FIRST-LAST"));
}

absl::StatusOr<IpPrefix> ParsePrefix(absl::string_view field, absl::string_view text) {
  if (const auto prefix = IpPrefix::Parse(text)) return *prefix;
  return InvalidField(field, absl::StrCat("\"", text,
                                          "\" is not an address with a prefix length, "
                                          "as in 192.0.2.0/24"));
}

}  // namespace

absl::StatusOr<control::Pool> FromProto(const v1::Pool& pool, std::string name) {
  control::Pool out;
  out.name = std::move(name);
  out.labels = ParseLabels(pool);
  for (int i = 0; i < pool.ip_ranges_size(); ++i) {
    L2TP_ASSIGN_OR_RETURN(out.ip_ranges.emplace_back(),
                          ParseRange(absl::StrCat("ip_ranges[", i, "]"), pool.ip_ranges(i)));
  }
  for (int i = 0; i < pool.ipv6_interface_id_ranges_size(); ++i) {
    L2TP_ASSIGN_OR_RETURN(out.ipv6_interface_ids.emplace_back(),
                          ParseRange(absl::StrCat("ipv6_interface_id_ranges[", i, "]"),
                                     pool.ipv6_interface_id_ranges(i)));
  }
  for (int i = 0; i < pool.ipv6_prefixes_size(); ++i) {
    L2TP_ASSIGN_OR_RETURN(
        out.ipv6_prefixes.emplace_back(),
        ParsePrefix(absl::StrCat("ipv6_prefixes[", i, "]"), pool.ipv6_prefixes(i)));
  }
  L2TP_RETURN_IF_ERROR(control::Validate(out));
  return out;
}

absl::StatusOr<control::User> FromProto(const v1::User& user, std::string name) {
  control::User out;
  out.name = std::move(name);
  out.labels = ParseLabels(user);
  out.login = user.login();
  out.password = user.password();
  if (user.has_enabled()) out.enabled = user.enabled();
  out.profile = user.profile();
  L2TP_ASSIGN_OR_RETURN(out.address, ParseAddress("ip_address", user.ip_address()));
  L2TP_ASSIGN_OR_RETURN(out.interface_id,
                        ParseAddress("ipv6_interface_id", user.ipv6_interface_id()));
  if (!user.ipv6_prefix().empty()) {
    L2TP_ASSIGN_OR_RETURN(out.prefix, ParsePrefix("ipv6_prefix", user.ipv6_prefix()));
  }
  out.max_sessions = user.max_sessions();
  L2TP_RETURN_IF_ERROR(control::Validate(out));
  return out;
}

absl::StatusOr<control::Peer> FromProto(const v1::Peer& peer, std::string name) {
  control::Peer out;
  out.name = std::move(name);
  out.labels = ParseLabels(peer);
  if (!peer.ip_prefix().empty()) {
    L2TP_ASSIGN_OR_RETURN(out.prefix, ParsePrefix("ip_prefix", peer.ip_prefix()));
  }
  out.host_name = peer.host_name();
  out.secret = peer.secret();
  out.profile = peer.profile();
  if (peer.has_allow_calls()) out.allow_calls = peer.allow_calls();
  out.allow_outgoing_calls = peer.allow_outgoing_calls();
  out.deny = peer.deny();
  L2TP_RETURN_IF_ERROR(control::Validate(out));
  return out;
}

absl::StatusOr<control::Profile> FromProto(const v1::Profile& profile, std::string name) {
  control::Profile out;
  out.name = std::move(name);
  out.labels = ParseLabels(profile);
  out.display_name = profile.display_name();
  out.parent = profile.parent();
  L2TP_RETURN_IF_ERROR(ParseSettings(profile, &out));
  L2TP_RETURN_IF_ERROR(control::Validate(out));
  return out;
}

absl::StatusOr<control::TunnelSpec> FromProto(const v1::CreateTunnelRequest& request) {
  if (!request.tunnel_id().empty()) {
    L2TP_RETURN_IF_ERROR(MakeName("tunnels", "tunnel_id", request.tunnel_id()).status());
  }
  if (!request.has_tunnel()) return MissingField("tunnel");
  absl::StatusOr<control::TunnelSpec> spec = ParseTunnel(request.tunnel());
  if (!spec.ok()) return UnderField("tunnel", spec.status());
  spec->id = request.tunnel_id();
  return spec;
}

absl::StatusOr<control::SessionSpec> FromProto(const v1::CreateSessionRequest& request) {
  control::SessionSpec spec;
  L2TP_RETURN_IF_ERROR(ParseParent(request, &spec));
  if (!request.session_id().empty()) {
    L2TP_RETURN_IF_ERROR(MakeName("sessions", "session_id", request.session_id()).status());
  }
  const v1::Session& session = request.session();
  spec.profile = session.profile();
  spec.user = session.user();
  spec.password = session.password();
  spec.interface_name = session.interface_name();
  spec.persistent = session.persistent();
  spec.labels = ParseLabels(session);
  absl::Status status = ParseCall(session, &spec);
  if (status.ok()) status = control::Validate(spec);
  if (!status.ok()) return UnderField("session", status);
  spec.id = request.session_id();
  return spec;
}

absl::StatusOr<control::Profile> FromProto(const v1::CreateProfileRequest& request) {
  L2TP_ASSIGN_OR_RETURN(std::string name, MakeName("profiles", "profile_id", request.profile_id()));
  if (!request.has_profile()) return MissingField("profile");
  absl::StatusOr<control::Profile> profile = FromProto(request.profile(), std::move(name));
  if (!profile.ok()) return UnderField("profile", profile.status());
  return profile;
}

absl::StatusOr<control::Pool> FromProto(const v1::CreatePoolRequest& request) {
  L2TP_ASSIGN_OR_RETURN(std::string name, MakeName("pools", "pool_id", request.pool_id()));
  if (!request.has_pool()) return MissingField("pool");
  absl::StatusOr<control::Pool> pool = FromProto(request.pool(), std::move(name));
  if (!pool.ok()) return UnderField("pool", pool.status());
  return pool;
}

absl::StatusOr<control::User> FromProto(const v1::CreateUserRequest& request) {
  L2TP_ASSIGN_OR_RETURN(std::string name, MakeName("users", "user_id", request.user_id()));
  if (!request.has_user()) return MissingField("user");
  absl::StatusOr<control::User> user = FromProto(request.user(), std::move(name));
  if (!user.ok()) return UnderField("user", user.status());
  return user;
}

absl::StatusOr<control::Peer> FromProto(const v1::CreatePeerRequest& request) {
  L2TP_ASSIGN_OR_RETURN(std::string name, MakeName("peers", "peer_id", request.peer_id()));
  if (!request.has_peer()) return MissingField("peer");
  absl::StatusOr<control::Peer> peer = FromProto(request.peer(), std::move(name));
  if (!peer.ok()) return UnderField("peer", peer.status());
  return peer;
}

namespace {

// The filter compares all of them with every event.
template <typename T>
void AddOnce(T value, std::vector<T>* values) {
  if (std::find(values->begin(), values->end(), value) == values->end()) values->push_back(value);
}

// What events of that name can be about; empty: it is no name.
std::vector<events::Kind> KindsNamed(absl::string_view name) {
  using events::Kind;
  if (IsSessionName(name)) return {Kind::kSession};
  if (control::IsName("profiles", name)) return {Kind::kProfile};
  if (control::IsName("pools", name)) return {Kind::kPool};
  if (control::IsName("users", name)) return {Kind::kUser};
  if (control::IsName("peers", name)) return {Kind::kPeer};
  if (!control::IsName("tunnels", name)) return {};
  return {Kind::kTunnel, Kind::kSession, Kind::kRefusal};  // of a call refused in it
}

// What Watch and ListEvents have in common.
template <typename Request>
absl::StatusOr<events::Filter> ParseEventFilter(const Request& request) {
  events::Filter filter;
  for (int i = 0; i < request.types_size(); ++i) {
    const std::optional<events::EventType> type = EventTypeFromProto(request.types(i));
    if (!type.has_value()) {
      return InvalidField(absl::StrCat("types[", i, "]"),
                          absl::StrCat(static_cast<int>(request.types(i)), " is no event type"));
    }
    AddOnce(*type, &filter.types);
  }
  for (int i = 0; i < request.kinds_size(); ++i) {
    const std::optional<events::Kind> kind = KindFromProto(request.kinds(i));
    if (!kind.has_value()) {
      return InvalidField(absl::StrCat("kinds[", i, "]"),
                          absl::StrCat(static_cast<int>(request.kinds(i)), " is no kind"));
    }
    AddOnce(*kind, &filter.kinds);
  }
  const auto taken = [&filter](events::EventType type) { return filter.Takes(type); };
  if (!filter.types.empty() && std::none_of(filter.types.begin(), filter.types.end(), taken)) {
    return InvalidField("kinds", "none of types is of one of these kinds");
  }
  filter.name = request.name();
  if (!filter.name.empty()) {
    const std::vector<events::Kind> kinds = KindsNamed(filter.name);
    if (kinds.empty()) {
      return InvalidField("name", absl::StrCat("\"", filter.name,
                                               "\" is not of the form tunnels/{id}, "
                                               "tunnels/{id}/sessions/{id}, profiles/{id}, "
                                               "pools/{id}, users/{id} or peers/{id}"));
    }
    const auto wanted = [&filter](events::Kind kind) { return filter.Takes(kind); };
    if (std::none_of(kinds.begin(), kinds.end(), wanted)) {
      return InvalidField("kinds", absl::StrCat(filter.name, " is of none of these kinds"));
    }
  }
  filter.labels = ParseLabels(request);
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(filter.labels));
  return filter;
}

template <typename Message>
absl::StatusOr<std::set<events::State>> ParseStates(const Message& filter) {
  std::set<events::State> states;
  for (int i = 0; i < filter.states_size(); ++i) {
    const std::optional<events::State> state = StateFromProto<Message>(filter.states(i));
    if (!state.has_value()) {
      return InvalidField(absl::StrCat("states[", i, "]"),
                          absl::StrCat(static_cast<int>(filter.states(i)), " is no state"));
    }
    states.insert(*state);
  }
  return states;
}

absl::StatusOr<WallTime> ParseTime(absl::string_view field,
                                   const google::protobuf::Timestamp& time) {
  // Years 1970 to 2262, as a WallTime can be.
  if (time.seconds() < 0 || time.seconds() > 9'000'000'000 || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return InvalidField(field, "is not a time from 1970 to 2255");
  }
  return WallTime{time.seconds() * 1'000'000'000 + time.nanos()};
}

}  // namespace

absl::StatusOr<control::TunnelFilter> FromProto(const v1::TunnelFilter& filter) {
  control::TunnelFilter out;
  L2TP_ASSIGN_OR_RETURN(out.states, ParseStates(filter));
  out.peer = filter.peer();
  L2TP_ASSIGN_OR_RETURN(out.remote, ParseAddress("remote_ip_address", filter.remote_ip_address()));
  out.profile = filter.profile();
  out.labels = ParseLabels(filter);
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<control::SessionFilter> FromProto(const v1::SessionFilter& filter) {
  control::SessionFilter out;
  L2TP_ASSIGN_OR_RETURN(out.states, ParseStates(filter));
  out.user = filter.user();
  L2TP_ASSIGN_OR_RETURN(out.address, ParseAddress("ip_address", filter.ip_address()));
  if (out.address.is_v6()) return InvalidField("ip_address", "is not an IPv4 address");
  out.interface_name = filter.interface_name();
  out.calling_number = filter.calling_number();
  out.called_number = filter.called_number();
  out.profile = filter.profile();
  out.labels = ParseLabels(filter);
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<control::ProfileFilter> FromProto(const v1::ProfileFilter& filter) {
  control::ProfileFilter out{ParseLabels(filter)};
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<control::PoolFilter> FromProto(const v1::PoolFilter& filter) {
  control::PoolFilter out{ParseLabels(filter)};
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<control::UserFilter> FromProto(const v1::UserFilter& filter) {
  control::UserFilter out;
  if (filter.has_enabled()) out.enabled = filter.enabled();
  out.profile = filter.profile();
  out.labels = ParseLabels(filter);
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<control::PeerFilter> FromProto(const v1::PeerFilter& filter) {
  control::PeerFilter out{filter.profile(), ParseLabels(filter)};
  L2TP_RETURN_IF_ERROR(control::ValidateLabels(out.labels));
  return out;
}

absl::StatusOr<Closing> FromProto(const v1::CloseSessionsRequest& request) {
  Closing closing;
  if (!request.parent().empty() && request.parent() != kAnyTunnel) {
    if (!control::IsName("tunnels", request.parent())) {
      return InvalidField(
          "parent",
          absl::StrCat("\"", request.parent(), "\" is not of the form tunnels/{id} or tunnels/-"));
    }
    closing.tunnel = request.parent();
  }
  absl::StatusOr<control::SessionFilter> filter = FromProto(request.filter());
  if (!filter.ok()) return UnderField("filter", filter.status());
  if (filter->empty()) return MissingField("filter");
  closing.filter = *std::move(filter);
  L2TP_RETURN_IF_ERROR(ParseClose(request, &closing.close));
  return closing;
}

absl::StatusOr<events::ListOptions> FromProto(const v1::ListEventsRequest& request) {
  events::ListOptions options;
  L2TP_ASSIGN_OR_RETURN(options.filter, ParseEventFilter(request));
  if (request.has_start_time()) {
    L2TP_ASSIGN_OR_RETURN(options.start, ParseTime("start_time", request.start_time()));
  }
  if (request.has_end_time()) {
    L2TP_ASSIGN_OR_RETURN(options.end, ParseTime("end_time", request.end_time()));
  }
  options.newest_first = request.newest_first();
  return options;
}

absl::StatusOr<events::WatchOptions> FromProto(const v1::WatchRequest& request) {
  events::WatchOptions options;
  L2TP_ASSIGN_OR_RETURN(options.filter, ParseEventFilter(request));
  options.resume_token = request.resume_token();
  options.include_initial_state = request.include_initial_state();
  switch (request.delivery()) {
    case v1::WatchRequest::DELIVERY_UNSPECIFIED:
    case v1::WatchRequest::DELIVERY_EVERY_EVENT: break;
    case v1::WatchRequest::DELIVERY_LATEST_STATE:
      options.delivery = events::Delivery::kLatestState;
      break;
    default:
      return InvalidField("delivery", absl::StrCat(static_cast<int>(request.delivery()),
                                                   " is no kind of delivery"));
  }
  return options;
}

absl::StatusOr<control::CaptureFilter> FromProto(const v1::CaptureRequest& request) {
  control::CaptureFilter filter;
  if (!request.name().empty()) {
    L2TP_ASSIGN_OR_RETURN(filter.tunnel, ParseName("tunnels", request.name()));
  }
  L2TP_ASSIGN_OR_RETURN(filter.remote,
                        ParseAddress("remote_ip_address", request.remote_ip_address()));
  return filter;
}

absl::StatusOr<std::string> ParseName(absl::string_view collection, absl::string_view name) {
  if (name.empty()) return MissingField("name");
  const bool session = collection == "sessions";
  if (session ? IsSessionName(name) : control::IsName(collection, name)) return std::string(name);
  return InvalidField("name", absl::StrCat("\"", name, "\" is not of the form ",
                                           session ? "tunnels/{id}/" : "", collection, "/{id}"));
}

absl::StatusOr<Deletion> FromProto(const v1::DeleteTunnelRequest& request) {
  L2TP_ASSIGN_OR_RETURN(Deletion deletion, ParseDeletion("tunnels", request));
  L2TP_RETURN_IF_ERROR(ParseClose(request, &deletion.close));
  deletion.close.force = request.force();
  return deletion;
}

absl::StatusOr<Deletion> FromProto(const v1::DeleteSessionRequest& request) {
  L2TP_ASSIGN_OR_RETURN(Deletion deletion, ParseDeletion("sessions", request));
  L2TP_RETURN_IF_ERROR(ParseClose(request, &deletion.close));
  if (request.has_q931_cause()) {
    L2TP_ASSIGN_OR_RETURN(deletion.close.q931_cause, ParseQ931Cause(request.q931_cause()));
  }
  return deletion;
}

absl::StatusOr<Restart> FromProto(const v1::RestartTunnelRequest& request) {
  Restart restart;
  L2TP_ASSIGN_OR_RETURN(restart.name, ParseName("tunnels", request.name()));
  L2TP_RETURN_IF_ERROR(ParseClose(request, &restart.close));
  restart.close.force = request.force();
  return restart;
}

absl::StatusOr<Restart> FromProto(const v1::RestartSessionRequest& request) {
  Restart restart;
  L2TP_ASSIGN_OR_RETURN(restart.name, ParseName("sessions", request.name()));
  L2TP_RETURN_IF_ERROR(ParseClose(request, &restart.close));
  if (request.has_q931_cause()) {
    L2TP_ASSIGN_OR_RETURN(restart.close.q931_cause, ParseQ931Cause(request.q931_cause()));
  }
  return restart;
}

absl::StatusOr<TunnelUpdate> FromProto(const v1::UpdateTunnelRequest& request) {
  if (!request.has_tunnel()) return MissingField("tunnel");
  const v1::Tunnel& tunnel = request.tunnel();
  absl::StatusOr<std::string> name = ParseName("tunnels", tunnel.name());
  if (!name.ok()) return UnderField("tunnel", name.status());
  const auto& paths = request.update_mask().paths();
  bool labels = paths.empty() && !tunnel.labels().empty();
  bool debug = paths.empty() && tunnel.debug();
  for (const std::string& path : paths) {
    if (path != "labels" && path != "debug" && path != "*") {
      return InvalidField(
          "update_mask",
          absl::StrCat("\"", path, "\" cannot be changed, only labels and debug can"));
    }
    labels = labels || path != "debug";
    debug = debug || path != "labels";
  }
  if (!labels && !debug) return MissingField("update_mask");
  TunnelUpdate update{*std::move(name), tunnel.etag(), {}};
  if (labels) update.change.labels = ParseLabels(tunnel);
  if (debug) update.change.debug = tunnel.debug();
  return update;
}

absl::StatusOr<Relabelling> FromProto(const v1::UpdateSessionRequest& request) {
  if (!request.has_session()) return MissingField("session");
  const v1::Session& session = request.session();
  absl::StatusOr<std::string> name = ParseName("sessions", session.name());
  if (!name.ok()) return UnderField("session", name.status());
  const auto& paths = request.update_mask().paths();
  if (paths.empty() && session.labels().empty()) return MissingField("update_mask");
  for (const std::string& path : paths) {
    if (path == "labels" || path == "*") continue;
    return InvalidField("update_mask",
                        absl::StrCat("\"", path, "\" cannot be changed, only labels can"));
  }
  return Relabelling{*std::move(name), session.etag(), ParseLabels(session)};
}

absl::StatusOr<CallErrorReport> FromProto(const v1::ReportCallErrorsRequest& request) {
  CallErrorReport report;
  L2TP_ASSIGN_OR_RETURN(report.session, ParseName("sessions", request.name()));
  if (!request.has_call_errors()) return MissingField("call_errors");
  report.errors = ParseCallErrors(request.call_errors());
  return report;
}

}  // namespace l2tp::api
