// Foreign text in log lines.

#ifndef L2TP_SERVER_BASE_QUOTE_H_
#define L2TP_SERVER_BASE_QUOTE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace l2tp {

// `text` in quotes that a reader can take apart: `a"b` gives `"a\"b"`, a control character "\x1b".
// Text from peers must not forge a second field or line.
inline std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) {
      absl::StrAppend(&quoted, "\\x", absl::Hex(octet, absl::kZeroPad2));
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_QUOTE_H_
