#include "server/control/timer_queue.h"

#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

TEST(TimerQueueTest, DueKeysComeInTheOrderOfTheirDeadlines) {
  TimerQueue<int> timers;
  timers.Set(1, At(3));
  timers.Set(2, At(1));
  timers.Set(3, At(2));
  EXPECT_EQ(timers.Next(), At(1));
  EXPECT_EQ(timers.TakeDue(At(2)), 2);
  EXPECT_EQ(timers.TakeDue(At(2)), 3);
  EXPECT_EQ(timers.TakeDue(At(2)), std::nullopt);
  EXPECT_EQ(timers.Next(), At(3));
}

TEST(TimerQueueTest, SettingAgainReplacesAndCancellingRemoves) {
  TimerQueue<int> timers;
  timers.Set(1, At(1));
  timers.Set(1, At(9));
  EXPECT_EQ(timers.TakeDue(At(5)), std::nullopt);
  timers.Cancel(1);
  timers.Cancel(7);
  EXPECT_EQ(timers.Next(), std::nullopt);
}

}  // namespace
}  // namespace l2tp::control
