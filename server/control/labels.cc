#include "server/control/labels.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/control/checks.h"

namespace l2tp::control {
namespace {

constexpr size_t kMaxKey = 63;
constexpr size_t kMaxValue = 253;

bool IsKey(absl::string_view key) {
  return !key.empty() && key.size() <= kMaxKey && absl::ascii_islower(key.front()) &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  absl::string_view("._-/").find(c) != absl::string_view::npos;
         });
}

}  // namespace

absl::Status ValidateLabels(const events::Labels& labels) {
  if (labels.size() > kMaxLabels) {
    return InvalidField("labels", absl::StrCat("are ", labels.size(), ", more than ", kMaxLabels));
  }
  for (const auto& [key, value] : labels) {
    if (!IsKey(key)) {
      return InvalidField("labels",
                          "have a key that is not 1 to 63 characters of a-z, 0-9, and . _ - /, "
                          "beginning with a letter");
    }
    if (const absl::Status status = CheckText("labels", value, kMaxValue); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEtag(absl::string_view name, absl::string_view wanted, absl::string_view etag) {
  if (wanted.empty() || wanted == etag) return absl::OkStatus();
  return MakeError(Reason::kEtagMismatch,
                   absl::StrCat(name, " has changed: its etag is not ", wanted, " but ", etag),
                   {{"name", std::string(name)}, {"etag", std::string(etag)}});
}

}  // namespace l2tp::control
