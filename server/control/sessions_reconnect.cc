// Persistent sessions: what has ended waits, and is placed again under its name.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/cause.h"
#include "server/control/draining.h"
#include "server/control/sessions.h"

namespace l2tp::control {
namespace {

using events::EventType;
using events::State;

// Before it is looked at again.
constexpr Duration kTunnelIsClosing = Duration::Seconds(1);
constexpr Duration kDraining = Duration::Seconds(30);

// What is left to tell of a session that waits.
events::SessionInfo Asked(events::SessionInfo& ended) {
  events::SessionInfo info;
  info.name = std::move(ended.name);
  info.uid = std::move(ended.uid);
  info.labels = std::move(ended.labels);
  info.etag = std::move(ended.etag);
  info.tunnel = std::move(ended.tunnel);
  info.origin = ended.origin;
  info.role = ended.role;
  info.direction = ended.direction;
  info.profile = std::move(ended.profile);
  info.user = std::move(ended.user);
  info.called_number = std::move(ended.called_number);
  info.calling_number = std::move(ended.calling_number);
  info.create_time = ended.create_time;
  info.reconnect = ended.reconnect;
  info.cause = std::move(ended.cause);
  return info;
}

}  // namespace

void Sessions::Persist(SessionRecord* session, const SessionSpec& spec, const TunnelSpec& tunnel) {
  session->persistence = std::make_unique<Persistence>(Persistence{.spec = spec, .tunnel = tunnel});
  session->info.reconnect =
      events::ReconnectInfo{0, session->profile->session.max_reconnect_failures, WallTime()};
}

// nullopt: its end is its end.
std::optional<Duration> Sessions::ComesBackAfter(SessionRecord* session) {
  Persistence* again = session->persistence.get();
  if (again == nullptr || env_->shutting_down) return std::nullopt;
  // Its tunnel is being deleted, which it may not have been told: it was over already.
  const TunnelRecord* tunnel = tunnels_->Find(session->info.tunnel);
  if (tunnel != nullptr && !tunnel->waiting_for_end.empty()) return std::nullopt;
  if (std::exchange(again->restart, false)) {
    again->network_since.reset();
    return Duration();
  }
  if (session->info.cause.closed_by == events::ClosedBy::kOperator) return std::nullopt;
  const std::optional<Duration> delay =
      NextDelay(session->profile->session, session->info.cause.reason, env_->now(),
                env_->ports.random, again);
  session->info.reconnect->failures = again->failures;
  return delay;
}

void Sessions::Wait(SessionRecord* session, Duration delay) {
  table_.Detach(session);
  SessionRecord ended = std::exchange(*session, SessionRecord());
  session->info = Asked(ended.info);
  session->profile = std::move(ended.profile);
  session->interface_name = std::move(ended.interface_name);
  session->login_count = ended.login_count;  // late answers about an earlier login are known by it
  session->persistence = std::move(ended.persistence);
  session->info.state = State::kWaiting;
  session->info.protocol_state = "idle";
  LookAgainAfter(delay, session);
  env_->Tell(EventType::kSessionWaiting, session->info);
}

void Sessions::LookAgainAfter(Duration delay, SessionRecord* session) {
  session->info.reconnect->next_attempt_time =
      WallTime{env_->ports.clock->WallNow().nanoseconds + delay.nanoseconds()};
  reconnects_.Add(session->info.name, env_->now() + delay);
}

absl::Status Sessions::CheckPlacing(absl::string_view tunnel_name) const {
  const TunnelRecord* tunnel = tunnels_->Find(tunnel_name);
  const bool gone = tunnel == nullptr || tunnel->closed;  // a new one drains only with the system
  return gone ? CheckDraining(*env_) : CheckDraining(*env_, tunnel->info);
}

absl::StatusOr<TunnelRecord*> Sessions::FindOrOpenTunnel(const TunnelSpec& spec) {
  const std::string name = absl::StrCat("tunnels/", spec.id);
  if (TunnelRecord* found = tunnels_->Find(name)) return found;
  L2TP_RETURN_IF_ERROR(tunnels_->Create(spec).status());
  return tunnels_->Find(name);
}

void Sessions::PlaceAgain(const std::string& name) {
  SessionRecord* session = table_.Find(name);
  session->persistence->held = !CheckPlacing(session->info.tunnel).ok();
  if (session->persistence->held) return LookAgainAfter(kDraining, session);
  SessionRecord waiting = std::exchange(*session, SessionRecord());
  const absl::StatusOr<TunnelRecord*> tunnel = FindOrOpenTunnel(waiting.persistence->tunnel);
  if (tunnel.ok() && (*tunnel)->closed) {
    // What is left of it is being cleaned up; that is no failure of the session's.
    *session = std::move(waiting);
    return LookAgainAfter(kTunnelIsClosing, session);
  }
  absl::StatusOr<SessionRecord*> placed =
      tunnel.ok() ? Place(name, waiting.persistence->spec, *tunnel, waiting.profile)
                  : absl::StatusOr<SessionRecord*>(tunnel.status());
  if (!placed.ok()) {
    *session = std::move(waiting);
    session->info.cause = DaemonCause(events::CloseReason::kNoResources, placed.status(), 0, 0);
    if (const auto delay = ComesBackAfter(session)) return Wait(session, *delay);
    return Forget(session);
  }
  session = *placed;
  session->info.uid = waiting.info.uid;
  session->info.etag = waiting.info.etag;
  session->info.create_time = waiting.info.create_time;
  session->info.reconnect = waiting.info.reconnect;
  session->info.reconnect->next_attempt_time = WallTime();
  session->login_count = waiting.login_count;
  session->persistence = std::move(waiting.persistence);
  env_->Tell(EventType::kSessionReconnecting, session->info);
}

absl::StatusOr<events::SessionInfo> Sessions::Restart(absl::string_view name,
                                                      const CloseOptions& options, Mode mode) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return SessionNotFound(name);
  L2TP_RETURN_IF_ERROR(CheckRestart(session->info.tunnel));
  if (session->persistence == nullptr) {
    return MakeError(Reason::kNotPersistent,
                     absl::StrCat(name, " is not persistent: delete it, and create it anew"),
                     {{"name", std::string(name)}});
  }
  L2TP_RETURN_IF_ERROR(CheckPlacing(session->info.tunnel));
  if (mode == Mode::kDo) {
    PlaceAgainSoon(session);
    if (session->info.state != State::kWaiting) {
      Close(session,
            OperatorCause(options, static_cast<uint16_t>(wire::CdnResult::kAdministrative)));
    }
  }
  return session->info;
}

absl::Status Sessions::RestartWithTunnel(absl::string_view tunnel, bool force, Mode mode) {
  L2TP_RETURN_IF_ERROR(CheckRestart(tunnel));
  const std::string prefix = absl::StrCat(tunnel, "/sessions/");
  std::vector<SessionRecord*> persistent;
  int others = 0;
  for (auto record = table_.records().lower_bound(prefix);
       record != table_.records().end() && absl::StartsWith(record->first, prefix); ++record) {
    if (record->second.persistence != nullptr) {
      persistent.push_back(&record->second);
    } else {
      ++others;
    }
  }
  if (persistent.empty()) {
    return MakeError(Reason::kNotPersistent,
                     absl::StrCat(tunnel, " has no persistent session, which would open it again"),
                     {{"name", std::string(tunnel)}});
  }
  if (others > 0 && !force) {
    return MakeError(
        Reason::kTunnelHasSessions,
        absl::StrCat(others, " sessions of ", tunnel,
                     " are not persistent and would not come back; delete them, or use force"),
        {{"name", std::string(tunnel)}, {"session_count", absl::StrCat(others)}});
  }
  L2TP_RETURN_IF_ERROR(CheckDraining(*env_));
  // What it is opened again with.
  L2TP_RETURN_IF_ERROR(
      env_->resources.ResolveProfile(persistent.front()->persistence->tunnel.profile).status());
  if (mode == Mode::kValidateOnly) return absl::OkStatus();
  for (SessionRecord* session : persistent) PlaceAgainSoon(session);
  return absl::OkStatus();
}

absl::Status Sessions::CheckRestart(absl::string_view tunnel_name) const {
  if (env_->shutting_down) return MakeError(Reason::kShuttingDown, "the daemon is being stopped");
  const TunnelRecord* tunnel = tunnels_->Find(tunnel_name);
  if (tunnel == nullptr || tunnel->waiting_for_end.empty()) return absl::OkStatus();
  return MakeError(Reason::kTunnelClosing, absl::StrCat(tunnel_name, " is being deleted"),
                   {{"name", std::string(tunnel_name)}});
}

// What failed before is forgotten with it.
void Sessions::PlaceAgainSoon(SessionRecord* session) {
  session->persistence->failures = 0;
  session->info.reconnect->failures = 0;
  if (session->info.state == State::kWaiting) {
    LookAgainAfter(Duration(), session);
  } else {
    session->persistence->restart = true;
  }
}

void Sessions::PlaceHeld() {
  for (const std::string& name : Waiting("")) {
    SessionRecord* session = table_.Find(name);
    if (session->persistence->held) LookAgainAfter(Duration(), session);
  }
}

void Sessions::KeepTunnelChanges(const events::TunnelInfo& tunnel) {
  const std::string prefix = absl::StrCat(tunnel.name, "/sessions/");
  for (auto record = table_.records().lower_bound(prefix);
       record != table_.records().end() && absl::StartsWith(record->first, prefix); ++record) {
    if (record->second.persistence == nullptr) continue;
    TunnelSpec& kept = record->second.persistence->tunnel;
    kept.labels = tunnel.labels;
    kept.debug = tunnel.debug;
  }
}

std::vector<std::string> Sessions::Waiting(absl::string_view tunnel) const {
  const std::string prefix = tunnel.empty() ? "" : absl::StrCat(tunnel, "/sessions/");
  std::vector<std::string> names;
  for (auto record = table_.records().lower_bound(prefix);
       record != table_.records().end() && absl::StartsWith(record->first, prefix); ++record) {
    if (record->second.info.state == State::kWaiting) names.push_back(record->first);
  }
  return names;
}

void Sessions::ForgetWaiting(absl::string_view tunnel, const events::Cause& cause) {
  for (const std::string& name : Waiting(tunnel)) {
    SessionRecord* session = table_.Find(name);
    session->info.cause = cause;
    Forget(session);
  }
}

}  // namespace l2tp::control
