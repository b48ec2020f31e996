#include "server/events/event_log.h"

#include "gtest/gtest.h"
#include "server/base/error.h"

namespace l2tp::events {
namespace {

TunnelInfo Tunnel(const std::string& name) {
  TunnelInfo tunnel;
  tunnel.name = name;
  return tunnel;
}

class EventLogTest : public testing::Test {
 protected:
  static std::vector<Resource> Initial() { return {Tunnel("tunnels/a"), Tunnel("tunnels/b")}; }

  void Append(const std::string& name, EventType type = EventType::kTunnelUp) {
    log_.Append(WallTime{1}, type, Tunnel(name));
  }

  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(const WatchOptions& options) {
    return log_.Subscribe(options, Initial, [] {});
  }

  static std::vector<int64_t> Revisions(Subscription& subscription) {
    std::vector<int64_t> revisions;
    while (auto item = subscription.Pop()) {
      if (auto* event = std::get_if<EventPtr>(&*item)) revisions.push_back((*event)->revision);
    }
    return revisions;
  }

  EventLog log_{/*epoch=*/7, {.ring_size = 4, .queue_size = 3, .max_subscriptions = 2}};
};

TEST_F(EventLogTest, NumbersEventsFromOne) {
  auto subscription = *Subscribe({});
  Append("tunnels/a");
  Append("tunnels/b");
  EXPECT_EQ(Revisions(*subscription), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(log_.revision(), 2);
}

TEST_F(EventLogTest, SubscriberWithoutTokenSeesOnlyWhatComesLater) {
  Append("tunnels/a");
  auto subscription = *Subscribe({});
  Append("tunnels/a");
  EXPECT_EQ(Revisions(*subscription), (std::vector<int64_t>{2}));
}

TEST_F(EventLogTest, InitialStateComesFilteredAndEndsWithSynced) {
  Append("tunnels/a");
  auto subscription =
      *Subscribe({.filter = {.types = {}, .name = "tunnels/b"}, .include_initial_state = true});
  Append("tunnels/b");

  auto first = subscription->Pop();
  EXPECT_EQ(NameOf(std::get<InitialState>(*first).resource), "tunnels/b");
  auto second = subscription->Pop();
  EXPECT_EQ(std::get<Synced>(*second).revision, 1);
  EXPECT_EQ(Revisions(*subscription), (std::vector<int64_t>{2}));
}

TEST_F(EventLogTest, ResumesBehindTheToken) {
  for (int i = 0; i < 5; ++i) Append("tunnels/a");
  auto subscription = *Subscribe({.filter = {}, .resume_token = log_.ResumeToken(2)});
  Append("tunnels/a");
  EXPECT_EQ(Revisions(*subscription), (std::vector<int64_t>{3, 4, 5, 6}));
}

TEST_F(EventLogTest, ResumingAppliesTheFilterToWhatWasMissed) {
  Append("tunnels/a");
  Append("tunnels/b");
  auto subscription = *Subscribe(
      {.filter = {.types = {}, .name = "tunnels/b"}, .resume_token = log_.ResumeToken(0)});
  EXPECT_EQ(Revisions(*subscription), (std::vector<int64_t>{2}));
}

TEST_F(EventLogTest, OldestTokenOfTheRingStillResumes) {
  for (int i = 0; i < 6; ++i) Append("tunnels/a");
  auto subscription = Subscribe({.filter = {}, .resume_token = log_.ResumeToken(2)});
  ASSERT_TRUE(subscription.ok());
  EXPECT_EQ(Revisions(**subscription), (std::vector<int64_t>{3, 4, 5, 6}));
}

TEST_F(EventLogTest, TokenOlderThanTheRingIsExpired) {
  for (int i = 0; i < 6; ++i) Append("tunnels/a");
  const absl::Status status =
      Subscribe({.filter = {}, .resume_token = log_.ResumeToken(1)}).status();
  EXPECT_TRUE(HasReason(status, Reason::kResumeTokenExpired)) << status;
  EXPECT_EQ(GetErrorInfo(status)->metadata, (ErrorMetadata{{"oldest_revision", "3"}}));
}

TEST_F(EventLogTest, TokenOfAnotherRunIsExpired) {
  const std::string other = EventLog(8, {}).ResumeToken(0);
  EXPECT_TRUE(HasReason(Subscribe({.filter = {}, .resume_token = other}).status(),
                        Reason::kResumeTokenExpired));
}

TEST_F(EventLogTest, TokenOfTheFutureIsInvalid) {
  EXPECT_TRUE(HasReason(Subscribe({.filter = {}, .resume_token = log_.ResumeToken(1)}).status(),
                        Reason::kResumeTokenInvalid));
}

TEST_F(EventLogTest, UnreadableTokenIsInvalid) {
  EXPECT_TRUE(HasReason(Subscribe({.filter = {}, .resume_token = "yesterday"}).status(),
                        Reason::kResumeTokenInvalid));
}

TEST_F(EventLogTest, TokenAndInitialStateExcludeEachOther) {
  const absl::Status status =
      Subscribe({.filter = {}, .resume_token = log_.ResumeToken(0), .include_initial_state = true})
          .status();
  EXPECT_TRUE(HasReason(status, Reason::kFieldInvalid));
}

TEST_F(EventLogTest, SubscribersAreLimitedAndMakeRoomWhenTheyLeave) {
  auto first = *Subscribe({});
  auto second = *Subscribe({});
  EXPECT_TRUE(HasReason(Subscribe({}).status(), Reason::kWatcherLimit));
  first->Cancel();
  EXPECT_EQ(log_.subscription_count(), 1u);
  EXPECT_TRUE(Subscribe({}).ok());
}

TEST_F(EventLogTest, TheDaemonsOwnSubscriptionsAreNotRefused) {
  auto first = *Subscribe({});
  auto second = *Subscribe({});
  auto own = Subscribe({.own = true});
  ASSERT_TRUE(own.ok()) << own.status();
  Append("tunnels/a");
  EXPECT_EQ(Revisions(**own), (std::vector<int64_t>{1}));
}

TEST_F(EventLogTest, NoInitialStateIsGatheredForASubscriberTooMany) {
  auto first = *Subscribe({});
  auto second = *Subscribe({});
  bool gathered = false;
  const auto initial = [&] {
    gathered = true;
    return Initial();
  };
  const absl::Status status =
      log_.Subscribe({.filter = {}, .include_initial_state = true}, initial, [] {}).status();
  EXPECT_TRUE(HasReason(status, Reason::kWatcherLimit)) << status;
  EXPECT_FALSE(gathered);
}

TEST_F(EventLogTest, SlowSubscriberIsDroppedAndOthersGoOn) {
  auto slow = *Subscribe({});
  auto quick = *Subscribe({});
  for (int i = 0; i < 4; ++i) {
    Append("tunnels/a");
    Revisions(*quick);
  }
  EXPECT_TRUE(HasReason(slow->status(), Reason::kWatchTooSlow));
  EXPECT_TRUE(quick->status().ok());
  EXPECT_EQ(log_.subscription_count(), 1u);
}

TEST_F(EventLogTest, BookmarksMoveTheTokenOfSubscribersWithoutNews) {
  auto idle = *Subscribe({.filter = {.types = {}, .name = "tunnels/z"}});
  auto busy = *Subscribe({});
  Append("tunnels/a");
  log_.SendBookmarks();
  EXPECT_EQ(std::get<Bookmark>(*idle->Pop()).revision, 1);
  EXPECT_EQ(idle->resume_token(), log_.ResumeToken(1));
  EXPECT_TRUE(std::holds_alternative<EventPtr>(*busy->Pop()));
  EXPECT_FALSE(busy->Pop().has_value());
}

TEST_F(EventLogTest, CloseAllEndsEverySubscription) {
  auto subscription = *Subscribe({});
  log_.CloseAll(absl::UnavailableError("stopping"));
  EXPECT_TRUE(absl::IsUnavailable(subscription->status()));
  EXPECT_EQ(log_.subscription_count(), 0u);
}

TEST_F(EventLogTest, ResumingHandlesMoreThanAQueueHolds) {
  for (int i = 0; i < 4; ++i) Append("tunnels/a");
  auto subscription = *Subscribe({.filter = {}, .resume_token = log_.ResumeToken(0)});
  for (int i = 0; i < 3; ++i) Append("tunnels/a");
  EXPECT_EQ(Revisions(*subscription).size(), 7u);
  EXPECT_TRUE(subscription->status().ok());
}

TEST_F(EventLogTest, ListGivesWhatIsKeptAPageAtATime) {
  for (const char* name : {"tunnels/a", "tunnels/b", "tunnels/a", "tunnels/a", "tunnels/b"}) {
    Append(name);
  }
  const auto revisions = [](const EventPage& page) {
    std::vector<int64_t> all;
    for (const EventPtr& event : page.events) all.push_back(event->revision);
    return all;
  };
  EventPage page = log_.List({.size = 3});
  EXPECT_EQ(revisions(page), (std::vector<int64_t>{2, 3, 4}));  // the first is no longer kept
  EXPECT_EQ(page.oldest_revision, 2);
  EXPECT_TRUE(page.more);
  page = log_.List({.after = 4, .size = 3});
  EXPECT_EQ(revisions(page), (std::vector<int64_t>{5}));
  EXPECT_FALSE(page.more);

  page = log_.List({.newest_first = true, .size = 3});
  EXPECT_EQ(revisions(page), (std::vector<int64_t>{5, 4, 3}));
  page = log_.List({.newest_first = true, .after = 3, .size = 3});
  EXPECT_EQ(revisions(page), (std::vector<int64_t>{2}));
  EXPECT_FALSE(page.more);

  page = log_.List({.filter = {.types = {}, .name = "tunnels/b"}, .size = 1});
  EXPECT_EQ(revisions(page), (std::vector<int64_t>{2}));
  EXPECT_TRUE(page.more);
  // A page token of long ago, or of the future, gives what there is.
  EXPECT_EQ(revisions(log_.List({.after = 1, .size = 1})), (std::vector<int64_t>{2}));
  EXPECT_TRUE(log_.List({.after = 99}).events.empty());
  EXPECT_EQ(log_.List({.newest_first = true, .after = 99, .size = 1}).events[0]->revision, 5);
}

TEST_F(EventLogTest, ListTakesATimeFromAndATimeUntil) {
  for (int64_t time = 10; time <= 13; ++time) {
    log_.Append(WallTime{time}, EventType::kTunnelUp, Tunnel("tunnels/a"));
  }
  const EventPage page = log_.List({.start = WallTime{11}, .end = WallTime{13}});
  ASSERT_EQ(page.events.size(), 2u);
  EXPECT_EQ(page.events[0]->time, WallTime{11});
  EXPECT_EQ(page.events[1]->time, WallTime{12});
}

}  // namespace
}  // namespace l2tp::events
