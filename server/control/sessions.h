// Every session's life: call, data path, pppd, and their end.

#ifndef L2TP_SERVER_CONTROL_SESSIONS_H_
#define L2TP_SERVER_CONTROL_SESSIONS_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/base/unique_fd.h"
#include "server/control/accounting.h"
#include "server/control/environment.h"
#include "server/control/logins.h"
#include "server/control/specs.h"
#include "server/control/timer_queue.h"
#include "server/control/tunnels.h"
#include "server/protocol/effects.h"

namespace l2tp::control {

struct SessionRecord {
  // The kernel's session and the PPPoX socket.
  enum class Path { kNone, kCreating, kReady, kDeleting };

  events::SessionInfo info;
  SessionHandle handle;
  ProfilePtr profile;          // as it was when the session was created
  std::string user;            // how we log in
  std::string password;        // secret
  std::string interface_name;  // asked for; empty: any
  Login login;                 // the peer's, to us
  int login_count = 0;         // tries so far

  Path path = Path::kNone;
  // Our copy of the PPPoX socket: it keeps the kernel's session, and so the final counters, when
  // pppd is gone.
  UniqueFd pppox;
  PppId ppp;                         // 0: no pppd runs
  Instant call_errors_told;          // when an event told of the peer's WEN last
  bool call_over = false;            // SessionClosed has come; what is left is clean-up
  std::optional<events::Cause> why;  // set before the engine is told to close, if we do
  std::vector<Done> waiting_for_end;
};

class Sessions {
 public:
  // Neither is owned; both must outlive this.
  Sessions(Environment* env, Tunnels* tunnels)
      : env_(env), tunnels_(tunnels), logins_(&env->resources), accounting_(env) {}

  // See Controller.
  absl::StatusOr<events::SessionInfo> Create(const SessionSpec& spec);
  void Get(absl::string_view name, Completion<events::SessionInfo> done);
  absl::StatusOr<Page<events::SessionInfo>> List(absl::string_view tunnel,
                                                 const PageRequest& page) const;
  void Delete(absl::string_view name, const CloseOptions& options, Done done);
  absl::StatusOr<events::SessionInfo> ReportCallErrors(absl::string_view name,
                                                       const wire::CallErrors& errors);
  // Answers every Delete that still waits.
  void AnswerWaiting(const absl::Status& status);
  // Every session, in the order of names.
  std::vector<events::SessionInfo> All() const;

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
  std::optional<std::string> SecretFor(PppId ppp) const;
  void OnPeerLogin(PppId ppp, const PeerLogin& tried, absl::AnyInvocable<void(LoginAnswer)> answer);
  PeerAdmission Admit(PppId ppp, absl::string_view user);

  void HandleTimeout();
  std::optional<Instant> NextTimeout() const {
    const auto next = timers_.Next();
    const auto accounting = accounting_.NextTimeout();
    return next.has_value() && accounting.has_value() ? std::min(*next, *accounting)
           : next.has_value()                         ? next
                                                      : accounting;
  }

  size_t size() const { return records_.size(); }
  int established_count() const { return established_count_; }

 private:
  SessionRecord* Find(absl::string_view name);
  SessionRecord* Find(SessionHandle handle);
  SessionRecord* Find(PppId ppp);
  SessionRecord* Add(const std::string& name, SessionHandle handle, TunnelRecord* tunnel,
                     ProfilePtr profile);
  absl::Status CheckLimit() const;
  absl::Status CheckInterfaceName(const SessionSpec& spec) const;
  std::optional<wire::ResultCode> WhyNot(const TunnelRecord* tunnel,
                                         const protocol::SessionRequested& requested) const;
  void NoteRefusal(TunnelHandle tunnel, const protocol::CallInfo& call,
                   const wire::ResultCode& result);
  protocol::LineInfo LineOf(const SessionRecord& session) const;
  void RequireSequencing(const SessionRecord& session);

  void BuildPath(SessionRecord* session);
  void CreateInKernel(const std::string& name);
  void OnPathReady(const std::string& name, absl::StatusOr<UniqueFd> pppox);
  absl::Status LendAddresses(SessionRecord* session);
  void TakeLease(SessionRecord* session);
  SessionFacts FactsOf(const SessionRecord& session) const;
  void AskAuthenticator(SessionRecord* session, const PeerLogin& tried,
                        absl::AnyInvocable<void(LoginAnswer)> answer);

  void OnAuth(SessionRecord* session, const PppAuth& auth);
  void OnLcpUp(SessionRecord* session, const PppLcpUp& up);
  void SendLinkInfo(SessionRecord* session);
  void OnIpUp(SessionRecord* session, const PppIpUp& up);
  void OnNetworkUp(SessionRecord* session);
  void OnPppExit(SessionRecord* session, const PppExit& exit);
  void ForgetNetworks(SessionRecord* session);

  void Close(SessionRecord* session, const events::Cause& cause);
  void Fail(SessionRecord* session, events::CloseReason reason, const absl::Status& status);
  void FinishIfClean(SessionRecord* session);
  void DeletePath(SessionRecord* session);
  void Remove(const std::string& name);
  void SetState(SessionRecord* session, events::State state);

  Environment* const env_;
  Tunnels* const tunnels_;
  Logins logins_;
  Accounting accounting_;
  std::map<std::string, SessionRecord, std::less<>> records_;
  absl::flat_hash_map<SessionHandle, std::string> by_handle_;
  absl::flat_hash_map<PppId, std::string> by_ppp_;
  absl::flat_hash_map<std::string, std::string> interface_names_;  // asked for -> session
  TimerQueue<SessionHandle> timers_;                               // set-up deadlines
  int established_count_ = 0;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_SESSIONS_H_
