#include "clients/l2tpctl/yaml.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/fields.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/struct.pb.h"
#include "yaml-cpp/yaml.h"

namespace l2tp::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMostDepth = 50;
constexpr int kMostNodes = 100'000;  // anchors make a short text long

// Whether text needs no quotes, for readers of YAML 1.1 and 1.2 alike: begins as a name or a path
// does, has nothing that means something, and is none of their words.
bool IsPlain(const std::string& text) {
  static const std::set<std::string> words = {"true", "false", "yes", "no", "on",
                                              "off",  "null",  "y",   "n"};
  if (text.empty() || !(absl::ascii_isalpha(text[0]) || text[0] == '/')) return false;
  const auto harmless = [](char c) {
    return absl::ascii_isalnum(c) || std::string("_-./@+").find(c) != std::string::npos;
  };
  return std::all_of(text.begin(), text.end(), harmless) &&
         words.count(absl::AsciiStrToLower(text)) == 0;
}

void EmitText(const std::string& text, YAML::Emitter* out) {
  if (!IsPlain(text)) *out << YAML::DoubleQuoted;
  *out << text;
}

bool IsNumber(const FieldDescriptor* field) {
  if (field == nullptr) return false;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64: return true;
    default: return false;
  }
}

// The field that holds `key` of `message`, as far as that is known.
const FieldDescriptor* FieldOf(const Descriptor* message, const std::string& key) {
  if (message == nullptr) return nullptr;
  if (message->options().map_entry()) return message->map_value();
  return message->FindFieldByName(key);
}

// `node` is JSON, in which 64-bit numbers are quoted: `field` tells them from text.
void Emit(const YAML::Node& node, const FieldDescriptor* field, const Descriptor* message,
          YAML::Emitter* out) {
  if (node.IsMap()) {
    *out << YAML::BeginMap;
    for (const auto& item : node) {
      const std::string key = item.first.Scalar();
      const FieldDescriptor* inner = FieldOf(message, key);
      *out << YAML::Key;
      EmitText(key, out);
      *out << YAML::Value;
      Emit(item.second, inner, inner == nullptr ? nullptr : inner->message_type(), out);
    }
    *out << YAML::EndMap;
  } else if (node.IsSequence()) {
    *out << YAML::BeginSeq;
    for (const auto& item : node) Emit(item, field, message, out);
    *out << YAML::EndSeq;
  } else if (node.IsNull()) {
    *out << YAML::Null;
  } else if (node.Tag() == "!" && !IsNumber(field)) {
    EmitText(node.Scalar(), out);
  } else {
    *out << node.Scalar();
  }
}

// As the JSON that it stands for. JSON takes numbers in quotes, so plain text need not be told
// from numbers.
absl::Status ToValue(const YAML::Node& node, int depth, int* nodes,
                     google::protobuf::Value* value) {
  if (depth > kMostDepth) return absl::InvalidArgumentError("it is nested too deeply");
  if (++*nodes > kMostNodes) return absl::InvalidArgumentError("it is too long");
  if (node.IsMap()) {
    auto* fields = value->mutable_struct_value()->mutable_fields();
    for (const auto& item : node) {
      if (!item.first.IsScalar()) return absl::InvalidArgumentError("a key is no text");
      const std::string& key = item.first.Scalar();
      if (fields->count(key) > 0) {
        return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is there twice"));
      }
      absl::Status status = ToValue(item.second, depth + 1, nodes, &(*fields)[key]);
      if (!status.ok()) return status;
    }
  } else if (node.IsSequence()) {
    value->mutable_list_value();
    for (const auto& item : node) {
      absl::Status status =
          ToValue(item, depth + 1, nodes, value->mutable_list_value()->add_values());
      if (!status.ok()) return status;
    }
  } else if (!node.IsScalar()) {
    value->set_null_value(google::protobuf::NULL_VALUE);
  } else if (node.Tag() != "!" && (node.Scalar() == "true" || node.Scalar() == "false")) {
    value->set_bool_value(node.Scalar() == "true");
  } else {
    value->set_string_value(node.Scalar());
  }
  return absl::OkStatus();
}

absl::Status Convert(absl::string_view yaml, google::protobuf::Value* value) {
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() > 1) return absl::InvalidArgumentError("there is more than one document");
    if (documents.empty() || !documents[0].IsMap()) {
      return absl::InvalidArgumentError("it is neither a JSON object nor a YAML mapping");
    }
    int nodes = 0;
    return ToValue(documents[0], 0, &nodes, value);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

}  // namespace

std::string ToYaml(const Message& message) {
  YAML::Emitter out;
  // Structs are their own fields: nothing is known of them beforehand.
  const Descriptor* type = message.GetDescriptor();
  if (type == google::protobuf::Struct::descriptor()) type = nullptr;
  Emit(YAML::Load(ToJson(message)), nullptr, type, &out);
  return absl::StrCat(out.c_str(), "\n");
}

absl::Status FromYaml(absl::string_view yaml, Message* message) {
  google::protobuf::Value value;
  if (absl::Status status = Convert(yaml, &value); !status.ok()) return status;
  return FromJson(ToJson(value), message);
}

}  // namespace l2tp::ctl
