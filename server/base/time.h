// Monotonic time as values. Nothing below server/main reads a clock: time comes in as a parameter.

#ifndef L2TP_SERVER_BASE_TIME_H_
#define L2TP_SERVER_BASE_TIME_H_

#include <compare>
#include <cstdint>

namespace l2tp {

// A span of time; may be negative.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration Nanoseconds(int64_t n) { return Duration(n); }
  static constexpr Duration Milliseconds(int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration Seconds(int64_t n) { return Duration(n * 1'000'000'000); }

  constexpr int64_t nanoseconds() const { return ns_; }
  constexpr int64_t milliseconds() const { return ns_ / 1'000'000; }
  constexpr int64_t seconds() const { return ns_ / 1'000'000'000; }

  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
  friend constexpr Duration operator*(Duration a, int64_t n) { return Duration(a.ns_ * n); }
  friend constexpr Duration operator/(Duration a, int64_t n) { return Duration(a.ns_ / n); }
  friend constexpr auto operator<=>(Duration, Duration) = default;

 private:
  constexpr explicit Duration(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

// A point of the monotonic clock. Only differences mean anything.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromNanoseconds(int64_t ns) { return Instant(ns); }
  constexpr int64_t nanoseconds() const { return ns_; }

  friend constexpr Instant operator+(Instant a, Duration d) {
    return Instant(a.ns_ + d.nanoseconds());
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration::Nanoseconds(a.ns_ - b.ns_);
  }
  friend constexpr auto operator<=>(Instant, Instant) = default;

 private:
  constexpr explicit Instant(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

// Wall-clock time, for showing to people only: nanoseconds since 1970-01-01 UTC.
struct WallTime {
  int64_t nanoseconds = 0;  // 0: never
  friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_TIME_H_
