#include "server/control/tunnels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/cause.h"
#include "server/control/names.h"
#include "server/control/ppp_sizes.h"
#include "server/wire/header.h"

namespace l2tp::control {
namespace {

using events::EventType;
using wire::ErrorCode;
using wire::StopCcnResult;

constexpr char kVendorName[] = "l2tp-controller";

// What we say we can do when peers may ask for outgoing calls: PPP takes the place of any bearer.
constexpr uint32_t kAllBearers = wire::kBearerAnalog | wire::kBearerDigital;

void TakePeer(const protocol::PeerFacts& peer, events::TunnelInfo* info) {
  info->peer_assigned_tunnel_id = peer.peer_tunnel_id;
  info->peer_host_name = peer.host_name;
  info->peer_vendor_name = peer.vendor_name;
  info->peer_receive_window = peer.receive_window;
}

}  // namespace

protocol::TunnelParams Tunnels::MakeParams(const TunnelSettings& settings,
                                           const std::string& host_name, const std::string& secret,
                                           bool allow_outgoing_calls) {
  protocol::TunnelParams params;
  params.host_name = host_name;
  params.vendor_name = kVendorName;
  params.secret = secret;
  params.bearer_capabilities = allow_outgoing_calls ? kAllBearers : 0;
  params.hide_avps = settings.hide_avps;
  params.tie_breaker = settings.tie_breaker;
  params.channel.retransmit_timeout = settings.retransmit_timeout;
  params.channel.retransmit_cap = settings.retransmit_cap;
  params.channel.max_retransmits = settings.max_retransmits;
  params.channel.receive_window = static_cast<uint16_t>(settings.receive_window);
  params.hello_interval = settings.hello_interval;
  params.setup_timeout = settings.setup_timeout;
  return params;
}

void Tunnels::Close(TunnelRecord* tunnel, const events::Cause& cause) {
  if (tunnel->closed) return;
  tunnel->why = cause;
  env_->engine.CloseTunnel(env_->now(), tunnel->handle, ToClosure(cause));
  undrained_.insert(tunnel->handle);
}

void Tunnels::CloseAll(const events::Cause& cause) {
  for (auto& [name, record] : records_) Close(&record, cause);
}

TunnelRecord* Tunnels::Find(absl::string_view name) {
  const auto record = records_.find(name);
  return record == records_.end() ? nullptr : &record->second;
}

TunnelRecord* Tunnels::Find(TunnelHandle handle) {
  const auto name = by_handle_.find(handle);
  return name == by_handle_.end() ? nullptr : Find(name->second);
}

// ---- Admission ---------------------------------------------------------------------------------

protocol::Admission Tunnels::Admit(const Path& path, absl::string_view host_name) {
  protocol::Admission admission;
  const Peer* peer = env_->resources.MatchPeer(path.remote.address, host_name);
  if (env_->shutting_down) {
    admission.refusal = wire::MakeResult(StopCcnResult::kShuttingDown);
    return admission;
  }
  if (peer == nullptr || peer->deny) {
    admission.refusal = wire::MakeResult(StopCcnResult::kNotAuthorized);
    return admission;
  }
  if (env_->draining || peer->draining) {
    admission.refusal =
        wire::MakeResult(StopCcnResult::kGeneralError, ErrorCode::kTryAnother, "draining");
    return admission;
  }
  const auto profile = env_->resources.ResolveProfile(peer->profile);
  // Tunnels in retention count: they hold ids and sockets. Those half-open have a limit of their
  // own.
  const size_t count = env_->engine.tunnel_count() - env_->engine.half_open_count();
  if (!profile.ok() || static_cast<int>(count) >= env_->options.max_tunnels) {
    admission.refusal =
        wire::MakeResult(StopCcnResult::kGeneralError, ErrorCode::kInsufficientResources,
                         profile.ok() ? "too many tunnels" : "no profile");
    return admission;
  }
  admission.admitted = true;
  admission.tag = peer->name;
  admission.params = MakeParams((*profile)->tunnel, env_->options.host_name, peer->secret,
                                peer->allow_outgoing_calls);
  return admission;
}

// ---- Capture -----------------------------------------------------------------------------------

void Tunnels::CaptureMessage(bool sent, const Path& path, ByteSpan datagram,
                             std::optional<TunnelHandle> tunnel) {
  absl::string_view name;
  if (tunnel.has_value()) {
    if (const auto named = by_handle_.find(*tunnel); named != by_handle_.end()) {
      name = named->second;
    }
  }
  env_->captures.Note(env_->ports.clock->WallNow(), sent, path, datagram, tunnel, name);
}

void Tunnels::NoteReceived(const Path& path, ByteSpan datagram) {
  if (wire::ClassifyDatagram(datagram) != wire::DatagramKind::kControl) return;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  const std::optional<TunnelHandle> tunnel =
      header.ok() ? env_->engine.FindHandle(header->tunnel_id) : std::nullopt;
  if (env_->captures.any()) CaptureMessage(false, path, datagram, tunnel);
  if (env_->debug.any() && tunnel.has_value()) {
    env_->debug.NoteReceived(env_->now(), *env_->engine.FindTunnel(*tunnel), path, datagram);
  }
}

// ---- Effects -----------------------------------------------------------------------------------

void Tunnels::Carry(protocol::Transmit& transmit) {
  if (env_->captures.any()) {
    CaptureMessage(true, transmit.path, transmit.datagram, transmit.tunnel);
  }
  if (env_->debug.any()) {
    env_->debug.NoteSent(env_->now(), transmit.tunnel, transmit.path, transmit.datagram);
  }
  const auto socket = sockets_.find(transmit.tunnel);
  if (socket != sockets_.end()) {
    env_->ports.datagrams->SendOn(socket->second, transmit.path.remote,
                                  std::move(transmit.datagram));
  } else {
    env_->ports.datagrams->Send(transmit.path, std::move(transmit.datagram));
  }
}

// Of the tunnels of a peer.
SocketOptions Tunnels::OptionsOf(absl::string_view peer_name) const {
  const auto peer = env_->resources.GetPeer(peer_name);
  if (!peer.ok()) return {};
  const auto profile = env_->resources.ResolveProfile(peer->profile);
  return profile.ok() ? (*profile)->tunnel.socket : SocketOptions();
}

// A peer that has proved nothing so far: only what the answer to it needs is made.
void Tunnels::Carry(const protocol::TunnelAccepted& accepted) {
  // The kernel tells tunnels apart by their sockets. A second tunnel from the same address and
  // port needs a port of its own on our side, which RFC 2661 section 8.1 allows.
  const bool free = TakePath(accepted.tunnel, accepted.path);
  const SocketOptions options = OptionsOf(accepted.tag);
  if (free && options == SocketOptions()) return;  // the listener will do for now
  const Endpoint local = {accepted.path.local.address,
                          free ? accepted.path.local.port : uint16_t{0}};
  auto socket = env_->ports.datagrams->Open(local, accepted.path.remote, options);
  if (socket.ok()) {
    sockets_[accepted.tunnel] = *socket;
    // Where it shares the listener's port it must not take what is for that.
    if (!free) return;
    const auto connected = env_->ports.datagrams->Connect(*socket, accepted.path.remote);
    if (connected.ok()) return;
    socket = connected.status();
  }
  protocol::Closure closure;
  closure.result = wire::MakeResult(StopCcnResult::kGeneralError, ErrorCode::kInsufficientResources,
                                    "no socket");
  closure.detail = std::string(socket.status().message());
  env_->engine.CloseTunnel(env_->now(), accepted.tunnel, std::move(closure));
}

// A tunnel that a peer has opened becomes ours to show when it is established.
TunnelRecord* Tunnels::AddForPeer(const protocol::TunnelEstablished& established) {
  const std::string name = absl::StrCat("tunnels/", MakeResourceId("in", env_->ports.random));
  env_->closed_tunnels.Forget(name);
  TunnelRecord& record = records_[name];
  record.handle = established.tunnel;
  record.info.name = name;
  record.info.uid = MakeUid(env_->ports.random);
  record.info.etag = MakeUid(env_->ports.random);
  record.info.origin = events::Origin::kPeer;
  record.info.peer = established.tag;
  if (const auto peer = env_->resources.GetPeer(established.tag); peer.ok()) {
    record.info.profile = peer->profile;
    record.info.allow_calls = peer->allow_calls;
    record.info.allow_outgoing_calls = peer->allow_outgoing_calls;
    if (auto profile = env_->resources.ResolveProfile(peer->profile); profile.ok()) {
      record.profile = *std::move(profile);
    }
  }
  record.info.host_name = env_->options.host_name;
  record.info.local = established.path.local;
  record.info.remote = established.path.remote;
  record.info.assigned_tunnel_id = established.tunnel_id;
  record.info.create_time = env_->ports.clock->WallNow();
  TakePeer(established.peer, &record.info);
  by_handle_[established.tunnel] = name;
  record.info = View(record);
  env_->Tell(EventType::kTunnelCreated, record.info);
  return &record;
}

// A tunnel that a peer has opened, and that we do not want any more.
void Tunnels::RefuseEstablished(const protocol::TunnelEstablished& established,
                                const wire::ResultCode& result) {
  protocol::Closure closure;
  closure.result = result;
  env_->engine.CloseTunnel(env_->now(), established.tunnel, std::move(closure));
}

void Tunnels::Carry(const protocol::TunnelRefused& refused) {
  events::RefusalInfo refusal;
  refusal.remote = refused.path.remote;
  refusal.host_name = refused.host_name;
  refusal.cause = RefusalCause(refused.result, refused.detail);
  env_->refusals.Note(env_->now(), std::move(refusal));
}

bool Tunnels::TakePath(TunnelHandle tunnel, const Path& path) {
  if (!taken_paths_.insert(path).second) return false;
  path_of_[tunnel] = path;
  return true;
}

void Tunnels::ReleasePath(TunnelHandle tunnel) {
  const auto path = path_of_.find(tunnel);
  if (path == path_of_.end()) return;
  taken_paths_.erase(path->second);
  path_of_.erase(path);
}

bool Tunnels::IsListenerPort(uint16_t port) const {
  return std::any_of(env_->options.listeners.begin(), env_->options.listeners.end(),
                     [port](const Endpoint& listener) { return listener.port == port; });
}

void Tunnels::CloseSocket(TunnelHandle tunnel) {
  const auto socket = sockets_.find(tunnel);
  if (socket == sockets_.end()) return;
  env_->ports.datagrams->Close(socket->second);
  sockets_.erase(socket);
}

// The data path cannot be had.
void Tunnels::CloseForKernel(TunnelRecord* tunnel, const absl::Status& status) {
  tunnel->kernel = TunnelRecord::Kernel::kFailed;
  Close(tunnel, DaemonCause(events::CloseReason::kKernelFailure, status,
                            static_cast<uint16_t>(StopCcnResult::kGeneralError),
                            static_cast<uint16_t>(ErrorCode::kInsufficientResources)));
}

void Tunnels::Carry(const protocol::TunnelEstablished& established) {
  TunnelRecord* tunnel = Find(established.tunnel);
  if (tunnel == nullptr && env_->shutting_down) {
    return RefuseEstablished(established, wire::MakeResult(StopCcnResult::kShuttingDown));
  }
  if (tunnel == nullptr && static_cast<int>(records_.size()) >= env_->options.max_tunnels) {
    return RefuseEstablished(
        established, wire::MakeResult(StopCcnResult::kGeneralError,
                                      ErrorCode::kInsufficientResources, "too many tunnels"));
  }
  if (tunnel == nullptr) tunnel = AddForPeer(established);
  TakePeer(established.peer, &tunnel->info);
  if (absl::Status fixed = FixPath(tunnel, established.path); !fixed.ok()) {
    return CloseForKernel(tunnel, fixed);
  }
  tunnel->info.state = events::State::kEstablished;
  tunnel->info.establish_time = env_->ports.clock->WallNow();
  tunnel->info = View(*tunnel);
  env_->Tell(EventType::kTunnelUp, tunnel->info);
  CreateInKernel(tunnel);
}

// Gives the tunnel a connected socket of its own, which the kernel's data path needs.
absl::Status Tunnels::FixPath(TunnelRecord* tunnel, const Path& path) {
  auto socket = sockets_.find(tunnel->handle);
  if (socket == sockets_.end()) {
    L2TP_ASSIGN_OR_RETURN(
        const SocketId opened,
        env_->ports.datagrams->Open(path.local, path.remote, tunnel->profile->tunnel.socket));
    socket = sockets_.emplace(tunnel->handle, opened).first;
  }
  L2TP_ASSIGN_OR_RETURN(tunnel->path, env_->ports.datagrams->Connect(socket->second, path.remote));
  tunnel->info.local = tunnel->path.local;
  tunnel->info.remote = tunnel->path.remote;
  const auto own = path_of_.find(tunnel->handle);
  const bool known = own != path_of_.end() && own->second == tunnel->path;
  if (!known && !TakePath(tunnel->handle, tunnel->path)) {
    return MakeError(
        Reason::kKernelRequestFailed,
        absl::StrCat("another tunnel uses the same addresses and ports, ",
                     tunnel->path.local.ToString(), " and ", tunnel->path.remote.ToString()));
  }
  return absl::OkStatus();
}

void Tunnels::CreateInKernel(TunnelRecord* tunnel) {
  tunnel->kernel = TunnelRecord::Kernel::kCreating;
  KernelTunnel config;
  config.tunnel_id = tunnel->info.assigned_tunnel_id;
  config.peer_tunnel_id = tunnel->info.peer_assigned_tunnel_id;
  config.socket = env_->ports.datagrams->Descriptor(sockets_.at(tunnel->handle));
  env_->ports.kernel->CreateTunnel(config,
                                   [this, name = tunnel->info.name](const absl::Status& status) {
                                     OnKernelReady(name, status);
                                   });
}

void Tunnels::OnKernelReady(const std::string& name, const absl::Status& status) {
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return;
  tunnel->kernel = status.ok() ? TunnelRecord::Kernel::kReady : TunnelRecord::Kernel::kFailed;
  const TunnelHandle handle = tunnel->handle;
  for (Done& waiting : std::exchange(tunnel->waiting_for_path, {})) waiting(status);
  // A closed tunnel goes with the last of its calls, which may have been among those that waited.
  tunnel = Find(handle);
  if (tunnel == nullptr) return;
  if (!status.ok()) CloseForKernel(tunnel, status);
  FinishIfClean(tunnel);
}

void Tunnels::SetSizes(absl::string_view tunnel_name, const Profile& profile,
                       events::SessionInfo* session) {
  const TunnelRecord* tunnel = Find(tunnel_name);
  const auto socket = sockets_.find(tunnel->handle);
  const int path_mtu =
      socket == sockets_.end() ? 0 : env_->ports.datagrams->PathMtu(socket->second);
  control::SetSizes(profile, path_mtu, tunnel->path.remote.address.is_v6(), session);
}

void Tunnels::WhenPathReady(TunnelRecord* tunnel, Done done) {
  switch (tunnel->kernel) {
    case TunnelRecord::Kernel::kReady: return done(absl::OkStatus());
    case TunnelRecord::Kernel::kFailed:
    case TunnelRecord::Kernel::kDeleting:
      return done(MakeError(Reason::kTunnelClosing, "the tunnel has no data path"));
    case TunnelRecord::Kernel::kNone:
    case TunnelRecord::Kernel::kCreating: tunnel->waiting_for_path.push_back(std::move(done));
  }
}

void Tunnels::Carry(const protocol::TunnelClosed& closed) {
  TunnelRecord* tunnel = Find(closed.tunnel);
  if (tunnel == nullptr) {
    // A peer's, and never established.
    events::RefusalInfo refusal;
    refusal.remote = closed.path.remote;
    refusal.host_name = closed.peer.host_name;
    refusal.cause = ToCause(closed.closure);
    return env_->refusals.Note(env_->now(), std::move(refusal));
  }
  tunnel->closed = true;
  if (tunnel->spec.has_value()) {
    const auto opened = opened_to_.find(tunnel->spec->remote);
    opened->second.erase(tunnel->info.name);
    if (opened->second.empty()) opened_to_.erase(opened);
  }
  tunnel->info.state = events::State::kClosing;
  tunnel->info.cause = tunnel->why.has_value() ? *tunnel->why : ToCause(closed.closure);
  tunnel->info = View(*tunnel);
  env_->Tell(EventType::kTunnelDown, tunnel->info);
  if (tunnel->kernel == TunnelRecord::Kernel::kNone) {
    tunnel->kernel = TunnelRecord::Kernel::kFailed;
    for (Done& waiting : std::exchange(tunnel->waiting_for_path, {})) {
      waiting(MakeError(Reason::kTunnelClosing, "the tunnel has been closed"));
    }
  }
  FinishIfClean(tunnel);
}

void Tunnels::Carry(const protocol::TunnelDrained& drained) { undrained_.erase(drained.tunnel); }

// Section 5.5: data counts as a sign of life, and only the kernel has seen it.
void Tunnels::Carry(const protocol::TunnelQuiet& quiet) {
  TunnelRecord* tunnel = Find(quiet.tunnel);
  if (tunnel == nullptr || tunnel->kernel != TunnelRecord::Kernel::kReady) {
    return env_->engine.QuietChecked(env_->now(), quiet.tunnel, false);
  }
  env_->ports.kernel->GetReceivedPackets(
      tunnel->info.assigned_tunnel_id,
      [this, handle = quiet.tunnel](absl::StatusOr<int64_t> packets) {
        TunnelRecord* found = Find(handle);
        const bool data_came = found != nullptr && packets.ok() &&
                               std::exchange(found->received_packets, *packets) != *packets;
        env_->engine.QuietChecked(env_->now(), handle, data_came);
      });
}

void Tunnels::Carry(const protocol::TunnelReleased& released) {
  undrained_.erase(released.tunnel);
  env_->captures.Forget(released.tunnel);
  CloseSocket(released.tunnel);
  ReleasePath(released.tunnel);
}

// ---- End ---------------------------------------------------------------------------------------

void Tunnels::AddSession(TunnelRecord* tunnel, const std::string& session) {
  tunnel->sessions.insert(session);
}

void Tunnels::RemoveSession(absl::string_view tunnel_name, const std::string& session) {
  TunnelRecord* tunnel = Find(tunnel_name);
  if (tunnel == nullptr) return;
  tunnel->sessions.erase(session);
  FinishIfClean(tunnel);
}

// A closed tunnel leaves the API when its sessions have, and its kernel object is gone.
void Tunnels::FinishIfClean(TunnelRecord* tunnel) {
  if (!tunnel->closed || !tunnel->sessions.empty()) return;
  switch (tunnel->kernel) {
    case TunnelRecord::Kernel::kCreating:  // OnKernelReady comes back here
    case TunnelRecord::Kernel::kDeleting: return;
    case TunnelRecord::Kernel::kNone:
    case TunnelRecord::Kernel::kFailed: return Remove(std::string(tunnel->info.name));
    case TunnelRecord::Kernel::kReady: break;
  }
  tunnel->kernel = TunnelRecord::Kernel::kDeleting;
  env_->ports.kernel->DeleteTunnel(
      tunnel->info.assigned_tunnel_id,
      [this, name = tunnel->info.name](const absl::Status&) { Remove(name); });
}

void Tunnels::Remove(const std::string& name) {
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return;
  tunnel->info = View(*tunnel);
  tunnel->info.state = events::State::kClosed;
  std::vector<Done> waiting = std::move(tunnel->waiting_for_end);
  for (Done& path : std::exchange(tunnel->waiting_for_path, {})) {
    path(MakeError(Reason::kTunnelClosing, "the tunnel is gone"));
  }
  env_->Tell(EventType::kTunnelDeleted, tunnel->info);
  env_->closed_tunnels.Add(env_->now(), tunnel->info);
  // What the engine still has to say goes through the listener: whoever calls again between the
  // same addresses and ports must find ours free.
  if (path_of_.contains(tunnel->handle) && IsListenerPort(tunnel->path.local.port)) {
    CloseSocket(tunnel->handle);
    ReleasePath(tunnel->handle);
  }
  by_handle_.erase(tunnel->handle);
  records_.erase(name);
  for (Done& done : waiting) done(absl::OkStatus());
}

}  // namespace l2tp::control
