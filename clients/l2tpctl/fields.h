// Setting fields of messages by their paths, and messages as JSON.

#ifndef L2TP_CLIENTS_L2TPCTL_FIELDS_H_
#define L2TP_CLIENTS_L2TPCTL_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace l2tp::ctl {

// Sets the field at `path` ("ppp.mtu") of `message` from text: numbers (0x... too), "true" and
// "false", durations ("30s", "1500ms"), enumerators in any case with or without their prefix
// ("mschapv2"). A list takes values separated by commas. INVALID_ARGUMENT says what is wrong.
// Secrets are refused: they do not belong on a command line.
absl::Status SetField(absl::string_view path, absl::string_view value,
                      google::protobuf::Message* message);

// Sets one field, or adds an element to it, from text as above; secrets too.
absl::Status SetText(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                     google::protobuf::Message* message);

// One line of JSON with the field names of the API, defaults included, input-only fields left out.
std::string ToJson(const google::protobuf::Message& message);

// Reads what ToJson writes, and any other JSON form of the message. Replaces what is there.
absl::Status FromJson(absl::string_view json, google::protobuf::Message* message);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_FIELDS_H_
