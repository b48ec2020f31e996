#include "server/control/reconnect.h"

#include <algorithm>
#include <utility>

namespace l2tp::control {
namespace {

using events::CloseReason;

constexpr Duration kStable = Duration::Seconds(60);
constexpr Duration kPace = Duration::Milliseconds(20);
constexpr int kMostDoublings = 20;  // from 100 ms to more than a day

bool IsRefusal(CloseReason reason) {
  return reason == CloseReason::kNotAuthorized || reason == CloseReason::kPppOwnAuthFailed;
}

// Between half of it and all of it.
Duration Jitter(Duration delay, RandomSource* random) {
  const auto half = static_cast<uint64_t>(delay.nanoseconds() / 2);
  return Duration::Nanoseconds(delay.nanoseconds() -
                               static_cast<int64_t>(random->NextU64() % (half + 1)));
}

}  // namespace

std::optional<Duration> NextDelay(const SessionSettings& settings, CloseReason reason, Instant now,
                                  RandomSource* random, Persistence* persistence) {
  const auto since = std::exchange(persistence->network_since, std::nullopt);
  const bool was_stable = since.has_value() && now - *since >= kStable;
  persistence->failures = was_stable ? 0 : persistence->failures + 1;
  if (settings.max_reconnect_failures > 0 &&
      persistence->failures >= settings.max_reconnect_failures) {
    return std::nullopt;
  }
  Duration delay = settings.reconnect_max_delay;
  if (!IsRefusal(reason)) {
    const int doublings = std::clamp(persistence->failures - 1, 0, kMostDoublings);
    delay = std::min(delay, settings.reconnect_min_delay * (int64_t{1} << doublings));
  }
  return Jitter(delay, random);
}

std::optional<std::string> ReconnectQueue::TakeDue(Instant now) {
  if (now < earliest_) return std::nullopt;
  std::optional<std::string> due = waiting_.TakeDue(now);
  if (due.has_value()) earliest_ = now + kPace;
  return due;
}

std::optional<Instant> ReconnectQueue::Next() const {
  const std::optional<Instant> next = waiting_.Next();
  return next.has_value() ? std::max(*next, earliest_) : next;
}

}  // namespace l2tp::control
