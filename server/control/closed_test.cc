#include "server/control/closed.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/events/resources.h"

namespace l2tp::control {
namespace {

Instant At(int64_t seconds) { return Instant::FromNanoseconds(seconds * 1'000'000'000); }

events::SessionInfo Session(const std::string& name, const std::string& uid) {
  events::SessionInfo session;
  session.name = name;
  session.uid = uid;
  return session;
}

TEST(ClosedTest, EachIsKeptForItsTime) {
  Closed<events::SessionInfo> closed(Duration::Seconds(10), 100);
  closed.Add(At(0), Session("a", "1"));
  closed.Add(At(5), Session("b", "2"));
  closed.DropOld(At(9));
  EXPECT_NE(closed.Find("a"), nullptr);
  closed.DropOld(At(10));
  EXPECT_EQ(closed.Find("a"), nullptr);
  EXPECT_NE(closed.Find("b"), nullptr);
}

TEST(ClosedTest, TheOldestMakesRoom) {
  Closed<events::SessionInfo> closed(Duration::Seconds(10), 3);
  for (int i = 0; i < 10; ++i) closed.Add(At(i), Session(absl::StrCat("s", i), absl::StrCat(i)));
  EXPECT_EQ(closed.items().size(), 3u);
  EXPECT_NE(closed.Find("s9"), nullptr);
}

TEST(ClosedTest, ALaterOneOfTheNameStaysWhenTheTimeOfTheFirstIsOver) {
  Closed<events::SessionInfo> closed(Duration::Seconds(10), 100);
  closed.Add(At(0), Session("a", "1"));
  closed.Add(At(8), Session("a", "2"));
  closed.DropOld(At(10));
  ASSERT_NE(closed.Find("a"), nullptr);
  EXPECT_EQ(closed.Find("a")->uid, "2");
  closed.Forget("a");
  EXPECT_EQ(closed.Find("a"), nullptr);
  closed.DropOld(At(100));
}

TEST(ClosedTest, ANameThatIsUsedAgainAndAgainTakesNobodysPlace) {
  Closed<events::SessionInfo> closed(Duration::Seconds(10), 3);
  closed.Add(At(0), Session("a", "1"));
  for (int i = 0; i < 100; ++i) closed.Add(At(1), Session("b", absl::StrCat(i)));
  for (int i = 0; i < 100; ++i) {
    closed.Add(At(2), Session("c", absl::StrCat(i)));
    closed.Forget("c");
  }
  EXPECT_NE(closed.Find("a"), nullptr);
  EXPECT_EQ(closed.Find("b")->uid, "99");
  EXPECT_EQ(closed.Find("c"), nullptr);
}

TEST(ClosedTest, WithoutRetentionNothingIsKept) {
  Closed<events::SessionInfo> none(Duration(), 100);
  none.Add(At(0), Session("a", "1"));
  EXPECT_TRUE(none.items().empty());
  Closed<events::SessionInfo> nobody(Duration::Seconds(1), 0);
  nobody.Add(At(0), Session("a", "1"));
  EXPECT_TRUE(nobody.items().empty());
}

}  // namespace
}  // namespace l2tp::control
