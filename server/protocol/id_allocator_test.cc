#include "server/protocol/id_allocator.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/seeded_random.h"

namespace l2tp::protocol {
namespace {

Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

TEST(IdAllocatorTest, IdsAreNonZeroDistinctAndNotInSequence) {
  testing::SeededRandom random(1);
  IdAllocator ids(Duration::Seconds(1));
  std::set<int> seen;
  std::set<int> steps;
  int last = 0;
  for (int i = 0; i < 200; ++i) {
    const int id = *ids.Allocate(At(0), &random);
    EXPECT_NE(id, 0);
    EXPECT_TRUE(seen.insert(id).second);
    steps.insert(id - last);
    last = id;
  }
  EXPECT_GT(steps.size(), 150u);
}

TEST(IdAllocatorTest, ReleasedIdRestsForTheQuarantine) {
  testing::SeededRandom random(2);
  IdAllocator ids(Duration::Seconds(10), /*limit=*/1);
  const uint16_t id = *ids.Allocate(At(0), &random);
  ids.Release(At(0), id);
  EXPECT_EQ(ids.Allocate(At(9), &random), std::nullopt);
  EXPECT_TRUE(ids.Allocate(At(10), &random).has_value());
}

TEST(IdAllocatorTest, LimitIsRefusedRatherThanSearchedForEver) {
  testing::SeededRandom random(3);
  IdAllocator ids(Duration::Seconds(1), /*limit=*/100);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ids.Allocate(At(0), &random).has_value());
  EXPECT_EQ(ids.Allocate(At(0), &random), std::nullopt);
  EXPECT_EQ(ids.taken(), 100u);
}

}  // namespace
}  // namespace l2tp::protocol
