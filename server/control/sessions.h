// Every session's life: call, data path, pppd, and their end.

#ifndef L2TP_SERVER_CONTROL_SESSIONS_H_
#define L2TP_SERVER_CONTROL_SESSIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/unique_fd.h"
#include "server/control/accounting.h"
#include "server/control/call_policy.h"
#include "server/control/environment.h"
#include "server/control/logins.h"
#include "server/control/reconnect.h"
#include "server/control/session_table.h"
#include "server/control/specs.h"
#include "server/control/timer_queue.h"
#include "server/control/tunnels.h"
#include "server/protocol/effects.h"

namespace l2tp::control {

// SESSION_NOT_FOUND.
absl::Status SessionNotFound(absl::string_view name);

class Sessions {
 public:
  // Neither is owned; both must outlive this.
  Sessions(Environment* env, Tunnels* tunnels)
      : env_(env), tunnels_(tunnels), policy_(env), logins_(&env->resources), accounting_(env) {}

  // See Controller.
  absl::StatusOr<events::SessionInfo> Create(const SessionSpec& spec, Mode mode = Mode::kDo);
  absl::StatusOr<events::SessionInfo> Label(absl::string_view name, absl::string_view etag,
                                            events::Labels labels, Mode mode);
  void Get(absl::string_view name, Completion<events::SessionInfo> done, bool closed);
  absl::StatusOr<Page<events::SessionInfo>> List(absl::string_view tunnel, const PageRequest& page,
                                                 const SessionFilter& filter, bool closed) const;
  Controller::CloseCount CloseAll(absl::string_view tunnel, const SessionFilter& filter,
                                  const CloseOptions& options, absl::string_view after);
  void Delete(absl::string_view name, const CloseOptions& options, Done done);
  absl::StatusOr<events::SessionInfo> Restart(absl::string_view name, const CloseOptions& options,
                                              Mode mode);
  // The persistent ones of the tunnel, which is closed next, are placed again as soon as it is
  // gone.
  absl::Status RestartWithTunnel(absl::string_view tunnel, bool force, Mode mode);
  absl::StatusOr<events::SessionInfo> ReportCallErrors(absl::string_view name,
                                                       const wire::CallErrors& errors);
  // What has been changed of the tunnel holds also when it is opened again.
  void KeepTunnelChanges(const events::TunnelInfo& tunnel);
  // Those of the tunnel that wait to be placed again; it may be gone. Empty: of all.
  std::vector<std::string> Waiting(absl::string_view tunnel) const;
  // Something drains no longer: those that have waited for that are looked at again.
  void PlaceHeld();
  // Gives them up.
  void ForgetWaiting(absl::string_view tunnel, const events::Cause& cause);
  // Answers every Delete that still waits.
  void AnswerWaiting(const absl::Status& status);
  // nullptr: there is none.
  const events::SessionInfo* Find(absl::string_view name) const {
    const auto found = table_.records().find(name);
    return found == table_.records().end() ? nullptr : &found->second.info;
  }
  // In the order of names: those whose name begins so, or all.
  std::vector<events::SessionInfo> All(absl::string_view prefix) const {
    return table_.All(prefix);
  }

  // Effects of the engine.
  void Carry(const protocol::SessionRequested& requested);
  void Carry(const protocol::SessionAnswered& answered);
  void Carry(const protocol::SessionEstablished& established);
  void Carry(const protocol::SessionClosed& closed);
  void Carry(const protocol::CallRefused& refused);
  void Carry(const protocol::LinkInfoReceived& received);
  void Carry(const protocol::CallErrorsReceived& received);

  // From pppd.
  void OnPppEvent(PppId ppp, const PppEvent& event);
  std::optional<std::string> SecretFor(PppId ppp);
  void OnPeerLogin(PppId ppp, const PeerLogin& tried, absl::AnyInvocable<void(LoginAnswer)> answer);
  PeerAdmission Admit(PppId ppp, absl::string_view user);

  void HandleTimeout();
  std::optional<Instant> NextTimeout() const;

  size_t size() const { return table_.size(); }
  int established_count() const { return established_count_; }
  int waiting_count() const { return static_cast<int>(reconnects_.size()); }

 private:
  absl::StatusOr<SessionRecord*> Place(const std::string& name, const SessionSpec& spec,
                                       TunnelRecord* tunnel, ProfilePtr profile);
  SessionRecord* Add(const std::string& name, SessionHandle handle, TunnelRecord* tunnel,
                     ProfilePtr profile);
  absl::Status CheckLimit() const;
  absl::Status CheckInterfaceName(const SessionSpec& spec) const;
  void RequireSequencing(const SessionRecord& session);

  void BuildPath(SessionRecord* session);
  void CreateInKernel(const std::string& name);
  void OnPathReady(const std::string& name, absl::StatusOr<UniqueFd> pppox);
  absl::Status LendAddresses(SessionRecord* session);
  void TakeLease(SessionRecord* session);
  SessionFacts FactsOf(const SessionRecord& session) const;
  void AskAuthenticator(SessionRecord* session, const PeerLogin& tried,
                        absl::AnyInvocable<void(LoginAnswer)> answer);

  void SendLinkInfo(SessionRecord* session);
  void OnNetworkUp(SessionRecord* session);
  void OnPppExit(SessionRecord* session, const PppExit& exit);

  void Close(SessionRecord* session, const events::Cause& cause);
  void Fail(SessionRecord* session, events::CloseReason reason, const absl::Status& status);
  void FinishIfClean(SessionRecord* session);
  void DeletePath(SessionRecord* session);
  void Remove(const std::string& name);
  void Forget(SessionRecord* session);
  // Persistent sessions: sessions_reconnect.cc. Commands: sessions_commands.cc.
  static void Persist(SessionRecord* session, const SessionSpec& spec, const TunnelSpec& tunnel);
  std::optional<Duration> ComesBackAfter(SessionRecord* session);
  absl::Status CheckRestart(absl::string_view tunnel_name) const;
  void PlaceAgainSoon(SessionRecord* session);
  void LookAgainAfter(Duration delay, SessionRecord* session);
  void Wait(SessionRecord* session, Duration delay);
  void PlaceAgain(const std::string& name);
  absl::Status CheckPlacing(absl::string_view tunnel_name) const;
  absl::StatusOr<TunnelRecord*> FindOrOpenTunnel(const TunnelSpec& spec);
  void SetState(SessionRecord* session, events::State state);

  Environment* const env_;
  Tunnels* const tunnels_;
  CallPolicy policy_;
  Logins logins_;
  Accounting accounting_;
  SessionTable table_;
  TimerQueue<SessionHandle> timers_;  // set-up deadlines
  ReconnectQueue reconnects_;         // those that wait
  int established_count_ = 0;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_SESSIONS_H_
