// What callers ask of sessions.

#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/call_facts.h"
#include "server/control/cause.h"
#include "server/control/draining.h"
#include "server/control/labels.h"
#include "server/control/names.h"
#include "server/control/page.h"
#include "server/control/sessions.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

using events::EventType;
using events::State;

// What is known of a session that nobody has placed.
events::SessionInfo Asked(absl::string_view tunnel, const SessionSpec& spec) {
  events::SessionInfo info;
  info.name = SessionName(tunnel, spec.id);
  info.tunnel = std::string(tunnel);
  info.labels = spec.labels;
  info.profile = spec.profile;
  info.user = spec.user;
  info.interface_name = spec.interface_name;
  info.direction = spec.direction;
  info.called_number = spec.called_number;
  info.calling_number = spec.calling_number;
  return info;
}

}  // namespace

absl::StatusOr<events::SessionInfo> Sessions::Create(const SessionSpec& spec, Mode mode) {
  L2TP_RETURN_IF_ERROR(Validate(spec));
  if (env_->shutting_down) return MakeError(Reason::kShuttingDown, "the daemon is being stopped");
  L2TP_RETURN_IF_ERROR(CheckDraining(*env_));
  // Everything that can be wrong with the session comes first: no tunnel is opened in vain.
  L2TP_RETURN_IF_ERROR(CheckLimit());
  L2TP_RETURN_IF_ERROR(CheckInterfaceName(spec));
  ProfilePtr own_profile;
  if (!spec.profile.empty()) {
    L2TP_ASSIGN_OR_RETURN(own_profile, env_->resources.ResolveProfile(spec.profile));
  }
  std::string tunnel_name = spec.tunnel;
  if (spec.tunnel_to.has_value()) {
    L2TP_ASSIGN_OR_RETURN(tunnel_name, tunnels_->FindOrCreate(*spec.tunnel_to, mode));
  }
  TunnelRecord* tunnel = tunnels_->Find(tunnel_name);
  if (tunnel == nullptr && spec.tunnel_to.has_value()) return Asked(tunnel_name, spec);
  if (tunnel == nullptr) {
    return MakeError(Reason::kTunnelNotFound, absl::StrCat(tunnel_name, " does not exist"),
                     {{"name", tunnel_name}});
  }
  if (tunnel->closed) {
    return MakeError(Reason::kTunnelClosing, absl::StrCat(tunnel_name, " is being closed"),
                     {{"name", tunnel_name}});
  }
  L2TP_RETURN_IF_ERROR(CheckDraining(*env_, tunnel->info));
  if (spec.persistent && !tunnel->spec.has_value()) {
    return MakeError(Reason::kFieldInvalid, "only in tunnels that we open",
                     {{"field", "persistent"}});
  }
  ProfilePtr profile = own_profile != nullptr ? own_profile : tunnel->profile;
  const std::string name =
      SessionName(tunnel_name, spec.id.empty() ? MakeResourceId("s", env_->ports.random) : spec.id);
  if (table_.Find(name) != nullptr) {
    return MakeError(Reason::kSessionExists, absl::StrCat(name, " exists already"),
                     {{"name", name}});
  }
  if (mode == Mode::kValidateOnly) return Asked(tunnel_name, spec);
  L2TP_ASSIGN_OR_RETURN(SessionRecord * session, Place(name, spec, tunnel, std::move(profile)));
  if (spec.persistent) Persist(session, spec, *tunnel->spec);
  env_->Tell(EventType::kSessionCreated, session->info);
  return session->info;
}

absl::StatusOr<events::SessionInfo> Sessions::Label(absl::string_view name, absl::string_view etag,
                                                    events::Labels labels, Mode mode) {
  L2TP_RETURN_IF_ERROR(ValidateLabels(labels));
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return SessionNotFound(name);
  L2TP_RETURN_IF_ERROR(CheckEtag(name, etag, session->info.etag));
  events::SessionInfo info = session->info;
  info.labels = std::move(labels);
  info.etag = MakeUid(env_->ports.random);
  if (mode == Mode::kValidateOnly) return info;
  events::Labels before = std::exchange(session->info.labels, info.labels);
  session->info.etag = info.etag;
  if (session->persistence != nullptr) session->persistence->spec.labels = info.labels;
  env_->Tell(EventType::kSessionUpdated, info, std::move(before));
  return info;
}

absl::StatusOr<SessionRecord*> Sessions::Place(const std::string& name, const SessionSpec& spec,
                                               TunnelRecord* tunnel, ProfilePtr profile) {
  L2TP_ASSIGN_OR_RETURN(
      const SessionHandle handle,
      env_->engine.PlaceCall(env_->now(), tunnel->handle, MakeCall(spec, profile->session)));
  const protocol::Session* call = env_->engine.FindSession(handle);
  if (call == nullptr) {
    return MakeError(Reason::kPeerIncapable,
                     "the peer does not offer the bearer or the framing of an outgoing call",
                     {{"name", tunnel->info.name}});
  }
  SessionRecord* session = Add(name, handle, tunnel, std::move(profile));
  session->info.labels = spec.labels;
  session->info.origin = events::Origin::kLocal;
  const bool outgoing = spec.direction == events::CallDirection::kOutgoing;
  session->info.role = outgoing ? events::Role::kLns : events::Role::kLac;
  session->info.profile = spec.profile.empty() ? tunnel->info.profile : spec.profile;
  session->info.assigned_session_id = call->id();
  TakeCall(call->call(), &session->info);
  session->user = spec.user.empty() ? session->profile->ppp.user : spec.user;
  session->password = spec.user.empty() ? session->profile->ppp.password : spec.password;
  session->info.user = session->user;
  if (!spec.interface_name.empty()) table_.ReserveInterface(session, spec.interface_name);
  return session;
}

absl::Status Sessions::CheckLimit() const {
  if (static_cast<int>(table_.size()) < env_->options.max_sessions) return absl::OkStatus();
  return MakeError(
      Reason::kSessionLimit,
      absl::StrCat("the limit of ", env_->options.max_sessions, " sessions is reached"),
      {{"limit", absl::StrCat(env_->options.max_sessions)}});
}

absl::Status Sessions::CheckInterfaceName(const SessionSpec& spec) const {
  const std::string* holder = table_.FindInterface(spec.interface_name);
  if (holder == nullptr) return absl::OkStatus();
  return MakeError(
      Reason::kInterfaceNameTaken,
      absl::StrCat("interface name ", spec.interface_name, " is taken by ", *holder),
      {{"field", "interface_name"}, {"interface_name", spec.interface_name}, {"session", *holder}});
}

SessionRecord* Sessions::Add(const std::string& name, SessionHandle handle, TunnelRecord* tunnel,
                             ProfilePtr profile) {
  env_->closed_sessions.Forget(name);
  SessionRecord* record = table_.Add(name, handle);
  record->profile = std::move(profile);
  record->info.uid = MakeUid(env_->ports.random);
  record->info.etag = MakeUid(env_->ports.random);
  record->info.tunnel = tunnel->info.name;
  record->info.create_time = env_->ports.clock->WallNow();
  tunnels_->AddSession(tunnel, name);
  if (record->profile->session.setup_timeout > Duration()) {
    timers_.Set(handle, env_->now() + record->profile->session.setup_timeout);
  }
  return record;
}

void Sessions::Get(absl::string_view name, Completion<events::SessionInfo> done, bool closed) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) {
    const events::SessionInfo* gone = closed ? env_->closed_sessions.Find(name) : nullptr;
    if (gone != nullptr) return done(*gone);
    return done(SessionNotFound(name));
  }
  if (session->path != SessionRecord::Path::kReady) return done(session->info);
  TunnelRecord* tunnel = tunnels_->Find(session->info.tunnel);
  env_->ports.kernel->GetCounters(
      tunnel->info.assigned_tunnel_id, session->info.assigned_session_id,
      [this, name = std::string(name), uid = session->info.uid, closed,
       done = std::move(done)](absl::StatusOr<events::Counters> counters) mutable {
        SessionRecord* found = table_.Find(name);
        // Meanwhile it may have ended, and another one have taken its name.
        if (found == nullptr || found->info.uid != uid) return Get(name, std::move(done), closed);
        if (counters.ok()) found->info.counters = *counters;
        done(found->info);
      });
}

void Sessions::AnswerWaiting(const absl::Status& status) {
  for (auto& [name, record] : table_.records()) {
    for (Done& done : std::exchange(record.waiting_for_end, {})) done(status);
  }
}

absl::StatusOr<Page<events::SessionInfo>> Sessions::List(absl::string_view tunnel,
                                                         const PageRequest& page,
                                                         const SessionFilter& filter,
                                                         bool closed) const {
  static const auto& none = *new Closed<events::SessionInfo>::Map;
  // Not by the tunnel: it may be gone while sessions of it wait.
  const std::string prefix = tunnel.empty() ? "" : absl::StrCat(tunnel, "/sessions/");
  Page<events::SessionInfo> sessions = MakePage<events::SessionInfo>(
      table_.records(), closed ? env_->closed_sessions.items() : none, prefix, page,
      [](const SessionRecord& record) { return record.info; },
      [&filter](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, SessionRecord>) {
          return filter.Matches(value.info);
        } else {
          return filter.Matches(value);
        }
      });
  if (tunnel.empty() || !sessions.last.empty() || !page.after.empty()) return sessions;
  L2TP_RETURN_IF_ERROR(tunnels_->Get(tunnel, closed).status());
  return sessions;
}

Controller::CloseCount Sessions::CloseAll(absl::string_view tunnel, const SessionFilter& filter,
                                          const CloseOptions& options, absl::string_view after) {
  constexpr size_t kMost = 1000;
  const std::string prefix = tunnel.empty() ? "" : absl::StrCat(tunnel, "/sessions/");
  std::vector<std::string> names;
  Controller::CloseCount count;
  std::string last;
  int looked_at = 0;
  auto record =
      after > prefix ? table_.records().upper_bound(after) : table_.records().lower_bound(prefix);
  for (; record != table_.records().end() && absl::StartsWith(record->first, prefix); ++record) {
    if (names.size() >= kMost || ++looked_at > kMaxLookedAt) {
      count.last = last;
      break;
    }
    last = record->first;
    // A persistent one that is closing would come back.
    const bool ends =
        record->second.info.state == State::kClosing && record->second.persistence == nullptr;
    if (!ends && filter.Matches(record->second.info)) names.push_back(last);
  }
  for (const std::string& name : names) Delete(name, options, [](const absl::Status&) {});
  count.closed = static_cast<int>(names.size());
  return count;
}

void Sessions::Delete(absl::string_view name, const CloseOptions& options, Done done) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return done(SessionNotFound(name));
  const events::Cause cause =
      OperatorCause(options, static_cast<uint16_t>(wire::CdnResult::kAdministrative));
  session->waiting_for_end.push_back(std::move(done));
  session->persistence.reset();
  if (session->info.state == State::kWaiting) {
    session->info.cause = cause;
    return Forget(session);
  }
  Close(session, cause);
}

absl::Status SessionNotFound(absl::string_view name) {
  return MakeError(Reason::kSessionNotFound, absl::StrCat(name, " does not exist"),
                   {{"name", std::string(name)}});
}

}  // namespace l2tp::control
