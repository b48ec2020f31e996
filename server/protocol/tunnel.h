// One control connection (RFC 2661 sections 5.1, 5.5, 5.7 and 7.2) and the sessions in it.

#ifndef L2TP_SERVER_PROTOCOL_TUNNEL_H_
#define L2TP_SERVER_PROTOCOL_TUNNEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/base/random.h"
#include "server/protocol/effects.h"
#include "server/protocol/hello_timer.h"
#include "server/protocol/id_allocator.h"
#include "server/protocol/params.h"
#include "server/protocol/reliable_channel.h"
#include "server/protocol/session.h"
#include "server/protocol/tunnel_authentication.h"
#include "server/wire/message.h"

namespace l2tp::protocol {

// What every tunnel of an engine shares.
struct TunnelServices {
  RandomSource* random = nullptr;
  std::vector<Effect>* effects = nullptr;
  uint32_t next_call_serial_number = 1;
};

// Made by the engine, which gives it its datagrams and timeouts and calls Flush() after each.
class Tunnel final : private Outbox {
 public:
  enum class State {
    kIdle,
    kWaitCtlReply,  // SCCRQ sent
    kWaitCtlConn,   // SCCRP sent
    kEstablished,
    kClosing,      // StopCCN sent; retransmitted until acknowledged, then kept for retention
    kStopped,      // StopCCN received; its retransmissions are acknowledged for retention
    kUnreachable,  // the peer is silent; the ids rest, nothing is sent or heard
    kReleased,     // to be removed
  };

  Tunnel(TunnelHandle handle, TunnelId id, const Path& path, TunnelParams params,
         TunnelServices* services);

  // Originator: sends SCCRQ.
  void Open(Instant now);
  // Recipient: `sccrq` has been decoded without fault and is acceptable (version, challenge);
  // sends SCCRP.
  void Accept(Instant now, const wire::Message& sccrq, std::string tag);

  // A control message for this tunnel, with a sound header.
  void HandleMessage(Instant now, const Path& path, const wire::ControlHeader& header,
                     ByteSpan body);
  void HandleTimeout(Instant now);

  // Emits a Transmit effect for everything that may go now.
  void Flush(Instant now);
  std::optional<Instant> NextTimeout() const;

  // Sends StopCCN and ends all sessions. No-op when it is closed already.
  void Close(Instant now, Closure closure);

  // Places a call: an incoming one as LAC, an outgoing one as LNS. RESOURCE_EXHAUSTED /
  // IDS_EXHAUSTED when no Session ID is free, FAILED_PRECONDITION / TUNNEL_CLOSING when the tunnel
  // is closed.
  absl::StatusOr<SessionHandle> PlaceCall(Instant now, CallInfo call);
  // nullptr for a session that is gone.
  Session* FindSession(SessionHandle handle);
  // In no order.
  const absl::flat_hash_map<SessionId, std::unique_ptr<Session>>& sessions() const {
    return sessions_;
  }
  bool AcceptSession(SessionHandle handle, const LineInfo& line);
  bool ConfirmSession(SessionHandle handle);
  void CloseSession(Instant now, SessionHandle handle, Closure closure);
  bool SendLinkInfo(SessionHandle handle, const wire::Accm& accm);
  bool SendCallErrors(Instant now, SessionHandle handle, const wire::CallErrors& errors);

  // The answer to TunnelQuiet (section 5.5): sends a HELLO unless data came.
  void QuietChecked(Instant now, bool data_came);

  // Section 4.4.3: the peer's SCCRQ crossed ours and won. Nothing more is sent.
  void LoseTie(Instant now);
  // Makes room for another half-open tunnel; at once, and nothing more is sent.
  void Displace(Instant now);

  TunnelHandle handle() const { return handle_; }
  TunnelId id() const { return id_; }
  State state() const { return state_; }
  const Path& path() const { return path_; }
  const PeerFacts& peer() const { return peer_; }
  // Of our SCCRQ; unset: it has none.
  std::optional<uint64_t> tie_breaker() const { return tie_breaker_; }
  size_t session_count() const { return sessions_.size(); }
  // Messages that the peer has not acknowledged.
  size_t backlog() const { return channel_.backlog(); }
  // Messages wait for the peer's acknowledgements before they may be sent.
  bool window_full() const {
    return (alive() || state_ == State::kClosing) && channel_.window_full();
  }
  int64_t retransmit_count() const { return channel_.retransmit_count(); }
  int64_t duplicate_count() const { return channel_.duplicate_count(); }
  // The channel's: Ns of the next new message we send, and of the next one we expect.
  uint16_t ns() const { return channel_.ns(); }
  uint16_t nr() const { return channel_.nr(); }
  // The RFC's name of the state, "wait-ctl-reply"; "closing" and such for ours.
  absl::string_view StateName() const;
  // True until it is closed in some way.
  bool alive() const {
    return state_ == State::kWaitCtlReply || state_ == State::kWaitCtlConn ||
           state_ == State::kEstablished;
  }

  // SCCRQ and SCCRP carry a version; only 1 is known. nullopt: acceptable.
  static std::optional<wire::ResultCode> CheckVersion(const wire::Message& message);

 private:
  // Outbox, for the sessions.
  void Send(SessionId peer_session_id, const wire::Message& message) override;
  void Emit(Effect effect) override { services_->effects->push_back(std::move(effect)); }

  void Deliver(Instant now, const Path& path, const ReceivedMessage& received);
  void HandleTunnelMessage(Instant now, const Path& path, const wire::Message& message);
  void HandleSccrp(Instant now, const Path& path, const wire::Message& sccrp);
  void HandleScccn(Instant now, const wire::Message& scccn);
  void HandleStopCcn(Instant now, const wire::Message& stop_ccn);
  void HandleSessionMessage(Instant now, SessionId header_session_id, const wire::Message& message);
  void HandleCallRequest(Instant now, const wire::Message& request);
  std::optional<wire::ResultCode> CheckCallRequest(const wire::Message& request) const;
  void HandleFault(Instant now, SessionId header_session_id, const wire::Decoded& decoded);
  void RefuseOutOfState(Instant now, const wire::Message& message);
  void RefuseCall(Instant now, const wire::Message& request, const wire::ResultCode& result);
  void AddSession(std::unique_ptr<Session> session);
  SessionHandle NextSessionHandle();

  wire::Message MakeSetup(wire::MessageType type) const;
  void TakePeerFacts(const wire::Message& message);
  void Establish(Instant now);
  Session* FindByMessage(SessionId header_session_id, const wire::Message& message);
  void AbandonSessions(Instant now, const Closure& tunnel_closure);
  void Retire(Instant now, State state, Closure closure);
  void Remove(Instant now, const Session& session);

  const TunnelHandle handle_;
  const TunnelId id_;
  Path path_;
  const TunnelParams params_;
  TunnelServices* const services_;  // not owned; outlives this
  State state_ = State::kIdle;
  PeerFacts peer_;
  std::string tag_;  // of the Admission
  std::optional<uint64_t> tie_breaker_;
  TunnelAuthentication authentication_;
  ReliableChannel channel_;
  HelloTimer hello_timer_;
  std::optional<Instant> deadline_;  // of the set-up, or of retention
  bool drained_ = false;             // TunnelDrained has been emitted
  bool quiet_asked_ = false;         // TunnelQuiet has been emitted and not been answered

  IdAllocator session_ids_;
  uint32_t next_session_serial_ = 1;
  absl::flat_hash_map<SessionId, std::unique_ptr<Session>> sessions_;
  absl::flat_hash_map<SessionHandle, SessionId> by_handle_;
  absl::flat_hash_map<SessionId, SessionId> by_peer_id_;
  std::vector<SessionHandle> waiting_;  // placed before the tunnel was open, in order
};

// The tunnel that a session handle belongs to.
TunnelHandle TunnelOf(SessionHandle session);

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_TUNNEL_H_
