// Errors that carry a machine-readable reason.
//
// Every error that can reach an API client is made by MakeError(). Its reason and metadata ride in
// the absl::Status as a payload; one function in server/api turns the payload into the details of a
// gRPC status. No other place knows about gRPC codes.

#ifndef L2TP_SERVER_BASE_ERROR_H_
#define L2TP_SERVER_BASE_ERROR_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace l2tp {

// Why a request failed. The text form (ReasonName) is part of the API: clients match on it.
enum class Reason {
  kFieldInvalid,         // INVALID_ARGUMENT; metadata "field"
  kFieldRequired,        // INVALID_ARGUMENT; metadata "field"
  kTunnelNotFound,       // NOT_FOUND; "name"
  kSessionNotFound,      // NOT_FOUND; "name"
  kProfileNotFound,      // NOT_FOUND; "name"
  kPoolNotFound,         // NOT_FOUND; "name"
  kPeerNotFound,         // NOT_FOUND; "name"
  kUserNotFound,         // NOT_FOUND; "name"
  kTunnelExists,         // ALREADY_EXISTS; "name"
  kSessionExists,        // ALREADY_EXISTS; "name"
  kProfileExists,        // ALREADY_EXISTS; "name"
  kPoolExists,           // ALREADY_EXISTS; "name"
  kPeerExists,           // ALREADY_EXISTS; "name"
  kUserExists,           // ALREADY_EXISTS; "name"
  kInterfaceNameTaken,   // ALREADY_EXISTS; "interface_name", "session"
  kTunnelClosing,        // FAILED_PRECONDITION; "name"
  kDraining,             // FAILED_PRECONDITION; "name"
  kTunnelHasSessions,    // FAILED_PRECONDITION; "name", "session_count"
  kResourceInUse,        // FAILED_PRECONDITION; "name", "used_by"
  kPeerIncapable,        // FAILED_PRECONDITION; "name"
  kSessionNotReady,      // FAILED_PRECONDITION; "name"
  kNotPersistent,        // FAILED_PRECONDITION; "name"
  kKernelUnsupported,    // FAILED_PRECONDITION; "missing"
  kNoCapability,         // FAILED_PRECONDITION; "capability"
  kPppdUnusable,         // FAILED_PRECONDITION; "path"
  kKernelRequestFailed,  // INTERNAL; "errno", "operation"
  kIdsExhausted,         // RESOURCE_EXHAUSTED; "limit"
  kTunnelLimit,          // RESOURCE_EXHAUSTED; "limit"
  kSessionLimit,         // RESOURCE_EXHAUSTED; "limit"
  kPoolExhausted,        // RESOURCE_EXHAUSTED; "name"
  kReportTooSoon,        // RESOURCE_EXHAUSTED; "name"
  kWatcherLimit,         // RESOURCE_EXHAUSTED; "limit"
  kCaptureLimit,         // RESOURCE_EXHAUSTED; "limit"
  kWatchTooSlow,         // RESOURCE_EXHAUSTED; "resume_token"
  kResumeTokenExpired,   // OUT_OF_RANGE; "oldest_revision"
  kResumeTokenInvalid,   // INVALID_ARGUMENT; "field"
  kEtagMismatch,         // ABORTED; "name", "etag"
  kRequestIdReused,      // INVALID_ARGUMENT; "field"
  kOverloaded,           // UNAVAILABLE
  kShuttingDown,         // UNAVAILABLE
  kCallerNotAllowed,     // PERMISSION_DENIED
};

// "TUNNEL_NOT_FOUND" and so on.
absl::string_view ReasonName(Reason reason);

// One name and value of an error's metadata, e.g. {"field", "tunnel.remote"}.
using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

struct ErrorInfo {
  std::string reason;  // as ReasonName() gives it
  ErrorMetadata metadata;
};

// An error with the canonical code that belongs to `reason`. `message` is for people: what was
// wrong, what was expected, with the values.
absl::Status MakeError(Reason reason, absl::string_view message,
                       const ErrorMetadata& metadata = {});

// INVALID_ARGUMENT / FIELD_INVALID for the request field `field` ("session.interface_name").
absl::Status InvalidField(absl::string_view field, absl::string_view message);

// INVALID_ARGUMENT / FIELD_REQUIRED.
absl::Status MissingField(absl::string_view field);

// The reason and metadata of an error made by MakeError; nullopt for any other status.
std::optional<ErrorInfo> GetErrorInfo(const absl::Status& status);

// True if `status` was made by MakeError with `reason`.
bool HasReason(const absl::Status& status, Reason reason);

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_ERROR_H_
