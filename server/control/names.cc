#include "server/control/names.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace l2tp::control {

bool IsResourceId(absl::string_view id) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= 63 && is_letter(id.front()) && id.back() != '-' &&
         std::all_of(id.begin(), id.end(), is_inner);
}

bool IsName(absl::string_view collection, absl::string_view name) {
  return absl::ConsumePrefix(&name, collection) && absl::ConsumePrefix(&name, "/") &&
         IsResourceId(name);
}

std::string MakeResourceId(absl::string_view prefix, RandomSource* random) {
  constexpr char kAlphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";  // 32, none looks like another
  std::string id = absl::StrCat(prefix, "-");
  uint64_t bits = random->NextU64();
  for (int i = 0; i < 8; ++i, bits >>= 5) id.push_back(kAlphabet[bits & 31]);
  return id;
}

std::string MakeUid(RandomSource* random) {
  return absl::StrCat(absl::Hex(random->NextU64(), absl::kZeroPad16));
}

std::string SessionName(absl::string_view tunnel, absl::string_view id) {
  return absl::StrCat(tunnel, "/sessions/", id);
}

}  // namespace l2tp::control
