// Incoming calls: the LAC has a call and offers it to the LNS (RFC 2661 section 7.4).

#ifndef L2TP_SERVER_PROTOCOL_INCOMING_CALL_H_
#define L2TP_SERVER_PROTOCOL_INCOMING_CALL_H_

#include <utility>

#include "server/protocol/session.h"

namespace l2tp::protocol {

// Section 7.4.1: we are LAC and place the call.
class IncomingCallLac final : public Session {
 public:
  IncomingCallLac(SessionHandle handle, SessionId id, CallInfo call)
      : Session(handle, id, CallSide::kLac, State::kWaitTunnel, std::move(call)) {}

  void Start(const PeerFacts& peer, Outbox* out) override;  // sends ICRQ
  bool Confirm(Outbox* out) override;                       // sends ICCN
  absl::string_view StateName() const override;

 private:
  bool HandleCallMessage(const wire::Message& message, Outbox* out) override;
};

// Section 7.4.2: we are LNS and answer the call.
class IncomingCallLns final : public Session {
 public:
  // `icrq` has been decoded without fault.
  IncomingCallLns(SessionHandle handle, SessionId id, const wire::Message& icrq);

  bool Accept(const LineInfo& line, Outbox* out) override;  // sends ICRP
  absl::string_view StateName() const override;

 private:
  bool HandleCallMessage(const wire::Message& message, Outbox* out) override;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_INCOMING_CALL_H_
