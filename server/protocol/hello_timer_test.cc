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

TEST(HelloTimerTest, DataPutsItOffForAQuarterAtATime) {
  HelloTimer timer(Duration::Seconds(60));
  timer.Start(At(0));
  EXPECT_TRUE(timer.HandleTimeout(At(60)));
  timer.OnData(At(60));
  EXPECT_EQ(timer.NextTimeout(), At(75));
}

TEST(HelloTimerTest, IntervalZeroMeansNever) {
  HelloTimer timer{Duration()};
  timer.Start(At(0));
  EXPECT_EQ(timer.NextTimeout(), std::nullopt);
  EXPECT_FALSE(timer.HandleTimeout(At(1000000)));
}

}  // namespace
}  // namespace l2tp::protocol
