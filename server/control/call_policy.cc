#include "server/control/call_policy.h"

#include <utility>

#include "server/control/call_facts.h"
#include "server/control/cause.h"
#include "server/control/draining.h"

namespace l2tp::control {

using wire::CdnResult;
using wire::ErrorCode;

std::optional<wire::ResultCode> CallPolicy::WhyNot(const TunnelRecord* tunnel,
                                                   const protocol::SessionRequested& requested,
                                                   size_t session_count) const {
  const auto allowed = IsOutgoing(requested.call) ? &events::TunnelInfo::allow_outgoing_calls
                                                  : &events::TunnelInfo::allow_calls;
  if (tunnel == nullptr || !(tunnel->info.*allowed)) {
    return wire::MakeResult(CdnResult::kAdministrative, ErrorCode::kNone,
                            "calls are not accepted here");
  }
  if (IsOutgoing(requested.call) &&
      tunnel->profile->session.tx_connect_speed < requested.call.minimum_bps) {
    return wire::MakeResult(CdnResult::kNoFacilitiesPermanent, ErrorCode::kNone,
                            "Minimum BPS is more than the line has");
  }
  if (!CheckDraining(*env_, tunnel->info).ok()) {
    return wire::MakeResult(CdnResult::kGeneralError, ErrorCode::kTryAnother, "draining");
  }
  const int most = tunnel->profile->tunnel.max_sessions;
  if (most > 0 && tunnel->peer_session_count >= most) {
    return wire::MakeResult(CdnResult::kNoFacilitiesTemporary, ErrorCode::kInsufficientResources,
                            "too many sessions in this tunnel");
  }
  if (static_cast<int>(session_count) >= env_->options.max_sessions) {
    return wire::MakeResult(CdnResult::kNoFacilitiesTemporary, ErrorCode::kInsufficientResources,
                            "too many sessions");
  }
  return std::nullopt;
}

void CallPolicy::NoteRefusal(const TunnelRecord* tunnel, const protocol::CallInfo& call,
                             const wire::ResultCode& result) {
  if (tunnel == nullptr) return;
  events::RefusalInfo refusal;
  refusal.of_call = true;
  refusal.tunnel = tunnel->info.name;
  refusal.remote = tunnel->info.remote;
  refusal.host_name = tunnel->info.peer_host_name;
  refusal.called_number = call.called_number;
  refusal.calling_number = call.calling_number;
  refusal.cause = RefusalCause(result, result.message);
  env_->refusals.Note(env_->now(), std::move(refusal));
}

}  // namespace l2tp::control
