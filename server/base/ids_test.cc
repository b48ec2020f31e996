#include "server/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace l2tp {
namespace {

TEST(StrongIdTest, DifferentIdsDoNotConvert) {
  static_assert(!std::is_convertible_v<TunnelId, SessionId>);
  static_assert(!std::is_convertible_v<uint32_t, TunnelId>);
  EXPECT_TRUE(TunnelId(1) < TunnelId(2));
  EXPECT_EQ(TunnelId(3), TunnelId(3));
}

TEST(StrongIdTest, ZeroIsNoId) {
  EXPECT_FALSE(TunnelId());
  EXPECT_TRUE(TunnelId(1));
}

}  // namespace
}  // namespace l2tp
