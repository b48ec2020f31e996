#include "server/protocol/sccrq_gate.h"

#include <array>
#include <utility>

#include "absl/hash/hash.h"

namespace l2tp::protocol {
namespace {

constexpr size_t kBits = size_t{1} << 22;  // 512 KiB a filter
constexpr size_t kWordBits = 64;

// Two bits a key.
std::array<size_t, 2> Places(uint64_t hash) { return {hash % kBits, (hash >> 32) % kBits}; }

}  // namespace

bool RepeatFilter::Check(Instant now, uint64_t hash) {
  Turn(now);
  bool seen = !before_.empty();
  if (present_.empty()) present_.resize(kBits / kWordBits);
  for (const size_t place : Places(hash)) {
    const uint64_t bit = uint64_t{1} << (place % kWordBits);
    present_[place / kWordBits] |= bit;
    seen = seen && (before_[place / kWordBits] & bit) != 0;
  }
  return seen;
}

void RepeatFilter::Turn(Instant now) {
  if (now < present_began_ + kPeriod) return;
  const bool long_ago = now >= present_began_ + kPeriod * 2;
  before_ = long_ago ? Bits() : std::move(present_);
  present_.clear();
  present_began_ = now;
}

bool SccrqGate::Admits(Instant now, const Endpoint& remote, TunnelId peer_tunnel_id) {
  const auto of_source = of_source_.find(remote.address);
  const bool crowded = static_cast<int>(half_open_.size()) >= limits_.total / 2;
  const bool full = of_source != of_source_.end() &&
                    static_cast<int>(of_source->second.size()) >= limits_.per_address;
  if (!crowded && !full) return true;
  return repeats_.Check(now, absl::HashOf(key_, remote, peer_tunnel_id));
}

std::optional<TunnelHandle> SccrqGate::Displaced(const IpAddress& source) const {
  const auto of_source = of_source_.find(source);
  if (of_source != of_source_.end() &&
      static_cast<int>(of_source->second.size()) >= limits_.per_address) {
    return *of_source->second.begin();
  }
  if (half_open_.empty() || static_cast<int>(half_open_.size()) < limits_.total) {
    return std::nullopt;
  }
  return *half_open_.begin();
}

void SccrqGate::Enter(TunnelHandle handle, const IpAddress& source) {
  half_open_.insert(half_open_.end(), handle);
  of_source_[source].insert(handle);
}

void SccrqGate::Leave(TunnelHandle handle, const IpAddress& source) {
  half_open_.erase(handle);
  const auto of_source = of_source_.find(source);
  of_source->second.erase(handle);
  if (of_source->second.empty()) of_source_.erase(of_source);
}

}  // namespace l2tp::protocol
