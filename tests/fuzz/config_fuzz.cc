// Configuration files: no text may do more than be refused, and no error may spoil a terminal.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = l2tp::config::ParseConfig(text, "fuzz.yaml");
  if (config.ok()) return 0;
  const absl::string_view message = config.status().message();
  if (!absl::StartsWith(message, "fuzz.yaml:")) std::abort();
  for (const char c : message) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) std::abort();
  }
  return 0;
}
