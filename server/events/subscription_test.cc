#include "server/events/subscription.h"

#include <optional>

#include "gtest/gtest.h"
#include "server/base/error.h"

namespace l2tp::events {
namespace {

EventPtr SessionEvent(int64_t revision, const std::string& name) {
  SessionInfo session;
  session.name = name;
  return std::make_shared<const Event>(Event{revision, {}, EventType::kSessionUp, session});
}

Event TunnelEvent(EventType type, const std::string& name) {
  TunnelInfo tunnel;
  tunnel.name = name;
  return Event{1, {}, type, tunnel};
}

Subscription::Start StartAt(int64_t revision) {
  return {.epoch = 7, .revision = revision, .backlog = {}};
}

Resource Named(const char* name) {
  SessionInfo session;
  session.name = name;
  return session;
}

TEST(FilterTest, EmptyFilterMatchesEverything) {
  EXPECT_TRUE(Filter().Matches(TunnelEvent(EventType::kTunnelUp, "tunnels/a")));
  EXPECT_TRUE(Filter().Matches(*SessionEvent(1, "tunnels/a/sessions/b")));
}

TEST(FilterTest, TunnelNameTakesTheTunnelAndItsSessions) {
  const Filter filter{.types = {}, .name = "tunnels/a"};
  EXPECT_TRUE(filter.Matches(Named("tunnels/a")));
  EXPECT_TRUE(filter.Matches(Named("tunnels/a/sessions/b")));
  EXPECT_FALSE(filter.Matches(Named("tunnels/ab")));
  EXPECT_FALSE(filter.Matches(Named("tunnels/ab/sessions/b")));
}

TEST(FilterTest, SessionNameTakesOneSession) {
  const Filter filter{.types = {}, .name = "tunnels/a/sessions/b"};
  EXPECT_TRUE(filter.Matches(Named("tunnels/a/sessions/b")));
  EXPECT_FALSE(filter.Matches(Named("tunnels/a/sessions/bc")));
  EXPECT_FALSE(filter.Matches(Named("tunnels/a")));
}

TEST(FilterTest, TypesAndNameMustBothMatch) {
  const Filter filter{.types = {EventType::kTunnelUp, EventType::kTunnelDown}, .name = "tunnels/a"};
  EXPECT_TRUE(filter.Matches(TunnelEvent(EventType::kTunnelDown, "tunnels/a")));
  EXPECT_FALSE(filter.Matches(TunnelEvent(EventType::kTunnelCreated, "tunnels/a")));
  EXPECT_FALSE(filter.Matches(TunnelEvent(EventType::kTunnelUp, "tunnels/b")));
}

TEST(SubscriptionTest, CallsReadyOnceUntilTheQueueHasBeenEmptied) {
  int ready = 0;
  Subscription subscription({}, StartAt(0), 10, [&] { ++ready; });
  subscription.Push(SessionEvent(1, "a"));
  subscription.Push(SessionEvent(2, "a"));
  EXPECT_EQ(ready, 1);
  while (subscription.Pop().has_value()) {
  }
  subscription.Push(SessionEvent(3, "a"));
  EXPECT_EQ(ready, 2);
}

TEST(SubscriptionTest, TokenStandsBehindWhatWasPoppedLast) {
  Subscription subscription({}, StartAt(4), 10, [] {});
  EXPECT_EQ(subscription.last_revision(), 4);
  subscription.Push(SessionEvent(5, "a"));
  EXPECT_EQ(subscription.last_revision(), 4);
  subscription.Pop();
  EXPECT_EQ(subscription.resume_token(), EncodeResumeToken({7, 5}));
}

TEST(SubscriptionTest, GivesNoTokenUntilTheInitialStateIsComplete) {
  Subscription::Start start{.epoch = 7, .revision = std::nullopt, .backlog = {}};
  start.backlog.push_back(InitialState{TunnelInfo{}});
  start.backlog.push_back(Synced{3});
  Subscription subscription({}, std::move(start), 10, [] {});
  EXPECT_EQ(subscription.resume_token(), "");
  subscription.Pop();
  EXPECT_EQ(subscription.resume_token(), "");
  subscription.Pop();
  EXPECT_EQ(subscription.resume_token(), EncodeResumeToken({7, 3}));
}

TEST(SubscriptionTest, OverflowEmptiesTheQueueAndSaysWhereToResume) {
  int ready = 0;
  Subscription subscription({}, StartAt(0), 2, [&] { ++ready; });
  subscription.Push(SessionEvent(1, "a"));
  subscription.Pop();
  for (int64_t revision = 2; revision <= 4; ++revision)
    subscription.Push(SessionEvent(revision, "a"));
  EXPECT_EQ(ready, 3);  // twice for becoming non-empty, once for the end
  EXPECT_FALSE(subscription.Pop().has_value());
  EXPECT_TRUE(HasReason(subscription.status(), Reason::kWatchTooSlow));
  const ErrorMetadata expected = {{"resume_token", EncodeResumeToken({7, 1})}};
  EXPECT_EQ(GetErrorInfo(subscription.status())->metadata, expected);
}

TEST(SubscriptionTest, OverflowDuringTheInitialStateNamesNoToken) {
  Subscription::Start start{.epoch = 7, .revision = std::nullopt, .backlog = {}};
  start.backlog.push_back(InitialState{TunnelInfo{}});
  start.backlog.push_back(Synced{3});
  Subscription subscription({}, std::move(start), 1, [] {});
  subscription.Push(SessionEvent(4, "a"));
  subscription.Push(SessionEvent(5, "a"));
  EXPECT_TRUE(HasReason(subscription.status(), Reason::kWatchTooSlow));
  EXPECT_TRUE(GetErrorInfo(subscription.status())->metadata.empty());
}

TEST(SubscriptionTest, BacklogDoesNotCountAgainstTheCapacity) {
  Subscription::Start start = StartAt(0);
  for (int64_t revision = 1; revision <= 5; ++revision) {
    start.backlog.push_back(SessionEvent(revision, "a"));
  }
  Subscription subscription({}, std::move(start), 1, [] {});
  subscription.Push(SessionEvent(6, "a"));
  EXPECT_TRUE(subscription.status().ok());
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(subscription.Pop().has_value());
  EXPECT_FALSE(subscription.Pop().has_value());
}

TEST(SubscriptionTest, WhatWaitsWhenItIsClosedMayStillBeRead) {
  int ready = 0;
  Subscription subscription({}, StartAt(0), 10, [&] { ++ready; });
  subscription.Push(SessionEvent(1, "a"));
  subscription.Close(absl::UnavailableError("stopping"));
  EXPECT_EQ(ready, 2);
  EXPECT_TRUE(subscription.Pop().has_value());
  EXPECT_FALSE(subscription.Pop().has_value());
  EXPECT_EQ(subscription.status(), absl::UnavailableError("stopping"));
}

TEST(SubscriptionTest, CancelEndsItWithoutACallBack) {
  int ready = 0;
  Subscription subscription({}, StartAt(0), 10, [&] { ++ready; });
  subscription.Cancel();
  subscription.Push(SessionEvent(1, "a"));
  subscription.Close(absl::UnavailableError("stopping"));
  EXPECT_EQ(ready, 0);
  EXPECT_TRUE(absl::IsCancelled(subscription.status()));
  EXPECT_FALSE(subscription.Pop().has_value());
}

TEST(FilterTest, KindsTakeEventsAndInitialState) {
  Filter filter;
  filter.kinds = {Kind::kUser, Kind::kSession};
  ConfigInfo user;
  user.name = "users/a";
  user.config = std::shared_ptr<const control::User>();
  EXPECT_TRUE(filter.Matches(Resource(user)));
  EXPECT_TRUE(filter.Matches(Event{1, {}, EventType::kUserDeleted, user}));
  EXPECT_TRUE(filter.Matches(*SessionEvent(1, "tunnels/a/sessions/b")));
  EXPECT_FALSE(filter.Matches(TunnelEvent(EventType::kTunnelUp, "tunnels/a")));
  EXPECT_FALSE(filter.Matches(Resource(TunnelInfo{})));
  EXPECT_FALSE(filter.Takes(EventType::kPeerCreated));
  filter.name = "users/b";
  EXPECT_FALSE(filter.Matches(Resource(user)));
}

TEST(FilterTest, KindOfATypeIsThatOfItsResource) {
  ConfigInfo config;
  config.config = std::shared_ptr<const control::Profile>();
  EXPECT_EQ(KindOf(Resource(config)), KindOf(EventType::kProfileUpdated));
  config.config = std::shared_ptr<const control::Pool>();
  EXPECT_EQ(KindOf(Resource(config)), KindOf(EventType::kPoolCreated));
  config.config = std::shared_ptr<const control::User>();
  EXPECT_EQ(KindOf(Resource(config)), KindOf(EventType::kUserDeleted));
  config.config = std::shared_ptr<const control::Peer>();
  EXPECT_EQ(KindOf(Resource(config)), KindOf(EventType::kPeerDeleted));
  EXPECT_EQ(KindOf(Resource(RefusalInfo{})), KindOf(EventType::kSessionRefused));
  EXPECT_EQ(KindOf(Resource(SessionInfo{})), KindOf(EventType::kSessionUp));
  EXPECT_EQ(KindOf(Resource(TunnelInfo{})), KindOf(EventType::kTunnelUpdated));
}

TEST(FilterTest, AllLabelsMustBeThere) {
  TunnelInfo tunnel;
  tunnel.name = "tunnels/a";
  tunnel.labels = {{"site", "ber1"}, {"rack", "7"}};
  Filter filter;
  filter.labels = {{"site", "ber1"}};
  EXPECT_TRUE(filter.Matches(Resource(tunnel)));
  filter.labels["rack"] = "8";
  EXPECT_FALSE(filter.Matches(Resource(tunnel)));
  filter.labels = {{"row", "7"}};
  EXPECT_FALSE(filter.Matches(Resource(tunnel)));
  EXPECT_FALSE(filter.Matches(Resource(RefusalInfo())));
}

class LatestStateTest : public ::testing::Test {
 protected:
  LatestStateTest() {
    Subscription::Start start = StartAt(0);
    start.delivery = Delivery::kLatestState;
    subscription_.emplace(Filter(), std::move(start), 3, [] {});
  }
  std::vector<int64_t> PopAll() {
    std::vector<int64_t> revisions;
    while (auto item = subscription_->Pop()) {
      revisions.push_back(std::get<EventPtr>(*item)->revision);
    }
    return revisions;
  }

  std::optional<Subscription> subscription_;
};

TEST_F(LatestStateTest, ALaterEventTakesThePlaceOfAnUnreadOne) {
  subscription_->Push(SessionEvent(1, "a"));
  subscription_->Push(SessionEvent(2, "b"));
  subscription_->Push(SessionEvent(3, "a"));
  EXPECT_EQ(PopAll(), (std::vector<int64_t>{2, 3}));
  subscription_->Push(SessionEvent(4, "a"));
  EXPECT_EQ(PopAll(), (std::vector<int64_t>{4}));
}

TEST_F(LatestStateTest, SoManyResourcesMayWaitNotSoManyEvents) {
  int64_t revision = 0;
  for (int round = 0; round < 1000; ++round) {
    for (const char* name : {"a", "b", "c"}) subscription_->Push(SessionEvent(++revision, name));
  }
  EXPECT_TRUE(subscription_->status().ok());
  EXPECT_EQ(PopAll(), (std::vector<int64_t>{revision - 2, revision - 1, revision}));
  for (const char* name : {"a", "b", "c", "d"}) subscription_->Push(SessionEvent(++revision, name));
  EXPECT_TRUE(HasReason(subscription_->status(), Reason::kWatchTooSlow));
}

TEST_F(LatestStateTest, RefusalsAreAllTold) {
  RefusalInfo refusal;
  refusal.tunnel = "a";
  for (int64_t revision = 1; revision <= 3; ++revision) {
    subscription_->Push(
        std::make_shared<const Event>(Event{revision, {}, EventType::kSessionRefused, refusal}));
  }
  EXPECT_EQ(PopAll(), (std::vector<int64_t>{1, 2, 3}));
}

TEST_F(LatestStateTest, ABacklogIsNotToldTwiceEither) {
  Subscription::Start start = StartAt(0);
  start.delivery = Delivery::kLatestState;
  for (int64_t revision = 1; revision <= 9; ++revision) {
    start.backlog.push_back(SessionEvent(revision, revision % 2 == 0 ? "a" : "b"));
  }
  subscription_.emplace(Filter(), std::move(start), 1, [] {});
  subscription_->Push(SessionEvent(10, "a"));
  subscription_->Push(SessionEvent(11, "a"));
  EXPECT_TRUE(subscription_->status().ok());
  EXPECT_EQ(PopAll(), (std::vector<int64_t>{9, 11}));
}

}  // namespace
}  // namespace l2tp::events
