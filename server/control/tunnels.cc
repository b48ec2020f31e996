#include "server/control/tunnels.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/cause.h"
#include "server/control/labels.h"
#include "server/control/names.h"
#include "server/control/ppp_sizes.h"
#include "server/control/validate.h"
#include "server/wire/header.h"

namespace l2tp::control {
namespace {

using events::EventType;
using wire::ErrorCode;
using wire::StopCcnResult;

constexpr uint16_t kL2tpPort = 1701;
constexpr char kVendorName[] = "l2tp-controller";

absl::Status NotFound(absl::string_view name) {
  return MakeError(Reason::kTunnelNotFound, absl::StrCat(name, " does not exist"),
                   {{"name", std::string(name)}});
}

// What we say we can do when peers may ask for outgoing calls: PPP takes the place of any bearer.
constexpr uint32_t kAllBearers = wire::kBearerAnalog | wire::kBearerDigital;

protocol::TunnelParams MakeParams(const TunnelSettings& settings, const std::string& host_name,
                                  const std::string& secret, bool allow_outgoing_calls) {
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

void TakePeer(const protocol::PeerFacts& peer, events::TunnelInfo* info) {
  info->peer_assigned_tunnel_id = peer.peer_tunnel_id;
  info->peer_host_name = peer.host_name;
  info->peer_vendor_name = peer.vendor_name;
  info->peer_receive_window = peer.receive_window;
}

}  // namespace

// ---- Commands and queries ----------------------------------------------------------------------

absl::StatusOr<events::TunnelInfo> Tunnels::Label(absl::string_view name, absl::string_view etag,
                                                  events::Labels labels, Mode mode) {
  L2TP_RETURN_IF_ERROR(ValidateLabels(labels));
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return NotFound(name);
  L2TP_RETURN_IF_ERROR(CheckEtag(name, etag, tunnel->info.etag));
  events::TunnelInfo info = View(*tunnel);
  info.labels = std::move(labels);
  info.etag = MakeUid(env_->ports.random);
  if (mode == Mode::kValidateOnly) return info;
  events::Labels before = std::exchange(tunnel->info.labels, info.labels);
  tunnel->info.etag = info.etag;
  if (tunnel->spec.has_value()) tunnel->spec->labels = info.labels;
  env_->Tell(EventType::kTunnelUpdated, info, std::move(before));
  return info;
}

absl::StatusOr<events::TunnelInfo> Tunnels::Create(const TunnelSpec& spec, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(spec));
  if (env_->shutting_down) return MakeError(Reason::kShuttingDown, "the daemon is being stopped");
  L2TP_ASSIGN_OR_RETURN(ProfilePtr profile, env_->resources.ResolveProfile(spec.profile));
  const std::string name =
      absl::StrCat("tunnels/", spec.id.empty() ? MakeResourceId("t", env_->ports.random) : spec.id);
  if (records_.contains(name)) {
    return MakeError(Reason::kTunnelExists, absl::StrCat(name, " exists already"),
                     {{"name", name}});
  }
  if (static_cast<int>(records_.size()) >= env_->options.max_tunnels) {
    return MakeError(
        Reason::kTunnelLimit,
        absl::StrCat("the limit of ", env_->options.max_tunnels, " tunnels is reached"),
        {{"limit", absl::StrCat(env_->options.max_tunnels)}});
  }
  Endpoint remote = spec.remote;
  if (remote.port == 0) remote.port = kL2tpPort;
  if (mode == Mode::kValidateOnly) {
    events::TunnelInfo info;
    info.name = name;
    info.labels = spec.labels;
    info.profile = spec.profile;
    info.local = spec.local;
    info.remote = remote;
    info.host_name = spec.host_name;
    info.allow_calls = spec.allow_calls;
    info.allow_outgoing_calls = spec.allow_outgoing_calls;
    return info;
  }
  L2TP_ASSIGN_OR_RETURN(const SocketId socket,
                        env_->ports.datagrams->Open(spec.local, remote, profile->tunnel.socket));
  const std::string& host_name = spec.host_name.empty() ? env_->options.host_name : spec.host_name;
  const auto handle = env_->engine.OpenTunnel(
      env_->now(), remote,
      MakeParams(profile->tunnel, host_name, spec.secret, spec.allow_outgoing_calls));
  if (!handle.ok()) {
    env_->ports.datagrams->Close(socket);
    return handle.status();
  }
  env_->closed_tunnels.Forget(name);
  TunnelRecord& record = records_[name];
  record.handle = *handle;
  record.profile = std::move(profile);
  record.info.allow_calls = spec.allow_calls;
  record.info.allow_outgoing_calls = spec.allow_outgoing_calls;
  record.info.name = name;
  record.info.uid = MakeUid(env_->ports.random);
  record.info.etag = MakeUid(env_->ports.random);
  record.info.labels = spec.labels;
  record.info.origin = events::Origin::kLocal;
  record.info.profile = spec.profile;
  record.info.local = spec.local;
  record.info.remote = remote;
  record.info.host_name = host_name;
  record.info.assigned_tunnel_id = env_->engine.FindTunnel(*handle)->id();
  record.info.create_time = env_->ports.clock->WallNow();
  by_handle_[*handle] = name;
  sockets_[*handle] = socket;
  record.spec = spec;
  record.spec->id = std::string(absl::StripPrefix(name, "tunnels/"));
  record.spec->remote = remote;
  opened_to_[remote].insert(name);
  record.info = View(record);
  env_->Tell(EventType::kTunnelCreated, record.info);
  return record.info;
}

absl::StatusOr<std::string> Tunnels::FindOrCreate(const TunnelSpec& spec, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(spec));
  Endpoint remote = spec.remote;
  if (remote.port == 0) remote.port = kL2tpPort;
  if (const auto opened = opened_to_.find(remote); opened != opened_to_.end()) {
    for (const std::string& name : opened->second) {
      const TunnelSpec& found = *Find(name)->spec;
      if (found.profile == spec.profile && found.secret == spec.secret) {
        return name;
      }
    }
  }
  L2TP_ASSIGN_OR_RETURN(const events::TunnelInfo created, Create(spec, mode));
  return created.name;
}

// The record's facts, with those that only the engine knows.
events::TunnelInfo Tunnels::View(const TunnelRecord& tunnel) const {
  events::TunnelInfo info = tunnel.info;
  info.session_count = static_cast<int>(tunnel.sessions.size());
  if (const protocol::Tunnel* engine_tunnel = env_->engine.FindTunnel(tunnel.handle)) {
    info.protocol_state = std::string(engine_tunnel->StateName());
    info.retransmit_count = engine_tunnel->retransmit_count();
  }
  return info;
}

absl::StatusOr<events::TunnelInfo> Tunnels::Get(absl::string_view name, bool closed) const {
  const auto record = records_.find(name);
  if (record != records_.end()) return View(record->second);
  const events::TunnelInfo* gone = closed ? env_->closed_tunnels.Find(name) : nullptr;
  if (gone != nullptr) return *gone;
  return NotFound(name);
}

Page<events::TunnelInfo> Tunnels::List(const PageRequest& page, const TunnelFilter& filter,
                                       bool closed) const {
  static const auto& none = *new Closed<events::TunnelInfo>::Map;
  return MakePage<events::TunnelInfo>(
      records_, closed ? env_->closed_tunnels.items() : none, "", page,
      [this](const TunnelRecord& record) { return View(record); },
      [&filter](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, TunnelRecord>) {
          return filter.Matches(value.info);
        } else {
          return filter.Matches(value);
        }
      });
}

std::vector<events::TunnelInfo> Tunnels::All() const {
  std::vector<events::TunnelInfo> all;
  all.reserve(records_.size());
  for (const auto& [name, record] : records_) all.push_back(View(record));
  return all;
}

void Tunnels::AnswerWaiting(const absl::Status& status) {
  for (auto& [name, record] : records_) {
    for (Done& done : std::exchange(record.waiting_for_end, {})) done(status);
  }
}

void Tunnels::Delete(absl::string_view name, const CloseOptions& options, Done done) {
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return done(NotFound(name));
  if (!tunnel->sessions.empty() && !options.force && !tunnel->closed) {
    return done(MakeError(
        Reason::kTunnelHasSessions,
        absl::StrCat(name, " has ", tunnel->sessions.size(),
                     " sessions; delete them first, or use force"),
        {{"name", std::string(name)}, {"session_count", absl::StrCat(tunnel->sessions.size())}}));
  }
  tunnel->waiting_for_end.push_back(std::move(done));
  Close(tunnel, OperatorCause(options, static_cast<uint16_t>(StopCcnResult::kGeneralRequest)));
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

int Tunnels::established_count() const {
  int count = 0;
  for (const auto& [name, record] : records_) {
    if (record.info.state == events::State::kEstablished) ++count;
  }
  return count;
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

void Tunnels::CaptureReceived(const Path& path, ByteSpan datagram) {
  if (wire::ClassifyDatagram(datagram) != wire::DatagramKind::kControl) return;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  CaptureMessage(false, path, datagram,
                 header.ok() ? env_->engine.FindHandle(header->tunnel_id) : std::nullopt);
}

// ---- Effects -----------------------------------------------------------------------------------

void Tunnels::Carry(protocol::Transmit& transmit) {
  if (env_->captures.any()) {
    CaptureMessage(true, transmit.path, transmit.datagram, transmit.tunnel);
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
