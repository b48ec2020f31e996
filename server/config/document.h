// The text of a configuration file as a tree of YAML nodes.

#ifndef L2TP_SERVER_CONFIG_DOCUMENT_H_
#define L2TP_SERVER_CONFIG_DOCUMENT_H_

#include <yaml-cpp/yaml.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l2tp::config {

constexpr size_t kMaxFileSize = size_t{1} << 20;
constexpr int kMaxDepth = 16;

// InvalidArgument "FILE:LINE:COLUMN: problem".
absl::Status ErrorAt(absl::string_view file, const YAML::Mark& mark, absl::string_view problem);

// Takes one document in UTF-8, at most kMaxFileSize octets and kMaxDepth lists and mappings deep,
// without control characters, anchors, aliases and tags. Nothing of the text gets into an error.
absl::StatusOr<YAML::Node> ReadDocument(absl::string_view text, absl::string_view file);

}  // namespace l2tp::config

#endif  // L2TP_SERVER_CONFIG_DOCUMENT_H_
