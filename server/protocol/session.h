// One call: the state machines of incoming calls (RFC 2661 section 7.4), LAC and LNS side.

#ifndef L2TP_SERVER_PROTOCOL_SESSION_H_
#define L2TP_SERVER_PROTOCOL_SESSION_H_

#include "absl/strings/string_view.h"
#include "server/base/ids.h"
#include "server/protocol/effects.h"
#include "server/protocol/params.h"
#include "server/wire/message.h"

namespace l2tp::protocol {

// Where a session puts what it wants to send and to tell; implemented by its tunnel.
class Outbox {
 public:
  virtual ~Outbox() = default;
  // Sends a message with `peer_session_id` (0 while unknown) in the header.
  virtual void Send(SessionId peer_session_id, const wire::Message& message) = 0;
  virtual void Emit(Effect effect) = 0;
};

// Section 7.4.1 is the LAC's column, 7.4.2 the LNS's. One state is ours, not the RFC's: between
// the peer's message and our answer to it the data path is made, because the first PPP frame may
// follow the answer at once.
class Session {
 public:
  enum class State {
    kWaitTunnel,   // LAC: the tunnel is not open yet
    kWaitReply,    // LAC: ICRQ sent
    kWaitPath,     // the caller makes the data path; ICCN (LAC) or ICRP (LNS) follows
    kWaitConnect,  // LNS: ICRP sent
    kEstablished,
    kClosed,  // SessionClosed has been emitted; to be removed
  };
  enum class Side { kLac, kLns };

  // LAC: a call to be placed once the tunnel is open.
  static Session Place(SessionHandle handle, SessionId id, CallInfo call);

  // LNS: a call the peer places. `icrq` has been decoded without fault; emits SessionRequested.
  static Session Answer(SessionHandle handle, SessionId id, TunnelHandle tunnel,
                        const wire::Message& icrq, Outbox* out);

  // LAC: the tunnel is open; sends ICRQ. Only in kWaitTunnel.
  void Start(Outbox* out);

  // LNS: the data path is ready; sends ICRP. False, and nothing done, in another state.
  bool Accept(Outbox* out);
  // LAC: the same for ICCN.
  bool Confirm(Outbox* out);

  // A message whose header or Assigned Session ID named this session, decoded without fault.
  void HandleMessage(const wire::Message& message, Outbox* out);

  // Ends the session: CDN to the peer, if it knows of the call, and SessionClosed.
  void Close(Closure closure, Outbox* out);
  // Ends the session without a word to the peer, as when its tunnel is gone.
  void Abandon(Closure closure, Outbox* out);

  // LNS: tells the LAC the negotiated ACCMs (section 6.14). False when not established as LNS.
  bool SendLinkInfo(const wire::Accm& accm, Outbox* out);

  SessionHandle handle() const { return handle_; }
  SessionId id() const { return id_; }
  SessionId peer_id() const { return peer_id_; }
  const CallInfo& call() const { return call_; }
  State state() const { return state_; }
  Side side() const { return side_; }
  // The RFC's name of the state, "wait-reply".
  absl::string_view StateName() const;

 private:
  Session(SessionHandle handle, SessionId id, Side side, State state)
      : handle_(handle), id_(id), side_(side), state_(state) {}

  void HandleIcrp(const wire::Message& message, Outbox* out);
  void HandleIccn(const wire::Message& message, Outbox* out);
  void HandleCdn(const wire::Message& message, Outbox* out);
  void RefuseOutOfState(const wire::Message& message, Outbox* out);
  void Establish(Outbox* out);

  SessionHandle handle_;
  SessionId id_;
  SessionId peer_id_;  // 0 until known
  Side side_;
  State state_;
  CallInfo call_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_SESSION_H_
