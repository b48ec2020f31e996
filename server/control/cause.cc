#include "server/control/cause.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace l2tp::control {
namespace {

using events::ClosedBy;
using events::CloseReason;
using protocol::Closure;

struct Origin {
  ClosedBy closed_by;
  CloseReason reason;
};

Origin OriginOf(Closure::Kind kind) {
  switch (kind) {
    case Closure::Kind::kLocal: return {ClosedBy::kOperator, CloseReason::kAdministrative};
    case Closure::Kind::kPeer: return {ClosedBy::kPeer, CloseReason::kPeerRequest};
    case Closure::Kind::kUnreachable: return {ClosedBy::kDaemon, CloseReason::kPeerUnreachable};
    case Closure::Kind::kProtocolError: return {ClosedBy::kDaemon, CloseReason::kProtocolError};
    case Closure::Kind::kNotAuthorized: return {ClosedBy::kDaemon, CloseReason::kNotAuthorized};
    case Closure::Kind::kSetupTimeout: return {ClosedBy::kDaemon, CloseReason::kSetupTimeout};
    case Closure::Kind::kTieLost: return {ClosedBy::kPeer, CloseReason::kTieLost};
    case Closure::Kind::kPeerIncapable: return {ClosedBy::kDaemon, CloseReason::kPeerIncapable};
    case Closure::Kind::kDisplaced: return {ClosedBy::kDaemon, CloseReason::kNoResources};
    case Closure::Kind::kTunnel: return {ClosedBy::kDaemon, CloseReason::kTunnelClosed};
  }
  return {ClosedBy::kDaemon, CloseReason::kNone};
}

}  // namespace

events::Cause ToCause(const Closure& closure) {
  events::Cause cause;
  const Origin origin = OriginOf(closure.kind);
  cause.closed_by = origin.closed_by;
  cause.reason = origin.reason;
  if (closure.kind == Closure::Kind::kTunnel) {
    // Who ended the tunnel ended the session; the StopCCN's codes stay with the tunnel.
    const Origin of_tunnel = OriginOf(closure.tunnel_kind);
    cause.closed_by = of_tunnel.closed_by;
    cause.message = absl::StrCat("tunnel closed: ", events::CloseReasonName(of_tunnel.reason));
    return cause;
  }
  cause.q931_cause = closure.q931_cause;
  cause.ppp_cause = closure.ppp_cause;
  cause.result_code = closure.result.result;
  cause.error_code = closure.result.error;
  cause.message = closure.detail.empty() ? closure.result.message : closure.detail;
  return cause;
}

events::Cause OperatorCause(const CloseOptions& options, uint16_t default_result) {
  events::Cause cause;
  cause.closed_by = ClosedBy::kOperator;
  cause.reason = CloseReason::kAdministrative;
  cause.result_code = options.result_code != 0 ? options.result_code : default_result;
  cause.error_code = options.error_code;
  cause.message = options.message;
  cause.q931_cause = options.q931_cause;
  return cause;
}

events::Cause DaemonCause(CloseReason reason, const absl::Status& status, uint16_t result,
                          uint16_t error) {
  events::Cause cause;
  cause.closed_by = ClosedBy::kDaemon;
  cause.reason = reason;
  cause.result_code = result;
  cause.error_code = error;
  cause.message = std::string(status.message());
  return cause;
}

events::Cause RefusalCause(const wire::ResultCode& result, absl::string_view detail) {
  events::Cause cause;
  cause.closed_by = ClosedBy::kDaemon;
  const auto stop_ccn = static_cast<wire::StopCcnResult>(result.result);
  if (result.error == static_cast<uint16_t>(wire::ErrorCode::kTryAnother)) {
    cause.reason = CloseReason::kDraining;
  } else if (result.result == 0 ||
             result.error == static_cast<uint16_t>(wire::ErrorCode::kInsufficientResources)) {
    cause.reason = CloseReason::kNoResources;
  } else if (stop_ccn == wire::StopCcnResult::kShuttingDown) {
    cause.reason = CloseReason::kShutdown;
  } else if (stop_ccn == wire::StopCcnResult::kGeneralError ||
             stop_ccn == wire::StopCcnResult::kUnsupportedVersion) {
    // Of a CDN they read: error, and no facilities: the peer asked for what cannot be.
    cause.reason = CloseReason::kProtocolError;
  } else {
    cause.reason = CloseReason::kNotAuthorized;
  }
  cause.result_code = result.result;
  cause.error_code = result.error;
  cause.message = std::string(detail);
  return cause;
}

Closure ToClosure(const events::Cause& cause) {
  Closure closure;
  closure.kind = Closure::Kind::kLocal;
  closure.result.result = cause.result_code;
  closure.result.error = cause.error_code;
  // The operator's own words go out; ours may tell of the inside of this machine.
  const bool spoken = cause.closed_by == ClosedBy::kOperator;
  closure.result.message = spoken ? cause.message : events::CloseReasonName(cause.reason);
  closure.detail = cause.message;
  closure.q931_cause = cause.q931_cause;
  closure.ppp_cause = cause.ppp_cause;
  return closure;
}

}  // namespace l2tp::control
