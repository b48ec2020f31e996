// Messages as YAML.

#ifndef L2TP_CLIENTS_L2TPCTL_YAML_H_
#define L2TP_CLIENTS_L2TPCTL_YAML_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace l2tp::ctl {

// What ToJson() gives, as a YAML document in block style without "---". Text that another reader
// could take for a number, a date or a truth value is quoted.
std::string ToYaml(const google::protobuf::Message& message);

// Reads what ToYaml() writes, and any other YAML form of the message's JSON: one document, a
// mapping, without anchors. INVALID_ARGUMENT says what is wrong. Replaces what is there.
absl::Status FromYaml(absl::string_view yaml, google::protobuf::Message* message);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_YAML_H_
