// Text from elsewhere, made fit for protobuf.

#ifndef L2TP_SERVER_API_TEXT_H_
#define L2TP_SERVER_API_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace l2tp::api {

// `text` as valid UTF-8: each octet that is not part of a well-formed character becomes U+FFFD.
//
// Host names, messages and user names come from peers and pppd and may hold any octets; a protobuf
// string must be UTF-8, and clients in some languages refuse the whole message otherwise.
std::string CleanText(absl::string_view text);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_TEXT_H_
