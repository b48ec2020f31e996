#include "server/api/status.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "l2tp/v1/error.pb.h"
#include "server/api/text.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";

// A status travels in HTTP/2 headers, and clients take 8 kB of those: with more they would see
// RESOURCE_EXHAUSTED in place of it. Texts may quote what a request held, of any size.
constexpr size_t kMaxText = 200;

// Clean text of at most kMaxText octets; "..." at the end of what was cut.
std::string ShortText(absl::string_view text) {
  std::string clean = CleanText(text);
  if (clean.size() <= kMaxText) return clean;
  size_t end = kMaxText - 3;
  while ((static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
  return clean.substr(0, end) + "...";
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The canonical codes have the same numbers in both libraries.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message = ShortText(status.message());
  const std::optional<ErrorInfo> info = GetErrorInfo(status);
  if (!info.has_value()) return grpc::Status(code, message);

  v1::ErrorInfo detail;
  detail.set_reason(info->reason);
  detail.set_domain(kErrorDomain);
  for (const auto& [key, value] : info->metadata) {
    (*detail.mutable_metadata())[ShortText(key)] = ShortText(value);
  }
  v1::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  auto* any = details.add_details();
  any->set_type_url(kErrorInfoUrl);
  any->set_value(detail.SerializeAsString());
  return grpc::Status(code, message, details.SerializeAsString());
}

absl::Status UnderField(absl::string_view parent, const absl::Status& status) {
  std::optional<ErrorInfo> info = GetErrorInfo(status);
  if (!info.has_value()) return status;
  std::string message(status.message());
  for (auto& [key, value] : info->metadata) {
    if (key != "field") continue;
    const std::string path = absl::StrCat(parent, ".", value);
    if (absl::StartsWith(message, value)) message = path + message.substr(value.size());
    value = path;
  }
  for (int i = 0; i <= static_cast<int>(Reason::kCallerNotAllowed); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (ReasonName(reason) == info->reason) {
      return MakeError(reason, message, std::move(info->metadata));
    }
  }
  return status;
}

}  // namespace l2tp::api
