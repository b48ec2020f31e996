#include "server/control/number_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace l2tp::control {
namespace {

TEST(NumberPoolTest, LendsEachNumberOnceAndThenNone) {
  NumberPool pool({{1, 2}, {7, 7}});
  EXPECT_EQ(pool.size(), 3);
  EXPECT_EQ(pool.Acquire(), 1u);
  EXPECT_EQ(pool.Acquire(), 2u);
  EXPECT_EQ(pool.Acquire(), 7u);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  EXPECT_EQ(pool.lent(), 3);
  EXPECT_EQ(NumberPool().Acquire(), std::nullopt);
}

TEST(NumberPoolTest, ReturnedNumbersComeLastAndInTheOrderOfReturn) {
  NumberPool pool({{1, 3}});
  pool.Acquire();
  pool.Acquire();
  pool.Release(2);
  pool.Release(1);
  EXPECT_EQ(pool.Acquire(), 3u);
  EXPECT_EQ(pool.Acquire(), 2u);
  EXPECT_EQ(pool.Acquire(), 1u);
}

TEST(NumberPoolTest, ReleasingTwiceOrWhatWasNeverLentChangesNothing) {
  const uint64_t most = ~uint64_t{0};
  NumberPool pool({{most - 1, most}});
  pool.Acquire();
  pool.Release(most - 1);
  pool.Release(most - 1);
  pool.Release(5);
  EXPECT_EQ(pool.lent(), 0);
  EXPECT_EQ(pool.Acquire(), most);
  EXPECT_EQ(pool.Acquire(), most - 1);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
}

TEST(NumberPoolTest, WhatIsSetAsideIsLentToNobodyUntilItIsPutBack) {
  NumberPool pool({{1, 3}});
  pool.SetAside(2);
  pool.SetAside(2);
  pool.SetAside(9);
  EXPECT_EQ(pool.set_aside(), 1);
  EXPECT_EQ(pool.Acquire(), 1u);
  EXPECT_EQ(pool.Acquire(), 3u);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  pool.PutBack(2);
  pool.PutBack(2);
  EXPECT_EQ(pool.Acquire(), 2u);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
}

TEST(NumberPoolTest, WhatIsSetAsideWhileItIsLentStaysWithItsBorrower) {
  NumberPool pool({{1, 1}});
  pool.Acquire();
  pool.SetAside(1);
  EXPECT_EQ(pool.set_aside(), 0);
  EXPECT_TRUE(pool.IsLent(1));
  pool.Release(1);
  EXPECT_EQ(pool.set_aside(), 1);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  pool.PutBack(1);
  EXPECT_EQ(pool.Acquire(), 1u);
}

TEST(NumberPoolTest, OneNumberIsTakenOnceWhetherOrNotItIsSetAside) {
  NumberPool pool({{1, 3}});
  pool.SetAside(2);
  EXPECT_TRUE(pool.Take(2));
  EXPECT_FALSE(pool.Take(2));
  EXPECT_FALSE(pool.Take(4));
  EXPECT_TRUE(pool.Take(3));
  EXPECT_EQ(pool.Acquire(), 1u);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  pool.Release(3);
  pool.Release(2);
  EXPECT_EQ(pool.set_aside(), 1);
  EXPECT_EQ(pool.Acquire(), 3u);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
}

// Whatever is done in whatever order: nothing is lent twice, nothing gets lost.
TEST(NumberPoolTest, NothingIsLentTwiceAndNothingGetsLost) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::minstd_rand random(seed);
    const auto below = [&random](size_t n) { return random() % n; };
    NumberPool pool({{10, 14}, {20, 20}, {30, 35}});
    std::set<uint64_t> lent;
    std::set<uint64_t> aside;
    for (int step = 0; step < 500; ++step) {
      const uint64_t any = 8 + below(30);
      switch (below(6)) {
        case 0:
        case 1: {
          const auto number = pool.Acquire();
          if (!number.has_value()) {
            std::set<uint64_t> gone = lent;
            gone.insert(aside.begin(), aside.end());
            ASSERT_EQ(gone.size(), 12u) << "seed " << seed;
            break;
          }
          ASSERT_TRUE(pool.Contains(*number)) << "seed " << seed;
          ASSERT_FALSE(aside.contains(*number)) << "seed " << seed;
          ASSERT_TRUE(lent.insert(*number).second) << "seed " << seed;
          break;
        }
        case 2:
          pool.Release(any);
          lent.erase(any);
          break;
        case 3: ASSERT_EQ(pool.Take(any), pool.Contains(any) && lent.insert(any).second); break;
        case 4:
          pool.SetAside(any);
          if (pool.Contains(any)) aside.insert(any);
          break;
        default:
          pool.PutBack(any);
          aside.erase(any);
          break;
      }
      ASSERT_EQ(pool.lent(), static_cast<int64_t>(lent.size()));
      const auto idle = std::count_if(aside.begin(), aside.end(),
                                      [&](uint64_t number) { return !lent.contains(number); });
      ASSERT_EQ(pool.set_aside(), idle) << "seed " << seed;
    }
    for (const uint64_t number : aside) pool.PutBack(number);
    for (const uint64_t number : lent) pool.Release(number);
    std::set<uint64_t> all;
    while (const auto number = pool.Acquire()) all.insert(*number);
    ASSERT_EQ(all.size(), 12u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace l2tp::control
