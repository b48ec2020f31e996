// Outgoing calls: the LNS asks the LAC to place a call (RFC 2661 section 7.5).

#ifndef L2TP_SERVER_PROTOCOL_OUTGOING_CALL_H_
#define L2TP_SERVER_PROTOCOL_OUTGOING_CALL_H_

#include <utility>

#include "server/protocol/session.h"

namespace l2tp::protocol {

// Section 7.5.2: we are LNS and ask for the call. The LAC may send the first PPP frame right after
// its OCCN, so the data path is made as soon as OCRP has told its Session ID.
class OutgoingCallLns final : public Session {
 public:
  OutgoingCallLns(SessionHandle handle, SessionId id, CallInfo call)
      : Session(handle, id, CallSide::kLns, State::kWaitTunnel, std::move(call)) {}

  // Sends OCRQ for what is both wanted and offered by the peer: of its Bearer and Framing
  // Capabilities.
  void Start(const PeerFacts& peer, Outbox* out) override;
  bool Confirm(Outbox* out) override;
  absl::string_view StateName() const override;

 private:
  bool HandleCallMessage(const wire::Message& message, Outbox* out) override;
  void HandleOcrp(const wire::Message& ocrp, Outbox* out);
  void HandleOccn(const wire::Message& occn, Outbox* out);

  bool path_ready_ = false;
};

// Section 7.5.1: we are LAC and are asked for the call. Our bearer is the PPP that the daemon runs.
class OutgoingCallLac final : public Session {
 public:
  // `ocrq` has been decoded without fault.
  OutgoingCallLac(SessionHandle handle, SessionId id, const wire::Message& ocrq);

  bool Accept(const LineInfo& line, Outbox* out) override;  // sends OCRP
  bool Confirm(Outbox* out) override;                       // sends OCCN
  absl::string_view StateName() const override;

 private:
  bool HandleCallMessage(const wire::Message&, Outbox*) override { return false; }
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_OUTGOING_CALL_H_
