// Two engines over a bad link, by seed: whatever is lost, doubled or overtaken, calls come up and
// end on both sides alike, and nothing is left.
//
// L2TP_SIM_SEEDS=N runs N seeds instead of the default; L2TP_SIM_SEED=S only that one.

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tests/support/engine_pair.h"

namespace l2tp::testing {
namespace {

std::vector<uint64_t> Seeds(uint64_t count) {
  if (const char* one = std::getenv("L2TP_SIM_SEED")) return {std::strtoull(one, nullptr, 10)};
  if (const char* many = std::getenv("L2TP_SIM_SEEDS")) count = std::strtoull(many, nullptr, 10);
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

// Both ends get long enough for a message to get through 30 % loss with near certainty.
PairOptions Patient(uint64_t seed) {
  PairOptions options;
  options.seed = seed;
  for (protocol::TunnelParams* params : {&options.lac_params, &options.lns_params}) {
    params->channel.max_retransmits = 20;
    params->setup_timeout = Duration();
    params->secret = seed % 2 == 0 ? "s3cret" : "";
    params->hide_avps = seed % 4 == 0;
  }
  return options;
}

void MakeBad(EnginePair& pair) {
  pair.set_loss_percent(30);
  pair.set_duplicate_percent(10);
  pair.set_max_delay(Duration::Milliseconds(300));
}

TEST(EnginePairTest, CallsComeUpAndEndAlikeOnBothSidesOverABadLink) {
  for (uint64_t seed : Seeds(300)) {
    SCOPED_TRACE(::testing::Message() << "L2TP_SIM_SEED=" << seed);
    EnginePair pair(Patient(seed));
    MakeBad(pair);
    const TunnelHandle tunnel = pair.OpenTunnel();
    std::vector<SessionHandle> calls;
    for (int i = 0; i < 5; ++i) calls.push_back(pair.PlaceCall(tunnel));
    pair.RunFor(Duration::Seconds(600));
    ASSERT_EQ(pair.lns.sessions.size(), 5u);
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(pair.lac.sessions[static_cast<size_t>(i)].established);
      ASSERT_TRUE(pair.lns.sessions[static_cast<size_t>(i)].established);
    }
    pair.CloseSession(calls[0], wire::MakeResult(wire::CdnResult::kAdministrative));
    pair.RunFor(Duration::Seconds(600));
    int closed = 0;
    for (const SeenSession& session : pair.lns.sessions) closed += session.closure.has_value();
    EXPECT_EQ(closed, 1);

    pair.CloseTunnel(tunnel, wire::MakeResult(wire::StopCcnResult::kGeneralRequest));
    pair.RunFor(Duration::Seconds(1200));
    for (const SeenSession& session : pair.lns.sessions) EXPECT_TRUE(session.closure.has_value());
    EXPECT_EQ(pair.lac.engine.tunnel_count(), 0u);
    EXPECT_EQ(pair.lns.engine.tunnel_count(), 0u);
    EXPECT_EQ(pair.lac.engine.NextTimeout(), std::nullopt);
    EXPECT_EQ(pair.lns.engine.NextTimeout(), std::nullopt);
  }
}

TEST(EnginePairTest, LinkThatDiesAtAnyMomentLeavesNothingOnEitherSide) {
  for (uint64_t seed : Seeds(300)) {
    SCOPED_TRACE(::testing::Message() << "L2TP_SIM_SEED=" << seed);
    PairOptions options = Patient(seed);
    options.lac_params.channel.max_retransmits = 5;
    options.lns_params.channel.max_retransmits = 5;
    options.lac_params.setup_timeout = Duration::Seconds(60);
    options.lns_params.setup_timeout = Duration::Seconds(60);
    EnginePair pair(options);
    MakeBad(pair);
    const TunnelHandle tunnel = pair.OpenTunnel();
    for (int i = 0; i < 3; ++i) pair.PlaceCall(tunnel);
    pair.RunFor(Duration::Milliseconds(static_cast<int64_t>(seed * 37 % 3000)));
    pair.set_loss_percent(100);
    // HELLO interval, retransmissions, retention, on top of each other.
    pair.RunFor(Duration::Seconds(400));
    EXPECT_EQ(pair.lac.engine.tunnel_count(), 0u);
    EXPECT_EQ(pair.lns.engine.tunnel_count(), 0u);
    for (const SeenSession& session : pair.lac.sessions) EXPECT_TRUE(session.closure.has_value());
    for (const SeenSession& session : pair.lns.sessions) EXPECT_TRUE(session.closure.has_value());
  }
}

TEST(EnginePairTest, SameSeedGivesTheSameRun) {
  for (uint64_t seed : {1u, 2u, 4u}) {
    std::vector<std::vector<uint32_t>> traces;
    for (int run = 0; run < 2; ++run) {
      EnginePair pair(Patient(seed));
      MakeBad(pair);
      const TunnelHandle tunnel = pair.OpenTunnel();
      for (int i = 0; i < 5; ++i) pair.PlaceCall(tunnel);
      std::vector<uint32_t> trace;
      for (int step = 0; step < 200; ++step) {
        pair.RunFor(Duration::Milliseconds(100));
        trace.push_back(static_cast<uint32_t>(pair.last_delivered()));
        trace.push_back(static_cast<uint32_t>(pair.in_flight()));
      }
      for (const SeenSession& session : pair.lns.sessions) trace.push_back(session.id.value());
      traces.push_back(std::move(trace));
    }
    EXPECT_EQ(traces[0], traces[1]);
  }
}

}  // namespace
}  // namespace l2tp::testing
