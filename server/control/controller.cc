#include "server/control/controller.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/cause.h"
#include "server/control/environment.h"
#include "server/control/names.h"
#include "server/control/sessions.h"
#include "server/control/tunnels.h"

namespace l2tp::control {
namespace {

constexpr Duration kBookmarkInterval = Duration::Seconds(30);

PageRequest Clamp(const PageRequest& page) { return {page.after, std::clamp(page.size, 1, 1000)}; }

// Lets the controller settle after each completion of the kernel: what it leads to are new effects.
class SettlingKernel final : public KernelPort {
 private:
  template <typename Callback>
  auto Then(Callback done) {
    return [this, done = std::move(done)](auto result) mutable {
      done(std::move(result));
      settle_();
    };
  }

 public:
  SettlingKernel(KernelPort* kernel, absl::AnyInvocable<void()> settle)
      : kernel_(kernel), settle_(std::move(settle)) {}

  void CreateTunnel(const KernelTunnel& tunnel, Done done) override {
    kernel_->CreateTunnel(tunnel, Then(std::move(done)));
  }
  void DeleteTunnel(TunnelId tunnel, Done done) override {
    kernel_->DeleteTunnel(tunnel, Then(std::move(done)));
  }
  void CreateSession(const KernelSession& session, Completion<UniqueFd> done) override {
    kernel_->CreateSession(session, Then(std::move(done)));
  }
  void RequireSequencing(TunnelId tunnel, SessionId session, Done done) override {
    kernel_->RequireSequencing(tunnel, session, Then(std::move(done)));
  }
  void DeleteSession(TunnelId tunnel, SessionId session, Done done) override {
    kernel_->DeleteSession(tunnel, session, Then(std::move(done)));
  }
  void GetCounters(TunnelId tunnel, SessionId session, Completion<events::Counters> done) override {
    kernel_->GetCounters(tunnel, session, Then(std::move(done)));
  }
  void GetReceivedPackets(TunnelId tunnel, Completion<int64_t> done) override {
    kernel_->GetReceivedPackets(tunnel, Then(std::move(done)));
  }
  void ListTunnels(Completion<std::vector<TunnelId>> done) override {
    kernel_->ListTunnels(Then(std::move(done)));
  }

 private:
  KernelPort* const kernel_;  // not owned
  absl::AnyInvocable<void()> settle_;
};

Ports WithKernel(Ports ports, KernelPort* kernel) {
  ports.kernel = kernel;
  return ports;
}

}  // namespace

class Controller::Impl {
 public:
  Impl(ControllerOptions options, const Ports& ports)
      : kernel(ports.kernel, [this] { Settle(); }),
        env(std::move(options), WithKernel(ports, &kernel), &tunnels),
        sessions(&env, &tunnels) {
    tunnels.Attach(&env);
    env.resources.set_version(ports.random->NextU64());
    env.engine.set_half_open_limits(env.options.half_open_limits);
    start_time = ports.clock->WallNow();
    next_bookmark = env.now() + kBookmarkInterval;
    Settle();
  }

  // Carries out what the engine wants and arms the alarm. Every entry ends here. Effects may make
  // more effects; kernel and pppd completions never come from inside.
  void Settle() {
    for (auto effects = env.engine.TakeEffects(); !effects.empty();
         effects = env.engine.TakeEffects()) {
      for (protocol::Effect& effect : effects) {
        std::visit([this](auto& value) { Carry(value); }, effect);
      }
    }
    env.debug.TellStates(env.now(), env.engine);
    if (shutdown_done && tunnels.all_gone()) FinishShutdown();
    std::optional<Instant> next = next_bookmark;
    const auto consider = [&next](std::optional<Instant> other) {
      if (other.has_value() && *other < *next) next = other;
    };
    consider(env.engine.NextTimeout());
    consider(sessions.NextTimeout());
    consider(env.refusals.NextTimeout());
    if (shutdown_done) consider(shutdown_deadline);
    env.ports.alarm->Set(next);
  }

  void HandleTimeout() {
    const Instant now = env.now();
    env.engine.HandleTimeout(now);
    sessions.HandleTimeout();
    env.refusals.HandleTimeout(now);
    if (now >= next_bookmark) {
      env.log.SendBookmarks();
      env.closed_tunnels.DropOld(now);
      env.closed_sessions.DropOld(now);
      next_bookmark = now + kBookmarkInterval;
    }
    if (shutdown_done && now >= shutdown_deadline) FinishShutdown();
    Settle();
  }

  // What there is, no less than what matches; a tunnel comes before its sessions. What is asked for
  // by its name is not searched for.
  std::vector<events::Resource> InitialState(const events::Filter& filter) const {
    std::vector<events::Resource> all;
    for (auto& config : env.resources.All(filter)) all.emplace_back(std::move(config));
    const absl::string_view name = filter.name;
    if (filter.Takes(events::Kind::kTunnel)) {
      if (name.empty()) {
        for (auto& tunnel : tunnels.All()) all.emplace_back(std::move(tunnel));
      } else if (auto tunnel = tunnels.Get(name, false); tunnel.ok()) {
        all.emplace_back(*std::move(tunnel));
      }
    }
    if (filter.Takes(events::Kind::kSession)) {
      if (name.empty() || IsName("tunnels", name)) {
        const std::string prefix = name.empty() ? "" : SessionName(name, "");
        for (auto& session : sessions.All(prefix)) all.emplace_back(std::move(session));
      } else if (const events::SessionInfo* session = sessions.Find(name)) {
        all.emplace_back(*session);
      }
    }
    return all;
  }

  // Sessions that wait are the tunnel's too, though it does not know them.
  void DeleteTunnel(absl::string_view name, const CloseOptions& options, Done done) {
    if (tunnels.Find(name) != nullptr) {
      const size_t waiting = sessions.Waiting(name).size();
      if (waiting > 0 && !options.force) {
        return done(MakeError(
            Reason::kTunnelHasSessions,
            absl::StrCat(name, " has ", waiting,
                         " sessions that wait to be placed again; delete them, or use force"),
            {{"name", std::string(name)}, {"session_count", absl::StrCat(waiting)}}));
      }
      events::Cause cause;
      cause.closed_by = events::ClosedBy::kOperator;
      cause.reason = events::CloseReason::kTunnelClosed;
      sessions.ForgetWaiting(name, cause);
    }
    tunnels.Delete(name, options, std::move(done));
  }

  // A peer's end of draining holds nothing back: what is persistent is in tunnels that we opened.
  void Undrained(bool draining, Mode mode) {
    if (draining || mode != Mode::kDo) return;
    sessions.PlaceHeld();
    Settle();
  }

  absl::StatusOr<events::TunnelInfo> RestartTunnel(absl::string_view name,
                                                   const CloseOptions& options, Mode mode) {
    L2TP_RETURN_IF_ERROR(tunnels.Get(name).status());
    L2TP_RETURN_IF_ERROR(sessions.RestartWithTunnel(name, options.force, mode));
    if (mode == Mode::kDo) {
      tunnels.Close(
          tunnels.Find(name),
          OperatorCause(options, static_cast<uint16_t>(wire::StopCcnResult::kGeneralRequest)));
    }
    return tunnels.Get(name);
  }

  // Whoever waits for something that did not end in time is told.
  void FinishShutdown() {
    const absl::Status status = MakeError(Reason::kShuttingDown, "the daemon is being stopped");
    sessions.AnswerWaiting(status);
    tunnels.AnswerWaiting(status);
    std::exchange(shutdown_done, nullptr)();
  }

  template <typename T>
  void Carry(T& effect) {
    using E = std::decay_t<T>;
    if (env.debug.any()) {
      if constexpr (requires { effect.tunnel; }) {
        env.debug.Touch(effect.tunnel);
      } else if constexpr (requires { effect.session; }) {
        env.debug.Touch(protocol::TunnelOf(effect.session));
      }
    }
    constexpr bool kAboutSession = std::is_same_v<E, protocol::SessionRequested> ||
                                   std::is_same_v<E, protocol::SessionAnswered> ||
                                   std::is_same_v<E, protocol::SessionEstablished> ||
                                   std::is_same_v<E, protocol::SessionClosed> ||
                                   std::is_same_v<E, protocol::CallRefused> ||
                                   std::is_same_v<E, protocol::CallErrorsReceived> ||
                                   std::is_same_v<E, protocol::LinkInfoReceived>;
    if constexpr (kAboutSession) {
      sessions.Carry(effect);
    } else {
      tunnels.Carry(effect);
    }
  }

  SettlingKernel kernel;
  Tunnels tunnels;
  Environment env;
  Sessions sessions;
  WallTime start_time;
  Instant next_bookmark;
  absl::AnyInvocable<void()> shutdown_done;  // set while shutting down
  Instant shutdown_deadline;
};

Controller::Controller(ControllerOptions options, const Ports& ports)
    : impl_(std::make_unique<Impl>(std::move(options), ports)) {}
Controller::~Controller() = default;

// ---- Profiles, pools, users, peers -------------------------------------------------------------

absl::StatusOr<Profile> Controller::CreateProfile(Profile profile, Mode mode) {
  return impl_->env.resources.CreateProfile(std::move(profile), mode);
}
absl::StatusOr<Profile> Controller::UpdateProfile(Profile profile, Mode mode) {
  return impl_->env.resources.UpdateProfile(std::move(profile), mode);
}
absl::StatusOr<Profile> Controller::GetProfile(absl::string_view name) const {
  return impl_->env.resources.GetProfile(name);
}
Page<Profile> Controller::ListProfiles(const PageRequest& page, const ProfileFilter& filter) const {
  return impl_->env.resources.ListProfiles(Clamp(page), filter);
}
absl::Status Controller::DeleteProfile(absl::string_view name) {
  return impl_->env.resources.DeleteProfile(name);
}

absl::StatusOr<Pool> Controller::CreatePool(Pool pool, Mode mode) {
  return impl_->env.resources.CreatePool(std::move(pool), mode);
}
absl::StatusOr<Pool> Controller::UpdatePool(Pool pool, Mode mode) {
  return impl_->env.resources.UpdatePool(std::move(pool), mode);
}
absl::StatusOr<Pool> Controller::GetPool(absl::string_view name) const {
  return impl_->env.resources.pools().Get(name);
}
Page<Pool> Controller::ListPools(const PageRequest& page, const PoolFilter& filter) const {
  return impl_->env.resources.pools().List(Clamp(page), filter);
}
absl::Status Controller::DeletePool(absl::string_view name) {
  return impl_->env.resources.DeletePool(name);
}

absl::StatusOr<Page<Lease>> Controller::ListLeases(absl::string_view pool,
                                                   const PageRequest& page) const {
  return impl_->env.resources.pools().ListLeases(pool, Clamp(page));
}

absl::StatusOr<User> Controller::CreateUser(User user, Mode mode) {
  return impl_->env.resources.CreateUser(std::move(user), mode);
}
absl::StatusOr<User> Controller::UpdateUser(User user, Mode mode) {
  return impl_->env.resources.UpdateUser(std::move(user), mode);
}
absl::StatusOr<User> Controller::GetUser(absl::string_view name) const {
  return impl_->env.resources.users().Get(name);
}
Page<User> Controller::ListUsers(const PageRequest& page, const UserFilter& filter) const {
  return impl_->env.resources.users().List(Clamp(page), filter);
}
absl::Status Controller::DeleteUser(absl::string_view name) {
  return impl_->env.resources.DeleteUser(name);
}

absl::StatusOr<Peer> Controller::CreatePeer(Peer peer, Mode mode) {
  return impl_->env.resources.CreatePeer(std::move(peer), mode);
}
absl::StatusOr<Peer> Controller::UpdatePeer(Peer peer, Mode mode) {
  return impl_->env.resources.UpdatePeer(std::move(peer), mode);
}
absl::StatusOr<Peer> Controller::GetPeer(absl::string_view name) const {
  return impl_->env.resources.GetPeer(name);
}
Page<Peer> Controller::ListPeers(const PageRequest& page, const PeerFilter& filter) const {
  return impl_->env.resources.ListPeers(Clamp(page), filter);
}
absl::Status Controller::DeletePeer(absl::string_view name) {
  return impl_->env.resources.DeletePeer(name);
}
absl::StatusOr<Peer> Controller::DrainPeer(absl::string_view name, bool draining, Mode mode) {
  return impl_->env.resources.DrainPeer(name, draining, mode);
}

// ---- Tunnels -----------------------------------------------------------------------------------

absl::StatusOr<events::TunnelInfo> Controller::UpdateTunnel(absl::string_view name,
                                                            absl::string_view etag,
                                                            TunnelChange change, Mode mode) {
  auto tunnel = impl_->tunnels.Update(name, etag, std::move(change), mode);
  if (tunnel.ok() && mode == Mode::kDo) impl_->sessions.KeepTunnelChanges(*tunnel);
  return tunnel;
}
absl::StatusOr<events::TunnelInfo> Controller::CreateTunnel(const TunnelSpec& spec, Mode mode) {
  auto tunnel = impl_->tunnels.Create(spec, mode);
  impl_->Settle();
  return tunnel;
}
absl::StatusOr<events::TunnelInfo> Controller::GetTunnel(absl::string_view name,
                                                         bool closed) const {
  return impl_->tunnels.Get(name, closed);
}
Page<events::TunnelInfo> Controller::ListTunnels(const PageRequest& page,
                                                 const TunnelFilter& filter, bool closed) const {
  return impl_->tunnels.List(Clamp(page), filter, closed);
}
absl::StatusOr<events::TunnelInfo> Controller::DrainTunnel(absl::string_view name, bool draining,
                                                           Mode mode) {
  auto tunnel = impl_->tunnels.Drain(name, draining, mode);
  impl_->Undrained(draining, mode);
  return tunnel;
}
void Controller::DeleteTunnel(absl::string_view name, const CloseOptions& options, Done done) {
  impl_->DeleteTunnel(name, options, std::move(done));
  impl_->Settle();
}

absl::StatusOr<events::TunnelInfo> Controller::RestartTunnel(absl::string_view name,
                                                             const CloseOptions& options,
                                                             Mode mode) {
  auto tunnel = impl_->RestartTunnel(name, options, mode);
  impl_->Settle();
  return tunnel;
}

// ---- Sessions ----------------------------------------------------------------------------------

absl::StatusOr<events::SessionInfo> Controller::RestartSession(absl::string_view name,
                                                               const CloseOptions& options,
                                                               Mode mode) {
  auto session = impl_->sessions.Restart(name, options, mode);
  impl_->Settle();
  return session;
}
absl::StatusOr<events::SessionInfo> Controller::LabelSession(absl::string_view name,
                                                             absl::string_view etag,
                                                             events::Labels labels, Mode mode) {
  return impl_->sessions.Label(name, etag, std::move(labels), mode);
}
absl::StatusOr<events::SessionInfo> Controller::CreateSession(const SessionSpec& spec, Mode mode) {
  auto session = impl_->sessions.Create(spec, mode);
  impl_->Settle();
  return session;
}
void Controller::GetSession(absl::string_view name, Completion<events::SessionInfo> done,
                            bool closed) {
  impl_->sessions.Get(name, std::move(done), closed);
}
absl::StatusOr<Page<events::SessionInfo>> Controller::ListSessions(absl::string_view tunnel,
                                                                   const PageRequest& page,
                                                                   const SessionFilter& filter,
                                                                   bool closed) const {
  return impl_->sessions.List(tunnel, Clamp(page), filter, closed);
}
Controller::CloseCount Controller::CloseSessions(absl::string_view tunnel,
                                                 const SessionFilter& filter,
                                                 const CloseOptions& options,
                                                 absl::string_view after) {
  const CloseCount count = impl_->sessions.CloseAll(tunnel, filter, options, after);
  impl_->Settle();
  return count;
}
absl::StatusOr<events::SessionInfo> Controller::ReportCallErrors(absl::string_view name,
                                                                 const wire::CallErrors& errors) {
  auto session = impl_->sessions.ReportCallErrors(name, errors);
  impl_->Settle();
  return session;
}
void Controller::DeleteSession(absl::string_view name, const CloseOptions& options, Done done) {
  impl_->sessions.Delete(name, options, std::move(done));
  impl_->Settle();
}

// ---- The rest ----------------------------------------------------------------------------------

SystemInfo Controller::GetSystem() {
  SystemInfo info;
  info.version = impl_->env.options.version;
  info.host_name = impl_->env.options.host_name;
  info.pppd_path = impl_->env.options.pppd_path;
  info.listeners = impl_->env.options.listeners;
  info.shutting_down = impl_->env.shutting_down;
  info.draining = impl_->env.draining;
  info.start_time = impl_->start_time;
  info.revision = impl_->env.log.revision();
  info.tunnel_count = static_cast<int>(impl_->tunnels.size());
  info.established_tunnel_count = impl_->tunnels.established_count();
  info.session_count = static_cast<int>(impl_->sessions.size());
  info.established_session_count = impl_->sessions.established_count();
  info.waiting_session_count = impl_->sessions.waiting_count();
  info.refused_tunnel_count = impl_->env.refusals.tunnel_count();
  info.refused_session_count = impl_->env.refusals.session_count();
  info.malformed_count = impl_->env.engine.counters().malformed;
  info.unknown_tunnel_count = impl_->env.engine.counters().unknown_tunnel;
  info.half_open_tunnel_count = static_cast<int>(impl_->env.engine.half_open_count());
  info.dropped_sccrq_count = impl_->env.engine.counters().dropped_sccrq;
  info.displaced_count = impl_->env.engine.counters().displaced;
  info.lost_tie_count = impl_->env.engine.counters().lost_ties;
  info.retransmit_count = impl_->env.engine.counters().retransmits;
  info.duplicate_count = impl_->env.engine.counters().duplicates;
  info.window_full_time = impl_->env.engine.window_full_time(impl_->env.now());
  info.foreign_source_count = impl_->env.engine.counters().foreign_source;
  info.ppp = impl_->env.ports.ppp->Counts();
  info.watcher_count = static_cast<int>(impl_->env.log.subscription_count());
  return info;
}

SystemInfo Controller::DrainSystem(bool draining, Mode mode) {
  if (mode == Mode::kDo) impl_->env.draining = draining;
  impl_->Undrained(draining, mode);
  SystemInfo info = GetSystem();
  info.draining = draining;
  return info;
}

absl::StatusOr<std::shared_ptr<events::Subscription>> Controller::Watch(
    const events::WatchOptions& options, absl::AnyInvocable<void()> on_ready) {
  const auto initial = [&] { return impl_->InitialState(options.filter); };
  return impl_->env.log.Subscribe(options, initial, std::move(on_ready));
}

events::EventPage Controller::ListEvents(const events::ListOptions& options) const {
  return impl_->env.log.List(options);
}

void Controller::OnEvent(std::function<void(const events::EventPtr&)> sink) {
  impl_->env.log.OnAppend(std::move(sink));
}

uint64_t Controller::run() const { return impl_->env.log.epoch(); }

std::string Controller::ResumeToken(int64_t revision) const {
  return impl_->env.log.ResumeToken(revision);
}

absl::StatusOr<std::shared_ptr<Capture>> Controller::StartCapture(
    CaptureFilter filter, absl::AnyInvocable<void()> on_ready) {
  return impl_->env.captures.Start(std::move(filter), std::move(on_ready));
}

void Controller::Shutdown(Duration patience, absl::AnyInvocable<void()> done) {
  impl_->env.shutting_down = true;
  impl_->shutdown_done = std::move(done);
  impl_->shutdown_deadline = impl_->env.now() + patience;
  events::Cause cause;
  cause.closed_by = events::ClosedBy::kOperator;
  cause.reason = events::CloseReason::kShutdown;
  cause.result_code = static_cast<uint16_t>(wire::StopCcnResult::kShuttingDown);
  cause.message = "the daemon is being stopped";
  impl_->sessions.ForgetWaiting("", cause);
  impl_->tunnels.CloseAll(cause);
  impl_->Settle();
}

void Controller::HandleTimeout() { impl_->HandleTimeout(); }

void Controller::OnDatagram(const Path& path, ByteSpan datagram) {
  if (impl_->env.captures.any() || impl_->env.debug.any()) {
    impl_->tunnels.NoteReceived(path, datagram);
  }
  impl_->env.engine.HandleDatagram(impl_->env.now(), path, datagram);
  impl_->Settle();
}

void Controller::OnPppEvent(PppId ppp, const PppEvent& event) {
  impl_->sessions.OnPppEvent(ppp, event);
  impl_->Settle();
}

std::optional<std::string> Controller::SecretFor(PppId ppp) {
  return impl_->sessions.SecretFor(ppp);
}

void Controller::OnPeerLogin(PppId ppp, const PeerLogin& login,
                             absl::AnyInvocable<void(LoginAnswer)> answer) {
  impl_->sessions.OnPeerLogin(ppp, login, std::move(answer));
}

PeerAdmission Controller::Admit(PppId ppp, absl::string_view user) {
  return impl_->sessions.Admit(ppp, user);
}

}  // namespace l2tp::control
