// What an operator's authenticator answers, behind an octet whose lowest bit says whether a
// password is needed. It is refused, in printable words that repeat nothing, or all of it can be
// used.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "server/auth/messages.h"

namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

bool IsUsable(const l2tp::control::Authorization& answer, bool needs_password) {
  if (!answer.accepted) return answer.reason.size() <= 200 && !answer.password.has_value();
  if (needs_password && !answer.password.has_value()) return false;
  if (answer.password.has_value() && (answer.password->empty() || answer.password->size() > 255 ||
                                      answer.password->find('\0') != std::string::npos)) {
    return false;
  }
  for (const l2tp::IpAddress& server : answer.dns) {
    if (!server.is_v4()) return false;
  }
  const l2tp::Duration none;
  return (!answer.address.is_set() || answer.address.is_v4()) && answer.dns.size() <= 2 &&
         (!answer.interface_id.is_set() || answer.interface_id.v6_lower() != 0) &&
         answer.routes.size() <= 64 && answer.session_timeout >= none &&
         answer.idle_timeout >= none && answer.interim_interval >= none &&
         answer.downstream_rate >= 0 && answer.upstream_rate >= 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool needs_password = (data[0] & 1) != 0;
  l2tp::auth::v1::AuthorizeResponse response;
  if (!response.ParseFromArray(data + 1, static_cast<int>(size - 1))) return 0;
  const auto answer = l2tp::auth::FromProto(response, needs_password);
  if (answer.ok()) {
    Require(IsUsable(*answer, needs_password), "an answer that is taken can be used");
    return 0;
  }
  for (const char c : answer.status().message()) {
    Require(absl::ascii_isprint(static_cast<unsigned char>(c)), "a refusal is printable");
  }
  // Whatever the password is, as long as it can be one, the words are the same.
  if (!response.accept().has_password()) return 0;
  const std::string refusal(answer.status().message());
  response.mutable_accept()->set_password("another");
  const auto other = l2tp::auth::FromProto(response, needs_password);
  const bool about_password = refusal == "password is not 1 to 255 octets without NUL";
  Require(about_password || (!other.ok() && other.status().message() == refusal),
          "a refusal does not depend on the password");
  return 0;
}
