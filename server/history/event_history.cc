#include "server/history/event_history.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

#include "server/base/status_macros.h"

namespace l2tp::history {
namespace {

constexpr auto kExpiryInterval = std::chrono::seconds(60);

}  // namespace

absl::StatusOr<std::unique_ptr<EventHistory>> EventHistory::Open(const Options& options) {
  L2TP_ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(options.store));
  return std::unique_ptr<EventHistory>(new EventHistory(options, std::move(store)));
}

EventHistory::EventHistory(const Options& options, std::unique_ptr<Store> store)
    : options_(options), store_(std::move(store)), run_(store_->run()) {
  Publish();
  thread_ = std::thread([this] { Work(); });
}

EventHistory::~EventHistory() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void EventHistory::Append(events::EventPtr event) {
  {
    std::lock_guard lock(mutex_);
    if (events_.size() >= options_.queue_size) {
      ++crowded_out_;
      ++left_out_;
      return;
    }
    events_.push_back(std::move(event));
    if (events_.size() > 1) return;  // it has been told
  }
  changed_.notify_one();
}

bool EventHistory::Read(Query query, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (readings_.size() >= options_.max_reads) return false;
    readings_.push_back({std::move(query), std::move(done)});
  }
  changed_.notify_one();
  return true;
}

Totals EventHistory::totals() const {
  return {.written = written_, .left_out = left_out_, .damaged = damaged_, .octets = octets_};
}

void EventHistory::Work() {
  // Not at once: at boot the clock may still have to be set.
  auto expiry = std::chrono::steady_clock::now() + kExpiryInterval;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_until(lock, expiry,
                        [this] { return stopping_ || !events_.empty() || !readings_.empty(); });
    std::deque<events::EventPtr> events = std::exchange(events_, {});
    const int64_t crowded_out = std::exchange(crowded_out_, 0);
    std::deque<Reading> reading;
    if (!readings_.empty()) {
      // Events first, and again before the next one.
      reading.push_back(std::move(readings_.front()));
      readings_.pop_front();
    }
    const bool stopping = stopping_;
    lock.unlock();
    Write(events);
    if (crowded_out > 0) LeaveOut(0, absl::UnavailableError("the disk is too slow"));
    if (std::chrono::steady_clock::now() >= expiry) {
      store_->Expire(options_.now());
      expiry = std::chrono::steady_clock::now() + kExpiryInterval;
    }
    if (!stopping) {
      for (Reading& one : reading) one.done(store_->Read(one.query));
    }
    Publish();
    // Without the lock, as they may hold the last reference to something.
    events.clear();
    reading.clear();
    lock.lock();
    if (stopping) return;
  }
}

void EventHistory::Write(const std::deque<events::EventPtr>& events) {
  for (const events::EventPtr& event : events) {
    const absl::Status status = store_->Append(options_.to_record(*event));
    if (!status.ok()) {
      LeaveOut(1, status);
      continue;
    }
    ++written_;
    if (std::exchange(failing_, false)) spdlog::info("history reason=\"events are written again\"");
  }
}

// Says so once, until an event has been written again.
void EventHistory::LeaveOut(int64_t count, const absl::Status& why) {
  left_out_ += count;
  if (std::exchange(failing_, true)) return;
  spdlog::warn("history directory={} reason=\"events are left out: {}\"", options_.store.directory,
               std::string(why.message()));
}

void EventHistory::Publish() {
  octets_ = store_->octets();
  damaged_ = store_->damaged_count();
}

}  // namespace l2tp::history
