// What callers ask of tunnels.

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/cause.h"
#include "server/control/draining.h"
#include "server/control/labels.h"
#include "server/control/names.h"
#include "server/control/page.h"
#include "server/control/tunnels.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

using events::EventType;

constexpr uint16_t kL2tpPort = 1701;

absl::Status NotFound(absl::string_view name) {
  return MakeError(Reason::kTunnelNotFound, absl::StrCat(name, " does not exist"),
                   {{"name", std::string(name)}});
}

Endpoint RemoteOf(const TunnelSpec& spec) {
  Endpoint remote = spec.remote;
  if (remote.port == 0) remote.port = kL2tpPort;
  return remote;
}

}  // namespace

absl::StatusOr<events::TunnelInfo> Tunnels::Update(absl::string_view name, absl::string_view etag,
                                                   TunnelChange change, Mode mode) {
  if (change.labels.has_value()) L2TP_RETURN_IF_ERROR(ValidateLabels(*change.labels));
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return NotFound(name);
  L2TP_RETURN_IF_ERROR(CheckEtag(name, etag, tunnel->info.etag));
  events::TunnelInfo info = View(*tunnel);
  if (change.labels.has_value()) info.labels = *std::move(change.labels);
  info.debug = change.debug.value_or(info.debug);
  info.etag = MakeUid(env_->ports.random);
  if (mode == Mode::kValidateOnly) return info;
  events::Labels before = std::exchange(tunnel->info.labels, info.labels);
  const bool debugged = std::exchange(tunnel->info.debug, info.debug);
  if (debugged != info.debug) SetDebug(tunnel->handle, info.name, info.debug);
  tunnel->info.etag = info.etag;
  if (tunnel->spec.has_value()) {
    tunnel->spec->labels = info.labels;
    tunnel->spec->debug = info.debug;
  }
  env_->Tell(EventType::kTunnelUpdated, info, std::move(before));
  return info;
}

absl::StatusOr<events::TunnelInfo> Tunnels::Drain(absl::string_view name, bool draining,
                                                  Mode mode) {
  TunnelRecord* tunnel = Find(name);
  if (tunnel == nullptr) return NotFound(name);
  events::TunnelInfo info = View(*tunnel);
  const bool changes = std::exchange(info.draining, draining) != draining;
  if (mode == Mode::kValidateOnly || !changes) return info;
  tunnel->info.draining = draining;
  env_->Tell(EventType::kTunnelUpdated, info, info.labels);
  return info;
}

void Tunnels::SetDebug(TunnelHandle tunnel, const std::string& name, bool on) {
  if (!on) return env_->debug.Stop(env_->now(), tunnel);
  const protocol::Tunnel* found = env_->engine.FindTunnel(tunnel);
  if (found != nullptr) env_->debug.Watch(env_->now(), *found, name, found->ns());
}

absl::StatusOr<events::TunnelInfo> Tunnels::Create(const TunnelSpec& spec, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(spec));
  if (env_->shutting_down) return MakeError(Reason::kShuttingDown, "the daemon is being stopped");
  L2TP_RETURN_IF_ERROR(CheckDraining(*env_));
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
  const Endpoint remote = RemoteOf(spec);
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
    info.debug = spec.debug;
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
  record.info.debug = spec.debug;
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
  // The SCCRQ, which is Ns 0, is still to be carried out.
  if (spec.debug) env_->debug.Watch(env_->now(), *env_->engine.FindTunnel(*handle), name, 0);
  env_->Tell(EventType::kTunnelCreated, record.info);
  return record.info;
}

absl::StatusOr<std::string> Tunnels::FindOrCreate(const TunnelSpec& spec, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(spec));
  const Endpoint remote = RemoteOf(spec);
  if (const auto opened = opened_to_.find(remote); opened != opened_to_.end()) {
    for (const std::string& name : opened->second) {
      const TunnelRecord& tunnel = *Find(name);
      const TunnelSpec& found = *tunnel.spec;
      if (found.profile == spec.profile && found.secret == spec.secret && !tunnel.info.draining) {
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
  Close(tunnel,
        OperatorCause(options, static_cast<uint16_t>(wire::StopCcnResult::kGeneralRequest)));
}

int Tunnels::established_count() const {
  int count = 0;
  for (const auto& [name, record] : records_) {
    if (record.info.state == events::State::kEstablished) ++count;
  }
  return count;
}

}  // namespace l2tp::control
