#include "server/control/refusals.h"

namespace l2tp::control {

Refusals::Kind Refusals::KindOf(const events::RefusalInfo& refusal) {
  return {refusal.of_call, refusal.tunnel, refusal.remote.address, refusal.cause.result_code,
          refusal.cause.error_code};
}

void Refusals::Note(Instant now, events::RefusalInfo refusal) {
  ++(refusal.of_call ? session_count_ : tunnel_count_);
  if (!window_end_.has_value()) window_end_ = now + kWindow;
  auto kind = pending_.find(KindOf(refusal));
  if (kind == pending_.end() && pending_.size() < kMaxKinds) {
    tell_(refusal);
    refusal.count = 0;
    pending_.emplace(KindOf(refusal), std::move(refusal));
    return;
  }
  if (kind == pending_.end()) {
    refusal.remote = Endpoint();
    refusal.tunnel.clear();
    Kind rest;
    std::get<bool>(rest) = refusal.of_call;
    kind = pending_.try_emplace(rest, events::RefusalInfo{.count = 0}).first;
  }
  refusal.count = kind->second.count + 1;
  kind->second = std::move(refusal);
}

// Kinds that came again stay known for another window: a steady flood is told once in each.
void Refusals::HandleTimeout(Instant now) {
  if (!window_end_.has_value() || *window_end_ > now) return;
  for (auto kind = pending_.begin(); kind != pending_.end();) {
    if (kind->second.count == 0) {
      kind = pending_.erase(kind);
      continue;
    }
    tell_(kind->second);
    kind->second.count = 0;
    ++kind;
  }
  window_end_ = pending_.empty() ? std::nullopt : std::optional<Instant>(now + kWindow);
}

}  // namespace l2tp::control
