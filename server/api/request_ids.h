// Answers that may have been lost on their way: request ids.

#ifndef L2TP_SERVER_API_REQUEST_IDS_H_
#define L2TP_SERVER_API_REQUEST_IDS_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace l2tp::api {

// Remembers for 10 minutes, of the last 4096 calls with a request_id and of at most 16 MiB of
// answers, what they were answered.
// Loop thread only.
class RequestIds {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;
  explicit RequestIds(Now now = &std::chrono::steady_clock::now) : now_(std::move(now)) {}

  // Does `work`, which fills in `response`, unless it has been done for this request_id: then the
  // response is what it was. What failed is not remembered: nothing was done.
  // Errors: those of `work`; REQUEST_ID_REUSED when the id belongs to another request. `id`: one
  // that Check() has seen, with whose it is; empty: nothing is remembered.
  absl::Status Once(absl::string_view id, const google::protobuf::Message& request,
                    google::protobuf::Message* response, absl::FunctionRef<absl::Status()> work);

  // FIELD_INVALID for an id that is none.
  static absl::Status Check(absl::string_view id);

 private:
  struct Answer {
    std::string fingerprint;  // of the request, which may hold secrets
    std::string response;
  };
  void DropOld();

  const Now now_;
  absl::flat_hash_map<std::string, Answer> answers_;
  size_t octets_ = 0;  // of the answers
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> order_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_REQUEST_IDS_H_
