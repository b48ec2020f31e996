#include "server/control/reconnect.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/seeded_random.h"

namespace l2tp::control {
namespace {

using events::CloseReason;
using testing::SeededRandom;

constexpr Instant kNow = Instant::FromNanoseconds(1'000'000'000'000);

class NextDelayTest : public ::testing::Test {
 protected:
  std::optional<Duration> Next(CloseReason reason = CloseReason::kPeerUnreachable) {
    return NextDelay(settings_, reason, kNow, &random_, &persistence_);
  }

  SessionSettings settings_;
  SeededRandom random_{1};
  Persistence persistence_;
};

TEST_F(NextDelayTest, DoublesWithEachFailureUpToTheLongest) {
  settings_.reconnect_max_delay = Duration::Seconds(10);
  for (const int seconds : {1, 2, 4, 8, 10, 10, 10}) {
    const auto delay = Next();
    ASSERT_TRUE(delay.has_value());
    EXPECT_GE(*delay, Duration::Milliseconds(500 * seconds));
    EXPECT_LE(*delay, Duration::Seconds(seconds));
  }
  persistence_.failures = 1'000'000;
  EXPECT_LE(*Next(), Duration::Seconds(10));
}

TEST_F(NextDelayTest, ThoseThatFailTogetherComeBackApart) {
  std::set<Duration> delays;
  for (int i = 0; i < 100; ++i) {
    persistence_ = Persistence();
    delays.insert(*Next());
  }
  EXPECT_EQ(delays.size(), 100u);
}

TEST_F(NextDelayTest, AMinuteWithAnAddressMakesItTheFirstAgain) {
  persistence_.failures = 6;
  persistence_.network_since = kNow + Duration::Seconds(-59);
  EXPECT_GT(*Next(), Duration::Seconds(30));
  EXPECT_EQ(persistence_.failures, 7);
  persistence_.network_since = kNow + Duration::Seconds(-60);
  EXPECT_LE(*Next(), Duration::Seconds(1));
  EXPECT_EQ(persistence_.failures, 0);
  EXPECT_FALSE(persistence_.network_since.has_value());
}

TEST_F(NextDelayTest, RefusalsWaitTheLongestAtOnce) {
  for (const CloseReason reason : {CloseReason::kPppOwnAuthFailed, CloseReason::kNotAuthorized}) {
    persistence_ = Persistence();
    EXPECT_GE(*Next(reason), settings_.reconnect_max_delay / 2);
  }
}

TEST_F(NextDelayTest, TooManyFailuresInARowAreTheEnd) {
  settings_.max_reconnect_failures = 3;
  EXPECT_TRUE(Next().has_value());
  EXPECT_TRUE(Next().has_value());
  EXPECT_FALSE(Next().has_value());
  EXPECT_EQ(persistence_.failures, 3);
}

TEST(ReconnectQueueTest, AThousandThatAreDueTogetherAreSpread) {
  ReconnectQueue queue;
  for (int i = 0; i < 1000; ++i) queue.Add(absl::StrCat(i), kNow);
  Instant now = kNow;
  std::vector<Instant> times;
  while (const auto next = queue.Next()) {
    now = std::max(now, *next);
    while (queue.TakeDue(now).has_value()) times.push_back(now);
  }
  ASSERT_EQ(times.size(), 1000u);
  for (size_t i = 50; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 50], Duration::Seconds(1));
  }
  EXPECT_LE(times.back() - kNow, Duration::Seconds(20));
}

TEST(ReconnectQueueTest, WhatIsRemovedDoesNotComeAndWhatIsNotDueWaits) {
  ReconnectQueue queue;
  queue.Add("a", kNow);
  queue.Add("b", kNow + Duration::Seconds(1));
  queue.Remove("a");
  EXPECT_EQ(queue.TakeDue(kNow), std::nullopt);
  EXPECT_EQ(queue.Next(), kNow + Duration::Seconds(1));
  EXPECT_EQ(queue.TakeDue(kNow + Duration::Seconds(1)), "b");
  EXPECT_EQ(queue.Next(), std::nullopt);
}

}  // namespace
}  // namespace l2tp::control
