#include "server/api/paging.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;

// Neither names nor scopes hold line breaks.
std::string TokenPrefix(absl::string_view scope) { return absl::StrCat("page1\n", scope, "\n"); }

}  // namespace

absl::StatusOr<control::PageRequest> ParsePage(int32_t page_size, absl::string_view page_token,
                                               absl::string_view scope) {
  if (page_size < 0) {
    return InvalidField("page_size",
                        absl::StrCat(page_size, " is negative; 0 means ", kDefaultPageSize));
  }
  control::PageRequest page;
  page.size = page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
  if (page_token.empty()) return page;

  std::string plain;
  absl::string_view rest;
  if (absl::WebSafeBase64Unescape(page_token, &plain)) rest = plain;
  if (!absl::ConsumePrefix(&rest, TokenPrefix(scope)) || rest.empty()) {
    return InvalidField("page_token", "is not the next_page_token of a page of this listing");
  }
  page.after = std::string(rest);
  return page;
}

std::string MakePageToken(absl::string_view last_name, absl::string_view scope) {
  return absl::WebSafeBase64Escape(absl::StrCat(TokenPrefix(scope), last_name));
}

}  // namespace l2tp::api
