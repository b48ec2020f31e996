// Where a subscriber stands in the event log, as opaque text.

#ifndef L2TP_SERVER_EVENTS_RESUME_TOKEN_H_
#define L2TP_SERVER_EVENTS_RESUME_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace l2tp::events {

// "Everything up to `revision` of the daemon run `epoch` has been seen."
struct ResumePoint {
  uint64_t epoch = 0;
  int64_t revision = 0;  // 0: nothing yet

  friend bool operator==(const ResumePoint&, const ResumePoint&) = default;
};

// 24 characters that are safe in URLs and shells.
std::string EncodeResumeToken(const ResumePoint& point);

// nullopt for text that EncodeResumeToken did not make.
std::optional<ResumePoint> DecodeResumeToken(absl::string_view token);

}  // namespace l2tp::events

#endif  // L2TP_SERVER_EVENTS_RESUME_TOKEN_H_
