// Configuration files: no text may do more than be refused.

#include <cstddef>
#include <cstdint>

#include "server/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  (void)l2tp::config::ParseConfig(text, "fuzz.yaml").ok();
  return 0;
}
