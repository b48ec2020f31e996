// Two SCCRQs that cross (RFC 2661 section 4.4.3, Tie Breaker).

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/support/engine_pair.h"

namespace l2tp::protocol {
namespace {

using testing::EnginePair;
using testing::PairOptions;
using wire::MessageType;

PairOptions WithTieBreakers(bool lac, bool lns) {
  PairOptions options;
  options.lac_params.tie_breaker = lac;
  options.lns_params.tie_breaker = lns;
  return options;
}

int Established(const EnginePair::Side& side) {
  return static_cast<int>(std::count_if(
      side.tunnels.begin(), side.tunnels.end(),
      [](const testing::SeenTunnel& tunnel) { return tunnel.established && !tunnel.closure; }));
}

// Both open a tunnel before either hears of the other.
void OpenBoth(EnginePair& pair) {
  pair.OpenTunnelFrom(pair.lac);
  pair.OpenTunnelFrom(pair.lns);
  pair.RunFor(Duration::Seconds(10));
}

// Holds: R-2661-4.4.3-26 R-2661-4.4.3-27 R-2661-4.4.3-31 R-2661-7.2.1-13
TEST(TieBreakerTest, TheLowerOneWinsAndTheOtherIsGivenUpWithoutAWord) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    PairOptions options = WithTieBreakers(true, true);
    options.seed = seed;
    EnginePair pair(options);
    OpenBoth(pair);
    EXPECT_EQ(Established(pair.lac), 1) << seed;
    EXPECT_EQ(Established(pair.lns), 1) << seed;
    const auto& lac_own = pair.lac.tunnels.at(0);
    const auto& lns_own = pair.lns.tunnels.at(0);
    ASSERT_NE(lac_own.closure.has_value(), lns_own.closure.has_value()) << seed;
    const auto& loser = lac_own.closure ? lac_own : lns_own;
    EXPECT_EQ(loser.closure->kind, Closure::Kind::kTieLost);
    EXPECT_EQ(pair.lac.engine.counters().lost_ties + pair.lns.engine.counters().lost_ties, 1);
  }
}

// Holds: R-2661-4.4.3-29
TEST(TieBreakerTest, WhoHasOneWinsOverWhoHasNone) {
  EnginePair pair(WithTieBreakers(false, true));
  OpenBoth(pair);
  EXPECT_EQ(pair.lac.tunnels.at(0).closure->kind, Closure::Kind::kTieLost);
  EXPECT_TRUE(pair.lns.tunnels.at(0).established);
  EXPECT_EQ(Established(pair.lac), 1);
  EXPECT_EQ(Established(pair.lns), 1);
}

// Holds: R-2661-4.4.3-30 R-2661-6.1-05
TEST(TieBreakerTest, WithoutAnyBothTunnelsAreSetUp) {
  EnginePair pair(WithTieBreakers(false, false));
  OpenBoth(pair);
  EXPECT_EQ(Established(pair.lac), 2);
  EXPECT_EQ(Established(pair.lns), 2);
}

// What the LNS of the pair sees when an SCCRQ with this Tie Breaker comes from the LAC's address.
void SendSccrq(EnginePair& pair, std::optional<uint64_t> tie_breaker) {
  wire::Message sccrq(MessageType::kSccrq);
  sccrq.Add(wire::AvpType::kProtocolVersion, wire::ProtocolVersion{})
      .Add(wire::AvpType::kFramingCapabilities, uint32_t{3})
      .Add(wire::AvpType::kHostName, std::string("lac"))
      .Add(wire::AvpType::kAssignedTunnelId, uint16_t{77});
  if (tie_breaker.has_value()) sccrq.Add(wire::AvpType::kTieBreaker, *tie_breaker);
  pair.SendFromLacAs({TunnelId(), SessionId(), 0, 0}, wire::EncodeBody(sccrq));
}

// Holds: R-2661-4.4.3-28
TEST(TieBreakerTest, EqualOnesEndBothTunnels) {
  EnginePair pair(WithTieBreakers(false, true));
  const TunnelHandle own = pair.OpenTunnelFrom(pair.lns);
  pair.set_loss_percent(100);
  SendSccrq(pair, pair.lns.engine.FindTunnel(own)->tie_breaker());
  EXPECT_EQ(pair.lns.tunnels.size(), 1u);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kTieLost);
}

// Holds: R-2661-4.4.3-27
TEST(TieBreakerTest, TheyAreComparedAsUnsignedNumbers) {
  EnginePair pair(WithTieBreakers(false, true));
  const TunnelHandle own = pair.OpenTunnelFrom(pair.lns);
  pair.set_loss_percent(100);
  SendSccrq(pair, std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
  SendSccrq(pair, *pair.lns.engine.FindTunnel(own)->tie_breaker() + 1);
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
  SendSccrq(pair, *pair.lns.engine.FindTunnel(own)->tie_breaker() - 1);
  EXPECT_EQ(pair.lns.tunnels.at(0).closure->kind, Closure::Kind::kTieLost);
}

// Holds: R-2661-4.4.3-32
TEST(TieBreakerTest, AnEstablishedTunnelIsNotConcerned) {
  EnginePair pair(WithTieBreakers(true, true));
  pair.OpenTunnelFrom(pair.lns);
  pair.RunFor(Duration::Seconds(1));
  SendSccrq(pair, 0);
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
  EXPECT_EQ(pair.lns.tunnels.size(), 2u);
}

TEST(TieBreakerTest, OneThatIsNotAdmittedCannotTakeOursAway) {
  PairOptions options = WithTieBreakers(true, true);
  options.lns_admits = false;
  EnginePair pair(options);
  pair.OpenTunnelFrom(pair.lns);
  pair.set_loss_percent(100);
  SendSccrq(pair, 0);
  EXPECT_FALSE(pair.lns.tunnels.at(0).closure.has_value());
}

}  // namespace
}  // namespace l2tp::protocol
