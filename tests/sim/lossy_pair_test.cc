// Ten thousand tunnels, each with one call, set up and torn down over a link that loses 30 %,
// doubles 10 % and reorders: all end in the right state on both sides, and nothing is left.
//
// --seeds N runs N of them, --first_seed S from there on, --seed S only one.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "tests/support/engine_pair.h"

ABSL_FLAG(uint64_t, seeds, 10000, "how many seeds to run");
ABSL_FLAG(uint64_t, first_seed, 1, "the first of them");
ABSL_FLAG(uint64_t, seed, 0, "run only this one");

namespace l2tp::testing {
namespace {

using protocol::Closure;
using wire::StopCcnResult;

constexpr Duration kLong = Duration::Seconds(600);

// Both ends get long enough for a message to get through 30 % loss with near certainty.
PairOptions OptionsFor(uint64_t seed) {
  PairOptions options;
  options.seed = seed;
  for (protocol::TunnelParams* params : {&options.lac_params, &options.lns_params}) {
    params->channel.max_retransmits = 20;
    params->channel.retransmit_cap = Duration::Seconds(8);
    params->channel.receive_window = static_cast<uint16_t>(1 + seed % 8);
    params->setup_timeout = Duration();
    params->secret = seed % 2 == 0 ? "s3cret" : "";
    params->hide_avps = seed % 4 == 0;
  }
  return options;
}

// Which side ends what, and how early, differs from seed to seed.
class LossyRun {
 public:
  explicit LossyRun(uint64_t seed)
      : pair_(OptionsFor(seed)), story_(SeededRandom::For(seed, "story")) {
    pair_.set_loss_percent(30);
    pair_.set_duplicate_percent(10);
    pair_.set_max_delay(Duration::Milliseconds(300));
  }

  void SetUp() {
    pair_.PlaceCall(pair_.OpenTunnel());
    ASSERT_TRUE(pair_.RunUntil([this] { return Up(pair_.lac) && Up(pair_.lns); }, kLong));
    ASSERT_EQ(pair_.lns.sessions.size(), 1u) << "a repeated ICRQ is not a second call";
    EXPECT_EQ(pair_.lac.sessions[0].peer_id, pair_.lns.sessions[0].id);
    EXPECT_EQ(pair_.lns.sessions[0].peer_id, pair_.lac.sessions[0].id);
    EXPECT_EQ(pair_.lac.tunnels[0].peer.peer_tunnel_id, pair_.lns.tunnels[0].id);
    EXPECT_EQ(pair_.lns.tunnels[0].peer.peer_tunnel_id, pair_.lac.tunnels[0].id);
  }

  // Half of the calls end by a CDN of their own, the others with their tunnel.
  void EndCall() {
    if (story_.Chance(50)) return;
    EnginePair::Side& by = story_.Chance(50) ? pair_.lac : pair_.lns;
    Closure closure;
    closure.result = wire::MakeResult(wire::CdnResult::kAdministrative);
    by.engine.CloseSession(pair_.now(), by.sessions[0].handle, closure);
    pair_.Flush();
    ExpectClosed(by.sessions[0].closure, Closure::Kind::kLocal, 0);
    // Sometimes the tunnel is ended before the other side has heard of it.
    if (story_.Chance(30)) return;
    EnginePair::Side& other = Other(by);
    ASSERT_TRUE(pair_.RunUntil([&other] { return other.sessions[0].closure.has_value(); }, kLong));
    ExpectClosed(other.sessions[0].closure, Closure::Kind::kPeer,
                 static_cast<uint16_t>(wire::CdnResult::kAdministrative));
  }

  void EndTunnel() {
    EnginePair::Side& by = story_.Chance(50) ? pair_.lac : pair_.lns;
    Closure closure;
    closure.result = wire::MakeResult(StopCcnResult::kGeneralRequest);
    by.engine.CloseTunnel(pair_.now(), by.tunnels[0].handle, closure);
    pair_.Flush();
    EnginePair::Side& other = Other(by);
    ASSERT_TRUE(pair_.RunUntil([&] { return by.tunnels[0].released && other.tunnels[0].released; },
                               Duration::Seconds(1200)));
    EXPECT_TRUE(by.tunnels[0].drained) << "the StopCCN was acknowledged";
    ExpectClosed(by.tunnels[0].closure, Closure::Kind::kLocal, 0);
    ExpectClosed(other.tunnels[0].closure, Closure::Kind::kPeer,
                 static_cast<uint16_t>(StopCcnResult::kGeneralRequest));
  }

  void ExpectNothingLeft() {
    for (EnginePair::Side* side : {&pair_.lac, &pair_.lns}) {
      EXPECT_EQ(side->tunnels.size(), 1u);
      EXPECT_EQ(side->sessions.size(), 1u);
      EXPECT_TRUE(side->sessions[0].closure.has_value());
      EXPECT_EQ(side->engine.FindSession(side->sessions[0].handle), nullptr);
      EXPECT_EQ(side->engine.tunnel_count(), 0u);
      EXPECT_EQ(side->engine.NextTimeout(), std::nullopt);
    }
  }

 private:
  static bool Up(const EnginePair::Side& side) {
    return !side.sessions.empty() && side.sessions[0].established && side.tunnels[0].established;
  }
  EnginePair::Side& Other(const EnginePair::Side& side) {
    return &side == &pair_.lac ? pair_.lns : pair_.lac;
  }
  // `result` 0: whatever it is.
  static void ExpectClosed(const std::optional<Closure>& closure, Closure::Kind kind,
                           uint16_t result) {
    ASSERT_TRUE(closure.has_value());
    EXPECT_EQ(closure->kind, kind);
    if (result != 0) {
      EXPECT_EQ(closure->result.result, result);
    }
  }

  EnginePair pair_;
  SeededRandom story_;
};

void RunSeed(uint64_t seed) {
  LossyRun run(seed);
  ASSERT_NO_FATAL_FAILURE(run.SetUp());
  ASSERT_NO_FATAL_FAILURE(run.EndCall());
  ASSERT_NO_FATAL_FAILURE(run.EndTunnel());
  run.ExpectNothingLeft();
}

TEST(LossyPairTest, EveryTunnelAndCallEndsInTheRightStateOnBothSides) {
  const uint64_t only = absl::GetFlag(FLAGS_seed);
  const uint64_t first = only == 0 ? absl::GetFlag(FLAGS_first_seed) : only;
  const uint64_t count = only == 0 ? absl::GetFlag(FLAGS_seeds) : 1;
  for (uint64_t seed = first; seed - first < count; ++seed) {
    SCOPED_TRACE(::testing::Message() << "again with: lossy_pair_test --seed " << seed);
    RunSeed(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace l2tp::testing

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  absl::ParseCommandLine(argc, argv);
  return RUN_ALL_TESTS();
}
