#include "server/protocol/tunnel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/protocol/incoming_call.h"
#include "server/protocol/outgoing_call.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;
using wire::StopCcnResult;

// Session ids rest this long: the kernel deletes sessions late (docs/architecture.md).
constexpr Duration kSessionIdQuarantine = Duration::Seconds(10);
constexpr int kSerialBits = 32;
// How long a StopCCN from the peer is remembered, whatever our own timers are: the RFC's full
// retransmission cycle (section 5.7).
constexpr Duration kRetention = Duration::Seconds(31);
// With so many messages that the peer has not acknowledged, nothing it asks for is answered any
// more: it could make us queue answers without end.
constexpr size_t kMaxBacklog = 2048;

Closure MakeClosure(Closure::Kind kind, wire::ResultCode result) {
  Closure closure;
  closure.kind = kind;
  closure.detail = result.message;
  closure.result = std::move(result);
  return closure;
}

}  // namespace

TunnelHandle TunnelOf(SessionHandle session) {
  return TunnelHandle(session.value() >> kSerialBits);
}

Tunnel::Tunnel(TunnelHandle handle, TunnelId id, const Path& path, TunnelParams params,
               TunnelServices* services)
    : handle_(handle),
      id_(id),
      path_(path),
      params_(std::move(params)),
      services_(services),
      authentication_(params_.secret),
      channel_(params_.channel),
      hello_timer_(params_.hello_interval),
      session_ids_(kSessionIdQuarantine) {}

// ---- Set-up (section 7.2.1) --------------------------------------------------------------------

Message Tunnel::MakeSetup(MessageType type) const {
  // The order of AVPs is that of widely deployed peers, some of which are particular about it.
  Message message(type);
  message.Add(AvpType::kProtocolVersion, wire::ProtocolVersion{1, 0});
  message.Add(AvpType::kFramingCapabilities, params_.framing_capabilities);
  message.Add(AvpType::kBearerCapabilities, params_.bearer_capabilities);
  if (params_.firmware_revision != 0) {
    message.Add(AvpType::kFirmwareRevision, params_.firmware_revision);
  }
  message.Add(AvpType::kHostName, params_.host_name);
  if (!params_.vendor_name.empty()) message.Add(AvpType::kVendorName, params_.vendor_name);
  message.Add(AvpType::kAssignedTunnelId, static_cast<uint16_t>(id_.value()));
  message.Add(AvpType::kReceiveWindowSize, params_.channel.receive_window);
  return message;
}

void Tunnel::Open(Instant now) {
  Message sccrq = MakeSetup(MessageType::kSccrq);
  if (params_.tie_breaker) {
    tie_breaker_ = services_->random->NextU64();
    sccrq.Add(AvpType::kTieBreaker, *tie_breaker_);
  }
  authentication_.AddChallenge(services_->random, &sccrq);
  Send(SessionId(), sccrq);
  state_ = State::kWaitCtlReply;
  if (params_.setup_timeout > Duration()) deadline_ = now + params_.setup_timeout;
}

void Tunnel::Accept(Instant now, const Message& sccrq, std::string tag) {
  TakePeerFacts(sccrq);
  authentication_.TakeChallenge(sccrq);
  // The SCCRQ is the first message of the channel: Ns 0.
  std::vector<ReceivedMessage> none;
  const uint8_t any_octet = 0;
  channel_.HandleMessage(now, {TunnelId(), SessionId(), 0, 0}, ByteSpan(&any_octet, 1), &none);
  channel_.set_keep_ahead(false);
  tag_ = std::move(tag);
  Emit(TunnelAccepted{handle_, tag_, path_});
  Message sccrp = MakeSetup(MessageType::kSccrp);
  authentication_.AddChallenge(services_->random, &sccrp);
  authentication_.AddResponse(&sccrp);
  Send(SessionId(), sccrp);
  state_ = State::kWaitCtlConn;
  if (params_.setup_timeout > Duration()) deadline_ = now + params_.setup_timeout;
}

std::optional<wire::ResultCode> Tunnel::CheckVersion(const Message& message) {
  const auto version = message.Get<wire::ProtocolVersion>(AvpType::kProtocolVersion);
  if (version.has_value() && version->version == 1) return std::nullopt;
  // The Error Code is the highest version supported: 1.0.
  wire::ResultCode result = wire::MakeResult(StopCcnResult::kUnsupportedVersion);
  result.error = 0x0100;
  return result;
}

void Tunnel::TakePeerFacts(const Message& message) {
  peer_.peer_tunnel_id = TunnelId(message.Get<uint16_t>(AvpType::kAssignedTunnelId).value_or(0));
  peer_.host_name = message.Get<std::string>(AvpType::kHostName).value_or("");
  peer_.vendor_name = message.Get<std::string>(AvpType::kVendorName).value_or("");
  peer_.receive_window = message.Get<uint16_t>(AvpType::kReceiveWindowSize).value_or(4);
  peer_.framing_capabilities = message.Get<uint32_t>(AvpType::kFramingCapabilities).value_or(0);
  peer_.bearer_capabilities = message.Get<uint32_t>(AvpType::kBearerCapabilities);
  channel_.set_peer_tunnel_id(peer_.peer_tunnel_id);
  channel_.SetPeerWindow(peer_.receive_window);
}

void Tunnel::HandleSccrp(Instant now, const Path& path, const Message& sccrp) {
  if (state_ != State::kWaitCtlReply) return RefuseOutOfState(now, sccrp);
  // The answer may come from another port or address; it is the one from now on (section 8.1).
  path_ = path;
  TakePeerFacts(sccrp);
  if (auto refusal = CheckVersion(sccrp)) {
    return Close(now, MakeClosure(Closure::Kind::kProtocolError, *refusal));
  }
  if (!authentication_.TakeChallenge(sccrp)) {
    return Close(now,
                 MakeClosure(Closure::Kind::kNotAuthorized,
                             wire::MakeResult(StopCcnResult::kNotAuthorized, wire::ErrorCode::kNone,
                                              "challenged, but no secret is configured")));
  }
  if (!authentication_.VerifyResponse(sccrp)) {
    return Close(now,
                 MakeClosure(Closure::Kind::kNotAuthorized,
                             wire::MakeResult(StopCcnResult::kNotAuthorized, wire::ErrorCode::kNone,
                                              "wrong or missing challenge response")));
  }
  Message scccn(MessageType::kScccn);
  authentication_.AddResponse(&scccn);
  Send(SessionId(), scccn);
  Establish(now);
}

void Tunnel::HandleScccn(Instant now, const Message& scccn) {
  if (state_ != State::kWaitCtlConn) return RefuseOutOfState(now, scccn);
  if (!authentication_.VerifyResponse(scccn)) {
    return Close(now,
                 MakeClosure(Closure::Kind::kNotAuthorized,
                             wire::MakeResult(StopCcnResult::kNotAuthorized, wire::ErrorCode::kNone,
                                              "wrong or missing challenge response")));
  }
  Establish(now);
}

void Tunnel::Establish(Instant now) {
  state_ = State::kEstablished;
  channel_.set_keep_ahead(true);
  deadline_.reset();
  hello_timer_.Start(now);
  Emit(TunnelEstablished{handle_, id_, tag_, path_, peer_});
  for (SessionHandle handle : std::exchange(waiting_, {})) {
    Session* session = FindSession(handle);
    if (session == nullptr) continue;
    session->Start(peer_, this);
    Remove(now, *session);
  }
}

// ---- Messages ----------------------------------------------------------------------------------

void Tunnel::Send(SessionId peer_session_id, const Message& message) {
  if (!params_.hide_avps || params_.secret.empty()) {
    channel_.Send(peer_session_id, EncodeBody(message));
    return;
  }
  uint8_t random[24];
  services_->random->Fill(absl::MakeSpan(random));
  const ByteSpan all(random);
  const wire::HidingParams hiding{params_.secret, all.first(16), all.subspan(16, random[0] % 8)};
  channel_.Send(peer_session_id, EncodeBody(message, &hiding));
}

void Tunnel::HandleMessage(Instant now, const Path& path, const wire::ControlHeader& header,
                           ByteSpan body) {
  if (state_ == State::kUnreachable || state_ == State::kReleased) return;
  // A repeated SCCRQ (Tunnel ID 0) is no sign of life: it may come from a peer that has forgotten
  // us, or from anybody. A HELLO finds out.
  if (state_ == State::kEstablished && header.tunnel_id) {
    hello_timer_.OnHeard(now);
    quiet_asked_ = false;
  } else if (state_ == State::kEstablished && channel_.idle()) {
    Send(SessionId(), Message(MessageType::kHello));
  }
  std::vector<ReceivedMessage> delivered;
  channel_.HandleMessage(now, header, body, &delivered);
  for (const ReceivedMessage& message : delivered) {
    // After a StopCCN in either direction messages are acknowledged but not acted on.
    if (alive()) Deliver(now, path, message);
  }
  if (state_ == State::kClosing && channel_.idle() && !drained_) {
    drained_ = true;
    Emit(TunnelDrained{handle_});
  }
}

void Tunnel::Deliver(Instant now, const Path& path, const ReceivedMessage& received) {
  std::optional<absl::string_view> secret;
  if (authentication_.has_secret()) secret = authentication_.secret();
  const wire::RawMessage raw = wire::SplitAvps(received.body);
  const wire::Decoded decoded = DecodeMessage(raw, secret);
  if (decoded.ignore) return;
  if (decoded.fault.has_value()) return HandleFault(now, received.session_id, decoded);
  if (wire::IsSessionMessage(decoded.message.type())) {
    return HandleSessionMessage(now, received.session_id, decoded.message);
  }
  HandleTunnelMessage(now, path, decoded.message);
}

void Tunnel::HandleTunnelMessage(Instant now, const Path& path, const Message& message) {
  switch (message.type()) {
    case MessageType::kSccrp: return HandleSccrp(now, path, message);
    case MessageType::kScccn: return HandleScccn(now, message);
    case MessageType::kStopCcn: return HandleStopCcn(now, message);
    case MessageType::kHello: return;  // the transport's acknowledgement is the answer
    default: return RefuseOutOfState(now, message);
  }
}

void Tunnel::HandleFault(Instant now, SessionId header_session_id, const wire::Decoded& decoded) {
  const Message& message = decoded.message;
  const wire::Fault& fault = *decoded.fault;
  const bool about_session = !fault.unreadable && wire::IsSessionMessage(message.type());
  if (!about_session) {
    // A StopCCN ends the tunnel however bad it is, and is never answered.
    if (!fault.unreadable && message.type() == MessageType::kStopCcn) {
      return HandleStopCcn(now, message);
    }
    // The StopCCN goes to the Tunnel ID that the bad SCCRP told, if it did (section 4.4.3).
    if (state_ == State::kWaitCtlReply && !fault.unreadable &&
        message.type() == MessageType::kSccrp) {
      TakePeerFacts(message);
    }
    return Close(
        now, MakeClosure(Closure::Kind::kProtocolError,
                         wire::MakeResult(StopCcnResult::kGeneralError, fault.error, fault.text)));
  }
  if (state_ != State::kEstablished) return;  // acknowledged; no calls before the tunnel is open
  const wire::ResultCode result =
      wire::MakeResult(wire::CdnResult::kGeneralError, fault.error, fault.text);
  if (message.type() == MessageType::kIcrq || message.type() == MessageType::kOcrq) {
    return RefuseCall(now, message, result);
  }
  Session* session = FindByMessage(header_session_id, message);
  if (session == nullptr) return;
  if (message.type() == MessageType::kCdn) {
    session->HandleMessage(message, this);
  } else {
    session->TakePeerId(AssignedSessionId(message));
    session->Close(MakeClosure(Closure::Kind::kProtocolError, result), this);
  }
  Remove(now, *session);
}

void Tunnel::RefuseOutOfState(Instant now, const Message& message) {
  Close(now, MakeClosure(Closure::Kind::kProtocolError,
                         wire::MakeResult(StopCcnResult::kStateMachineError, wire::ErrorCode::kNone,
                                          absl::StrCat(wire::MessageTypeName(message.type()),
                                                       " in state ", StateName()))));
}

// ---- Sessions ----------------------------------------------------------------------------------

void Tunnel::HandleSessionMessage(Instant now, SessionId header_session_id,
                                  const Message& message) {
  if (state_ != State::kEstablished) return;  // acknowledged; no calls before the tunnel is open
  Session* session = FindByMessage(header_session_id, message);
  if (session == nullptr) {
    if (header_session_id) return;  // of a call that is gone
    if (message.type() == MessageType::kIcrq || message.type() == MessageType::kOcrq) {
      HandleCallRequest(now, message);
    }
    return;
  }
  session->HandleMessage(message, this);
  if (session->peer_id()) by_peer_id_[session->peer_id()] = session->id();
  Remove(now, *session);
}

// A call that the peer places.
void Tunnel::HandleCallRequest(Instant now, const Message& request) {
  if (channel_.backlog() > kMaxBacklog) return;
  if (auto refusal = CheckCallRequest(request)) return RefuseCall(now, request, *refusal);
  const auto id = session_ids_.Allocate(now, services_->random);
  if (!id.has_value()) {
    return RefuseCall(
        now, request,
        wire::MakeResult(wire::CdnResult::kNoFacilitiesTemporary,
                         wire::ErrorCode::kInsufficientResources, "no Session ID is free"));
  }
  std::unique_ptr<Session> session;
  if (request.type() == MessageType::kIcrq) {
    session = std::make_unique<IncomingCallLns>(NextSessionHandle(), SessionId(*id), request);
  } else {
    session = std::make_unique<OutgoingCallLac>(NextSessionHandle(), SessionId(*id), request);
  }
  by_peer_id_[session->peer_id()] = session->id();
  Emit(SessionRequested{session->handle(), handle_, session->side(), session->id(),
                        session->peer_id(), session->call()});
  AddSession(std::move(session));
}

// nullopt: the call may be considered.
std::optional<wire::ResultCode> Tunnel::CheckCallRequest(const Message& request) const {
  if (by_peer_id_.contains(AssignedSessionId(request))) {
    return wire::MakeResult(wire::CdnResult::kGeneralError, wire::ErrorCode::kInvalidSessionId,
                            "Assigned Session ID is in use by another call");
  }
  if (request.type() != MessageType::kOcrq) return std::nullopt;
  // Section 4.4.3: an LNS may ask for what we have offered, and for nothing else.
  const uint32_t bearers = request.Get<uint32_t>(AvpType::kBearerType).value_or(0);
  const uint32_t framings = request.Get<uint32_t>(AvpType::kFramingType).value_or(0);
  if ((bearers & params_.bearer_capabilities) == 0) {
    return wire::MakeResult(wire::CdnResult::kNoFacilitiesPermanent, wire::ErrorCode::kNone,
                            params_.bearer_capabilities == 0
                                ? "outgoing calls are not accepted here"
                                : "no such bearer");
  }
  if ((framings & params_.framing_capabilities) == 0) {
    return wire::MakeResult(wire::CdnResult::kNoFacilitiesPermanent, wire::ErrorCode::kNone,
                            "no such framing");
  }
  return std::nullopt;
}

// Refuses a call that never became a session. The Assigned Session ID that CDN must carry is one
// that no session has: none was ever told to the peer.
void Tunnel::RefuseCall(Instant now, const Message& request, const wire::ResultCode& result) {
  if (channel_.backlog() > kMaxBacklog) return;
  Message cdn(MessageType::kCdn);
  cdn.Add(AvpType::kResultCode, result);
  cdn.Add(AvpType::kAssignedSessionId, session_ids_.Unused(now, services_->random).value_or(1));
  Send(AssignedSessionId(request), cdn);
  CallInfo call;
  request.type() == MessageType::kIcrq ? ReadIcrq(request, &call) : ReadOcrq(request, &call);
  Emit(CallRefused{handle_, std::move(call), result});
}

SessionHandle Tunnel::NextSessionHandle() {
  return SessionHandle((handle_.value() << kSerialBits) | next_session_serial_++);
}

void Tunnel::AddSession(std::unique_ptr<Session> session) {
  by_handle_[session->handle()] = session->id();
  const SessionId id = session->id();
  sessions_[id] = std::move(session);
}

absl::StatusOr<SessionHandle> Tunnel::PlaceCall(Instant now, CallInfo call) {
  if (!alive()) return MakeError(Reason::kTunnelClosing, "the tunnel is being closed");
  const auto id = session_ids_.Allocate(now, services_->random);
  if (!id.has_value()) {
    return MakeError(Reason::kIdsExhausted, "no Session ID is free in this tunnel",
                     {{"limit", "60000"}});
  }
  call.call_serial_number = services_->next_call_serial_number++;
  const SessionHandle handle = NextSessionHandle();
  std::unique_ptr<Session> session;
  if (call.direction == CallDirection::kIncoming) {
    session = std::make_unique<IncomingCallLac>(handle, SessionId(*id), std::move(call));
  } else {
    session = std::make_unique<OutgoingCallLns>(handle, SessionId(*id), std::move(call));
  }
  Session& placed = *session;
  AddSession(std::move(session));
  if (state_ == State::kEstablished) {
    placed.Start(peer_, this);
    Remove(now, placed);
  } else {
    waiting_.push_back(handle);
  }
  return handle;
}

Session* Tunnel::FindSession(SessionHandle handle) {
  const auto id = by_handle_.find(handle);
  return id == by_handle_.end() ? nullptr : sessions_.at(id->second).get();
}

// By the header's Session ID, or, for a CDN from a peer that does not know ours yet, by the
// Assigned Session ID it once told us (section 4.4.4).
Session* Tunnel::FindByMessage(SessionId header_session_id, const Message& message) {
  SessionId id = header_session_id;
  if (!id && message.type() == MessageType::kCdn) {
    const auto found = by_peer_id_.find(AssignedSessionId(message));
    if (found != by_peer_id_.end()) id = found->second;
  }
  const auto session = sessions_.find(id);
  return session == sessions_.end() ? nullptr : session->second.get();
}

bool Tunnel::AcceptSession(SessionHandle handle, const LineInfo& line) {
  Session* session = FindSession(handle);
  return session != nullptr && session->Accept(line, this);
}

bool Tunnel::ConfirmSession(SessionHandle handle) {
  Session* session = FindSession(handle);
  return session != nullptr && session->Confirm(this);
}

void Tunnel::CloseSession(Instant now, SessionHandle handle, Closure closure) {
  Session* session = FindSession(handle);
  if (session == nullptr) return;
  session->Close(std::move(closure), this);
  Remove(now, *session);
}

bool Tunnel::SendLinkInfo(SessionHandle handle, const wire::Accm& accm) {
  Session* session = FindSession(handle);
  return session != nullptr && session->SendLinkInfo(accm, this);
}

bool Tunnel::SendCallErrors(Instant now, SessionHandle handle, const wire::CallErrors& errors) {
  Session* session = FindSession(handle);
  return session != nullptr && session->SendCallErrors(now, errors, this);
}

// Forgets `session` if it is closed.
void Tunnel::Remove(Instant now, const Session& session) {
  if (session.state() != Session::State::kClosed) return;
  const SessionId id = session.id();
  by_handle_.erase(session.handle());
  const auto by_peer = by_peer_id_.find(session.peer_id());
  if (by_peer != by_peer_id_.end() && by_peer->second == id) by_peer_id_.erase(by_peer);
  session_ids_.Release(now, static_cast<uint16_t>(id.value()));
  sessions_.erase(id);
}

// ---- End (sections 5.7 and 5.8) ----------------------------------------------------------------

void Tunnel::Close(Instant now, Closure closure) {
  if (!alive()) return;
  Message stop_ccn(MessageType::kStopCcn);
  stop_ccn.Add(AvpType::kAssignedTunnelId, static_cast<uint16_t>(id_.value()));
  stop_ccn.Add(AvpType::kResultCode, closure.result);
  Send(SessionId(), stop_ccn);
  Retire(now, State::kClosing, std::move(closure));
}

void Tunnel::HandleStopCcn(Instant now, const Message& stop_ccn) {
  channel_.AcknowledgeNow();
  Closure closure;
  closure.kind = Closure::Kind::kPeer;
  if (auto result = stop_ccn.Get<wire::ResultCode>(AvpType::kResultCode)) closure.result = *result;
  Retire(now, State::kStopped, std::move(closure));
}

void Tunnel::Retire(Instant now, State state, Closure closure) {
  AbandonSessions(now, closure);
  state_ = state;
  hello_timer_.Stop();
  // Long enough to send the last retransmission of our StopCCN, or to acknowledge the peer's.
  deadline_ = now + std::max(params_.channel.GiveUpTime(), kRetention);
  Emit(TunnelClosed{handle_, path_, peer_, tag_, std::move(closure)});
}

void Tunnel::QuietChecked(Instant now, bool data_came) {
  if (!std::exchange(quiet_asked_, false) || !alive()) return;
  if (hello_timer_.OnAsked(now, data_came) && channel_.idle()) {
    Send(SessionId(), Message(MessageType::kHello));
  }
}

void Tunnel::LoseTie(Instant now) {
  Closure closure;
  closure.kind = Closure::Kind::kTieLost;
  closure.detail = "the peer opened a tunnel at the same time, and its Tie Breaker won";
  Retire(now, State::kUnreachable, std::move(closure));
}

void Tunnel::Displace(Instant now) {
  if (alive()) {
    Closure closure;
    closure.kind = Closure::Kind::kDisplaced;
    closure.detail = "not established while too many tunnels were being set up";
    AbandonSessions(now, closure);
    Emit(TunnelClosed{handle_, path_, peer_, tag_, std::move(closure)});
  }
  state_ = State::kReleased;
  Emit(TunnelReleased{handle_});
}

void Tunnel::AbandonSessions(Instant now, const Closure& tunnel_closure) {
  std::vector<SessionId> ids;
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());  // effects must not depend on the hash
  for (SessionId id : ids) {
    Closure closure = tunnel_closure;
    closure.tunnel_kind = tunnel_closure.kind;
    closure.kind = Closure::Kind::kTunnel;
    Session& session = *sessions_.at(id);
    session.Abandon(std::move(closure), this);
    Remove(now, session);
  }
}

// ---- Time --------------------------------------------------------------------------------------

void Tunnel::HandleTimeout(Instant now) {
  channel_.HandleTimeout(now);
  if (channel_.failed() && alive()) {
    Closure closure;
    closure.kind = Closure::Kind::kUnreachable;
    closure.detail = absl::StrCat("no acknowledgement after ", params_.channel.max_retransmits,
                                  " retransmissions");
    Retire(now, State::kUnreachable, std::move(closure));
  }
  if (alive() && hello_timer_.HandleTimeout(now) && channel_.idle()) {
    if (quiet_asked_) {
      QuietChecked(now, false);  // nobody knows
    } else {
      quiet_asked_ = true;
      Emit(TunnelQuiet{handle_});
    }
  }
  if (!deadline_.has_value() || *deadline_ > now) return;
  deadline_.reset();
  if (alive()) {
    return Close(
        now, MakeClosure(Closure::Kind::kSetupTimeout,
                         wire::MakeResult(StopCcnResult::kGeneralRequest, wire::ErrorCode::kNone,
                                          "not established in time")));
  }
  state_ = State::kReleased;
  Emit(TunnelReleased{handle_});
}

void Tunnel::Flush(Instant now) {
  if (state_ == State::kUnreachable || state_ == State::kReleased) return;
  for (Bytes& datagram : channel_.Flush(now)) Emit(Transmit{handle_, path_, std::move(datagram)});
}

std::optional<Instant> Tunnel::NextTimeout() const {
  std::optional<Instant> next = deadline_;
  const auto consider = [&next](std::optional<Instant> other) {
    if (other.has_value() && (!next.has_value() || *other < *next)) next = other;
  };
  if (state_ != State::kUnreachable) consider(channel_.NextTimeout());
  consider(hello_timer_.NextTimeout());
  return next;
}

absl::string_view Tunnel::StateName() const {
  switch (state_) {
    case State::kIdle: return "idle";
    case State::kWaitCtlReply: return "wait-ctl-reply";
    case State::kWaitCtlConn: return "wait-ctl-conn";
    case State::kEstablished: return "established";
    case State::kClosing: return "closing";
    case State::kStopped: return "stopped";
    case State::kUnreachable: return "unreachable";
    case State::kReleased: return "released";
  }
  return "idle";
}

}  // namespace l2tp::protocol
