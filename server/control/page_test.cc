#include "server/control/page.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l2tp::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Map = std::map<std::string, std::string, std::less<>>;

Page<std::string> List(const Map& there, const Map& gone, const PageRequest& request,
                       const std::string& prefix = "", const std::string& wanted = "") {
  return MakePage<std::string>(
      there, gone, prefix, request, [](const std::string& value) { return value; },
      [&](const std::string& value) { return wanted.empty() || value == wanted; });
}

TEST(PageTest, TwoMapsAreListedAsOneInTheOrderOfNames) {
  const Map there = {{"a", "1"}, {"c", "3"}};
  const Map gone = {{"b", "2"}, {"d", "4"}};
  const Page<std::string> first = List(there, gone, {"", 3});
  EXPECT_THAT(first.items, ElementsAre("1", "2", "3"));
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.last, "c");
  const Page<std::string> rest = List(there, gone, {first.last, 3});
  EXPECT_THAT(rest.items, ElementsAre("4"));
  EXPECT_FALSE(rest.more);
}

TEST(PageTest, OnlyNamesThatBeginWithThePrefixAreListed) {
  const Map there = {{"a/1", "1"}, {"b/1", "2"}, {"c/1", "3"}};
  const Map gone = {{"b/2", "4"}, {"c/2", "5"}};
  const Page<std::string> page = List(there, gone, {"", 10}, "b/");
  EXPECT_THAT(page.items, ElementsAre("2", "4"));
  EXPECT_FALSE(page.more);
}

// A filter that nothing matches must not hold up the loop: a page may be empty, and yet not the
// last one.
TEST(PageTest, APageLooksAtSoManyItemsAndNoMore) {
  Map there;
  for (int i = 0; i < 2 * kMaxLookedAt; ++i) there[absl::StrFormat("%06d", i)] = "dull";
  there["last"] = "rare";
  std::vector<std::string> found;
  int pages = 0;
  PageRequest request{"", 10};
  while (true) {
    const Page<std::string> page = List(there, {}, request, "", "rare");
    ++pages;
    found.insert(found.end(), page.items.begin(), page.items.end());
    if (!page.more) break;
    EXPECT_THAT(page.items, IsEmpty());
    ASSERT_EQ(page.last, absl::StrFormat("%06d", pages * kMaxLookedAt - 1));
    request.after = page.last;
  }
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(found, ElementsAre("rare"));
}

}  // namespace
}  // namespace l2tp::control
