#include "server/base/time.h"

#include <gtest/gtest.h>

namespace l2tp {
namespace {

TEST(TimeTest, InstantsAndDurationsAddUp) {
  const Instant start = Instant::FromNanoseconds(5);
  const Instant later = start + Duration::Seconds(2);
  EXPECT_EQ(later - start, Duration::Milliseconds(2000));
  EXPECT_LT(start, later);
  EXPECT_EQ((Duration::Seconds(1) * 8).seconds(), 8);
}

}  // namespace
}  // namespace l2tp
