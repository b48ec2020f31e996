#include "server/api/request_ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/api/fingerprint.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

constexpr size_t kMaxAnswers = 4096;
constexpr size_t kMaxOctets = 16 << 20;
constexpr size_t kMaxId = 64;
constexpr auto kMemory = std::chrono::minutes(10);

bool IsRequestId(absl::string_view id) {
  return id.size() <= kMaxId &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return absl::ascii_isgraph(c); });
}

}  // namespace

absl::Status RequestIds::Check(absl::string_view id) {
  if (id.empty() || IsRequestId(id)) return absl::OkStatus();
  return InvalidField("request_id", "is not 1 to 64 printable ASCII characters without space");
}

absl::Status RequestIds::Once(absl::string_view id, const google::protobuf::Message& request,
                              google::protobuf::Message* response,
                              absl::FunctionRef<absl::Status()> work) {
  if (id.empty()) return work();
  DropOld();
  const std::string fingerprint = Fingerprint(request);
  if (const auto known = answers_.find(id); known != answers_.end()) {
    if (known->second.fingerprint != fingerprint) {
      return MakeError(Reason::kRequestIdReused,
                       absl::StrCat("request_id ", id, " belongs to another request"),
                       {{"field", "request_id"}});
    }
    response->ParseFromString(known->second.response);
    return absl::OkStatus();
  }
  absl::Status status = work();
  if (!status.ok()) return status;
  Answer& answer = answers_[id];
  answer = {fingerprint, response->SerializeAsString()};
  octets_ += answer.response.size();
  order_.emplace_back(now_(), std::string(id));
  return status;
}

void RequestIds::DropOld() {
  while (!order_.empty() && (order_.size() >= kMaxAnswers || octets_ >= kMaxOctets ||
                             now_() - order_.front().first > kMemory)) {
    const auto oldest = answers_.find(order_.front().second);
    octets_ -= oldest->second.response.size();
    answers_.erase(oldest);
    order_.pop_front();
  }
}

}  // namespace l2tp::api
