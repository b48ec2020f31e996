// One call: what all four state machines share (RFC 2661 sections 6.12 to 6.14). The machines are
// in incoming_call.h and outgoing_call.h.

#ifndef L2TP_SERVER_PROTOCOL_SESSION_H_
#define L2TP_SERVER_PROTOCOL_SESSION_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/protocol/call_info.h"
#include "server/protocol/effects.h"
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

class Session {
 public:
  enum class State {
    kWaitTunnel,    // placed by us: the tunnel is not open yet
    kWaitReply,     // placed by us: ICRQ or OCRQ sent
    kWaitPath,      // ours, not the RFC's: only the data path is missing
    kWaitConnect,   // LNS: ICRP sent, or OCRP received
    kWaitCsAnswer,  // LAC: OCRP sent
    kEstablished,
    kClosed,  // SessionClosed has been emitted; to be removed
  };
  // Between the peer's message and our answer to it the data path is made, because the first PPP
  // frame may follow the answer at once.

  virtual ~Session() = default;

  // A call we place: the tunnel is open, and `peer` is what its other end offers; sends ICRQ or
  // OCRQ. Closes the session when the peer cannot do it. Only in kWaitTunnel.
  virtual void Start(const PeerFacts& peer, Outbox* out);
  // A call the peer places may go on: incoming, the data path is ready and ICRP is sent; outgoing,
  // OCRP is sent, the data path is made next, and OCCN will tell of `line`. False, and nothing
  // done, in another state.
  virtual bool Accept(const LineInfo& line, Outbox* out);
  // The data path is ready: sends ICCN or OCCN, or waits for OCCN. False in another state.
  virtual bool Confirm(Outbox* out);

  // A message whose header or Assigned Session ID named this session, decoded without fault.
  void HandleMessage(const wire::Message& message, Outbox* out);

  // A message that is about to be refused told the peer's Session ID: the CDN goes there.
  void TakePeerId(SessionId id) {
    if (!peer_id_) peer_id_ = id;
  }
  // Ends the session: CDN to the peer, if it knows of the call, and SessionClosed.
  void Close(Closure closure, Outbox* out);
  // Ends the session without a word to the peer, as when its tunnel is gone.
  void Abandon(Closure closure, Outbox* out);

  // LNS: tells the LAC the negotiated ACCMs (section 6.14). False when not established as LNS.
  bool SendLinkInfo(const wire::Accm& accm, Outbox* out);
  // LAC: tells the LNS the line's errors since the call began (section 6.13). False when not
  // established as LAC, or less than 60 seconds after the last time: the counters are cumulative,
  // the next report has them.
  bool SendCallErrors(Instant now, const wire::CallErrors& errors, Outbox* out);

  SessionHandle handle() const { return handle_; }
  SessionId id() const { return id_; }
  SessionId peer_id() const { return peer_id_; }
  const CallInfo& call() const { return call_; }
  State state() const { return state_; }
  CallSide side() const { return side_; }
  // The RFC's name of the state, "wait-reply".
  virtual absl::string_view StateName() const = 0;

 protected:
  Session(SessionHandle handle, SessionId id, CallSide side, State state, CallInfo call)
      : call_(std::move(call)), state_(state), handle_(handle), id_(id), side_(side) {}

  // False: the message has no business in this state, and ends the call.
  virtual bool HandleCallMessage(const wire::Message& message, Outbox* out) = 0;

  // Closes the session with Result Code 2.
  void Refuse(wire::ErrorCode error, absl::string_view detail, Outbox* out);
  void Establish(Outbox* out);

  SessionId peer_id_;  // 0 until known
  CallInfo call_;
  State state_;

 private:
  void HandleCdn(const wire::Message& message, Outbox* out);
  void HandleSli(const wire::Message& message, Outbox* out);
  void HandleWen(const wire::Message& message, Outbox* out);

  const SessionHandle handle_;
  const SessionId id_;
  const CallSide side_;
  std::optional<Instant> call_errors_sent_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_SESSION_H_
