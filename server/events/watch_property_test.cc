// The guarantees of README.md, held against random histories, filters, readers and resumptions.

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/error.h"
#include "server/events/event_log.h"

namespace l2tp::events {
namespace {

Resource RandomTunnel(std::mt19937_64& random) {
  TunnelInfo tunnel;
  tunnel.name = absl::StrCat("tunnels/", random() % 3);
  tunnel.labels["site"] = absl::StrCat(random() % 2);
  return tunnel;
}

// Only its name, labels and kind matter to the log.
Resource RandomUser(std::mt19937_64& random) {
  ConfigInfo user;
  user.name = absl::StrCat("users/", random() % 3);
  user.labels["site"] = absl::StrCat(random() % 2);
  user.config = std::shared_ptr<const control::User>();
  return user;
}

constexpr EventType kUserTypes[] = {EventType::kUserCreated, EventType::kUserUpdated,
                                    EventType::kUserDeleted};

EventType RandomType(std::mt19937_64& random) { return static_cast<EventType>(random() % 4); }

// What a filter takes, in other words than its own.
bool Wants(const Filter& filter, const Event& event) {
  const bool user = std::holds_alternative<ConfigInfo>(event.resource);
  const auto has = [](const auto& list, const auto& value) {
    return list.empty() || std::count(list.begin(), list.end(), value) > 0;
  };
  for (const auto& [key, value] : filter.labels) {
    if (LabelsOf(event.resource).at(key) != value) return false;
  }
  return has(filter.types, event.type) && has(filter.kinds, user ? Kind::kUser : Kind::kTunnel) &&
         (filter.name.empty() || filter.name == event.name());
}

// A subscriber that checks what it gets against the whole history.
class CheckedReader {
 public:
  CheckedReader(EventLog* log, const std::vector<Event>* history, uint64_t seed)
      : log_(log), history_(history), random_(seed) {
    if (random_() % 2 == 0) filter_.name = absl::StrCat("tunnels/", random_() % 3);
    if (random_() % 4 == 0) filter_.name = absl::StrCat("users/", random_() % 3);
    if (random_() % 3 == 0) filter_.kinds = {random_() % 2 == 0 ? Kind::kTunnel : Kind::kUser};
    if (random_() % 3 == 0) filter_.labels = {{"site", absl::StrCat(random_() % 2)}};
    if (random_() % 3 == 0) delivery_ = Delivery::kLatestState;
    if (random_() % 2 == 0) filter_.types = {RandomType(random_), RandomType(random_)};
    if (random_() % 4 == 0) filter_.types = {RandomType(random_), kUserTypes[random_() % 3]};
    SubscribeAnew();
  }

  void ReadSome() {
    for (size_t budget = random_() % 6; budget > 0; --budget) {
      auto item = subscription_->Pop();
      if (!item.has_value()) break;
      Check(*item);
    }
    if (!subscription_->status().ok() || random_() % 40 == 0) Reconnect();
  }

  void ReadAll() {
    do {
      if (!subscription_->status().ok()) Reconnect();
      while (auto item = subscription_->Pop()) Check(*item);
    } while (!subscription_->status().ok());
    ExpectNothingMissedUpTo(log_->revision());
  }

  int slow_count() const { return slow_count_; }
  int expired_count() const { return expired_count_; }
  int left_out_count() const { return left_out_count_; }
  int resumed_count() const { return resumed_count_; }

 private:
  void Check(const Item& item) {
    if (const auto* event = std::get_if<EventPtr>(&item)) {
      ASSERT_GT((*event)->revision, seen_) << "ordered and unique";
      ASSERT_TRUE(Wants(filter_, **event));
      ExpectNothingMissedUpTo((*event)->revision - 1);
      seen_ = (*event)->revision;
    } else if (const auto* bookmark = std::get_if<Bookmark>(&item)) {
      ExpectNothingMissedUpTo(bookmark->revision);
      seen_ = std::max(seen_, bookmark->revision);
    } else if (const auto* synced = std::get_if<Synced>(&item)) {
      seen_ = synced->revision;
    }
    token_ = subscription_->resume_token();
  }

  void ExpectNothingMissedUpTo(int64_t revision) {
    for (int64_t r = seen_ + 1; r <= revision; ++r) {
      const Event& missed = (*history_)[static_cast<size_t>(r - 1)];
      if (!Wants(filter_, missed)) continue;
      ASSERT_EQ(delivery_, Delivery::kLatestState) << "missed " << r;
      ASSERT_TRUE(HasSuccessor(missed)) << "missed " << r << ", the last of its tunnel";
      ++left_out_count_;
    }
  }

  // A later event of the same tunnel has taken its place, and is still to come.
  bool HasSuccessor(const Event& event) const {
    for (size_t r = static_cast<size_t>(std::max(seen_, event.revision)); r < history_->size();
         ++r) {
      const Event& later = (*history_)[r];
      if (later.name() == event.name() && Wants(filter_, later)) return true;
    }
    return false;
  }

  // The connection broke, or the reader was too slow: take up where it stood.
  void Reconnect() {
    const absl::Status status = subscription_->status();
    if (HasReason(status, Reason::kWatchTooSlow)) {
      ++slow_count_;
      const ErrorMetadata metadata = GetErrorInfo(status)->metadata;
      if (!token_.empty()) {
        ASSERT_EQ(metadata, (ErrorMetadata{{"resume_token", token_}}));
      }
    }
    subscription_->Cancel();
    if (token_.empty()) return SubscribeAnew();
    auto resumed = log_->Subscribe(
        {.filter = filter_, .resume_token = token_, .delivery = delivery_}, Initial, [] {});
    if (!resumed.ok()) {
      ASSERT_TRUE(HasReason(resumed.status(), Reason::kResumeTokenExpired)) << resumed.status();
      ++expired_count_;
      return SubscribeAnew();
    }
    subscription_ = *std::move(resumed);
    ++resumed_count_;
  }

  void SubscribeAnew() {
    subscription_ = *log_->Subscribe(
        {.filter = filter_, .include_initial_state = true, .delivery = delivery_}, Initial, [] {});
    token_.clear();
  }

  static std::vector<Resource> Initial() { return {TunnelInfo{}, TunnelInfo{}}; }

  EventLog* log_;
  const std::vector<Event>* history_;
  std::mt19937_64 random_;
  Filter filter_;
  Delivery delivery_ = Delivery::kEveryEvent;
  std::shared_ptr<Subscription> subscription_;
  std::string token_;
  int64_t seen_ = 0;
  int slow_count_ = 0;
  int expired_count_ = 0;
  int left_out_count_ = 0;
  int resumed_count_ = 0;
};

TEST(WatchPropertyTest, EverySubscriberSeesItsEventsInOrderOnceAndWithoutGap) {
  int slow = 0;
  int left_out = 0;
  int resumed = 0;
  int expired = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 random(seed);
    EventLog log(seed, {.ring_size = 5 + random() % 30, .queue_size = 1 + random() % 10});
    std::vector<Event> history;
    std::vector<std::unique_ptr<CheckedReader>> readers;
    for (int i = 0; i < 4; ++i) {
      readers.push_back(std::make_unique<CheckedReader>(&log, &history, random()));
    }
    for (int step = 0; step < 350; ++step) {
      for (size_t burst = random() % 4; burst > 0; --burst) {
        const bool user = random() % 4 == 0;
        const Resource resource = user ? RandomUser(random) : RandomTunnel(random);
        const EventType type = user ? kUserTypes[random() % 3] : RandomType(random);
        history.push_back(Event{log.revision() + 1, {}, type, resource});
        log.Append({}, type, resource);
      }
      if (random() % 20 == 0) log.SendBookmarks();
      readers[random() % readers.size()]->ReadSome();
      if (testing::Test::HasFatalFailure()) return;
    }
    for (auto& reader : readers) {
      reader->ReadAll();
      slow += reader->slow_count();
      expired += reader->expired_count();
      left_out += reader->left_out_count();
      resumed += reader->resumed_count();
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  // The test means something only if all of this happened.
  EXPECT_GT(slow, 100);
  EXPECT_GT(expired, 100);
  EXPECT_GT(left_out, 1000);
  EXPECT_GT(resumed, 3000);
}

TEST(WatchPropertyTest, ReaderOnAnotherThreadSeesEveryEventOnce) {
  constexpr int kEvents = 20000;
  EventLog log(1, {.ring_size = 16, .queue_size = kEvents});
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = true;
  auto subscription = *log.Subscribe({}, {}, [&] {
    std::lock_guard lock(mutex);
    ready = true;
    changed.notify_one();
  });

  std::vector<int64_t> seen;
  std::thread reader([&] {
    while (true) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return ready; });
        ready = false;
      }
      while (auto item = subscription->Pop()) seen.push_back(std::get<EventPtr>(*item)->revision);
      if (!subscription->status().ok()) return;
    }
  });
  for (int i = 0; i < kEvents; ++i) log.Append({}, EventType::kTunnelUp, TunnelInfo{});
  log.CloseAll(absl::UnavailableError("stopping"));
  reader.join();

  ASSERT_EQ(seen.size(), static_cast<size_t>(kEvents));
  for (int i = 0; i < kEvents; ++i) ASSERT_EQ(seen[static_cast<size_t>(i)], i + 1);
}

TEST(WatchPropertyTest, CancellingFromAnotherThreadWhileEventsFlowIsSafe) {
  for (int round = 0; round < 50; ++round) {
    EventLog log(1, {});
    auto subscription = *log.Subscribe({}, {}, [] {});
    std::thread canceller([subscription] {
      subscription->Pop();
      subscription->Cancel();
    });
    for (int i = 0; i < 200; ++i) log.Append({}, EventType::kTunnelUp, TunnelInfo{});
    canceller.join();
    EXPECT_EQ(log.subscription_count(), 0u);
  }
}

}  // namespace
}  // namespace l2tp::events
