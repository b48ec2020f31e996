#include "server/control/number_pool.h"

#include <algorithm>
#include <utility>

namespace l2tp::control {
namespace {

int64_t SizeOf(const NumberRange& range) {
  return static_cast<int64_t>(range.last - range.first) + 1;
}

}  // namespace

NumberPool::NumberPool(std::vector<NumberRange> ranges) : ranges_(std::move(ranges)) {
  for (const NumberRange& range : ranges_) size_ += SizeOf(range);
}

uint64_t NumberPool::At(int64_t index) const {
  for (const NumberRange& range : ranges_) {
    if (index < SizeOf(range)) return range.first + static_cast<uint64_t>(index);
    index -= SizeOf(range);
  }
  return 0;
}

bool NumberPool::IsPassed(uint64_t number) const {
  int64_t before = 0;
  for (const NumberRange& range : ranges_) {
    if (range.Contains(number)) {
      return before + static_cast<int64_t>(number - range.first) < passed_;
    }
    before += SizeOf(range);
  }
  return false;
}

std::optional<uint64_t> NumberPool::Acquire() {
  while (passed_ < size_) {
    const uint64_t number = At(passed_++);
    if (set_aside_.contains(number) || lent_.contains(number)) continue;
    lent_.insert(number);
    return number;
  }
  if (returned_.empty()) return std::nullopt;
  const uint64_t number = returned_.front();
  returned_.pop_front();
  lent_.insert(number);
  return number;
}

bool NumberPool::Take(uint64_t number) {
  if (!Contains(number) || !lent_.insert(number).second) return false;
  if (set_aside_.contains(number)) {
    ++lent_set_aside_;
  } else {
    std::erase(returned_, number);
  }
  return true;
}

void NumberPool::Release(uint64_t number) {
  if (lent_.erase(number) == 0) return;
  if (set_aside_.contains(number)) {
    --lent_set_aside_;
  } else if (IsPassed(number)) {
    returned_.push_back(number);
  }
}

void NumberPool::SetAside(uint64_t number) {
  if (!Contains(number) || !set_aside_.insert(number).second) return;
  if (lent_.contains(number)) {
    ++lent_set_aside_;
  } else {
    std::erase(returned_, number);
  }
}

void NumberPool::PutBack(uint64_t number) {
  if (set_aside_.erase(number) == 0) return;
  if (lent_.contains(number)) {
    --lent_set_aside_;
  } else if (IsPassed(number)) {
    returned_.push_back(number);
  }
}

bool NumberPool::Contains(uint64_t number) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [number](const NumberRange& range) { return range.Contains(number); });
}

}  // namespace l2tp::control
