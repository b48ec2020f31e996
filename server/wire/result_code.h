// Result, Error and cause codes (RFC 2661 section 4.4.2).

#ifndef L2TP_SERVER_WIRE_RESULT_CODE_H_
#define L2TP_SERVER_WIRE_RESULT_CODE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace l2tp::wire {

// Result Codes of StopCCN.
enum class StopCcnResult : uint16_t {
  kGeneralRequest = 1,      // general request to clear the control connection
  kGeneralError = 2,        // the Error Code says which
  kAlreadyExists = 3,       // control channel already exists
  kNotAuthorized = 4,       // requester is not authorised to establish a control channel
  kUnsupportedVersion = 5,  // Error Code: highest protocol version supported
  kShuttingDown = 6,        // requester is being shut down
  kStateMachineError = 7,   // finite state machine error
};

// Result Codes of CDN.
enum class CdnResult : uint16_t {
  kLossOfCarrier = 1,
  kGeneralError = 2,  // the Error Code says which
  kAdministrative = 3,
  kNoFacilitiesTemporary = 4,
  kNoFacilitiesPermanent = 5,
  kInvalidDestination = 6,
  kNoCarrier = 7,
  kBusy = 8,
  kNoDialTone = 9,
  kTimeout = 10,    // not established within the time allotted by the LAC
  kNoFraming = 11,  // connected, but no appropriate framing was detected
};

// General Error Codes, shared by StopCCN and CDN.
enum class ErrorCode : uint16_t {
  kNone = 0,
  kNoControlConnection = 1,
  kWrongLength = 2,
  kOutOfRange = 3,  // a field is out of range, or a reserved field is not 0
  kInsufficientResources = 4,
  kInvalidSessionId = 5,  // in this context
  kVendorSpecific = 6,
  kTryAnother = 7,  // try another LNS
  kUnknownMandatoryAvp = 8,
};

// The Result Code AVP. Which enumeration `result` belongs to depends on the message.
struct ResultCode {
  uint16_t result = 0;  // 0 is reserved: "none received yet"
  uint16_t error = 0;   // 0: no general error
  std::string message;  // UTF-8, may be empty; up to 1013 octets are sent

  friend bool operator==(const ResultCode&, const ResultCode&) = default;
};

ResultCode MakeResult(StopCcnResult result, ErrorCode error = ErrorCode::kNone,
                      absl::string_view message = "");
ResultCode MakeResult(CdnResult result, ErrorCode error = ErrorCode::kNone,
                      absl::string_view message = "");

// Short texts for people, "administrative reasons"; "unknown" for numbers RFC 2661 does not list.
absl::string_view StopCcnResultName(uint16_t result);
absl::string_view CdnResultName(uint16_t result);
absl::string_view ErrorCodeName(uint16_t error);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_RESULT_CODE_H_
