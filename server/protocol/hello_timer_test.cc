#include "server/protocol/hello_timer.h"

#include <gtest/gtest.h>

namespace l2tp::protocol {
namespace {

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

TEST(HelloTimerTest, IsDueAfterAQuietIntervalOnly) {
  HelloTimer timer(Duration::Seconds(60));
  EXPECT_EQ(timer.NextTimeout(), std::nullopt);
  timer.Start(At(0));
  timer.OnHeard(At(50));
  EXPECT_FALSE(timer.HandleTimeout(At(60)));
  EXPECT_EQ(timer.NextTimeout(), At(110));
  EXPECT_TRUE(timer.HandleTimeout(At(110)));
  EXPECT_FALSE(timer.HandleTimeout(At(111)));
}

TEST(HelloTimerTest, DataPutsItOffUntilAWholeIntervalHasBeenQuiet) {
  HelloTimer timer(Duration::Seconds(60));
  timer.Start(At(0));
  EXPECT_TRUE(timer.HandleTimeout(At(60)));
  EXPECT_FALSE(timer.OnAsked(At(60), true));
  for (int64_t seconds : {75, 90, 105}) {
    EXPECT_EQ(timer.NextTimeout(), At(seconds));
    EXPECT_TRUE(timer.HandleTimeout(At(seconds)));
    EXPECT_FALSE(timer.OnAsked(At(seconds), false));
  }
  EXPECT_TRUE(timer.HandleTimeout(At(120)));
  EXPECT_TRUE(timer.OnAsked(At(120), false));
  EXPECT_EQ(timer.NextTimeout(), At(180));
}

TEST(HelloTimerTest, IntervalZeroMeansNever) {
  HelloTimer timer{Duration()};
  timer.Start(At(0));
  EXPECT_EQ(timer.NextTimeout(), std::nullopt);
  EXPECT_FALSE(timer.HandleTimeout(At(1000000)));
}

}  // namespace
}  // namespace l2tp::protocol
