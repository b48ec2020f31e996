// Pages of List calls.

#ifndef L2TP_SERVER_API_PAGING_H_
#define L2TP_SERVER_API_PAGING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/specs.h"

namespace l2tp::api {

// What page_size and page_token of a request ask for: 0 is 100 items, more than 1000 are 1000.
// `scope` is whatever else decides what is listed (the parent); a token is good for one scope only.
// Errors: FIELD_INVALID for a negative page_size and for a token that was not made for `scope`.
absl::StatusOr<control::PageRequest> ParsePage(int32_t page_size, absl::string_view page_token,
                                               absl::string_view scope);

// The token of the page behind `last_name`.
std::string MakePageToken(absl::string_view last_name, absl::string_view scope);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_PAGING_H_
