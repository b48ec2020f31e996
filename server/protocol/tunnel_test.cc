// The exchanges of RFC 2661 sections 5.1, 5.7, 6 and 7, message by message, between two engines.
// Arrows: --> from the LAC, <-- from the LNS, --x lost.

#include <gtest/gtest.h>

#include "tests/support/engine_pair.h"

namespace l2tp::protocol {
namespace {

using testing::EnginePair;
using testing::PairOptions;
using wire::MessageType;

PairOptions WithSecret(const char* lac, const char* lns) {
  PairOptions options;
  options.lac_params.secret = lac;
  options.lns_params.secret = lns;
  return options;
}

TEST(TunnelTest, ThreeMessagesOpenItAndAZlbEndsTheExchange) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  EXPECT_EQ(pair.Deliver(), MessageType::kSccrq);  // SCCRQ -->
  EXPECT_EQ(pair.Deliver(), MessageType::kSccrp);  //       <-- SCCRP
  EXPECT_EQ(pair.Deliver(), MessageType::kScccn);  // SCCCN -->
  pair.RunFor(Duration::Milliseconds(100));
  EXPECT_EQ(pair.last_delivered(), MessageType::kZlb);  //  <-- ZLB
  EXPECT_EQ(pair.lac.engine.FindTunnel(tunnel)->state(), Tunnel::State::kEstablished);
  ASSERT_EQ(pair.lns.tunnels.size(), 1u);
  EXPECT_TRUE(pair.lns.tunnels[0].established);
  EXPECT_EQ(pair.lns.tunnels[0].peer.host_name, "lac.example");
}

TEST(TunnelTest, LostScccnIsRetransmittedAndTunnelStillOpens) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.Deliver();                               // SCCRQ -->
  pair.Deliver();                               //       <-- SCCRP
  EXPECT_EQ(pair.Drop(), MessageType::kScccn);  // SCCCN --x
  pair.RunFor(Duration::Seconds(2));
  EXPECT_TRUE(pair.lns.tunnels.at(0).established);
  EXPECT_EQ(pair.lac.engine.FindTunnel(pair.lac.tunnels.at(0).handle)->retransmit_count(), 1);
}

TEST(TunnelTest, SharedSecretAuthenticatesBothWays) {
  EnginePair pair(WithSecret("s3cret", "s3cret"));
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_TRUE(pair.lns.tunnels.at(0).established);
}

TEST(TunnelTest, HidingEverythingThatMayBeHiddenWorks) {
  PairOptions options = WithSecret("s3cret", "s3cret");
  options.lac_params.hide_avps = true;
  options.lns_params.hide_avps = true;
  EnginePair pair(options);
  const TunnelHandle tunnel = pair.OpenTunnel();
  pair.PlaceCall(tunnel);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.lac.sessions.at(0).established);
  EXPECT_TRUE(pair.lns.sessions.at(0).established);
}

TEST(TunnelTest, WrongSecretIsRefusedByTheInitiatorWithResult4) {
  EnginePair pair(WithSecret("s3cret", "other"));
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  const auto& lac = pair.lac.tunnels.at(0);
  EXPECT_FALSE(lac.established);
  EXPECT_EQ(lac.closure->kind, Closure::Kind::kNotAuthorized);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kPeer);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->result.result, 4);
}

TEST(TunnelTest, PeerWithoutTheSecretIsRefusedByTheRecipientWithResult4) {
  EnginePair pair(WithSecret("", "s3cret"));
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  // The LAC is challenged in SCCRP and has no answer.
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->kind, Closure::Kind::kNotAuthorized);
  EXPECT_FALSE(pair.lns.tunnels.at(0).established);
}

TEST(TunnelTest, ChallengeThatCannotBeAnsweredIsRefusedWithResult4) {
  EnginePair pair(WithSecret("s3cret", ""));
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->kind, Closure::Kind::kPeer);
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->result.result, 4);
  EXPECT_TRUE(pair.lns.tunnels.empty());
}

TEST(TunnelTest, StrangerIsRefusedWithResult4AndLeavesNoState) {
  PairOptions options;
  options.lns_admits = false;
  EnginePair pair(options);
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->result.result, 4);
  EXPECT_EQ(pair.lns.engine.tunnel_count(), 0u);
  EXPECT_EQ(pair.lns.engine.counters().refused_sccrq, 1);
}

TEST(TunnelTest, RetransmittedSccrqIsADuplicateNotASecondTunnel) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.Duplicate();  // SCCRQ -->, and once more
  EXPECT_EQ(pair.Deliver(), MessageType::kSccrq);
  EXPECT_EQ(pair.Deliver(), MessageType::kSccrq);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lns.tunnels.size(), 1u);
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
}

TEST(TunnelTest, SilentPeerIsGivenUpAfterTheLastRetransmission) {
  PairOptions options;
  options.lac_params.setup_timeout = Duration();
  EnginePair pair(options);
  pair.OpenTunnel();
  pair.set_loss_percent(100);
  pair.RunFor(Duration::Seconds(46));
  EXPECT_FALSE(pair.lac.tunnels.at(0).closure.has_value());
  pair.RunFor(Duration::Seconds(2));  // 1 + 2 + 4 + 8 + 16 + 16 = 47 s with a cap of 16 s
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->kind, Closure::Kind::kUnreachable);
}

TEST(TunnelTest, HelloFindsOutThatAnIdlePeerIsGone) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.set_loss_percent(100);
  pair.RunFor(Duration::Seconds(60 + 47 + 1));
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->kind, Closure::Kind::kUnreachable);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kUnreachable);
}

TEST(TunnelTest, IdleTunnelStaysUpForADayOnHellos) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(24 * 3600));
  EXPECT_FALSE(pair.lac.tunnels.at(0).closure.has_value());
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
}

TEST(TunnelTest, StopCcnEndsEverySessionWithoutACdn) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  for (int i = 0; i < 3; ++i) pair.PlaceCall(tunnel);
  pair.RunFor(Duration::Seconds(1));
  ASSERT_EQ(pair.lns.sessions.size(), 3u);
  pair.CloseTunnel(tunnel, wire::MakeResult(wire::StopCcnResult::kShuttingDown));
  EXPECT_EQ(pair.Deliver(), MessageType::kStopCcn);  // StopCCN -->
  EXPECT_EQ(pair.Deliver(), MessageType::kZlb);      //         <-- ZLB, at once
  EXPECT_EQ(pair.in_flight(), 0u);
  for (const auto& session : pair.lns.sessions) {
    EXPECT_EQ(session.closure->kind, Closure::Kind::kTunnel);
    EXPECT_EQ(session.closure->tunnel_kind, Closure::Kind::kPeer);
  }
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->result.result, 6);
  EXPECT_TRUE(pair.lac.tunnels.at(0).drained);
}

TEST(TunnelTest, LostStopCcnIsRetransmittedAndRetentionAnswersItsCopies) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.CloseTunnel(tunnel, wire::MakeResult(wire::StopCcnResult::kGeneralRequest));
  EXPECT_EQ(pair.Drop(), MessageType::kStopCcn);  // StopCCN --x
  pair.Expire();
  EXPECT_EQ(pair.Deliver(), MessageType::kStopCcn);  // StopCCN -->
  EXPECT_EQ(pair.Drop(), MessageType::kZlb);         //         x-- ZLB
  pair.RunFor(Duration::Seconds(5));                 // StopCCN -->, <-- ZLB
  EXPECT_TRUE(pair.lac.tunnels.at(0).drained);
  EXPECT_FALSE(pair.lac.tunnels.at(0).released);
  pair.RunFor(Duration::Seconds(31));
  EXPECT_TRUE(pair.lac.tunnels.at(0).released);
  EXPECT_TRUE(pair.lns.tunnels.at(0).released);
  EXPECT_EQ(pair.lac.engine.tunnel_count() + pair.lns.engine.tunnel_count(), 0u);
  EXPECT_EQ(pair.lac.engine.NextTimeout(), std::nullopt);
}

TEST(TunnelTest, ScccnThatNeverComesIsTimedOut) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.Deliver();  // SCCRQ -->
  // The LAC acknowledges SCCRP, but goes no further.
  pair.SendFromLacAs(wire::ControlHeader{pair.lns.tunnels.at(0).id, SessionId(), 1, 1}, {});
  pair.set_loss_percent(100);
  pair.RunFor(Duration::Seconds(61));
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kSetupTimeout);
}

TEST(TunnelTest, ScccnOnAnEstablishedTunnelIsAStateMachineError) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.SendFromLacAs(wire::ControlHeader{pair.lns.tunnels.at(0).id, SessionId(), 2, 1},
                     wire::EncodeBody(wire::Message(MessageType::kScccn)));
  pair.RunFor(Duration::Seconds(1));
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kProtocolError);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->result.result, 7);
}

TEST(TunnelTest, MandatoryUnknownAvpClearsTheTunnelAndIsNamed) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  // HELLO with an unknown AVP, vendor 0, type 4095, M=1.
  pair.SendFromLacAs(wire::ControlHeader{pair.lns.tunnels.at(0).id, SessionId(), 2, 1},
                     *FromHex("8008000000000006800800000fff7a7a"));
  pair.RunFor(Duration::Seconds(1));
  const auto& closure = *pair.lns.tunnels.at(0).closure;
  EXPECT_EQ(closure.result.result, 2);
  EXPECT_EQ(closure.result.error, 8);
  EXPECT_NE(closure.result.message.find("4095"), std::string::npos);
}

TEST(TunnelTest, UnknownMessageThatIsNotMandatoryIsAcknowledgedAndIgnored) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.SendFromLacAs(wire::ControlHeader{pair.lns.tunnels.at(0).id, SessionId(), 2, 1},
                     *FromHex("0008000000000063"));
  pair.Expire();
  EXPECT_EQ(pair.Deliver(), MessageType::kZlb);
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
}

TEST(TunnelTest, MessageFromAnotherAddressIsDropped) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  Path path = pair.lns_path();
  path.remote.port = 9999;
  const Bytes hello = wire::EncodeControl({pair.lns.tunnels.at(0).id, SessionId(), 2, 1},
                                          wire::EncodeBody(wire::Message(MessageType::kHello)));
  pair.lns.engine.HandleDatagram(pair.now(), path, hello);
  EXPECT_TRUE(pair.lns.engine.TakeEffects().empty());
  EXPECT_EQ(pair.lns.engine.counters().foreign_source, 1);
}

TEST(TunnelTest, UnsupportedVersionIsRefusedWithTheVersionWeKnow) {
  EnginePair pair;
  // V2-BAD-28: SCCRQ of protocol version 2.0.
  pair.lns.engine.HandleDatagram(
      pair.now(), pair.lns_path(),
      *FromHex("c802003500000000000000008008000000000001800800000002020080070000000761"
               "800a0000000300000003800800000009"
               "0001"));
  const auto effects = pair.lns.engine.TakeEffects();
  ASSERT_EQ(effects.size(), 1u);
  ByteSpan body;
  const auto& sent = std::get<Transmit>(effects[0]).datagram;
  const auto header = wire::ParseControlHeader(sent, &body);
  EXPECT_EQ(header->tunnel_id, TunnelId(1));
  const auto decoded = DecodeMessage(wire::SplitAvps(body), std::nullopt);
  const auto result = decoded.message.Get<wire::ResultCode>(wire::AvpType::kResultCode);
  EXPECT_EQ(result->result, 5);
  EXPECT_EQ(result->error, 0x0100);
}

TEST(TunnelTest, AnswerFromAnotherPortIsFollowed) {
  PairOptions options;
  options.lns_answers_from_port = 52001;
  EnginePair pair(options);
  const TunnelHandle tunnel = pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_EQ(pair.lac.engine.FindTunnel(tunnel)->path().remote.port, 52001);
}

}  // namespace
}  // namespace l2tp::protocol
