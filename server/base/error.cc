#include "server/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace l2tp {
namespace {

constexpr char kPayloadUrl[] = "l2tp.v1/error";

struct ReasonRow {
  absl::string_view name;
  absl::StatusCode code;
};

ReasonRow Row(Reason reason) {
  using C = absl::StatusCode;
  switch (reason) {
    case Reason::kFieldInvalid: return {"FIELD_INVALID", C::kInvalidArgument};
    case Reason::kFieldRequired: return {"FIELD_REQUIRED", C::kInvalidArgument};
    case Reason::kTunnelNotFound: return {"TUNNEL_NOT_FOUND", C::kNotFound};
    case Reason::kSessionNotFound: return {"SESSION_NOT_FOUND", C::kNotFound};
    case Reason::kProfileNotFound: return {"PROFILE_NOT_FOUND", C::kNotFound};
    case Reason::kPoolNotFound: return {"POOL_NOT_FOUND", C::kNotFound};
    case Reason::kPeerNotFound: return {"PEER_NOT_FOUND", C::kNotFound};
    case Reason::kUserNotFound: return {"USER_NOT_FOUND", C::kNotFound};
    case Reason::kTunnelExists: return {"TUNNEL_EXISTS", C::kAlreadyExists};
    case Reason::kSessionExists: return {"SESSION_EXISTS", C::kAlreadyExists};
    case Reason::kProfileExists: return {"PROFILE_EXISTS", C::kAlreadyExists};
    case Reason::kPoolExists: return {"POOL_EXISTS", C::kAlreadyExists};
    case Reason::kPeerExists: return {"PEER_EXISTS", C::kAlreadyExists};
    case Reason::kUserExists: return {"USER_EXISTS", C::kAlreadyExists};
    case Reason::kInterfaceNameTaken: return {"INTERFACE_NAME_TAKEN", C::kAlreadyExists};
    case Reason::kTunnelClosing: return {"TUNNEL_CLOSING", C::kFailedPrecondition};
    case Reason::kDraining: return {"DRAINING", C::kFailedPrecondition};
    case Reason::kTunnelHasSessions: return {"TUNNEL_HAS_SESSIONS", C::kFailedPrecondition};
    case Reason::kResourceInUse: return {"RESOURCE_IN_USE", C::kFailedPrecondition};
    case Reason::kKernelUnsupported: return {"KERNEL_UNSUPPORTED", C::kFailedPrecondition};
    case Reason::kNoCapability: return {"NO_CAPABILITY", C::kFailedPrecondition};
    case Reason::kPppdUnusable: return {"PPPD_UNUSABLE", C::kFailedPrecondition};
    case Reason::kKernelRequestFailed: return {"KERNEL_REQUEST_FAILED", C::kInternal};
    case Reason::kIdsExhausted: return {"IDS_EXHAUSTED", C::kResourceExhausted};
    case Reason::kTunnelLimit: return {"TUNNEL_LIMIT", C::kResourceExhausted};
    case Reason::kSessionLimit: return {"SESSION_LIMIT", C::kResourceExhausted};
    case Reason::kReportTooSoon: return {"REPORT_TOO_SOON", C::kResourceExhausted};
    case Reason::kPeerIncapable: return {"PEER_INCAPABLE", C::kFailedPrecondition};
    case Reason::kSessionNotReady: return {"SESSION_NOT_READY", C::kFailedPrecondition};
    case Reason::kNotPersistent: return {"NOT_PERSISTENT", C::kFailedPrecondition};
    case Reason::kPoolExhausted: return {"POOL_EXHAUSTED", C::kResourceExhausted};
    case Reason::kWatcherLimit: return {"WATCHER_LIMIT", C::kResourceExhausted};
    case Reason::kCaptureLimit: return {"CAPTURE_LIMIT", C::kResourceExhausted};
    case Reason::kWatchTooSlow: return {"WATCH_TOO_SLOW", C::kResourceExhausted};
    case Reason::kResumeTokenExpired: return {"RESUME_TOKEN_EXPIRED", C::kOutOfRange};
    case Reason::kResumeTokenInvalid: return {"RESUME_TOKEN_INVALID", C::kInvalidArgument};
    case Reason::kEtagMismatch: return {"ETAG_MISMATCH", C::kAborted};
    case Reason::kRequestIdReused: return {"REQUEST_ID_REUSED", C::kInvalidArgument};
    case Reason::kOverloaded: return {"OVERLOADED", C::kUnavailable};
    case Reason::kShuttingDown: return {"SHUTTING_DOWN", C::kUnavailable};
    case Reason::kCallerNotAllowed: return {"CALLER_NOT_ALLOWED", C::kPermissionDenied};
  }
  return {"UNKNOWN", C::kUnknown};
}

void AppendString(absl::string_view text, std::string* out) {
  absl::StrAppend(out, text.size(), ":", text);
}

// Reads one length-prefixed string from the front of `*in`; nullopt at the end.
std::optional<std::string> TakeString(absl::string_view* in) {
  const size_t colon = in->find(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  size_t size = 0;
  for (char c : in->substr(0, colon)) size = size * 10 + static_cast<size_t>(c - '0');
  in->remove_prefix(colon + 1);
  std::string text(in->substr(0, size));
  in->remove_prefix(text.size());
  return text;
}

}  // namespace

absl::string_view ReasonName(Reason reason) { return Row(reason).name; }

absl::Status MakeError(Reason reason, absl::string_view message, const ErrorMetadata& metadata) {
  const ReasonRow row = Row(reason);
  absl::Status status(row.code, message);
  std::string payload;
  AppendString(row.name, &payload);
  for (const auto& [key, value] : metadata) {
    AppendString(key, &payload);
    AppendString(value, &payload);
  }
  status.SetPayload(kPayloadUrl, absl::Cord(payload));
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view message) {
  return MakeError(Reason::kFieldInvalid, absl::StrCat(field, ": ", message),
                   {{"field", std::string(field)}});
}

absl::Status MissingField(absl::string_view field) {
  return MakeError(Reason::kFieldRequired, absl::StrCat(field, " is required"),
                   {{"field", std::string(field)}});
}

std::optional<ErrorInfo> GetErrorInfo(const absl::Status& status) {
  auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string flat(*payload);
  absl::string_view rest = flat;
  ErrorInfo info;
  if (auto reason = TakeString(&rest)) info.reason = *std::move(reason);
  while (auto key = TakeString(&rest)) {
    auto value = TakeString(&rest);
    info.metadata.emplace_back(*std::move(key), value.value_or(""));
  }
  return info;
}

bool HasReason(const absl::Status& status, Reason reason) {
  auto info = GetErrorInfo(status);
  return info.has_value() && info->reason == ReasonName(reason);
}

}  // namespace l2tp
