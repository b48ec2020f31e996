#include "server/protocol/sccrq_gate.h"

#include <gtest/gtest.h>

namespace l2tp::protocol {
namespace {

Endpoint Source(uint32_t number) { return {IpAddress::FromV4(0x0a000000 + number), 1701}; }

class SccrqGateTest : public ::testing::Test {
 protected:
  SccrqGateTest() { gate_.set_limits({.total = 10, .per_address = 3}); }

  bool Admits(uint32_t source, uint32_t id = 1) {
    return gate_.Admits(now_, Source(source), TunnelId(id));
  }
  void Enter(uint32_t source) { gate_.Enter(TunnelHandle(++last_), Source(source).address); }

  SccrqGate gate_{42};
  Instant now_ = Instant() + Duration::Seconds(100);
  uint64_t last_ = 0;
};

TEST_F(SccrqGateTest, WhileFewAreHalfOpenEverybodyIsAdmittedAtOnce) {
  for (uint32_t source = 1; source <= 5; ++source) {
    EXPECT_TRUE(Admits(source));
    Enter(source);
  }
}

TEST_F(SccrqGateTest, AnAddressThatHasItsShareMustComeAgainAndItsOldestMakesRoom) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(gate_.Displaced(Source(1).address), std::nullopt);
    Enter(1);
  }
  EXPECT_FALSE(Admits(1));
  EXPECT_TRUE(Admits(2));
  EXPECT_EQ(gate_.Displaced(Source(1).address), TunnelHandle(1));
  EXPECT_EQ(gate_.Displaced(Source(2).address), std::nullopt);
  now_ = now_ + RepeatFilter::kPeriod;
  EXPECT_TRUE(Admits(1));
  gate_.Leave(TunnelHandle(2), Source(1).address);
  EXPECT_EQ(gate_.Displaced(Source(1).address), std::nullopt);
  EXPECT_TRUE(Admits(1, 2));
}

TEST_F(SccrqGateTest, WhenManyAreHalfOpenOnlyWhoComesAgainIsAdmitted) {
  for (uint32_t source = 1; source <= 5; ++source) Enter(source);
  EXPECT_FALSE(Admits(100));
  now_ = now_ + Duration::Milliseconds(500);
  EXPECT_FALSE(Admits(100));  // a burst of copies is no retransmission
  // RFC 2661 section 5.8: after 1, then 2 seconds.
  now_ = now_ + Duration::Seconds(1);
  const bool second = Admits(100);
  now_ = now_ + Duration::Seconds(2);
  const bool third = Admits(100);
  EXPECT_TRUE(second || third);
  EXPECT_FALSE(Admits(100, 2));  // another Assigned Tunnel ID is another peer
}

TEST_F(SccrqGateTest, WhoComesAgainTooLateStartsAnew) {
  for (uint32_t source = 1; source <= 5; ++source) Enter(source);
  EXPECT_FALSE(Admits(100));
  now_ = now_ + Duration::Seconds(60);
  EXPECT_FALSE(Admits(100));
}

TEST_F(SccrqGateTest, WhenAllPlacesAreTakenTheOldestGoes) {
  for (uint32_t source = 1; source <= 10; ++source) {
    EXPECT_EQ(gate_.Displaced(Source(99).address), std::nullopt);
    Enter(source);
  }
  EXPECT_EQ(gate_.Displaced(Source(99).address), TunnelHandle(1));
  gate_.Leave(TunnelHandle(1), Source(1).address);
  EXPECT_EQ(gate_.Displaced(Source(99).address), std::nullopt);
}

// Holds: R-2661-9.4-03
TEST(RepeatFilterTest, AFloodOfNewKeysSeldomLooksLikeARepetition) {
  RepeatFilter filter;
  Instant now = Instant() + Duration::Seconds(100);
  uint64_t key = 0;
  int wrong = 0;
  constexpr int kPerStep = 1000;
  constexpr int kSteps = 600;  // 6 seconds at 100,000 a second
  for (int step = 0; step < kSteps; ++step) {
    now = now + Duration::Milliseconds(10);
    for (int i = 0; i < kPerStep; ++i) {
      key += 0x9e3779b97f4a7c15;
      uint64_t mixed = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
      mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
      wrong += filter.Check(now, mixed ^ (mixed >> 31)) ? 1 : 0;
    }
  }
  EXPECT_LT(wrong, kPerStep * kSteps / 50);
}

}  // namespace
}  // namespace l2tp::protocol
