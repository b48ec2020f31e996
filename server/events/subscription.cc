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

}  // namespace

bool Filter::Matches(const Event& event) const {
  if (!types.empty() && std::find(types.begin(), types.end(), event.type) == types.end()) {
    return false;
  }
  return MatchesName(event.name());
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
      epoch_(start.epoch),
      on_ready_(std::move(on_ready)),
      queue_(std::move(start.backlog)),
      backlog_(queue_.size()),
      last_revision_(start.revision) {}

std::optional<Item> Subscription::Pop() {
  std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  Item item = std::move(queue_.front());
  queue_.pop_front();
  if (backlog_ > 0) --backlog_;
  last_revision_ = RevisionOf(item);
  return item;
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
    if (queue_.size() - backlog_ >= capacity_) {
      CloseTooSlow();
    } else {
      queue_.push_back(std::move(item));
      if (!was_empty) return;
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
  backlog_ = 0;
}

void Subscription::Close(absl::Status status) {
  const bool cancelled = absl::IsCancelled(status);
  {
    std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    status_ = std::move(status);
    // Whoever cancelled reads no more; after any other end what is waiting may still be read.
    if (cancelled) queue_.clear();
    backlog_ = std::min(backlog_, queue_.size());
  }
  if (!cancelled) on_ready_();
}

}  // namespace l2tp::events
