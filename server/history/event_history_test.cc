#include "server/history/event_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "server/history/test_folder.h"

namespace l2tp::history {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventHistoryTest : public ::testing::Test {
 protected:
  EventHistoryTest() {
    options_.store.directory = folder_.events();
    options_.store.run = 1;
    options_.store.start = {1};
    options_.to_record = [this](const events::Event& event) {
      if (event.revision == stop_at_) stopped_.get_future().wait();
      return MakeRecord(event.revision);
    };
    options_.now = [] { return WallTime{0}; };
    history_ = *EventHistory::Open(options_);
  }

  static events::EventPtr Event(int64_t revision) {
    return std::make_shared<const events::Event>(events::Event{.revision = revision});
  }

  std::vector<int64_t> List() {
    std::promise<Found> found;
    EXPECT_TRUE(history_->Read({}, [&found](Found one) { found.set_value(std::move(one)); }));
    std::vector<int64_t> revisions;
    for (const FoundEvent& event : found.get_future().get().events) {
      revisions.push_back(event.record.revision);
    }
    return revisions;
  }

  void Reopen() {
    history_.reset();
    options_.store.run = 2;
    history_ = *EventHistory::Open(options_);
  }

  TestFolder folder_;
  EventHistory::Options options_;
  int64_t stop_at_ = 0;  // the thread waits there for stopped_
  std::promise<void> stopped_;
  std::unique_ptr<EventHistory> history_;
};

TEST_F(EventHistoryTest, WhatHasBeenAppendedIsRead) {
  for (int64_t revision : {1, 2, 3}) history_->Append(Event(revision));
  EXPECT_THAT(List(), ElementsAre(1, 2, 3));
  history_->Append(Event(4));
  EXPECT_THAT(List(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(history_->totals().written, 4);
  EXPECT_GT(history_->totals().octets, 0);
}

TEST_F(EventHistoryTest, WhatWaitsIsWrittenAtTheEnd) {
  for (int64_t revision = 1; revision <= 50; ++revision) history_->Append(Event(revision));
  Reopen();
  EXPECT_EQ(List().size(), 50u);
}

TEST_F(EventHistoryTest, ASlowDiskHoldsUpNobody) {
  options_.queue_size = 3;
  stop_at_ = 1;
  Reopen();
  // More than the queue and what the thread has taken together.
  for (int64_t revision = 1; revision <= 20; ++revision) history_->Append(Event(revision));
  const int64_t left_out = history_->totals().left_out;
  EXPECT_GE(left_out, 14);
  stopped_.set_value();
  EXPECT_EQ(List().size(), static_cast<size_t>(20 - left_out));
  history_->Append(Event(21));
  EXPECT_EQ(List().back(), 21);
  EXPECT_EQ(history_->totals().left_out, left_out);
}

TEST_F(EventHistoryTest, WhatCannotBeWrittenIsCounted) {
  std::filesystem::remove_all(folder_.events());
  for (int64_t revision : {1, 2}) history_->Append(Event(revision));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(history_->totals().left_out, 2);
  std::filesystem::create_directory(folder_.events());
  Reopen();
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(EventHistoryTest, TooManyQueriesAreRefused) {
  options_.max_reads = 1;
  stop_at_ = 1;
  Reopen();
  history_->Append(Event(1));
  int refused = 0;
  for (int i = 0; i < 5; ++i) refused += history_->Read({}, [](const Found&) {}) ? 0 : 1;
  EXPECT_GE(refused, 3);
  stopped_.set_value();
}

}  // namespace
}  // namespace l2tp::history
