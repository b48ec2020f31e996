// In which form a command gives its answer.

#ifndef L2TP_CLIENTS_L2TPCTL_OUTPUT_H_
#define L2TP_CLIENTS_L2TPCTL_OUTPUT_H_

#include <string>

#include "clients/l2tpctl/fields.h"
#include "clients/l2tpctl/yaml.h"
#include "google/protobuf/message.h"

namespace l2tp::ctl {

enum class Output {
  kTable,  // for people
  kWide,   // for people, with more columns, and not cut
  kJson,   // an object or a list a line
  kYaml,   // a document a resource
};

inline bool IsForPrograms(Output output) {
  return output == Output::kJson || output == Output::kYaml;
}

// One message; JSON unless it is to be YAML. Ends with a line break.
inline std::string Encode(const google::protobuf::Message& message, Output output) {
  return output == Output::kYaml ? ToYaml(message) : ToJson(message) + "\n";
}

// One of many that come one by one: each YAML document begins with "---".
inline std::string EncodeItem(const google::protobuf::Message& message, Output output) {
  return (output == Output::kYaml ? "---\n" : "") + Encode(message, output);
}

// A list: one line of JSON, or YAML documents with "---" between them.
template <typename Messages>
std::string EncodeList(const Messages& messages, Output output) {
  const bool yaml = output == Output::kYaml;
  std::string text;
  for (const auto& message : messages) {
    if (!text.empty()) text += yaml ? "---\n" : ",";
    text += yaml ? ToYaml(message) : ToJson(message);
  }
  return yaml ? text : "[" + text + "]\n";
}

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_OUTPUT_H_
