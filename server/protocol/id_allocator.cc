#include "server/protocol/id_allocator.h"

namespace l2tp::protocol {

std::optional<uint16_t> IdAllocator::Allocate(Instant now, RandomSource* random) {
  const auto id = Unused(now, random);
  if (id.has_value()) taken_.insert(*id);
  return id;
}

std::optional<uint16_t> IdAllocator::Unused(Instant now, RandomSource* random) {
  EndRests(now);
  if (taken_.size() >= limit_) return std::nullopt;
  while (true) {
    const auto id = static_cast<uint16_t>(random->NextU64());
    if (id != 0 && !taken_.contains(id)) return id;
  }
}

void IdAllocator::EndRests(Instant now) {
  while (!resting_.empty() && resting_.front().first <= now) {
    taken_.erase(resting_.front().second);
    resting_.pop_front();
  }
}

void IdAllocator::Release(Instant now, uint16_t id) {
  if (taken_.contains(id)) resting_.emplace_back(now + quarantine_, id);
}

}  // namespace l2tp::protocol
