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

TEST(TunnelTest, TimeInWhichTheWindowIsFullIsAddedUp) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  const Duration before = pair.lac.engine.window_full_time(pair.now());
  pair.set_max_delay(Duration::Milliseconds(50));
  for (int i = 0; i < 20; ++i) pair.PlaceCall(tunnel);  // more than fit at a time
  const Instant began = pair.now();
  EXPECT_EQ(pair.lac.engine.window_full_time(began + Duration::Seconds(3)) - before,
            Duration::Seconds(3));
  pair.RunFor(Duration::Seconds(5));
  const Duration total = pair.lac.engine.window_full_time(pair.now()) - before;
  EXPECT_GT(total, Duration());
  EXPECT_LT(total, Duration::Seconds(5));
  pair.RunFor(Duration::Seconds(5));
  EXPECT_EQ(pair.lac.engine.window_full_time(pair.now()) - before, total);
}

TEST(TunnelTest, ATunnelThatIsGivenUpWaitsForNothing) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.set_loss_percent(100);
  for (int i = 0; i < 20; ++i) pair.PlaceCall(tunnel);
  pair.RunFor(Duration::Seconds(120));
  const Duration total = pair.lac.engine.window_full_time(pair.now());
  EXPECT_GT(total, Duration::Seconds(1));
  pair.RunFor(Duration::Seconds(120));
  EXPECT_EQ(pair.lac.engine.window_full_time(pair.now()), total);
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

// Holds: R-2661-5.5-01 R-2661-6.5-04 R-2661-6.5-05
TEST(TunnelTest, DataPutsOffTheHelloAndItsEndBringsIt) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  const uint16_t ns = pair.next_lac_ns();
  pair.set_data_flows(true);
  pair.RunFor(Duration::Seconds(600));
  EXPECT_EQ(pair.next_lac_ns(), ns);
  pair.set_data_flows(false);
  pair.RunFor(Duration::Seconds(120));
  EXPECT_GT(pair.next_lac_ns() + pair.next_lns_ns(), ns + 1);
  EXPECT_FALSE(pair.lac.tunnels.at(0).closure.has_value());
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
  pair.RunFor(Duration::Seconds(47));
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
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(std::get<TunnelRefused>(effects[1]).result.result, 5);
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

TEST(TunnelTest, AnswerFromAnotherAddressIsNotBelieved) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.Deliver();  // SCCRQ -->
  Path path{{IpAddress::FromV4(0x0a000001), 1701}, {IpAddress::FromV4(0xc6336401), 1701}};
  wire::Message sccrp(MessageType::kSccrp);
  sccrp.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("stranger"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{9});
  pair.lac.engine.HandleDatagram(
      pair.now(), path,
      wire::EncodeControl({pair.lac.tunnels.at(0).id, SessionId(), 0, 1}, wire::EncodeBody(sccrp)));
  pair.Flush();
  EXPECT_EQ(pair.lac.engine.counters().foreign_source, 1);
  pair.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_EQ(pair.lac.tunnels.at(0).peer.host_name, "lns.example");
}

// The LNS sees an SCCRQ with this Assigned Tunnel ID from the LAC's address.
void SendSccrq(EnginePair& pair, uint16_t assigned_tunnel_id) {
  wire::Message sccrq(MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("lac"))
      .Add(wire::AvpType::kAssignedTunnelId, assigned_tunnel_id);
  pair.SendFromLacAs({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(sccrq));
}

TEST(TunnelTest, PeerThatRestartsWithTheSameTunnelIdGetsInAgain) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  pair.set_loss_percent(100);  // the LAC is gone
  const auto id = static_cast<uint16_t>(pair.lac.tunnels.at(0).id.value());
  for (int seconds = 0; seconds < 100; seconds += 10) {
    SendSccrq(pair, id);  // it dials again and again
    pair.RunFor(Duration::Seconds(10));
  }
  ASSERT_EQ(pair.lns.tunnels.size(), 2u);
  EXPECT_EQ(pair.lns.tunnels[0].closure->kind, Closure::Kind::kUnreachable);
}

TEST(TunnelTest, HalfOpenTunnelsOfOneAddressAreLimitedAndDoNotLockItOut) {
  EnginePair pair;
  pair.lns.engine.set_half_open_limits({100, 3});
  for (uint16_t id = 1; id <= 10; ++id) SendSccrq(pair, id);
  EXPECT_EQ(pair.lns.engine.half_open_count(), 3u);
  EXPECT_EQ(pair.lns.engine.counters().dropped_sccrq, 7);
  // The peer itself, whose SCCRQ comes again.
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(8));
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_EQ(pair.lns.engine.counters().displaced, 1);
  pair.set_loss_percent(100);
  pair.RunFor(Duration::Seconds(300));
  EXPECT_EQ(pair.lns.engine.tunnel_count(), 0u);
}

TEST(TunnelTest, CallsThatWaitForATunnelEndWhenItMakesRoomForAnother) {
  EnginePair pair;
  pair.lns.engine.set_half_open_limits({100, 1});
  SendSccrq(pair, 1);
  pair.PlaceCallFrom(pair.lns, pair.lns.tunnels.at(0).handle);
  SendSccrq(pair, 2);
  pair.RunFor(Duration::Seconds(2));
  SendSccrq(pair, 2);
  ASSERT_EQ(pair.lns.engine.counters().displaced, 1);
  ASSERT_TRUE(pair.lns.sessions.at(0).closure.has_value());
  EXPECT_EQ(pair.lns.sessions[0].closure->tunnel_kind, Closure::Kind::kDisplaced);
}

TEST(TunnelTest, StopCcnWithoutOurTunnelIdDoesNotEndAnEstablishedTunnel) {
  EnginePair pair;
  pair.OpenTunnel();
  pair.RunFor(Duration::Seconds(1));
  wire::Message stop_ccn(MessageType::kStopCcn);
  stop_ccn.Add(wire::AvpType::kAssignedTunnelId,
               static_cast<uint16_t>(pair.lac.tunnels.at(0).id.value()));
  stop_ccn.Add(wire::AvpType::kResultCode, wire::MakeResult(wire::StopCcnResult::kGeneralRequest));
  pair.SendFromLacAs({TunnelId(), SessionId(), 2, 1}, wire::EncodeBody(stop_ccn));
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
}

TEST(TunnelTest, BadCallsBeforeTheTunnelIsOpenAreAcknowledgedOnly) {
  EnginePair pair;
  SendSccrq(pair, 77);
  pair.Drop();  // x-- SCCRP
  wire::Message icrq(MessageType::kIcrq);
  icrq.Add(wire::AvpType::kAssignedSessionId, uint16_t{5});  // no Call Serial Number
  pair.SendFromLacAs({pair.lns.tunnels.at(0).id, SessionId(), 1, 1}, wire::EncodeBody(icrq));
  pair.Expire();
  EXPECT_EQ(pair.Drop(), MessageType::kZlb);
  EXPECT_EQ(pair.in_flight(), 0u);
}

// Holds: R-2661-4.4.3-18 R-2661-7.2.1-12
TEST(TunnelTest, StopCcnThatRefusesAnSccrpGoesToTheIdTheSccrpTold) {
  EnginePair pair;
  const TunnelHandle tunnel = pair.OpenTunnel();
  wire::Message sccrp(MessageType::kSccrp);  // without Host Name
  sccrp.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  pair.lac.engine.HandleDatagram(
      pair.now(), {{}, pair.lac.engine.FindTunnel(tunnel)->path().remote},
      wire::EncodeControl({pair.lac.tunnels.at(0).id, SessionId(), 0, 1}, wire::EncodeBody(sccrp)));
  for (const Effect& effect : pair.lac.engine.TakeEffects()) {
    const auto* transmit = std::get_if<Transmit>(&effect);
    if (transmit == nullptr) continue;
    ByteSpan body;
    EXPECT_EQ(wire::ParseControlHeader(transmit->datagram, &body)->tunnel_id, TunnelId(77));
    return;
  }
  ADD_FAILURE() << "no StopCCN";
}

// What an SCCRQ whose source address may be forged makes the LNS send there.
size_t OctetsSentFor(EnginePair& pair, const Bytes& sccrq, wire::ResultCode* told) {
  pair.lns.engine.HandleDatagram(pair.now(), pair.lns_path(), sccrq);
  size_t octets = 0;
  for (const Effect& effect : pair.lns.engine.TakeEffects()) {
    if (const auto* sent = std::get_if<Transmit>(&effect)) octets += sent->datagram.size();
    if (const auto* refused = std::get_if<TunnelRefused>(&effect)) *told = refused->result;
  }
  return octets;
}

// Holds: R-2661-9.4-03
TEST(TunnelTest, RefusalIsNeverLongerThanTheSccrqItAnswers) {
  EnginePair pair;
  wire::Message sccrq(MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("l"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77})
      .Add(wire::AvpType::kChallenge, std::string("c"));  // we have no secret
  wire::Message bad(MessageType::kSccrq);                 // without Framing Capabilities
  bad.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kHostName, std::string("l"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  for (const wire::Message& message : {sccrq, bad}) {
    const Bytes datagram =
        wire::EncodeControl({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(message));
    wire::ResultCode told;
    const size_t octets = OctetsSentFor(pair, datagram, &told);
    EXPECT_GT(octets, 0u);
    EXPECT_LE(octets, datagram.size());
    EXPECT_NE(told.result, 0);
  }
}

TEST(TunnelTest, SccrqThatIsShorterThanAnyRefusalIsNotAnswered) {
  EnginePair pair;
  wire::Message sccrq(MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  const Bytes datagram =
      wire::EncodeControl({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(sccrq));
  wire::ResultCode told{.result = 9};
  EXPECT_EQ(OctetsSentFor(pair, datagram, &told), 0u);
  EXPECT_EQ(told.result, 0);  // it got no answer
}

// Holds: R-2661-9.4-03
TEST(TunnelTest, FloodOfForgedSccrqsNeitherGrowsNorKeepsAPeerOut) {
  EnginePair pair;
  constexpr uint32_t kFlood = 100'000;
  wire::Message sccrq(MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("anybody"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  const Bytes datagram =
      wire::EncodeControl({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(sccrq));
  bool dialled = false;
  for (uint32_t source = 0; source < kFlood; ++source) {
    pair.lns.engine.HandleDatagram(
        pair.now(), {pair.lns_path().local, {IpAddress::FromV4(0x0b000000 + source), 1701}},
        datagram);
    // The answers go to those who never asked.
    for (Effect& effect : pair.lns.engine.TakeEffects()) static_cast<void>(effect);
    if (source == kFlood / 4) pair.OpenTunnel();  // a peer that means it
    dialled |= source > kFlood / 4;
    if (source % 10 == 0) pair.RunFor(Duration::Milliseconds(1));  // 10,000 a second
  }
  EXPECT_TRUE(dialled);
  EXPECT_LE(pair.lns.engine.tunnel_count(), 1001u);
  EXPECT_TRUE(pair.lac.tunnels.at(0).established);
  EXPECT_GT(pair.lns.engine.counters().dropped_sccrq, kFlood / 2);
}

}  // namespace
}  // namespace l2tp::protocol
