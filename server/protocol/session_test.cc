// Incoming calls, message by message (RFC 2661 section 7.4). Arrows as in tunnel_test.cc.

#include "server/protocol/session.h"

#include <gtest/gtest.h>

#include "tests/support/engine_pair.h"

namespace l2tp::protocol {
namespace {

using testing::EnginePair;
using testing::PairOptions;
using wire::AvpType;
using wire::Message;
using wire::MessageType;

// A pair with an open tunnel and nothing in flight.
class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    tunnel_ = pair_.OpenTunnel();
    pair_.RunFor(Duration::Seconds(1));
  }
  // A call that is up on both sides.
  SessionHandle Call() {
    const SessionHandle call = pair_.PlaceCall(tunnel_);
    pair_.RunFor(Duration::Seconds(1));
    return call;
  }
  // As if the LAC's engine had sent it next, to the LNS's session.
  void SendFromLac(SessionId session, const Message& message) {
    pair_.SendFromLacAs(
        {pair_.lns.tunnels.at(0).id, session, pair_.next_lac_ns(), pair_.next_lns_ns()},
        wire::EncodeBody(message));
  }

  EnginePair pair_;
  TunnelHandle tunnel_;
};

TEST_F(SessionTest, ThreeMessagesSetUpTheCallAndItsFactsArrive) {
  CallInfo call;
  call.calling_number = "5552000";
  call.called_number = "5551000";
  call.tx_connect_speed = 100000;
  call.rx_connect_speed = 50000;
  call.sequencing_required = true;
  pair_.PlaceCall(tunnel_, call);
  EXPECT_EQ(pair_.Deliver(), MessageType::kIcrq);  // ICRQ -->
  EXPECT_EQ(pair_.Deliver(), MessageType::kIcrp);  //      <-- ICRP
  EXPECT_EQ(pair_.Deliver(), MessageType::kIccn);  // ICCN -->
  const auto& lns = pair_.lns.sessions.at(0);
  EXPECT_TRUE(lns.established);
  EXPECT_EQ(lns.call.calling_number, "5552000");
  EXPECT_EQ(lns.call.called_number, "5551000");
  EXPECT_EQ(lns.call.tx_connect_speed, 100000u);
  EXPECT_EQ(lns.call.rx_connect_speed, 50000u);
  EXPECT_TRUE(lns.call.sequencing_required);
  EXPECT_NE(lns.call.call_serial_number, 0u);
}

TEST_F(SessionTest, CallPlacedBeforeTheTunnelIsOpenWaitsForIt) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  const SessionHandle call = pair.PlaceCall(tunnel);
  EXPECT_EQ(pair.lac.engine.FindSession(call)->state(), Session::State::kWaitTunnel);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.lac.sessions.at(0).established);
}

TEST_F(SessionTest, CallThatIsCancelledBeforeTheTunnelOpensIsNeverRequested) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  const SessionHandle call = pair.PlaceCall(tunnel);
  pair.CloseSession(call, wire::MakeResult(wire::CdnResult::kAdministrative));
  pair.RunFor(Duration::Seconds(2));
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_TRUE(pair.lns.sessions.empty());
}

TEST_F(SessionTest, CdnEndsOneCallAndLeavesTheOther) {
  const SessionHandle first = Call();
  Call();
  pair_.CloseSession(
      first, wire::MakeResult(wire::CdnResult::kAdministrative, wire::ErrorCode::kNone, "bye"));
  EXPECT_EQ(pair_.Deliver(), MessageType::kCdn);  // CDN -->
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->kind, Closure::Kind::kPeer);
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->result.result, 3);
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->result.message, "bye");
  EXPECT_FALSE(pair_.lns.sessions.at(1).closure.has_value());
}

TEST_F(SessionTest, CallGivenUpBeforeIcrpIsFoundByTheIdTheLacAssigned) {
  const SessionHandle call = pair_.PlaceCall(tunnel_);
  pair_.Deliver();  // ICRQ -->
  pair_.CloseSession(call, wire::MakeResult(wire::CdnResult::kLossOfCarrier));
  pair_.RunFor(Duration::Seconds(1));  // CDN, Session ID 0 -->
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->result.result, 1);
}

TEST_F(SessionTest, RefusedCallGetsTheLnssResult) {
  PairOptions options;
  options.lns_refuses_calls = wire::MakeResult(wire::CdnResult::kNoFacilitiesTemporary);
  EnginePair pair(options);
  pair.PlaceCall(pair.OpenTunnel());
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lac.sessions.at(0).closure->kind, Closure::Kind::kPeer);
  EXPECT_EQ(pair.lac.sessions.at(0).closure->result.result, 4);
  EXPECT_FALSE(pair.lac.tunnels.at(0).closure.has_value());
}

TEST_F(SessionTest, SecondIccnIsAnsweredWithCdnAndTheTunnelStays) {
  Call();
  Message iccn(MessageType::kIccn);
  iccn.Add(AvpType::kTxConnectSpeed, uint32_t{1}).Add(AvpType::kFramingType, uint32_t{1});
  SendFromLac(pair_.lns.sessions.at(0).id, iccn);
  pair_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->kind, Closure::Kind::kProtocolError);
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->result.result, 2);
  EXPECT_FALSE(pair_.lns.tunnels.at(0).closure.has_value());
}

TEST_F(SessionTest, IccnWithoutConnectSpeedIsRefused) {
  pair_.PlaceCall(tunnel_);
  pair_.Deliver();  // ICRQ -->
  pair_.Drop();     //      x-- ICRP, ICCN made here instead
  Message iccn(MessageType::kIccn);
  iccn.Add(AvpType::kFramingType, uint32_t{1});
  SendFromLac(pair_.lns.sessions.at(0).id, iccn);
  EXPECT_EQ(pair_.lns.sessions.at(0).closure->kind, Closure::Kind::kProtocolError);
  EXPECT_FALSE(pair_.lns.tunnels.at(0).closure.has_value());
}

TEST_F(SessionTest, MessagesForUnknownSessionsAreAcknowledgedOnly) {
  Call();
  Message cdn(MessageType::kCdn);
  cdn.Add(AvpType::kResultCode, wire::MakeResult(wire::CdnResult::kAdministrative));
  cdn.Add(AvpType::kAssignedSessionId, uint16_t{0x7ffe});
  SendFromLac(SessionId(0x7fff), cdn);
  pair_.RunFor(Duration::Milliseconds(100));
  EXPECT_EQ(pair_.last_delivered(), MessageType::kZlb);
  EXPECT_FALSE(pair_.lns.sessions.at(0).closure.has_value());
  EXPECT_FALSE(pair_.lns.tunnels.at(0).closure.has_value());
}

TEST_F(SessionTest, IcrqWithAnIdInUseIsRefused) {
  Call();
  Message icrq(MessageType::kIcrq);
  icrq.Add(AvpType::kAssignedSessionId,
           static_cast<uint16_t>(pair_.lns.sessions.at(0).peer_id.value()));
  icrq.Add(AvpType::kCallSerialNumber, uint32_t{1});
  SendFromLac(SessionId(), icrq);
  EXPECT_EQ(pair_.lns.sessions.size(), 1u);
  EXPECT_EQ(pair_.Drop(), MessageType::kCdn);
}

// Holds: R-2661-6.13-01 R-2661-6.13-03 R-2661-6.13-04 R-2661-6.13-05
TEST_F(SessionTest, WenTellsTheLnsTheErrorsOfTheLineAtMostOnceAMinute) {
  Call();
  const SessionHandle call = pair_.lac.sessions.at(0).handle;
  const wire::CallErrors first{.crc_errors = 1, .framing_errors = 2, .alignment_errors = 3};
  const wire::CallErrors second{.crc_errors = 4, .framing_errors = 5, .timeout_errors = 6};
  EXPECT_TRUE(pair_.lac.engine.SendCallErrors(pair_.now(), call, first));
  EXPECT_FALSE(pair_.lac.engine.SendCallErrors(pair_.now(), call, second));
  pair_.Flush();
  EXPECT_EQ(pair_.Deliver(), MessageType::kWen);
  EXPECT_EQ(pair_.lns.sessions.at(0).call_errors, first);
  pair_.RunFor(Duration::Seconds(60));
  EXPECT_TRUE(pair_.lac.engine.SendCallErrors(pair_.now(), call, second));
  pair_.Flush();
  pair_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair_.lns.sessions.at(0).call_errors, second);
  EXPECT_FALSE(pair_.lns.sessions.at(0).closure.has_value());
}

// Holds: R-2661-6.13-02 R-2661-6.13-06
TEST_F(SessionTest, LnsDoesNotSendWenAndLacIgnoresOne) {
  Call();
  EXPECT_FALSE(pair_.lns.engine.SendCallErrors(pair_.now(), pair_.lns.sessions.at(0).handle, {}));
  pair_.PlaceCallFrom(pair_.lns, pair_.lns.tunnels.at(0).handle);  // now lns of the pair is LAC
  pair_.RunFor(Duration::Seconds(1));
  Message wen(MessageType::kWen);
  wen.Add(AvpType::kCallErrors, wire::CallErrors{});
  SendFromLac(pair_.lns.sessions.at(1).id, wen);
  EXPECT_FALSE(pair_.lns.sessions.at(1).call_errors.has_value());
  EXPECT_FALSE(pair_.lns.sessions.at(1).closure.has_value());
}

// Holds: R-2661-4.4.5-09 R-2661-4.4.5-10 R-2661-4.4.5-12 R-2661-4.4.5-14 R-2661-4.4.5-15
// Holds: R-2661-4.4.5-16 R-2661-4.4.5-17 R-2661-4.4.4-25 R-2661-6.8-02 R-2661-6.6-02 R-5515-5-01
TEST_F(SessionTest, ProxyAndAccessLineInformationArriveAsTheyWereGiven) {
  CallInfo call;
  call.private_group_id = "blue";
  call.physical_channel_id = 17;
  call.bearer_type = wire::kBearerDigital;
  call.sub_address = "9";
  call.proxy.initial_received_lcp_confreq = std::string("\x01\x04\x05\xdc", 4);
  call.proxy.last_sent_lcp_confreq = std::string("\x05\x06\x01\x02\x03\x04", 6);
  call.proxy.last_received_lcp_confreq = "";
  call.proxy.authen_type = 2;
  call.proxy.authen_name = "alice";
  call.proxy.authen_challenge = std::string(255, 'c');
  call.proxy.authen_id = 200;
  call.proxy.authen_response = std::string(16, 'r');
  call.access_line = {{AvpType::kAgentCircuitId, std::string("atm 3/1:100.33")},
                      {AvpType::kActualRateUpstream, uint64_t{5'000'000'000}},
                      {AvpType::kActualDelayUpstream, uint32_t{7}}};
  pair_.PlaceCall(tunnel_, call);
  pair_.RunFor(Duration::Seconds(1));
  const CallInfo& lns = pair_.lns.sessions.at(0).call;
  EXPECT_EQ(lns.proxy, call.proxy);
  EXPECT_EQ(lns.access_line, call.access_line);
  EXPECT_EQ(lns.private_group_id, "blue");
  EXPECT_EQ(lns.physical_channel_id, 17u);
  EXPECT_EQ(lns.bearer_type, wire::kBearerDigital);
  EXPECT_EQ(lns.sub_address, "9");
  EXPECT_FALSE(lns.connect_speed_update);
}

// Holds: R-2661-4.4.4-16
TEST_F(SessionTest, CdnThatRefusesAnIcrpGoesToTheIdTheIcrpTold) {
  pair_.PlaceCall(tunnel_);
  const Path path{{}, pair_.lac.engine.FindTunnel(tunnel_)->path().remote};
  pair_.Deliver();  // ICRQ -->
  pair_.Drop();     //      x-- ICRP, a bad one made here instead
  // ICRP with Assigned Session ID 9 and an unknown AVP, M=1.
  pair_.lac.engine.HandleDatagram(
      pair_.now(), path,
      wire::EncodeControl({pair_.lac.tunnels.at(0).id, pair_.lac.sessions.at(0).id,
                           static_cast<uint16_t>(pair_.next_lns_ns() - 1), pair_.next_lac_ns()},
                          *FromHex("800800000000000b80080000000e0009800800000fff7a7a")));
  for (const Effect& effect : pair_.lac.engine.TakeEffects()) {
    const auto* transmit = std::get_if<Transmit>(&effect);
    if (transmit == nullptr) continue;
    ByteSpan body;
    EXPECT_EQ(wire::ParseControlHeader(transmit->datagram, &body)->session_id, SessionId(9));
    return;
  }
  ADD_FAILURE() << "no CDN";
}

TEST_F(SessionTest, CallsThatAreRefusedUseUpNoIds) {
  PairOptions options;
  options.lns_params.bearer_capabilities = 0;
  EnginePair pair(options);
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  Message ocrq(MessageType::kOcrq);
  ocrq.Add(AvpType::kAssignedSessionId, uint16_t{9}).Add(AvpType::kCallSerialNumber, uint32_t{1});
  ocrq.Add(AvpType::kMinimumBps, uint32_t{1}).Add(AvpType::kMaximumBps, uint32_t{2});
  ocrq.Add(AvpType::kBearerType, uint32_t{1}).Add(AvpType::kFramingType, uint32_t{1});
  ocrq.Add(AvpType::kCalledNumber, std::string("1"));
  uint16_t ns = pair.next_lac_ns();
  uint16_t nr = pair.next_lns_ns();
  for (int i = 0; i < 66000; ++i) {
    pair.lns.engine.HandleDatagram(
        pair.now(), pair.lns_path(),
        wire::EncodeControl({pair.lns.tunnels.at(0).id, SessionId(), ns++, nr++},
                            wire::EncodeBody(ocrq)));
    pair.lns.engine.TakeEffects();
  }
  EXPECT_TRUE(
      pair.lns.engine.PlaceCall(pair.now(), pair.lns.tunnels.at(0).handle, CallInfo()).ok());
}

// Holds: R-3145-2-01 R-2661-4.4.4-01
TEST_F(SessionTest, CdnTellsWhyPppEndedAndWhatTheLineSaid) {
  const SessionHandle call = Call();
  Closure closure;
  closure.result = wire::MakeResult(wire::CdnResult::kAdministrative);
  closure.q931_cause = wire::Q931Cause{16, 0, ""};
  closure.ppp_cause = wire::PppDisconnectCause{16, 0xc023, 1, "bad password"};
  pair_.lac.engine.CloseSession(pair_.now(), call, closure);
  pair_.Flush();
  pair_.RunFor(Duration::Seconds(1));
  const Closure& told = *pair_.lns.sessions.at(0).closure;
  EXPECT_EQ(told.q931_cause, closure.q931_cause);
  EXPECT_EQ(told.ppp_cause, closure.ppp_cause);
}

TEST_F(SessionTest, SliFromTheLnsReachesTheLacEveryTime) {
  Call();
  for (uint32_t accm : {0u, 0x000a0000u, 0xffffffffu}) {
    EXPECT_TRUE(pair_.SendLinkInfo(pair_.lns.sessions.at(0).handle, {accm, ~accm}));
    pair_.RunFor(Duration::Milliseconds(100));
    EXPECT_EQ(pair_.lac.sessions.at(0).accm, (wire::Accm{accm, ~accm}));
  }
}

TEST_F(SessionTest, LacDoesNotSendSliAndLnsIgnoresOne) {
  Call();
  EXPECT_FALSE(pair_.lac.engine.SendLinkInfo(pair_.now(), pair_.lac.sessions.at(0).handle, {}));
  Message sli(MessageType::kSli);
  sli.Add(AvpType::kAccm, wire::Accm{1, 2});
  SendFromLac(pair_.lns.sessions.at(0).id, sli);
  EXPECT_FALSE(pair_.lns.sessions.at(0).accm.has_value());
  EXPECT_FALSE(pair_.lns.sessions.at(0).closure.has_value());
}

TEST_F(SessionTest, EitherEndMayBeLacWhoeverOpenedTheTunnel) {
  // The LNS of the pair, which did not open the tunnel, places a call to the other side.
  const auto call =
      pair_.lns.engine.PlaceCall(pair_.now(), pair_.lns.tunnels.at(0).handle, CallInfo());
  ASSERT_TRUE(call.ok());
  pair_.Flush();
  pair_.RunFor(Duration::Seconds(1));
  ASSERT_EQ(pair_.lac.sessions.size(), 1u);
  EXPECT_TRUE(pair_.lac.sessions.at(0).established);
}

TEST_F(SessionTest, AnswersToSessionsThatAreGoneAreRefused) {
  const SessionHandle call = Call();
  pair_.CloseSession(call, wire::MakeResult(wire::CdnResult::kAdministrative));
  EXPECT_FALSE(pair_.lac.engine.ConfirmSession(pair_.now(), call));
  EXPECT_FALSE(pair_.lac.engine.AcceptSession(pair_.now(), call));
  EXPECT_FALSE(pair_.lac.engine.AcceptSession(pair_.now(), SessionHandle(12345)));
}

TEST_F(SessionTest, AnswersThatThePeerNeverAcknowledgesDoNotPileUp) {
  Message icrq(MessageType::kIcrq);
  icrq.Add(AvpType::kAssignedSessionId, uint16_t{5}).Add(AvpType::kCallSerialNumber, uint32_t{1});
  const uint16_t nr = pair_.next_lns_ns();
  for (int i = 0; i < 10000; ++i) {
    pair_.SendFromLacAs({pair_.lns.tunnels.at(0).id, SessionId(),
                         static_cast<uint16_t>(pair_.next_lac_ns() + i), nr},
                        wire::EncodeBody(icrq));
  }
  const auto* tunnel = pair_.lns.engine.FindTunnel(pair_.lns.tunnels.at(0).handle);
  EXPECT_GT(tunnel->backlog(), 1000u);
  EXPECT_LT(tunnel->backlog(), 2100u);
}

}  // namespace
}  // namespace l2tp::protocol
