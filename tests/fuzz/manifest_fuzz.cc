// Files for `l2tpctl apply`: no text may do more than be refused, no error may spoil a terminal,
// and what is written of a manifest is read as the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "clients/l2tpctl/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto no_files = [](const std::string& path) -> absl::StatusOr<std::string> {
    return absl::NotFoundError(path);
  };
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto manifest = l2tp::ctl::ParseManifest(text, "fuzz.yaml", no_files);
  if (manifest.ok()) {
    const std::string written = l2tp::ctl::FormatManifest(*manifest);
    const auto again = l2tp::ctl::ParseManifest(written, "again.yaml", no_files);
    if (!again.ok() || l2tp::ctl::FormatManifest(*again) != written) std::abort();
    return 0;
  }
  const absl::string_view message = manifest.status().message();
  if (!absl::StartsWith(message, "fuzz.yaml:")) std::abort();
  for (const char c : message) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) std::abort();
  }
  return 0;
}
