#include "server/events/resources.h"

namespace l2tp::events {

const char* CloseReasonName(CloseReason reason) {
  switch (reason) {
    case CloseReason::kNone: return "NONE";
    case CloseReason::kAdministrative: return "ADMINISTRATIVE";
    case CloseReason::kShutdown: return "SHUTDOWN";
    case CloseReason::kPeerRequest: return "PEER_REQUEST";
    case CloseReason::kPeerUnreachable: return "PEER_UNREACHABLE";
    case CloseReason::kTunnelClosed: return "TUNNEL_CLOSED";
    case CloseReason::kProtocolError: return "PROTOCOL_ERROR";
    case CloseReason::kNotAuthorized: return "NOT_AUTHORIZED";
    case CloseReason::kNoResources: return "NO_RESOURCES";
    case CloseReason::kSetupTimeout: return "SETUP_TIMEOUT";
    case CloseReason::kKernelFailure: return "KERNEL_FAILURE";
    case CloseReason::kPppdFailure: return "PPPD_FAILURE";
    case CloseReason::kPppdKilled: return "PPPD_KILLED";
    case CloseReason::kPppTerminated: return "PPP_TERMINATED";
    case CloseReason::kPppNegotiationFailed: return "PPP_NEGOTIATION_FAILED";
    case CloseReason::kPppPeerAuthFailed: return "PPP_PEER_AUTH_FAILED";
    case CloseReason::kPppOwnAuthFailed: return "PPP_OWN_AUTH_FAILED";
    case CloseReason::kPppPeerDead: return "PPP_PEER_DEAD";
    case CloseReason::kPppHangup: return "PPP_HANGUP";
    case CloseReason::kPppLoopback: return "PPP_LOOPBACK";
    case CloseReason::kPppLimit: return "PPP_LIMIT";
    case CloseReason::kTieLost: return "TIE_LOST";
    case CloseReason::kPeerIncapable: return "PEER_INCAPABLE";
    case CloseReason::kPppStalled: return "PPP_STALLED";
    case CloseReason::kDraining: return "DRAINING";
  }
  return "UNKNOWN";
}

const char* LoginFailureName(LoginFailure failure) {
  switch (failure) {
    case LoginFailure::kNone: return "NONE";
    case LoginFailure::kUnknownUser: return "UNKNOWN_USER";
    case LoginFailure::kWrongPassword: return "WRONG_PASSWORD";
    case LoginFailure::kUserDisabled: return "USER_DISABLED";
    case LoginFailure::kWrongProfile: return "WRONG_PROFILE";
    case LoginFailure::kSessionLimit: return "SESSION_LIMIT";
    case LoginFailure::kNoAddress: return "NO_ADDRESS";
    case LoginFailure::kRejected: return "REJECTED";
    case LoginFailure::kAuthenticatorUnavailable: return "AUTHENTICATOR_UNAVAILABLE";
  }
  return "UNKNOWN";
}

const char* ClosedByName(ClosedBy closed_by) {
  switch (closed_by) {
    case ClosedBy::kNobody: return "NOBODY";
    case ClosedBy::kOperator: return "OPERATOR";
    case ClosedBy::kPeer: return "PEER";
    case ClosedBy::kPpp: return "PPP";
    case ClosedBy::kDaemon: return "DAEMON";
  }
  return "UNKNOWN";
}

const char* PppPhaseName(PppPhase phase) {
  switch (phase) {
    case PppPhase::kDead: return "DEAD";
    case PppPhase::kEstablish: return "ESTABLISH";
    case PppPhase::kAuthenticate: return "AUTHENTICATE";
    case PppPhase::kNetwork: return "NETWORK";
    case PppPhase::kTerminate: return "TERMINATE";
  }
  return "UNKNOWN";
}

const char* StateName(State state) {
  switch (state) {
    case State::kConnecting: return "CONNECTING";
    case State::kEstablished: return "ESTABLISHED";
    case State::kClosing: return "CLOSING";
    case State::kClosed: return "CLOSED";
    case State::kWaiting: return "WAITING";
  }
  return "UNKNOWN";
}

}  // namespace l2tp::events
