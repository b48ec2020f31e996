#include "server/protocol/waiting_time.h"

#include <gtest/gtest.h>

namespace l2tp::protocol {
namespace {

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

TEST(WaitingTimeTest, EachThatWaitsAddsItsOwnTime) {
  WaitingTime time;
  EXPECT_EQ(time.Until(At(100)), Duration());
  time.Change(At(100), 1);
  time.Change(At(103), 1);
  EXPECT_EQ(time.Until(At(104)), Duration::Seconds(5));
  time.Change(At(105), -1);
  time.Change(At(106), -1);
  EXPECT_EQ(time.Until(At(106)), Duration::Seconds(8));
  EXPECT_EQ(time.Until(At(1000)), Duration::Seconds(8));
}

}  // namespace
}  // namespace l2tp::protocol
