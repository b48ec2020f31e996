#include "server/control/sessions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/call_facts.h"
#include "server/control/cause.h"
#include "server/control/names.h"
#include "server/control/ppp_exit.h"
#include "server/control/ppp_facts.h"
#include "server/control/ppp_spec.h"
#include "server/control/validate.h"

namespace l2tp::control {
namespace {

using events::CloseReason;
using events::EventType;
using events::State;
using wire::CdnResult;
using wire::ErrorCode;

constexpr Duration kTellCallErrorsInterval = Duration::Seconds(10);

constexpr uint16_t Code(CdnResult result) { return static_cast<uint16_t>(result); }

// What a CDN says when we end a call on our own account.
uint16_t ResultFor(CloseReason reason) {
  switch (reason) {
    case CloseReason::kSetupTimeout: return Code(CdnResult::kTimeout);
    case CloseReason::kNoResources: return Code(CdnResult::kNoFacilitiesTemporary);
    case CloseReason::kNotAuthorized: return Code(CdnResult::kAdministrative);
    default: return Code(CdnResult::kGeneralError);
  }
}

// The peer's login.
bool WasRefused(const events::SessionInfo& session) {
  return session.auth.has_value() && session.auth->failure != events::LoginFailure::kNone;
}

}  // namespace

// ---- Call --------------------------------------------------------------------------------------

void Sessions::Carry(const protocol::SessionRequested& requested) {
  TunnelRecord* tunnel = tunnels_->Find(requested.tunnel);
  if (auto refusal = policy_.WhyNot(tunnel, requested, table_.size())) {
    policy_.NoteRefusal(tunnel, requested.call, *refusal);
    protocol::Closure closure;
    closure.result = *std::move(refusal);
    return env_->engine.CloseSession(env_->now(), requested.session, std::move(closure));
  }
  const std::string name = SessionName(tunnel->info.name, MakeResourceId("in", env_->ports.random));
  SessionRecord* session = Add(name, requested.session, tunnel, tunnel->profile);
  const bool lns = requested.side == protocol::CallSide::kLns;
  session->info.origin = events::Origin::kPeer;
  session->info.role = lns ? events::Role::kLns : events::Role::kLac;
  session->info.profile = tunnel->info.profile;
  session->info.assigned_session_id = requested.session_id;
  session->info.peer_assigned_session_id = requested.peer_session_id;
  ++tunnel->peer_session_count;
  TakeCall(requested.call, &session->info);
  session->user = session->profile->ppp.user;
  session->info.user = session->user;
  session->password = session->profile->ppp.password;
  env_->Tell(EventType::kSessionCreated, session->info);
  if (lns) {
    if (absl::Status lent = LendAddresses(session); !lent.ok()) {
      return Fail(session, CloseReason::kNoResources, lent);
    }
  } else {
    // OCRP says that the call can be attempted, OCCN that it is there.
    env_->engine.AcceptSession(env_->now(), session->handle,
                               LineOf(session->profile->session, session->info));
  }
  BuildPath(session);
}

void Sessions::Carry(const protocol::CallRefused& refused) {
  policy_.NoteRefusal(tunnels_->Find(refused.tunnel), refused.call, refused.result);
}

// Before the call is answered, so that a call for which there is no address is refused while its
// LAC can still try elsewhere. Only who logs in can have an address of its own; if there may be
// such a user, it is seen then.
absl::Status Sessions::LendAddresses(SessionRecord* session) {
  const PppSettings& ppp = session->profile->ppp;
  if (ppp.pool.empty()) return absl::OkStatus();
  absl::Status lent = env_->resources.pools().Lend(session->info.name, ppp.pool, ppp.ipv6);
  const bool own = env_->resources.users().any_with_address() || !ppp.authenticator.empty() ||
                   ppp.radius.server.address.is_set();
  const bool later = !ppp.require_auth.empty() && own;
  if (!lent.ok()) return later ? absl::OkStatus() : lent;
  TakeLease(session);
  return absl::OkStatus();
}

void Sessions::TakeLease(SessionRecord* session) {
  const Lease* lease = env_->resources.pools().Find(session->info.name);
  session->info.ipv6_prefix = lease == nullptr ? IpPrefix() : lease->prefix;
}

void Sessions::Carry(const protocol::SessionAnswered& answered) {
  SessionRecord* session = table_.Find(answered.session);
  if (session == nullptr) return;
  session->info.peer_assigned_session_id = answered.peer_session_id;
  if (session->info.role == events::Role::kLns) {
    if (absl::Status lent = LendAddresses(session); !lent.ok()) {
      return Fail(session, CloseReason::kNoResources, lent);
    }
  }
  BuildPath(session);
}

void Sessions::BuildPath(SessionRecord* session) {
  session->path = SessionRecord::Path::kCreating;
  TunnelRecord* tunnel = tunnels_->Find(session->info.tunnel);
  tunnels_->WhenPathReady(tunnel, [this, name = session->info.name](const absl::Status& status) {
    if (status.ok()) return CreateInKernel(name);
    OnPathReady(name, status);
  });
}

void Sessions::CreateInKernel(const std::string& name) {
  const SessionRecord& session = *table_.Find(name);
  const TunnelRecord& tunnel = *tunnels_->Find(session.info.tunnel);
  KernelSession config;
  config.tunnel_id = tunnel.info.assigned_tunnel_id;
  config.peer_tunnel_id = tunnel.info.peer_assigned_tunnel_id;
  config.session_id = session.info.assigned_session_id;
  config.peer_session_id = session.info.peer_assigned_session_id;
  config.path = tunnel.path;
  config.lns_mode = session.info.role == events::Role::kLns;
  config.receive_sequence = session.profile->session.receive_sequence;
  // A LAC that requires numbers of the other end sends them too (RFC 2661 section 5.4).
  config.send_sequence =
      session.profile->session.send_sequence || (config.receive_sequence && !config.lns_mode);
  config.reorder_timeout = session.profile->session.reorder_timeout;
  env_->ports.kernel->CreateSession(config, [this, name](absl::StatusOr<UniqueFd> pppox) {
    OnPathReady(name, std::move(pppox));
  });
}

// The data path is there, or is not to be had. pppd is started before the peer hears of it, so
// that the first LCP frame finds somebody; it says nothing before the call is established.
void Sessions::OnPathReady(const std::string& name, absl::StatusOr<UniqueFd> pppox) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return;
  session->path = pppox.ok() ? SessionRecord::Path::kReady : SessionRecord::Path::kNone;
  if (pppox.ok()) session->pppox = *std::move(pppox);
  if (session->call_over) return FinishIfClean(session);
  if (session->path == SessionRecord::Path::kNone) {
    return Fail(session, CloseReason::kKernelFailure, pppox.status());
  }
  tunnels_->SetSizes(session->info.tunnel, *session->profile, &session->info);
  const PppSpec spec =
      MakePppSpec(session->info, tunnels_->Find(session->info.tunnel)->info, session->profile->ppp,
                  session->interface_name, env_->resources.pools().Find(name));
  table_.SetPpp(session, env_->ports.ppp->Start(spec, session->pppox.Duplicate()));
  session->info.pppd_pid = env_->ports.ppp->Pid(session->ppp);
  // An incoming call that we answer goes on with ICRP; any other has only waited for the path.
  const bool answers = session->info.role == events::Role::kLns &&
                       session->info.direction == events::CallDirection::kIncoming;
  if (answers) {
    env_->engine.AcceptSession(env_->now(), session->handle);
  } else {
    env_->engine.ConfirmSession(env_->now(), session->handle);
  }
}

void Sessions::Carry(const protocol::SessionEstablished& established) {
  SessionRecord* session = table_.Find(established.session);
  if (session == nullptr) return;
  TakeCall(established.call, &session->info);
  session->info.establish_time = env_->ports.clock->WallNow();
  SetState(session, State::kEstablished);
  timers_.Cancel(session->handle);
  const bool network_up = session->info.ipv4.has_value() || session->info.ipv6.has_value();
  if (session->profile->session.ppp_timeout > Duration() && !network_up) {
    timers_.Set(session->handle, env_->now() + session->profile->session.ppp_timeout);
  }
  const bool lns = session->info.role == events::Role::kLns;
  if (session->info.sequencing_required && lns) {
    RequireSequencing(*session);
  } else {
    env_->ports.ppp->Begin(session->ppp);
  }
  env_->Tell(EventType::kSessionUp, session->info);
  SendLinkInfo(session);
}

// Section 5.4: with Sequencing Required both sides number every data message. The LAC has asked for
// it and knows; the LNS learns it after the data path was made, and pppd waits for it.
void Sessions::RequireSequencing(const SessionRecord& session) {
  env_->ports.kernel->RequireSequencing(
      tunnels_->Find(session.info.tunnel)->info.assigned_tunnel_id,
      session.info.assigned_session_id,
      [this, name = session.info.name](const absl::Status& status) {
        SessionRecord* found = table_.Find(name);
        if (found == nullptr) return;
        if (!status.ok()) return Fail(found, CloseReason::kKernelFailure, status);
        env_->ports.ppp->Begin(found->ppp);
      });
}

void Sessions::Carry(const protocol::LinkInfoReceived& received) {
  SessionRecord* session = table_.Find(received.session);
  if (session == nullptr) return;
  session->info.link_info = events::LinkInfo{true, received.accm.send, received.accm.receive};
  env_->Tell(EventType::kSessionLinkInfo, session->info);
}

void Sessions::Carry(const protocol::CallErrorsReceived& received) {
  SessionRecord* session = table_.Find(received.session);
  if (session == nullptr) return;
  session->info.call_errors = received.errors;
  // Section 6.13: one a minute. Whoever sends more is heard, but not told of each time.
  if (env_->now() < session->call_errors_told + kTellCallErrorsInterval) return;
  session->call_errors_told = env_->now();
  env_->Tell(EventType::kSessionCallErrors, session->info);
}

absl::StatusOr<events::SessionInfo> Sessions::ReportCallErrors(absl::string_view name,
                                                               const wire::CallErrors& errors) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return SessionNotFound(name);
  if (session->info.role != events::Role::kLac || session->info.state != State::kEstablished) {
    return MakeError(Reason::kSessionNotReady,
                     absl::StrCat(name, " is not established with us as LAC"),
                     {{"name", std::string(name)}});
  }
  if (!env_->engine.SendCallErrors(env_->now(), session->handle, errors)) {
    return MakeError(Reason::kReportTooSoon,
                     absl::StrCat("the last report of ", name, " was less than 60 s ago"),
                     {{"name", std::string(name)}});
  }
  session->info.call_errors = errors;
  env_->Tell(EventType::kSessionCallErrors, session->info);
  return session->info;
}

void Sessions::SetState(SessionRecord* session, State state) {
  if (session->info.state == State::kEstablished) --established_count_;
  if (state == State::kEstablished) ++established_count_;
  session->info.state = state;
  if (const protocol::Session* call = env_->engine.FindSession(session->handle)) {
    session->info.protocol_state = std::string(call->StateName());
  } else {
    session->info.protocol_state = "idle";
  }
}

void Sessions::HandleTimeout() {
  accounting_.HandleTimeout([this](const std::string& name, Completion<events::SessionInfo> done) {
    Get(name, std::move(done), false);
  });
  while (auto handle = timers_.TakeDue(env_->now())) {
    SessionRecord* session = table_.Find(*handle);
    if (session == nullptr) continue;
    const bool l2tp_up = session->info.state == State::kEstablished;
    Fail(session, CloseReason::kSetupTimeout,
         absl::DeadlineExceededError(l2tp_up ? "PPP had no address in time"
                                             : "L2TP was not established in time"));
  }
  while (auto name = reconnects_.TakeDue(env_->now())) PlaceAgain(*name);
}

std::optional<Instant> Sessions::NextTimeout() const {
  std::optional<Instant> next = timers_.Next();
  for (const auto other : {reconnects_.Next(), accounting_.NextTimeout()}) {
    if (other.has_value() && (!next.has_value() || *other < *next)) next = other;
  }
  return next;
}

// ---- PPP ---------------------------------------------------------------------------------------

void Sessions::OnPppEvent(PppId ppp, const PppEvent& event) {
  SessionRecord* session = table_.Find(ppp);
  if (session == nullptr) return;
  session->info.pppd_pid = env_->ports.ppp->Pid(ppp);  // it may have been started late
  const std::optional<EventType> type = TakePppFacts(event, &session->info);
  if (const auto* exit = std::get_if<PppExit>(&event)) return OnPppExit(session, *exit);
  if (!type.has_value()) return;
  if (const auto* auth = std::get_if<PppAuth>(&event);
      auth != nullptr && auth->auth.we_are_authenticator && !auth->auth.succeeded) {
    session->info.auth->failure = session->login.failure;
  }
  if (*type == EventType::kSessionIpUp || *type == EventType::kSessionIpv6Up) OnNetworkUp(session);
  env_->Tell(*type, session->info);
  if (*type == EventType::kSessionLcpUp) SendLinkInfo(session);
}

// RFC 2661 section 6.14: the LNS tells the LAC what PPP has negotiated. Send is the LAC's direction
// towards the client, which is what we send. When LCP was faster than ICCN, this waits for it.
void Sessions::SendLinkInfo(SessionRecord* session) {
  if (session->info.role != events::Role::kLns || !session->info.lcp.has_value()) return;
  const wire::Accm accm{session->info.lcp->send_accm, session->info.lcp->receive_accm};
  if (!env_->engine.SendLinkInfo(env_->now(), session->handle, accm)) return;
  session->info.link_info = events::LinkInfo{false, accm.send, accm.receive};
  env_->Tell(EventType::kSessionLinkInfo, session->info);
}

// One family will do. While L2TP is not established the deadline is its own.
void Sessions::OnNetworkUp(SessionRecord* session) {
  if (session->info.state == State::kEstablished) timers_.Cancel(session->handle);
  if (Persistence* again = session->persistence.get()) {
    if (!again->network_since.has_value()) again->network_since = env_->now();
  }
  if (session->login.authorization.has_value()) {
    accounting_.Start(session->profile->ppp.authenticator, FactsOf(*session),
                      session->login.authorization->interim_interval, session->info);
  }
}

void Sessions::OnPppExit(SessionRecord* session, const PppExit& exit) {
  table_.SetPpp(session, PppId());
  session->info.pppd_pid = 0;
  while (const auto gone = ForgetPppFact(&session->info)) env_->Tell(*gone, session->info);
  if (session->call_over) {
    session->info.cause.pppd_exit_status = exit.status;
    session->info.cause.pppd_signal = exit.signal;
    return FinishIfClean(session);
  }
  events::Cause cause = DescribePppExit(exit);
  const auto& auth = session->info.auth;
  if (WasRefused(session->info)) ExplainFailedLogin(session->login, &cause);
  cause.ppp_cause = DescribeForPeer(exit, session->info.lcp.has_value(),
                                    auth.has_value() ? absl::string_view(auth->method) : "");
  Close(session, cause);
}

std::optional<std::string> Sessions::SecretFor(PppId ppp) {
  const SessionRecord* session = table_.Find(ppp);
  if (session == nullptr || session->user.empty()) return std::nullopt;
  return session->password;
}

void Sessions::OnPeerLogin(PppId ppp, const PeerLogin& tried,
                           absl::AnyInvocable<void(LoginAnswer)> answer) {
  SessionRecord* session = table_.Find(ppp);
  if (session == nullptr || session->call_over) return answer({});
  ++session->login_count;
  if (session->profile->ppp.authenticator.empty()) {
    return answer(logins_.Try(tried, *session->profile, &session->login));
  }
  AskAuthenticator(session, tried, std::move(answer));
}

void Sessions::AskAuthenticator(SessionRecord* session, const PeerLogin& tried,
                                absl::AnyInvocable<void(LoginAnswer)> answer) {
  const PppSettings& ppp = session->profile->ppp;
  session->login.open = false;
  AuthorizationRequest request;
  request.facts = FactsOf(*session);
  request.facts.user = tried.user;
  request.request_id = absl::StrCat(session->info.uid, "-", session->login_count);
  request.login = tried;
  request.timeout = ppp.authenticator_timeout;
  env_->ports.authenticator->Authorize(
      ppp.authenticator, request,
      [this, name = session->info.name, uid = session->info.uid, count = session->login_count,
       tried, answer = std::move(answer)](absl::StatusOr<Authorization> authorization) mutable {
        SessionRecord* found = table_.Find(name);
        const bool same = found != nullptr && found->info.uid == uid &&
                          found->login_count == count && !found->call_over;
        if (!same) return answer({});  // nobody waits for it any more
        answer(logins_.Decide(tried, std::move(authorization), &found->login));
      });
}

SessionFacts Sessions::FactsOf(const SessionRecord& session) const {
  return MakeSessionFacts(session.info, tunnels_->Find(session.info.tunnel)->info,
                          session.login.name);
}

PeerAdmission Sessions::Admit(PppId ppp, absl::string_view user) {
  SessionRecord* session = table_.Find(ppp);
  if (session == nullptr || session->call_over) return {};
  const bool lns = session->info.role == events::Role::kLns;
  PeerAdmission admission =
      logins_.Admit(user, session->info.name, *session->profile, lns, &session->login);
  session->info.peer_user = session->login.user;
  TakeLease(session);
  if (admission.admitted && session->login.authorization.has_value()) {
    session->info.routes = session->login.authorization->routes;
    session->info.downstream_rate = session->login.authorization->downstream_rate;
    session->info.upstream_rate = session->login.authorization->upstream_rate;
  }
  return admission;
}

// ---- End ---------------------------------------------------------------------------------------

void Sessions::Fail(SessionRecord* session, CloseReason reason, const absl::Status& status) {
  const uint16_t result = ResultFor(reason);
  const ErrorCode error = result == Code(CdnResult::kGeneralError)
                              ? ErrorCode::kInsufficientResources
                              : ErrorCode::kNone;
  Close(session, DaemonCause(reason, status, result, static_cast<uint16_t>(error)));
}

void Sessions::Close(SessionRecord* session, const events::Cause& cause) {
  if (session->call_over || session->why.has_value()) return;
  session->why = cause;
  env_->engine.CloseSession(env_->now(), session->handle, ToClosure(cause));
}

// The call is over; now pppd, the kernel's session and the record go, in this order.
void Sessions::Carry(const protocol::SessionClosed& closed) {
  SessionRecord* session = table_.Find(closed.session);
  if (session == nullptr) return;
  session->call_over = true;
  session->info.cause = session->why.has_value() ? *session->why : ToCause(closed.closure);
  const bool with_tunnel = closed.closure.kind == protocol::Closure::Kind::kTunnel;
  TunnelRecord* tunnel = tunnels_->Find(session->info.tunnel);
  // pppd may take its time, but the peer may place another call now.
  if (session->info.origin == events::Origin::kPeer) --tunnel->peer_session_count;
  if (with_tunnel && tunnel->why.has_value()) {
    session->info.cause.closed_by = tunnel->why->closed_by;
    session->info.cause.message =
        absl::StrCat("tunnel closed: ", events::CloseReasonName(tunnel->why->reason));
  }
  if (WasRefused(session->info)) ExplainRefusedPeer(session->login, &session->info.cause);
  SetState(session, State::kClosing);
  timers_.Cancel(session->handle);
  if (session->ppp) env_->ports.ppp->Stop(session->ppp);
  FinishIfClean(session);
}

void Sessions::FinishIfClean(SessionRecord* session) {
  if (!session->call_over || session->ppp) return;
  switch (session->path) {
    case SessionRecord::Path::kCreating:  // OnPathReady comes back here
    case SessionRecord::Path::kDeleting: return;
    case SessionRecord::Path::kNone: return Remove(std::string(session->info.name));
    case SessionRecord::Path::kReady: return DeletePath(session);
  }
}

void Sessions::DeletePath(SessionRecord* session) {
  session->path = SessionRecord::Path::kDeleting;
  const TunnelId tunnel_id = tunnels_->Find(session->info.tunnel)->info.assigned_tunnel_id;
  const SessionId session_id = session->info.assigned_session_id;
  const std::string name = session->info.name;
  env_->ports.kernel->GetCounters(tunnel_id, session_id,
                                  [this, name](absl::StatusOr<events::Counters> counters) {
                                    SessionRecord* found = table_.Find(name);
                                    if (found != nullptr && counters.ok()) {
                                      found->info.counters = *counters;
                                    }
                                  });
  env_->ports.kernel->DeleteSession(tunnel_id, session_id,
                                    [this, name](const absl::Status&) { Remove(name); });
}

void Sessions::Remove(const std::string& name) {
  SessionRecord* session = table_.Find(name);
  if (session == nullptr) return;
  SetState(session, State::kClosed);
  env_->Tell(EventType::kSessionDown, session->info);
  accounting_.Stop(session->info);
  logins_.Leave(name, &session->login);
  timers_.Cancel(session->handle);
  const std::string tunnel = session->info.tunnel;
  if (const auto delay = ComesBackAfter(session)) {
    Wait(session, *delay);
  } else {
    Forget(session);
  }
  tunnels_->RemoveSession(tunnel, name);
}

// Its last event; whoever waits for the end is told.
void Sessions::Forget(SessionRecord* session) {
  const std::string name = session->info.name;
  session->info.state = State::kClosed;
  env_->Tell(EventType::kSessionDeleted, session->info);
  env_->closed_sessions.Add(env_->now(), session->info);
  reconnects_.Remove(name);
  std::vector<Done> waiting = std::move(session->waiting_for_end);
  table_.Remove(name);
  for (Done& done : waiting) done(absl::OkStatus());
}

}  // namespace l2tp::control
