#include "server/control/checks.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/control/names.h"

namespace l2tp::control {

absl::Status CheckRange(absl::string_view field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InvalidField(field, absl::StrCat(value, " is not between ", least, " and ", most));
}

absl::Status CheckText(absl::string_view field, absl::string_view text, size_t most) {
  if (text.size() > most) {
    return InvalidField(field, absl::StrCat(text.size(), " characters are more than ", most));
  }
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= 0x20 && octet != 0x7f;
  });
  if (!printable) return InvalidField(field, "control characters are not allowed");
  return absl::OkStatus();
}

absl::Status CheckSecret(absl::string_view field, absl::string_view secret) {
  if (secret.size() > kMaxSecret) return InvalidField(field, "longer than 255 characters");
  if (secret.find('\0') != absl::string_view::npos) return InvalidField(field, "holds a NUL");
  return absl::OkStatus();
}

absl::Status CheckReference(absl::string_view field, absl::string_view collection,
                            absl::string_view name) {
  if (name.empty() || IsName(collection, name)) return absl::OkStatus();
  return InvalidField(field,
                      absl::StrCat("\"", name, "\" is not of the form ", collection, "/{id}"));
}

absl::Status CheckName(absl::string_view collection, absl::string_view name) {
  if (name.empty()) return MissingField("name");
  return CheckReference("name", collection, name);
}

std::optional<Endpoint> ParseServer(absl::string_view text) {
  const size_t colon = text.find(':');
  const auto address = IpAddress::Parse(text.substr(0, colon));
  if (!address.has_value()) return std::nullopt;
  Endpoint server{*address, 0};
  if (colon == absl::string_view::npos) return server;
  int port = 0;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 1 || port > 65535) {
    return std::nullopt;
  }
  server.port = static_cast<uint16_t>(port);
  return server;
}

}  // namespace l2tp::control
