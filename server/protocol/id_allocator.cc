#include "server/protocol/id_allocator.h"

namespace l2tp::protocol {

std::optional<uint16_t> IdAllocator::Allocate(Instant now, RandomSource* random) {
  while (!resting_.empty() && resting_.front().first <= now) {
    taken_.erase(resting_.front().second);
    resting_.pop_front();
  }
  if (taken_.size() >= limit_) return std::nullopt;
  while (true) {
    const auto id = static_cast<uint16_t>(random->NextU64());
    if (id != 0 && taken_.insert(id).second) return id;
  }
}

void IdAllocator::Release(Instant now, uint16_t id) {
  if (taken_.contains(id)) resting_.emplace_back(now + quarantine_, id);
}

}  // namespace l2tp::protocol
