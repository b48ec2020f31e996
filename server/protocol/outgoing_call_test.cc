// Outgoing calls, message by message (RFC 2661 section 7.5). Arrows as in tunnel_test.cc; here the
// side that opened the tunnel (lac of the pair) is the LNS that asks for the call.

#include "server/protocol/outgoing_call.h"

#include <gtest/gtest.h>

#include "tests/support/engine_pair.h"

namespace l2tp::protocol {
namespace {

using testing::EnginePair;
using testing::PairOptions;
using wire::AvpType;
using wire::Message;
using wire::MessageType;

constexpr uint32_t kBothBearers = wire::kBearerAnalog | wire::kBearerDigital;

PairOptions OfferingBearers(uint32_t bearers) {
  PairOptions options;
  options.lns_params.bearer_capabilities = bearers;
  options.line = {.tx_connect_speed = 2'000'000, .rx_connect_speed = 1'000'000};
  return options;
}

CallInfo OutgoingCall() {
  CallInfo call;
  call.direction = CallDirection::kOutgoing;
  call.called_number = "5551000";
  call.sub_address = "7";
  call.minimum_bps = 9600;
  call.maximum_bps = 64000;
  call.framing_type = wire::kFramingSync | wire::kFramingAsync;
  return call;
}

class OutgoingCallTest : public ::testing::Test {
 protected:
  explicit OutgoingCallTest(const PairOptions& options = OfferingBearers(kBothBearers))
      : pair_(options) {
    tunnel_ = pair_.OpenTunnel();
    pair_.RunFor(Duration::Seconds(1));
  }
  testing::SeenSession& lns_session() { return pair_.lac.sessions.at(0); }
  testing::SeenSession& lac_session() { return pair_.lns.sessions.at(0); }

  EnginePair pair_;
  TunnelHandle tunnel_;
};

// Holds: R-2661-7.5.2-03 R-2661-7.5.1-01 R-2661-7.5.2-04 R-2661-7.5.1-05 R-2661-7.5.2-07
// Holds: R-2661-6.9-02 R-2661-6.9-03 R-2661-6.10-01 R-2661-6.11-01 R-2661-7.5-01
TEST_F(OutgoingCallTest, ThreeMessagesSetUpTheCallAndItsFactsArrive) {
  pair_.PlaceCall(tunnel_, OutgoingCall());
  EXPECT_EQ(pair_.Deliver(), MessageType::kOcrq);  // OCRQ -->
  EXPECT_EQ(pair_.Deliver(), MessageType::kOcrp);  //      <-- OCRP
  EXPECT_FALSE(lns_session().established);
  EXPECT_EQ(pair_.Deliver(), MessageType::kOccn);  //      <-- OCCN
  EXPECT_TRUE(lns_session().established);
  EXPECT_TRUE(lac_session().established);
  const CallInfo& asked = lac_session().call;
  EXPECT_EQ(asked.direction, CallDirection::kOutgoing);
  EXPECT_EQ(asked.called_number, "5551000");
  EXPECT_EQ(asked.sub_address, "7");
  EXPECT_EQ(asked.minimum_bps, 9600u);
  EXPECT_EQ(asked.maximum_bps, 64000u);
  EXPECT_EQ(asked.bearer_type, kBothBearers);
  const CallInfo& got = lns_session().call;
  EXPECT_EQ(got.tx_connect_speed, 2'000'000u);
  EXPECT_EQ(got.rx_connect_speed, 1'000'000u);
  EXPECT_EQ(got.framing_type, wire::kFramingSync);
  EXPECT_EQ(got.call_serial_number, asked.call_serial_number);
}

// Holds: R-2661-7.5.2-01 R-2661-7.5.2-12
TEST_F(OutgoingCallTest, CallWaitsForTheTunnelAndMayBeCancelledMeanwhile) {
  EnginePair pair(OfferingBearers(kBothBearers));
  const TunnelHandle tunnel = pair.OpenTunnel();
  const SessionHandle first = pair.PlaceCall(tunnel, OutgoingCall());
  pair.PlaceCall(tunnel, OutgoingCall());
  EXPECT_EQ(pair.lac.engine.FindSession(first)->StateName(), "wait-tunnel");
  pair.CloseSession(first, wire::MakeResult(wire::CdnResult::kAdministrative));
  pair.RunFor(Duration::Seconds(1));
  ASSERT_EQ(pair.lns.sessions.size(), 1u);
  EXPECT_TRUE(pair.lns.sessions[0].established);
}

// Holds: R-2661-6.9-01 R-2661-4.4.4-22
TEST_F(OutgoingCallTest, NothingIsAskedOfAPeerWithoutBearers) {
  EnginePair pair;  // Bearer Capabilities 0
  pair.PlaceCall(pair.OpenTunnel(), OutgoingCall());
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lac.sessions.at(0).closure->kind, Closure::Kind::kPeerIncapable);
  EXPECT_TRUE(pair.lns.sessions.empty());
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
}

// Holds: R-2661-4.4.4-22 R-2661-4.4.4-23 R-2661-4.4.3-12
TEST_F(OutgoingCallTest, OnlyWhatThePeerOffersIsAskedFor) {
  PairOptions options = OfferingBearers(wire::kBearerDigital);
  options.lns_params.framing_capabilities = wire::kFramingAsync;
  EnginePair pair(options);
  const TunnelHandle tunnel = pair.OpenTunnel();
  CallInfo call = OutgoingCall();
  call.bearer_type = kBothBearers;
  pair.PlaceCall(tunnel, call);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lns.sessions.at(0).call.bearer_type, wire::kBearerDigital);
  EXPECT_EQ(pair.lac.sessions.at(0).call.framing_type, wire::kFramingAsync);
  call.framing_type = wire::kFramingSync;
  pair.PlaceCall(tunnel, call);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lac.sessions.at(1).closure->kind, Closure::Kind::kPeerIncapable);
  EXPECT_EQ(pair.lns.sessions.size(), 1u);
}

Message Ocrq(uint16_t session_id, uint32_t bearer, uint32_t framing) {
  Message ocrq(MessageType::kOcrq);
  ocrq.Add(AvpType::kAssignedSessionId, session_id).Add(AvpType::kCallSerialNumber, uint32_t{1});
  ocrq.Add(AvpType::kMinimumBps, uint32_t{1}).Add(AvpType::kMaximumBps, uint32_t{2});
  ocrq.Add(AvpType::kBearerType, bearer).Add(AvpType::kFramingType, framing);
  ocrq.Add(AvpType::kCalledNumber, std::string("1"));
  return ocrq;
}

// Holds: R-2661-7.5.1-02 R-2661-4.4.3-12 R-2661-4.4.3-13
TEST_F(OutgoingCallTest, LacRefusesWhatItDoesNotOffer) {
  struct Case {
    uint32_t bearers_offered, framings_offered, bearer, framing;
  };
  for (const Case& c : {Case{0, 3, 1, 1}, Case{1, 3, 2, 1}, Case{3, 1, 1, 2}, Case{3, 3, 0, 1}}) {
    PairOptions options = OfferingBearers(c.bearers_offered);
    options.lns_params.framing_capabilities = c.framings_offered;
    EnginePair pair(options);
    pair.OpenTunnel();
    pair.RunFor(Duration::Seconds(1));
    pair.SendFromLacAs({pair.lns.tunnels.at(0).id, SessionId(), pair.next_lac_ns(), 1},
                       wire::EncodeBody(Ocrq(9, c.bearer, c.framing)));
    EXPECT_EQ(pair.Drop(), MessageType::kCdn);
    EXPECT_TRUE(pair.lns.sessions.empty());
    EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
    EXPECT_EQ(pair.lns.refused_calls.at(0).result.result, 5);
    EXPECT_EQ(pair.lns.refused_calls.at(0).call.called_number, "1");
  }
}

// Holds: R-2661-7.5.2-05
TEST_F(OutgoingCallTest, OcrpWithoutASessionIdIsAnsweredWithCdn) {
  pair_.PlaceCall(tunnel_, OutgoingCall());
  pair_.set_loss_percent(100);
  Message ocrp(MessageType::kOcrp);
  const auto ns = pair_.next_lns_ns();
  pair_.lac.engine.HandleDatagram(
      pair_.now(), {{}, pair_.lac.engine.FindTunnel(tunnel_)->path().remote},
      wire::EncodeControl({pair_.lac.tunnels.at(0).id, lns_session().id, ns, pair_.next_lac_ns()},
                          wire::EncodeBody(ocrp)));
  pair_.Flush();
  EXPECT_EQ(lns_session().closure->kind, Closure::Kind::kProtocolError);
  EXPECT_EQ(lns_session().closure->result.result, 2);
}

// Holds: R-2661-7.5.1-07 R-2661-7.5.1-08 R-2661-7.5.2-10
TEST_F(OutgoingCallTest, AnyCallMessageOnAnEstablishedCallEndsIt) {
  for (const MessageType type : {MessageType::kOcrq, MessageType::kOcrp, MessageType::kOccn}) {
    EnginePair pair(OfferingBearers(kBothBearers));
    pair.PlaceCall(pair.OpenTunnel(), OutgoingCall());
    pair.RunFor(Duration::Seconds(1));
    const auto& session = pair.lns.sessions.at(0);
    ASSERT_TRUE(session.established);
    Message message = type == MessageType::kOcrq ? Ocrq(99, 1, 1) : Message(type);
    if (type == MessageType::kOcrp) message.Add(AvpType::kAssignedSessionId, uint16_t{99});
    if (type == MessageType::kOccn) {
      message.Add(AvpType::kTxConnectSpeed, uint32_t{1}).Add(AvpType::kFramingType, uint32_t{1});
    }
    pair.SendFromLacAs(
        {pair.lns.tunnels.at(0).id, session.id, pair.next_lac_ns(), pair.next_lns_ns()},
        wire::EncodeBody(message));
    EXPECT_EQ(session.closure->kind, Closure::Kind::kProtocolError) << MessageTypeName(type);
    EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
  }
}

// Holds: R-2661-7.5.1-09 R-2661-7.5.1-11 R-2661-7.5.2-11
TEST_F(OutgoingCallTest, CdnOfTheLnsEndsTheCallAtTheLac) {
  const SessionHandle call = pair_.PlaceCall(tunnel_, OutgoingCall());
  pair_.RunFor(Duration::Seconds(1));
  pair_.CloseSession(call, wire::MakeResult(wire::CdnResult::kAdministrative));
  pair_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_session().closure->kind, Closure::Kind::kPeer);
  EXPECT_EQ(lac_session().closure->result.result, 3);
}

// Holds: R-2661-7.5.1-06 R-2661-7.5.1-10 R-2661-7.5.1-12 R-2661-7.5.2-09 R-2661-4.4.2-17
TEST_F(OutgoingCallTest, BearerThatFailsIsToldWithResultAndQ931Cause) {
  PairOptions options = OfferingBearers(kBothBearers);
  options.lns_refuses_calls = wire::MakeResult(wire::CdnResult::kBusy);
  options.refusal_q931_cause = wire::Q931Cause{17, 0, "user busy"};
  EnginePair pair(options);
  pair.PlaceCall(pair.OpenTunnel(), OutgoingCall());
  pair.RunFor(Duration::Seconds(1));
  const Closure& closure = *pair.lac.sessions.at(0).closure;
  EXPECT_EQ(closure.kind, Closure::Kind::kPeer);
  EXPECT_EQ(closure.result.result, 8);
  EXPECT_EQ(closure.q931_cause, (wire::Q931Cause{17, 0, "user busy"}));
}

// Holds: R-2661-7.5.2-07
TEST(OutgoingCallLnsTest, OccnThatIsFasterThanTheDataPathWaitsForIt) {
  struct Nothing : Outbox {
    void Send(SessionId, const Message& message) override { sent.push_back(message.type()); }
    void Emit(Effect effect) override {
      established |= std::holds_alternative<SessionEstablished>(effect);
    }
    std::vector<MessageType> sent;
    bool established = false;
  } out;
  OutgoingCallLns session(SessionHandle(1), SessionId(5), OutgoingCall());
  PeerFacts peer;
  peer.framing_capabilities = 3;
  peer.bearer_capabilities = 3;
  session.Start(peer, &out);
  Message ocrp(MessageType::kOcrp);
  session.HandleMessage(ocrp.Add(AvpType::kAssignedSessionId, uint16_t{8}), &out);
  Message occn(MessageType::kOccn);
  session.HandleMessage(
      occn.Add(AvpType::kTxConnectSpeed, uint32_t{1}).Add(AvpType::kFramingType, uint32_t{1}),
      &out);
  EXPECT_EQ(session.StateName(), "wait-connect");
  EXPECT_FALSE(out.established);
  EXPECT_TRUE(session.Confirm(&out));
  EXPECT_TRUE(out.established);
  EXPECT_FALSE(session.Confirm(&out));
  EXPECT_EQ(out.sent, std::vector<MessageType>{MessageType::kOcrq});
}

// Holds: R-2661-7.5.2-06 R-2661-7.5.2-08
TEST(OutgoingCallLnsTest, MessagesOutOfOrderEndTheCall) {
  struct Sink : Outbox {
    void Send(SessionId, const Message& message) override { last = message.type(); }
    void Emit(Effect) override {}
    MessageType last = MessageType::kZlb;
  } out;
  PeerFacts peer;
  peer.framing_capabilities = 3;
  peer.bearer_capabilities = 3;
  Message ocrp(MessageType::kOcrp);
  ocrp.Add(AvpType::kAssignedSessionId, uint16_t{8});
  Message occn(MessageType::kOccn);
  for (const bool replied : {false, true}) {
    for (const Message& message : {occn, Ocrq(3, 1, 1), ocrp}) {
      if (replied == (message.type() == MessageType::kOccn)) continue;
      if (!replied && message.type() == MessageType::kOcrp) continue;
      OutgoingCallLns session(SessionHandle(1), SessionId(5), OutgoingCall());
      session.Start(peer, &out);
      if (replied) session.HandleMessage(ocrp, &out);
      session.HandleMessage(message, &out);
      EXPECT_EQ(session.state(), Session::State::kClosed) << message.ToString();
      EXPECT_EQ(out.last, MessageType::kCdn);
    }
  }
}

}  // namespace
}  // namespace l2tp::protocol
