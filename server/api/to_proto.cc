#include "server/api/to_proto.h"

#include <string>
#include <type_traits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/api/call_to_proto.h"
#include "server/api/enums.h"
#include "server/api/ppp_to_proto.h"
#include "server/api/profile_settings.h"
#include "server/api/text.h"
#include "server/control/profile_fields.h"

namespace l2tp::api {
namespace {

void SetTime(WallTime time, google::protobuf::Timestamp* out) {
  // Wall times are after 1970, so plain division rounds the right way.
  out->set_seconds(time.nanoseconds / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(time.nanoseconds % 1'000'000'000));
}

void SetEndpoint(const Endpoint& endpoint, v1::Endpoint* out) {
  out->set_ip_address(endpoint.address.ToString());
  out->set_port(endpoint.port);
}

void SetDuration(Duration duration, google::protobuf::Duration* out) {
  out->set_seconds(duration.seconds());
  out->set_nanos(static_cast<int32_t>(duration.nanoseconds() % 1'000'000'000));
}

template <typename Message>
void SetTimes(WallTime created, WallTime established, Message* out) {
  if (created.nanoseconds != 0) SetTime(created, out->mutable_create_time());
  if (established.nanoseconds != 0) SetTime(established, out->mutable_establish_time());
}

template <typename Message>
void SetCause(const events::Cause& cause, Message* out) {
  if (cause.reason == events::CloseReason::kNone && cause.closed_by == events::ClosedBy::kNobody) {
    return;
  }
  v1::Cause* message = out->mutable_cause();
  if (cause.q931_cause) SetQ931Cause(*cause.q931_cause, message->mutable_q931_cause());
  if (cause.ppp_cause) SetPppCause(*cause.ppp_cause, message->mutable_ppp_disconnect_cause());
  message->set_closed_by(ToProto(cause.closed_by));
  message->set_reason(ToProto(cause.reason));
  message->set_result_code(cause.result_code);
  message->set_error_code(cause.error_code);
  message->set_message(CleanText(cause.message));
  if (cause.pppd_exit_status >= 0) message->set_pppd_exit_status(cause.pppd_exit_status);
  message->set_pppd_signal(cause.pppd_signal);
}

void SetLinkInfo(const events::LinkInfo& link, v1::LinkInfo* out) {
  out->set_from_peer(link.from_peer);
  out->set_send_accm(link.send_accm);
  out->set_receive_accm(link.receive_accm);
}

void SetCounters(const events::Counters& counters, v1::SessionCounters* out) {
  out->set_tx_packet_count(counters.tx_packets);
  out->set_tx_byte_count(counters.tx_bytes);
  out->set_tx_error_count(counters.tx_errors);
  out->set_rx_packet_count(counters.rx_packets);
  out->set_rx_byte_count(counters.rx_bytes);
  out->set_rx_error_count(counters.rx_errors);
  out->set_rx_sequence_discard_count(counters.rx_sequence_discards);
  out->set_rx_out_of_sequence_count(counters.rx_out_of_sequence);
}

void SetReconnect(const std::optional<events::ReconnectInfo>& reconnect, v1::Session* out) {
  if (!reconnect.has_value()) return;
  out->set_persistent(true);
  v1::ReconnectInfo* info = out->mutable_reconnect();
  info->set_failure_count(reconnect->failures);
  info->set_max_failure_count(reconnect->max_failures);
  if (reconnect->next_attempt_time.nanoseconds != 0) {
    SetTime(reconnect->next_attempt_time, info->mutable_next_attempt_time());
  }
}

void SetSettings(const control::TunnelSettings& tunnel, v1::TunnelSettings* out) {
  SetDuration(tunnel.hello_interval, out->mutable_hello_interval());
  SetDuration(tunnel.retransmit_timeout, out->mutable_retransmit_timeout());
  SetDuration(tunnel.retransmit_cap, out->mutable_retransmit_cap());
  out->set_max_retransmits(tunnel.max_retransmits);
  out->set_receive_window(tunnel.receive_window);
  SetDuration(tunnel.setup_timeout, out->mutable_setup_timeout());
  out->set_hide_avps(tunnel.hide_avps);
  out->set_tie_breaker(tunnel.tie_breaker);
  out->set_max_sessions(tunnel.max_sessions);
  out->set_udp_checksums(tunnel.socket.udp_checksums);
  out->set_dscp(static_cast<uint32_t>(tunnel.socket.dscp));
  out->set_path_mtu_discovery(ToProto(tunnel.socket.path_mtu_discovery));
  out->set_device(CleanText(tunnel.socket.device));
}

void SetSettings(const control::SessionSettings& session, v1::SessionSettings* out) {
  out->set_send_sequence(session.send_sequence);
  out->set_receive_sequence(session.receive_sequence);
  SetDuration(session.reorder_timeout, out->mutable_reorder_timeout());
  out->set_tx_connect_speed_bps(session.tx_connect_speed);
  out->set_rx_connect_speed_bps(session.rx_connect_speed);
  SetDuration(session.setup_timeout, out->mutable_setup_timeout());
  SetDuration(session.ppp_timeout, out->mutable_ppp_timeout());
  SetDuration(session.reconnect_min_delay, out->mutable_reconnect_min_delay());
  SetDuration(session.reconnect_max_delay, out->mutable_reconnect_max_delay());
  out->set_max_reconnect_failures(session.max_reconnect_failures);
}

std::string ServerText(const Endpoint& server) {
  if (!server.address.is_set()) return "";
  return server.port == 0 ? server.address.ToString() : server.ToString();
}

void SetRadius(const control::RadiusSettings& radius, v1::RadiusSettings* out) {
  out->set_server(ServerText(radius.server));
  out->set_accounting_server(ServerText(radius.accounting_server));
  SetDuration(radius.timeout, out->mutable_timeout());
  out->set_retries(radius.retries);
  out->set_nas_identifier(CleanText(radius.nas_identifier));
}

void SetSettings(const control::PppSettings& ppp, v1::PppSettings* out) {
  for (control::AuthMethod method : ppp.require_auth) out->add_require_auth(ToProto(method));
  SetRadius(ppp.radius, out->mutable_radius());
  out->set_authenticator(CleanText(ppp.authenticator));
  SetDuration(ppp.authenticator_timeout, out->mutable_authenticator_timeout());
  out->set_user(CleanText(ppp.user));
  out->set_local_ip_address(ppp.local_address.ToString());
  out->set_pool(ppp.pool);
  for (const IpAddress& dns : ppp.dns) out->add_dns_ip_addresses(dns.ToString());
  out->set_ask_dns(ppp.ask_dns);
  out->set_ipv6(ppp.ipv6);
  out->set_default_route(ppp.default_route);
  out->set_mppe_required(ppp.mppe_required);
  out->set_mtu(ppp.mtu);
  out->set_mru(ppp.mru);
  SetDuration(Duration::Seconds(ppp.lcp_echo_interval), out->mutable_lcp_echo_interval());
  out->set_lcp_echo_failures(ppp.lcp_echo_failures);
  out->set_asyncmap(ppp.asyncmap);
  out->set_debug(ppp.debug);
  out->set_scripts(ppp.scripts);
  out->set_network_namespace(ppp.network_namespace);
  out->set_vrf(CleanText(ppp.vrf));
  for (const std::string& option : ppp.pppd_options) out->add_pppd_options(option);
}

std::string RangeText(const control::AddressRange& range) {
  const auto text = [](const IpAddress& address) {
    return address.is_v6() ? InterfaceIdText(address) : address.ToString();
  };
  if (range.first == range.last) return text(range.first);
  return absl::StrCat(text(range.first), "-", text(range.last));
}

void SetUsage(const control::PoolUsage& usage, v1::PoolUsage* out) {
  out->set_total_count(usage.total);
  out->set_used_count(usage.used);
  out->set_reserved_count(usage.set_aside);
  out->set_free_count(usage.total - usage.used - usage.set_aside);
}

void SetRefusal(const events::RefusalInfo& refusal, v1::Refusal* out) {
  out->set_tunnel(refusal.tunnel);
  out->set_remote_ip_address(refusal.remote.address.ToString());
  out->set_remote_port(refusal.remote.port);
  out->set_host_name(CleanText(refusal.host_name));
  out->set_called_number(CleanText(refusal.called_number));
  out->set_calling_number(CleanText(refusal.calling_number));
  SetCause(refusal.cause, out);
  out->set_count(refusal.count);
}

template <typename Message>
void SetConfig(const control::Profile& profile, Message* out) {
  ToProto(profile, out->mutable_profile());
}
template <typename Message>
void SetConfig(const control::Pool& pool, Message* out) {
  ToProto(pool, out->mutable_pool());
}
template <typename Message>
void SetConfig(const control::User& user, Message* out) {
  ToProto(user, out->mutable_user());
}
template <typename Message>
void SetConfig(const control::Peer& peer, Message* out) {
  ToProto(peer, out->mutable_peer());
}

// Fills in the oneof `resource` of an Event or an InitialState.
template <typename Message>
void SetResource(const events::Resource& resource, Message* out) {
  if (const auto* tunnel = std::get_if<events::TunnelInfo>(&resource)) {
    ToProto(*tunnel, out->mutable_tunnel());
  } else if (const auto* session = std::get_if<events::SessionInfo>(&resource)) {
    ToProto(*session, out->mutable_session());
  } else if (const auto* config = std::get_if<events::ConfigInfo>(&resource)) {
    std::visit([out](const auto& value) { SetConfig(*value, out); }, config->config);
  } else if constexpr (std::is_same_v<Message, v1::Event>) {  // never part of an initial state
    SetRefusal(std::get<events::RefusalInfo>(resource), out->mutable_refusal());
  }
}

// Labels, and the etag of what has a version.
template <typename Message>
void SetLabels(const events::Labels& labels, Message* out) {
  for (const auto& [key, value] : labels) (*out->mutable_labels())[key] = CleanText(value);
}

template <typename Resource, typename Message>
void SetMeta(const Resource& resource, Message* out) {
  SetLabels(resource.labels, out);
  if (resource.version != 0) out->set_etag(EtagText(resource.version));
}

}  // namespace

std::string EtagText(uint64_t version) {
  return absl::StrCat(absl::Hex(version, absl::kZeroPad16));
}

void ToProto(const events::TunnelInfo& tunnel, v1::Tunnel* out) {
  out->set_name(tunnel.name);
  out->set_uid(tunnel.uid);
  SetLabels(tunnel.labels, out);
  out->set_etag(tunnel.etag);
  out->set_state(ToProto<v1::Tunnel::State>(tunnel.state));
  out->set_protocol_state(tunnel.protocol_state);
  out->set_origin(ToProto(tunnel.origin));
  out->set_profile(tunnel.profile);
  out->set_peer(tunnel.peer);
  out->set_remote_ip_address(tunnel.remote.address.ToString());
  out->set_remote_port(tunnel.remote.port);
  out->set_local_ip_address(tunnel.local.address.ToString());
  out->set_local_port(tunnel.local.port);
  out->set_host_name(CleanText(tunnel.host_name));
  out->set_assigned_tunnel_id(tunnel.assigned_tunnel_id.value());
  out->set_peer_assigned_tunnel_id(tunnel.peer_assigned_tunnel_id.value());
  out->set_peer_host_name(CleanText(tunnel.peer_host_name));
  out->set_peer_vendor_name(CleanText(tunnel.peer_vendor_name));
  out->set_peer_receive_window(tunnel.peer_receive_window);
  out->set_session_count(tunnel.session_count);
  out->set_retransmit_count(tunnel.retransmit_count);
  out->set_allow_calls(tunnel.allow_calls);
  out->set_draining(tunnel.draining);
  out->set_allow_outgoing_calls(tunnel.allow_outgoing_calls);
  out->set_debug(tunnel.debug);
  SetTimes(tunnel.create_time, tunnel.establish_time, out);
  SetCause(tunnel.cause, out);
}

void ToProto(const events::SessionInfo& session, v1::Session* out) {
  out->set_name(session.name);
  out->set_uid(session.uid);
  SetLabels(session.labels, out);
  out->set_etag(session.etag);
  out->set_state(ToProto<v1::Session::State>(session.state));
  out->set_protocol_state(session.protocol_state);
  out->set_origin(ToProto(session.origin));
  out->set_role(ToProto(session.role));
  out->set_profile(session.profile);
  out->set_user(CleanText(session.user));
  out->set_interface_name(CleanText(session.interface_name));
  out->set_mtu(session.mtu);
  out->set_mru(session.mru);
  SetCall(session, out);
  out->set_assigned_session_id(session.assigned_session_id.value());
  out->set_peer_assigned_session_id(session.peer_assigned_session_id.value());
  SetPpp(session, out);
  out->set_peer_user(session.peer_user);
  out->set_ipv6_prefix(session.ipv6_prefix.ToString());
  for (const IpPrefix& route : session.routes) out->add_routes(route.ToString());
  out->set_downstream_rate_bps(session.downstream_rate);
  out->set_upstream_rate_bps(session.upstream_rate);
  if (session.link_info.has_value()) SetLinkInfo(*session.link_info, out->mutable_link_info());
  SetCounters(session.counters, out->mutable_counters());
  SetReconnect(session.reconnect, out);
  SetTimes(session.create_time, session.establish_time, out);
  SetCause(session.cause, out);
}

void ToProto(const control::Profile& profile, v1::Profile* out) {
  out->set_name(profile.name);
  SetMeta(profile, out);
  out->set_display_name(CleanText(profile.display_name));
  out->set_parent(profile.parent);
  v1::EffectiveSettings* effective = out->mutable_effective();
  SetSettings(profile.tunnel, effective->mutable_tunnel());
  SetSettings(profile.session, effective->mutable_session());
  SetSettings(profile.ppp, effective->mutable_ppp());
  *out->mutable_tunnel() = effective->tunnel();
  *out->mutable_session() = effective->session();
  *out->mutable_ppp() = effective->ppp();
  for (const control::ProfileField& field : control::ProfileFields()) {
    if (!profile.set.contains(field.path)) ClearSetting(field.path, out);
  }
}

void ToProto(const control::Pool& pool, v1::Pool* out) {
  out->set_name(pool.name);
  SetMeta(pool, out);
  for (const control::AddressRange& range : pool.ip_ranges) out->add_ip_ranges(RangeText(range));
  for (const control::AddressRange& range : pool.ipv6_interface_ids) {
    out->add_ipv6_interface_id_ranges(RangeText(range));
  }
  for (const IpPrefix& prefix : pool.ipv6_prefixes) out->add_ipv6_prefixes(prefix.ToString());
  SetUsage(pool.addresses, out->mutable_addresses());
  SetUsage(pool.interface_ids, out->mutable_interface_ids());
  SetUsage(pool.prefixes, out->mutable_prefixes());
}

void ToProto(const control::Lease& lease, v1::Lease* out) {
  out->set_session(lease.name);
  out->set_pool(lease.pool);
  out->set_user(lease.user);
  out->set_ip_address(lease.address.ToString());
  out->set_ipv6_interface_id(InterfaceIdText(lease.interface_id));
  out->set_ipv6_prefix(lease.prefix.ToString());
}

void ToProto(const control::User& user, v1::User* out) {
  out->set_name(user.name);
  SetMeta(user, out);
  out->set_login(CleanText(user.login));
  out->set_enabled(user.enabled);
  out->set_profile(user.profile);
  out->set_ip_address(user.address.ToString());
  out->set_ipv6_interface_id(InterfaceIdText(user.interface_id));
  out->set_ipv6_prefix(user.prefix.ToString());
  out->set_max_sessions(user.max_sessions);
  out->set_session_count(user.session_count);
}

void ToProto(const control::Peer& peer, v1::Peer* out) {
  out->set_name(peer.name);
  SetMeta(peer, out);
  if (peer.prefix.address.is_set()) out->set_ip_prefix(peer.prefix.ToString());
  out->set_host_name(CleanText(peer.host_name));
  out->set_profile(peer.profile);
  out->set_allow_calls(peer.allow_calls);
  out->set_allow_outgoing_calls(peer.allow_outgoing_calls);
  out->set_deny(peer.deny);
  out->set_draining(peer.draining);
}

void ToProto(const control::SystemInfo& system, v1::System* out) {
  out->set_name("system");
  out->set_version(system.version);
  out->set_state(system.shutting_down ? v1::System::STATE_SHUTTING_DOWN
                 : system.draining    ? v1::System::STATE_DRAINING
                                      : v1::System::STATE_RUNNING);
  out->set_host_name(CleanText(system.host_name));
  if (system.start_time.nanoseconds != 0) {
    SetTime(system.start_time, out->mutable_start_time());
  }
  out->set_revision(system.revision);
  out->set_tunnel_count(system.tunnel_count);
  out->set_established_tunnel_count(system.established_tunnel_count);
  out->set_session_count(system.session_count);
  out->set_established_session_count(system.established_session_count);
  out->set_waiting_session_count(system.waiting_session_count);
  out->set_watcher_count(system.watcher_count);
  for (const Endpoint& listener : system.listeners) {
    SetEndpoint(listener, out->add_listeners());
  }
  out->set_pppd_path(CleanText(system.pppd_path));
  out->set_refused_tunnel_count(system.refused_tunnel_count);
  out->set_refused_session_count(system.refused_session_count);
  out->set_malformed_datagram_count(system.malformed_count);
  out->set_unknown_tunnel_count(system.unknown_tunnel_count);
  out->set_half_open_tunnel_count(system.half_open_tunnel_count);
  out->set_dropped_sccrq_count(system.dropped_sccrq_count);
  out->set_displaced_tunnel_count(system.displaced_count);
  out->set_lost_tie_count(system.lost_tie_count);
  out->set_retransmit_count(system.retransmit_count);
  out->set_duplicate_count(system.duplicate_count);
  out->set_foreign_source_count(system.foreign_source_count);
  out->set_queued_pppd_count(system.ppp.queued);
  out->set_starting_pppd_count(system.ppp.starting);
  out->set_running_pppd_count(system.ppp.running);
  out->set_forked_pppd_count(system.ppp.forked);
  out->set_executed_pppd_count(system.ppp.executed);
}

void ToProto(const control::CapturedMessage& message, v1::CaptureResponse* out) {
  v1::CapturedMessage* captured = out->mutable_message();
  SetTime(message.time, captured->mutable_time());
  captured->set_direction(message.sent ? v1::CapturedMessage::DIRECTION_SENT
                                       : v1::CapturedMessage::DIRECTION_RECEIVED);
  SetEndpoint(message.path.local, captured->mutable_local());
  SetEndpoint(message.path.remote, captured->mutable_remote());
  captured->set_datagram(message.datagram.data(), message.datagram.size());
  captured->set_description(CleanText(control::DescribeDatagram(message.datagram)));
  out->set_dropped_count(message.dropped_count);
}

void ToProto(const events::Event& event, v1::Event* out) {
  out->set_revision(event.revision);
  if (event.time.nanoseconds != 0) SetTime(event.time, out->mutable_time());
  out->set_type(ToProto(event.type));
  out->set_name(event.name());
  SetResource(event.resource, out);
}

void ToProto(const events::Item& item, v1::WatchResponse* out) {
  if (const auto* initial = std::get_if<events::InitialState>(&item)) {
    SetResource(initial->resource, out->mutable_initial_state());
  } else if (const auto* synced = std::get_if<events::Synced>(&item)) {
    out->mutable_synced()->set_revision(synced->revision);
  } else if (const auto* bookmark = std::get_if<events::Bookmark>(&item)) {
    out->mutable_bookmark()->set_revision(bookmark->revision);
  } else {
    ToProto(*std::get<events::EventPtr>(item), out->mutable_event());
  }
}

}  // namespace l2tp::api
