// Numbers that sessions borrow: IPv4 addresses, IPv6 interface identifiers, /64 prefixes.

#ifndef L2TP_SERVER_CONTROL_NUMBER_POOL_H_
#define L2TP_SERVER_CONTROL_NUMBER_POOL_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace l2tp::control {

// Inclusive.
struct NumberRange {
  uint64_t first = 0;
  uint64_t last = 0;

  bool Contains(uint64_t number) const { return first <= number && number <= last; }
  bool Overlaps(const NumberRange& other) const {
    return first <= other.last && other.first <= last;
  }
};

// Lends each number of its ranges to one borrower at a time. A number that was given back comes
// last in turn, so that late traffic for its old holder does not reach a new one at once.
// A number can be set aside: from then on it is lent only to who asks for it.
class NumberPool {
 public:
  NumberPool() = default;
  // The ranges do not overlap, and hold less than 2^63 numbers together.
  explicit NumberPool(std::vector<NumberRange> ranges);

  // nullopt when there is none left.
  std::optional<uint64_t> Acquire();
  // Lends this one, whether or not it is set aside. False: somebody has it, or it is not in here.
  bool Take(uint64_t number);
  // Numbers that are not lent are ignored.
  void Release(uint64_t number);

  // Numbers outside of the ranges are ignored, and so is a second time.
  void SetAside(uint64_t number);
  void PutBack(uint64_t number);

  bool Contains(uint64_t number) const;
  bool IsLent(uint64_t number) const { return lent_.contains(number); }

  int64_t size() const { return size_; }
  int64_t lent() const { return static_cast<int64_t>(lent_.size()); }
  // Those set aside that nobody has borrowed.
  int64_t set_aside() const { return static_cast<int64_t>(set_aside_.size()) - lent_set_aside_; }

 private:
  uint64_t At(int64_t index) const;
  // Acquire() has come by it: if it is free, it is in returned_.
  bool IsPassed(uint64_t number) const;

  std::vector<NumberRange> ranges_;
  int64_t size_ = 0;
  int64_t passed_ = 0;             // how many numbers Acquire() has come by
  std::deque<uint64_t> returned_;  // passed, neither lent nor set aside
  absl::flat_hash_set<uint64_t> lent_;
  absl::flat_hash_set<uint64_t> set_aside_;
  int64_t lent_set_aside_ = 0;  // numbers in both
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_NUMBER_POOL_H_
