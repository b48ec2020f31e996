#include "server/protocol/hello_timer.h"

#include <gtest/gtest.h>

namespace l2tp::protocol {
namespace {

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

TEST(HelloTimerTest, IsDueAfterAQuietIntervalOnly) {
  HelloTimer timer(Duration::Seconds(60));
  EXPECT_EQ(timer.NextTimeout(), std::nullopt);
  timer.Start(At(0));
  timer.OnHeard(At(10));
  EXPECT_FALSE(timer.HandleTimeout(At(20)));
  for (int64_t seconds : {25, 40, 55}) {
    EXPECT_EQ(timer.NextTimeout(), At(seconds));
    EXPECT_TRUE(timer.HandleTimeout(At(seconds)));
    EXPECT_FALSE(timer.OnAsked(At(seconds), false));
  }
  EXPECT_TRUE(timer.HandleTimeout(At(70)));
  EXPECT_TRUE(timer.OnAsked(At(70), false));
}

TEST(HelloTimerTest, DataPutsItOffUntilAWholeIntervalHasBeenQuiet) {
  HelloTimer timer(Duration::Seconds(60));
  timer.Start(At(0));
  EXPECT_TRUE(timer.HandleTimeout(At(15)));
  EXPECT_FALSE(timer.OnAsked(At(15), true));
  EXPECT_TRUE(timer.HandleTimeout(At(60)));
  EXPECT_FALSE(timer.OnAsked(At(60), false));
  EXPECT_TRUE(timer.HandleTimeout(At(75)));
  EXPECT_TRUE(timer.OnAsked(At(75), false));
}

TEST(HelloTimerTest, IntervalZeroMeansNever) {
  HelloTimer timer{Duration()};
  timer.Start(At(0));
  EXPECT_EQ(timer.NextTimeout(), std::nullopt);
  EXPECT_FALSE(timer.HandleTimeout(At(1000000)));
}

}  // namespace
}  // namespace l2tp::protocol
