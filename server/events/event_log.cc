#include "server/events/event_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::events {

EventLog::EventLog(uint64_t epoch, const Limits& limits) : epoch_(epoch), limits_(limits) {}

void EventLog::Append(WallTime time, EventType type, Resource resource, Labels labels_before) {
  auto event = std::make_shared<const Event>(
      Event{++revision_, time, type, std::move(resource), std::move(labels_before)});
  ring_.push_back(event);
  if (ring_.size() > limits_.ring_size) ring_.pop_front();
  if (sink_) sink_(event);
  for (const auto& subscription : subscriptions_) {
    if (subscription->filter().Matches(*event)) subscription->Push(event);
  }
  DropEnded();
}

absl::StatusOr<std::shared_ptr<Subscription>> EventLog::Subscribe(
    const WatchOptions& options, const std::function<std::vector<Resource>()>& initial,
    absl::AnyInvocable<void()> on_ready) {
  // First: what is refused must cost nothing.
  if (!options.own && subscription_count() >= limits_.max_subscriptions) {
    return MakeError(Reason::kWatcherLimit,
                     absl::StrCat("there are ", limits_.max_subscriptions, " watchers already"),
                     {{"limit", absl::StrCat(limits_.max_subscriptions)}});
  }
  Subscription::Start start{
      .epoch = epoch_, .revision = revision_, .backlog = {}, .delivery = options.delivery};
  if (options.include_initial_state) {
    if (!options.resume_token.empty()) {
      return InvalidField("include_initial_state", "cannot be combined with resume_token");
    }
    start.revision = std::nullopt;
    for (Resource& resource : initial()) {
      if (!options.filter.Matches(resource)) continue;
      start.backlog.push_back(InitialState{std::move(resource)});
    }
    start.backlog.push_back(Synced{revision_});
  } else if (!options.resume_token.empty()) {
    L2TP_ASSIGN_OR_RETURN(start, Resume(options));
  }
  subscriptions_.push_back(std::make_shared<Subscription>(options.filter, std::move(start),
                                                          limits_.queue_size, std::move(on_ready)));
  return subscriptions_.back();
}

absl::StatusOr<Subscription::Start> EventLog::Resume(const WatchOptions& options) const {
  const std::optional<ResumePoint> point = DecodeResumeToken(options.resume_token);
  if (!point.has_value()) {
    return MakeError(Reason::kResumeTokenInvalid, "resume_token was not made by this service",
                     {{"field", "resume_token"}});
  }
  const int64_t oldest = revision_ - static_cast<int64_t>(ring_.size()) + 1;
  if (point->epoch != epoch_ || point->revision + 1 < oldest) {
    return MakeError(Reason::kResumeTokenExpired,
                     point->epoch != epoch_
                         ? "the resume token is of another run of the daemon"
                         : absl::StrCat("the events after revision ", point->revision,
                                        " are no longer kept, the oldest one is ", oldest),
                     {{"oldest_revision", absl::StrCat(oldest)}});
  }
  if (point->revision > revision_) {
    return MakeError(Reason::kResumeTokenInvalid,
                     absl::StrCat("revision ", point->revision,
                                  " has not been yet, the last one is ", revision_),
                     {{"field", "resume_token"}});
  }
  Subscription::Start start{
      .epoch = epoch_, .revision = point->revision, .backlog = {}, .delivery = options.delivery};
  for (auto it = ring_.begin() + (point->revision + 1 - oldest); it != ring_.end(); ++it) {
    if (options.filter.Matches(**it)) start.backlog.push_back(*it);
  }
  return start;
}

EventPage EventLog::List(const ListOptions& options) const {
  EventPage page;
  if (ring_.empty()) return page;
  page.oldest_revision = ring_.front()->revision;
  const auto take = [&](const EventPtr& event) {
    if (options.start.has_value() && event->time < *options.start) return true;
    if (options.end.has_value() && !(event->time < *options.end)) return true;
    if (!options.filter.Matches(*event)) return true;
    page.more = static_cast<int>(page.events.size()) >= options.size;
    if (!page.more) page.events.push_back(event);
    return !page.more;
  };
  if (options.newest_first) {
    const int64_t before = options.after == 0 ? revision_ + 1 : options.after;
    const int64_t skip =
        std::clamp<int64_t>(revision_ + 1 - before, 0, static_cast<int64_t>(ring_.size()));
    for (auto event = ring_.rbegin() + skip; event != ring_.rend() && take(*event); ++event) {
    }
  } else {
    const int64_t skip = std::clamp<int64_t>(options.after + 1 - page.oldest_revision, 0,
                                             static_cast<int64_t>(ring_.size()));
    for (auto event = ring_.begin() + skip; event != ring_.end() && take(*event); ++event) {
    }
  }
  return page;
}

void EventLog::SendBookmarks() {
  for (const auto& subscription : subscriptions_) {
    if (subscription->empty()) subscription->Push(Bookmark{revision_});
  }
  DropEnded();
}

void EventLog::CloseAll(const absl::Status& status) {
  for (const auto& subscription : subscriptions_) subscription->Close(status);
  subscriptions_.clear();
}

std::string EventLog::ResumeToken(int64_t revision) const {
  return EncodeResumeToken({epoch_, revision});
}

size_t EventLog::subscription_count() {
  DropEnded();
  return subscriptions_.size();
}

void EventLog::DropEnded() {
  std::erase_if(subscriptions_, [](const auto& subscription) { return subscription->ended(); });
}

}  // namespace l2tp::events
