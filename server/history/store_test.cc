#include "server/history/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "server/history/test_folder.h"

namespace l2tp::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreTest : public ::testing::Test {
 protected:
  // A run of the daemon that starts at `start` and has it for an id.
  std::unique_ptr<Store> Open(int64_t start) {
    options_.directory = folder_.events();
    options_.run = static_cast<uint64_t>(start);
    options_.start = {start};
    auto store = Store::Open(options_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  static void Append(Store& store, int64_t first, int64_t last) {
    for (int64_t revision = first; revision <= last; ++revision) {
      const absl::Status status = store.Append(MakeRecord(revision));
      EXPECT_TRUE(status.ok()) << status;
    }
  }

  // "RUN/REVISION" of all that match, over all pages.
  static std::vector<std::string> List(Store& store, Query query = {}) {
    std::vector<std::string> all;
    for (int page = 0; page < 1000; ++page) {
      const Found found = store.Read(query);
      for (const FoundEvent& event : found.events) {
        all.push_back(absl::StrCat(event.run.id, "/", event.record.revision));
        EXPECT_EQ(event.record.event, absl::StrCat("event ", event.record.revision));
      }
      if (!found.next.has_value()) return all;
      query.after = found.next;
    }
    ADD_FAILURE() << "does not end";
    return all;
  }

  TestFolder folder_;
  Store::Options options_;
};

TEST_F(StoreTest, WhatIsAppendedIsFoundInBothDirections) {
  auto store = Open(100);
  Append(*store, 1, 5);
  EXPECT_THAT(List(*store), ElementsAre("100/1", "100/2", "100/3", "100/4", "100/5"));
  EXPECT_THAT(List(*store, {.newest_first = true, .max_events = 2}),
              ElementsAre("100/5", "100/4", "100/3", "100/2", "100/1"));
  EXPECT_THAT(List(*store, {.until = Position{store->run(), 3}}), ElementsAre("100/1", "100/2"));
}

TEST_F(StoreTest, EarlierRunsComeFirst) {
  Append(*Open(200), 1, 2);
  Append(*Open(300), 1, 1);
  auto store = Open(400);
  EXPECT_THAT(List(*store), ElementsAre("200/1", "200/2", "300/1"));
  Append(*store, 1, 1);
  EXPECT_THAT(List(*store, {.max_events = 1}), ElementsAre("200/1", "200/2", "300/1", "400/1"));
  EXPECT_THAT(List(*store, {.newest_first = true, .max_events = 1}),
              ElementsAre("400/1", "300/1", "200/2", "200/1"));
}

TEST_F(StoreTest, ARunWhoseClockWasSetBackIsBehindTheOthers) {
  Append(*Open(200), 1, 1);
  auto store = Open(50);
  Append(*store, 1, 1);
  EXPECT_EQ(store->run().start, WallTime{201});
  EXPECT_THAT(List(*store), ElementsAre("200/1", "50/1"));
}

TEST_F(StoreTest, FilesAreOursOnly) {
  auto store = Open(100);
  Append(*store, 1, 1);
  struct stat found = {};
  ASSERT_EQ(::stat(folder_.events().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(folder_.Files().front().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
}

TEST_F(StoreTest, ARunWithoutEventsLeavesNoFile) {
  Open(100);
  EXPECT_THAT(folder_.Files(), IsEmpty());
}

TEST_F(StoreTest, SegmentsAreCompletedBySize) {
  options_.segment_size = 200;
  auto store = Open(100);
  Append(*store, 1, 10);
  EXPECT_GT(store->segment_count(), 3u);
  EXPECT_THAT(folder_.Files(), SizeIs(store->segment_count()));
  EXPECT_THAT(List(*store), SizeIs(10));
}

TEST_F(StoreTest, SegmentsAreCompletedByAge) {
  options_.keep = Duration::Nanoseconds(160);  // a sixteenth is 10
  auto store = Open(100);
  for (int64_t revision : {1, 11, 12, 13}) Append(*store, revision, revision);
  EXPECT_EQ(store->segment_count(), 2u);
  store->Expire({23});  // the second one is older than that, too
  Append(*store, 14, 14);
  EXPECT_EQ(store->segment_count(), 3u);
}

TEST_F(StoreTest, WhatIsTooOldIsDeletedWithItsSegment) {
  options_.keep = Duration::Nanoseconds(160);
  auto store = Open(1);
  for (int64_t revision = 1; revision <= 40; ++revision) Append(*store, revision, revision);
  store->Expire({172});
  EXPECT_EQ(List(*store).front(), "1/12") << "1 to 11 are a segment";
  store->Expire({1000});
  EXPECT_THAT(List(*store), IsEmpty());
  EXPECT_THAT(folder_.Files(), IsEmpty());
  EXPECT_EQ(store->octets(), 0);
}

TEST_F(StoreTest, WhatAnEarlierRunLeftIsDeletedToo) {
  options_.keep = Duration::Nanoseconds(160);
  Append(*Open(1), 1, 3);
  auto store = Open(2);
  store->Expire({163});
  EXPECT_THAT(List(*store), SizeIs(3));
  store->Expire({164});
  EXPECT_THAT(List(*store), IsEmpty());
}

TEST_F(StoreTest, TheOldestMakeRoom) {
  options_.segment_size = 500;
  options_.max_size = 2000;
  auto store = Open(1);
  for (int64_t revision = 1; revision <= 200; ++revision) {
    Append(*store, revision, revision);
    ASSERT_LE(store->octets(), 2000);
  }
  const std::vector<std::string> left = List(*store);
  EXPECT_GT(left.size(), 10u);
  EXPECT_LT(left.size(), 100u);
  EXPECT_EQ(left.back(), "1/200");
  int64_t octets = 0;
  for (const std::string& file : folder_.Files()) {
    octets += static_cast<int64_t>(std::filesystem::file_size(file));
  }
  EXPECT_EQ(octets, store->octets());
}

TEST_F(StoreTest, APlaceThatHasBeenDeletedIsPassedOver) {
  options_.keep = Duration::Nanoseconds(160);
  auto store = Open(1);
  Append(*store, 1, 40);
  const Found first = store->Read({.max_events = 2});
  const Found last = store->Read({.newest_first = true, .max_events = 2});
  ASSERT_TRUE(first.next.has_value() && last.next.has_value());
  store->Expire({172});
  EXPECT_EQ(List(*store, {.after = first.next}).front(), "1/12");
  store->Expire({1000});
  EXPECT_THAT(List(*store, {.newest_first = true, .after = last.next}), IsEmpty());
}

TEST_F(StoreTest, ATruncatedTailIsLeftOut) {
  Append(*Open(1), 1, 3);
  const std::string file = folder_.Files().front();
  // The summary, and a bit of the last record.
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - kSummarySize - 3);
  auto store = Open(2);
  Append(*store, 1, 1);
  EXPECT_THAT(List(*store), ElementsAre("1/1", "1/2", "2/1"));
  EXPECT_THAT(List(*store, {.newest_first = true}), ElementsAre("2/1", "1/2", "1/1"));
  EXPECT_EQ(store->damaged_count(), 1);
}

TEST_F(StoreTest, ADamagedRecordEndsItsSegment) {
  options_.segment_size = 200;
  Append(*Open(1), 1, 6);
  {
    std::fstream file(folder_.Files().front(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('\xff');
  }
  auto store = Open(2);
  const std::vector<std::string> left = List(*store);
  EXPECT_THAT(left, SizeIs(::testing::Lt(6u)));
  EXPECT_EQ(left.back(), "1/6");
  EXPECT_EQ(List(*store, {.newest_first = true, .max_events = 1}).size(), left.size());
  EXPECT_EQ(store->damaged_count(), 1) << "counted once";
}

TEST_F(StoreTest, AFileThatIsGoneIsPassedOver) {
  options_.segment_size = 200;
  options_.read_octets = 1;
  auto store = Open(1);
  Append(*store, 1, 6);
  std::filesystem::remove(folder_.Files()[0]);
  EXPECT_EQ(List(*store).back(), "1/6");
  EXPECT_EQ(List(*store, {.newest_first = true}).front(), "1/6");
}

TEST_F(StoreTest, DamagedFilesDoNotHoldUpAListing) {
  for (int64_t run = 1; run <= 4; ++run) {
    Append(*Open(run), 1, 1);
    std::ofstream(folder_.Files().back(), std::ios::trunc | std::ios::binary) << "nothing";
  }
  options_.read_octets = 1;
  auto store = Open(9);
  Append(*store, 1, 1);
  EXPECT_THAT(List(*store, {.until = Position{store->run(), 9}}), ElementsAre("9/1"));
  EXPECT_THAT(List(*store, {.newest_first = true, .until = Position{store->run(), 9}}),
              ElementsAre("9/1"));
  EXPECT_EQ(store->damaged_count(), 4);
}

TEST_F(StoreTest, ForeignFilesAreLeftAlone) {
  Open(1);
  const std::string notes = folder_.events() + "/notes";
  std::ofstream(notes) << "mine";
  const std::string named = "/0000000000000000001-0000000000000001-00000001.events";
  ASSERT_EQ(::symlink(notes.c_str(), (folder_.events() + named).c_str()), 0);
  options_.max_size = 300;
  options_.segment_size = 100;
  auto store = Open(2);
  Append(*store, 1, 20);
  store->Expire({int64_t{1} << 60});
  EXPECT_THAT(List(*store), IsEmpty());
  EXPECT_THAT(folder_.Files(), SizeIs(2));
}

TEST_F(StoreTest, FiltersSayWhatIsFound) {
  auto store = Open(1);
  Record record = MakeRecord(1, "tunnels/a");
  record.labels = {{"site", "a"}};
  ASSERT_TRUE(store->Append(record).ok());
  record = MakeRecord(2, "tunnels/a/sessions/x");
  ASSERT_TRUE(store->Append(record).ok());
  record = MakeRecord(3, "tunnels/ab");
  record.labels_before = {{"site", "a"}};
  ASSERT_TRUE(store->Append(record).ok());
  EXPECT_THAT(List(*store, {.filter = {.name = "tunnels/a"}}), ElementsAre("1/1", "1/2"));
  EXPECT_THAT(List(*store, {.filter = {.labels = {{"site", "a"}}}}), ElementsAre("1/1", "1/3"));
  EXPECT_THAT(List(*store, {.types = {2, 3}}), ElementsAre("1/2", "1/3"));
  EXPECT_THAT(List(*store, {.start = WallTime{2}}), ElementsAre("1/2", "1/3"));
  EXPECT_THAT(List(*store, {.end = WallTime{2}}), ElementsAre("1/1"));
}

TEST_F(StoreTest, SegmentsOfOtherTimesAreNotRead) {
  options_.segment_size = 200;
  Append(*Open(1), 1, 30);
  // All but the last are damaged: what is not read is not noticed.
  const std::vector<std::string> files = folder_.Files();
  for (const std::string& file : files) {
    if (file == files.back()) break;
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).put('x');
  }
  auto store = Open(2);
  EXPECT_THAT(List(*store, {.start = WallTime{30}}), ElementsAre("1/30"));
  EXPECT_EQ(store->damaged_count(), 0);
}

TEST_F(StoreTest, APageLooksIntoSoMuchOnly) {
  options_.segment_size = 200;
  options_.read_octets = 500;
  auto store = Open(1);
  Append(*store, 1, 30);
  Query query{.types = {30}};
  EXPECT_THAT(store->Read(query).events, IsEmpty());
  EXPECT_TRUE(store->Read(query).next.has_value());
  EXPECT_THAT(List(*store, query), ElementsAre("1/30"));
  query = {.newest_first = true, .types = {1}};
  EXPECT_THAT(store->Read(query).events, IsEmpty());
  EXPECT_THAT(List(*store, query), ElementsAre("1/1"));
}

TEST_F(StoreTest, APageGivesSoManyOctetsOnly) {
  options_.found_octets = 20;
  auto store = Open(1);
  Append(*store, 1, 9);
  EXPECT_THAT(store->Read({}).events, SizeIs(2));
  EXPECT_THAT(List(*store), SizeIs(9));
  EXPECT_THAT(List(*store, {.newest_first = true}), SizeIs(9));
}

TEST_F(StoreTest, AFullDiskLeavesOutAndGoesOn) {
  auto store = Open(1);
  Append(*store, 1, 2);
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = {};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit full{static_cast<rlim_t>(store->octets()) + 10, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  const absl::Status status = store->Append(MakeRecord(3));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot write"));
  Append(*store, 4, 4);
  store.reset();
  store = Open(2);
  EXPECT_THAT(List(*store), ElementsAre("1/1", "1/2", "1/4"));
  EXPECT_EQ(store->damaged_count(), 0);
}

TEST_F(StoreTest, AFolderThatIsGoneLeavesOut) {
  auto store = Open(1);
  std::filesystem::remove_all(folder_.events());
  EXPECT_THAT(std::string(store->Append(MakeRecord(1)).message()), HasSubstr("cannot make a file"));
  EXPECT_THAT(List(*store), IsEmpty());
}

TEST_F(StoreTest, ADirectoryThatCannotBeUsedIsRefused) {
  const auto refused = [this](const std::string& path) {
    options_.directory = path;
    const auto store = Store::Open(options_);
    EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(store.status().message()), HasSubstr(path));
    return std::string(store.status().message());
  };
  EXPECT_THAT(refused(folder_.events() + "/below"), HasSubstr("cannot be made"));
  std::ofstream(folder_.events()) << "a file";
  EXPECT_THAT(refused(folder_.events()), HasSubstr("cannot be opened"));
  std::filesystem::remove(folder_.events());
  const auto store = Open(1);
  EXPECT_THAT(refused(folder_.events()), HasSubstr("is used by another daemon"));
  ASSERT_EQ(::chmod(folder_.events().c_str(), 0770), 0);
  EXPECT_THAT(refused(folder_.events()), HasSubstr("nobody else can write to"));
}

}  // namespace
}  // namespace l2tp::history
