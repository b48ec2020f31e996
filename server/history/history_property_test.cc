// Whatever is written by however many runs, cut off or left alone: all pages together are what a
// model says.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "server/history/store.h"
#include "server/history/test_folder.h"

namespace l2tp::history {
namespace {

struct Known {
  Position position;
  Record record;
};

class Model {
 public:
  void Add(const Run& run, const Record& record) {
    known_.push_back({{run, record.revision}, record});
  }
  void ForgetLast() { known_.pop_back(); }

  std::vector<Position> List(const Query& query) const {
    std::vector<Position> found;
    for (const Known& known : known_) {
      const Record& record = known.record;
      const bool typed = query.types.empty() || query.types.front() == record.type;
      if (!typed || (query.start && record.time < *query.start) ||
          (query.end && record.time >= *query.end) ||
          (query.until && known.position >= *query.until) ||
          !query.filter.Matches(record.name, {}, {})) {
        continue;
      }
      found.push_back(known.position);
    }
    if (query.newest_first) std::reverse(found.begin(), found.end());
    return found;
  }

 private:
  std::vector<Known> known_;
};

std::vector<Position> List(Store& store, Query query, std::mt19937_64& random) {
  std::vector<Position> found;
  for (int page = 0; page < 10'000; ++page) {
    query.max_events = 1 + random() % 7;
    const Found read = store.Read(query);
    EXPECT_LE(read.events.size(), query.max_events);
    for (const FoundEvent& event : read.events) {
      found.push_back({event.run, event.record.revision});
    }
    if (!read.next.has_value()) return found;
    query.after = read.next;
  }
  ADD_FAILURE() << "does not end";
  return found;
}

Query MakeQuery(const Run& run, int64_t revision, std::mt19937_64& random) {
  Query query;
  query.newest_first = random() % 2 == 0;
  if (random() % 3 == 0) query.types = {static_cast<uint32_t>(random() % 4)};
  if (random() % 3 == 0) query.filter.name = "tunnels/a";
  if (random() % 3 == 0) query.start = WallTime{static_cast<int64_t>(random() % 300)};
  if (random() % 3 == 0) query.end = WallTime{static_cast<int64_t>(random() % 300)};
  if (random() % 2 == 0) {
    query.until = Position{run, static_cast<int64_t>(random() % (revision + 2))};
  }
  return query;
}

void Check(uint64_t seed) {
  std::mt19937_64 random(seed);
  const TestFolder folder;
  Store::Options options{.directory = folder.events()};
  options.segment_size = 100 + static_cast<int64_t>(random() % 800);
  options.read_octets = 1 + random() % 3000;
  options.found_octets = 1 + random() % 300;
  Model model;
  int64_t clock = 0;
  const int runs = 1 + static_cast<int>(random() % 4);
  for (int run = 1; run <= runs; ++run) {
    options.run = random();
    options.start = {run};
    auto store = Store::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    int64_t revision = 0;
    const int64_t count = static_cast<int64_t>(random() % 80);
    for (int64_t i = 0; i < count; ++i) {
      revision += 1 + static_cast<int64_t>(random() % 2);
      clock += static_cast<int64_t>(random() % 4) - 1;  // it may be set back
      Record record = MakeRecord(revision, random() % 2 == 0 ? "tunnels/a" : "tunnels/b");
      record.time = {clock};
      record.type = static_cast<uint32_t>(random() % 4);
      ASSERT_TRUE((*store)->Append(record).ok());
      model.Add((*store)->run(), record);
      if (random() % 20 != 0) continue;
      const Query query = MakeQuery((*store)->run(), revision, random);
      ASSERT_EQ(List(**store, query, random), model.List(query));
    }
    for (int i = 0; i < 5; ++i) {
      const Query query = MakeQuery((*store)->run(), revision, random);
      ASSERT_EQ(List(**store, query, random), model.List(query));
    }
    store->reset();
    if (count == 0 || random() % 2 == 0) continue;
    // The daemon was killed in the middle of its last record.
    const std::string file = folder.Files().back();
    const size_t size = std::filesystem::file_size(file);
    std::filesystem::resize_file(file, size - kSummarySize - 1);
    model.ForgetLast();
  }
}

TEST(HistoryPropertyTest, AllPagesTogetherAreWhatWasWritten) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Check(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace l2tp::history
