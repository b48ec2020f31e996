#include "server/wire/result_code.h"

namespace l2tp::wire {

ResultCode MakeResult(StopCcnResult result, ErrorCode error, absl::string_view message) {
  return {static_cast<uint16_t>(result), static_cast<uint16_t>(error), std::string(message)};
}

ResultCode MakeResult(CdnResult result, ErrorCode error, absl::string_view message) {
  return {static_cast<uint16_t>(result), static_cast<uint16_t>(error), std::string(message)};
}

absl::string_view StopCcnResultName(uint16_t result) {
  switch (static_cast<StopCcnResult>(result)) {
    case StopCcnResult::kGeneralRequest: return "general request to clear";
    case StopCcnResult::kGeneralError: return "general error";
    case StopCcnResult::kAlreadyExists: return "control channel already exists";
    case StopCcnResult::kNotAuthorized: return "not authorized";
    case StopCcnResult::kUnsupportedVersion: return "unsupported protocol version";
    case StopCcnResult::kShuttingDown: return "shutting down";
    case StopCcnResult::kStateMachineError: return "finite state machine error";
  }
  return "unknown";
}

absl::string_view CdnResultName(uint16_t result) {
  switch (static_cast<CdnResult>(result)) {
    case CdnResult::kLossOfCarrier: return "loss of carrier";
    case CdnResult::kGeneralError: return "general error";
    case CdnResult::kAdministrative: return "administrative reasons";
    case CdnResult::kNoFacilitiesTemporary: return "no facilities available (temporary)";
    case CdnResult::kNoFacilitiesPermanent: return "no facilities available (permanent)";
    case CdnResult::kInvalidDestination: return "invalid destination";
    case CdnResult::kNoCarrier: return "no carrier detected";
    case CdnResult::kBusy: return "busy signal";
    case CdnResult::kNoDialTone: return "no dial tone";
    case CdnResult::kTimeout: return "not established in time";
    case CdnResult::kNoFraming: return "no appropriate framing";
  }
  return "unknown";
}

absl::string_view ErrorCodeName(uint16_t error) {
  switch (static_cast<ErrorCode>(error)) {
    case ErrorCode::kNone: return "no general error";
    case ErrorCode::kNoControlConnection: return "no control connection";
    case ErrorCode::kWrongLength: return "wrong length";
    case ErrorCode::kOutOfRange: return "value out of range";
    case ErrorCode::kInsufficientResources: return "insufficient resources";
    case ErrorCode::kInvalidSessionId: return "invalid session ID";
    case ErrorCode::kVendorSpecific: return "vendor-specific error";
    case ErrorCode::kTryAnother: return "try another";
    case ErrorCode::kUnknownMandatoryAvp: return "unknown mandatory AVP";
  }
  return "unknown";
}

}  // namespace l2tp::wire
