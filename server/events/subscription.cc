#include "server/events/subscription.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"

namespace l2tp::events {
namespace {

// Where somebody stands who has seen `item`; nullopt in the middle of an initial state.
std::optional<int64_t> RevisionOf(const Item& item) {
  if (const auto* event = std::get_if<EventPtr>(&item)) return (*event)->revision;
  if (const auto* synced = std::get_if<Synced>(&item)) return synced->revision;
  if (const auto* bookmark = std::get_if<Bookmark>(&item)) return bookmark->revision;
  return std::nullopt;
}

// Left by an event whose place another one has taken.
bool IsGap(const Item& item) {
  const auto* event = std::get_if<EventPtr>(&item);
  return event != nullptr && *event == nullptr;
}

// An empty list takes everything.
template <typename T>
bool IsWanted(const std::vector<T>& wanted, T value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

constexpr size_t kMostGaps = 64;  // that are not worth the work

}  // namespace

bool Filter::Matches(const Event& event) const {
  return Takes(event.type) && Matches(event.name(), LabelsOf(event.resource), event.labels_before);
}

bool Filter::Takes(EventType type) const { return IsWanted(types, type) && Takes(KindOf(type)); }

bool Filter::Takes(Kind kind) const { return IsWanted(kinds, kind); }

bool Filter::Matches(const Resource& resource) const {
  return Takes(KindOf(resource)) && Matches(NameOf(resource), LabelsOf(resource), {});
}

bool Filter::Matches(absl::string_view resource_name, const Labels& now,
                     const Labels& before) const {
  return MatchesName(resource_name) &&
         (labels.empty() || HasLabels(now, labels) || HasLabels(before, labels));
}

bool Filter::MatchesName(absl::string_view resource_name) const {
  if (name.empty()) return true;
  if (!absl::ConsumePrefix(&resource_name, name)) return false;
  return resource_name.empty() || resource_name.front() == '/';
}

Subscription::Subscription(Filter filter, Start start, size_t capacity,
                           absl::AnyInvocable<void()> on_ready)
    : filter_(std::move(filter)),
      capacity_(capacity),
      delivery_(start.delivery),
      epoch_(start.epoch),
      on_ready_(std::move(on_ready)),
      last_revision_(start.revision) {
  for (Item& item : start.backlog) Add(std::move(item));
  backlog_ = queue_.size() - gaps_;
  backlog_end_ = popped_ + static_cast<int64_t>(queue_.size());
}

std::optional<Item> Subscription::Pop() {
  std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  Item item = std::move(queue_.front());
  queue_.pop_front();
  ++popped_;
  if (const auto* event = std::get_if<EventPtr>(&item)) {
    const auto latest = latest_.find((*event)->name());
    if (latest != latest_.end() && latest->second == popped_ - 1) latest_.erase(latest);
  }
  if (popped_ <= backlog_end_) --backlog_;
  DropGaps();
  last_revision_ = RevisionOf(item);
  return item;
}

// The front of the queue is never a gap.
void Subscription::DropGaps() {
  while (!queue_.empty() && IsGap(queue_.front())) {
    queue_.pop_front();
    ++popped_;
    --gaps_;
  }
}

void Subscription::Add(Item item) {
  const auto* event = std::get_if<EventPtr>(&item);
  if (delivery_ == Delivery::kLatestState && event != nullptr &&
      !std::holds_alternative<RefusalInfo>((*event)->resource)) {
    const int64_t position = popped_ + static_cast<int64_t>(queue_.size());
    const auto [latest, first] = latest_.try_emplace((*event)->name(), position);
    if (!first) {
      queue_[static_cast<size_t>(latest->second - popped_)] = EventPtr();
      if (latest->second < backlog_end_) --backlog_;
      latest->second = position;
      ++gaps_;
    }
  }
  queue_.push_back(std::move(item));
  DropGaps();
  if (gaps_ <= kMostGaps || gaps_ <= queue_.size() / 2) return;
  // Each resource's event is moved once for as many that have come since.
  latest_.clear();
  std::deque<Item> kept;
  for (Item& old : queue_) {
    if (IsGap(old)) continue;
    const auto* kept_event = std::get_if<EventPtr>(&old);
    if (kept_event != nullptr && !std::holds_alternative<RefusalInfo>((*kept_event)->resource)) {
      latest_[(*kept_event)->name()] = popped_ + static_cast<int64_t>(kept.size());
    }
    kept.push_back(std::move(old));
  }
  queue_ = std::move(kept);
  gaps_ = 0;
  backlog_end_ = popped_ + static_cast<int64_t>(backlog_);
}

absl::Status Subscription::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

std::optional<int64_t> Subscription::last_revision() const {
  std::lock_guard lock(mutex_);
  return last_revision_;
}

std::string Subscription::resume_token() const {
  const std::optional<int64_t> revision = last_revision();
  return revision.has_value() ? EncodeResumeToken({epoch_, *revision}) : "";
}

void Subscription::Cancel() { Close(absl::CancelledError("the subscriber went away")); }

bool Subscription::ended() const { return !status().ok(); }

bool Subscription::empty() const {
  std::lock_guard lock(mutex_);
  return queue_.empty();
}

void Subscription::Push(Item item) {
  {
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    const bool was_empty = queue_.empty();
    Add(std::move(item));
    if (queue_.size() - gaps_ > capacity_ + backlog_) {
      CloseTooSlow();
    } else if (!was_empty) {
      return;
    }
  }
  on_ready_();
}

void Subscription::CloseTooSlow() {
  ErrorMetadata metadata;
  if (last_revision_.has_value()) {
    metadata.emplace_back("resume_token", EncodeResumeToken({epoch_, *last_revision_}));
  }
  status_ =
      MakeError(Reason::kWatchTooSlow,
                absl::StrCat("more than ", capacity_, " events were waiting to be read"), metadata);
  queue_.clear();
  latest_.clear();
  gaps_ = 0;
  backlog_ = 0;
}

void Subscription::Close(absl::Status status) {
  const bool cancelled = absl::IsCancelled(status);
  {
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    status_ = std::move(status);
    // Whoever cancelled reads no more; after any other end what is waiting may still be read.
    if (cancelled) {
      queue_.clear();
      latest_.clear();
      gaps_ = 0;
    }
    backlog_ = std::min(backlog_, queue_.size());
  }
  if (!cancelled) on_ready_();
}

}  // namespace l2tp::events
