#include "server/api/request_ids.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
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

// Not to be turned back into the request, and of this process only.
std::string Fingerprint(const google::protobuf::Message& request) {
  std::string text = request.GetDescriptor()->full_name();
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // of maps
    // Appends, as the stream began at the end of the text.
    request.SerializeToCodedStream(&coded);
  }
  return absl::StrCat(text.size(), ":", absl::Hash<std::string>()(text));
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
