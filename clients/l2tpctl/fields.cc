#include "clients/l2tpctl/fields.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "clients/l2tpctl/arguments.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/util/json_util.h"

namespace l2tp::ctl {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kDurationType[] = "google.protobuf.Duration";

absl::Status Wrong(const FieldDescriptor& field, absl::string_view value,
                   absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", value, "\" for ", field.name(), " is not ", expected));
}

// Decimal, or hexadecimal with "0x".
bool ParseNumber(absl::string_view text, int64_t* value) {
  if (absl::StartsWith(text, "0x")) return absl::SimpleHexAtoi(text, value);
  return absl::SimpleAtoi(text, value);
}

// "AUTH_METHOD_PAP" for "pap", "PAP", "auth-method-pap".
const EnumValueDescriptor* FindEnumerator(const FieldDescriptor& field, absl::string_view text) {
  const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}});
  const auto* type = field.enum_type();
  for (int i = 1; i < type->value_count(); ++i) {
    const std::string& name = type->value(i)->name();
    if (name == wanted || absl::EndsWith(name, absl::StrCat("_", wanted))) return type->value(i);
  }
  return nullptr;
}

absl::Status SetNumber(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const Reflection* reflection = message->GetReflection();
  int64_t value = 0;
  const bool by_path = text == "auto" && (field.name() == "mtu" || field.name() == "mru");
  if (!by_path && !ParseNumber(text, &value)) return Wrong(field, text, "a number");
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (value < std::numeric_limits<int32_t>::min() ||
          value > std::numeric_limits<int32_t>::max()) {
        return Wrong(field, text, "a number of 32 bits");
      }
      reflection->SetInt32(message, &field, static_cast<int32_t>(value));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32:
      if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
        return Wrong(field, text, "a number between 0 and 4294967295");
      }
      reflection->SetUInt32(message, &field, static_cast<uint32_t>(value));
      return absl::OkStatus();
    default: reflection->SetInt64(message, &field, value); return absl::OkStatus();
  }
}

absl::Status SetDuration(const FieldDescriptor& field, absl::string_view text, Message* message) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return Wrong(field, text, "a duration such as 30s or 1500ms");
  }
  auto* out = static_cast<google::protobuf::Duration*>(
      message->GetReflection()->MutableMessage(message, &field));
  out->set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return absl::OkStatus();
}

absl::Status AddElement(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const Reflection* reflection = message->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection->AddString(message, &field, std::string(text));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const EnumValueDescriptor* value = FindEnumerator(field, text);
    if (value == nullptr) return Wrong(field, text, "one of its values");
    reflection->AddEnum(message, &field, value);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(field.name(), " can only be given in a file (-f)"));
  }
  return absl::OkStatus();
}

absl::Status AddElements(const FieldDescriptor& field, absl::string_view text, Message* message) {
  for (absl::string_view element : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    absl::Status status = AddElement(field, element, message);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Names of other resources may be short: "home" for "profiles/home".
std::string Expanded(const FieldDescriptor& field, absl::string_view text) {
  if (text.empty()) return "";
  if (field.name() == "parent" && field.containing_type()->name() == "Profile") {
    return FullName("profiles", std::string(text));
  }
  if (field.name() == "profile") return FullName("profiles", std::string(text));
  if (field.name() == "pool") return FullName("pools", std::string(text));
  return std::string(text);
}

absl::Status SetLeaf(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const Reflection* reflection = message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) return Wrong(field, text, "true or false");
      reflection->SetBool(message, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, &field, Expanded(field, text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_INT64: return SetNumber(field, text, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == kDurationType) {
        return SetDuration(field, text, message);
      }
      return absl::InvalidArgumentError(absl::StrCat(field.name(), " has fields of its own"));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* value = FindEnumerator(field, text);
      if (value == nullptr) return Wrong(field, text, "one of its values");
      reflection->SetEnum(message, &field, value);
      return absl::OkStatus();
    }
    default: return absl::InvalidArgumentError(absl::StrCat(field.name(), " cannot be set"));
  }
}

}  // namespace

absl::Status SetField(absl::string_view path, absl::string_view value, Message* message) {
  const size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no field \"", name, "\" in ", message->GetDescriptor()->name()));
  }
  if (name == "secret" || name == "password") {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must not stand on a command line: give it by --", name, "-file"));
  }
  if (dot == absl::string_view::npos) {
    return field->is_repeated() ? AddElements(*field, value, message)
                                : SetLeaf(*field, value, message);
  }
  if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has no fields that can be set"));
  }
  return SetField(path.substr(dot + 1), value,
                  message->GetReflection()->MutableMessage(message, field));
}

absl::Status SetText(const FieldDescriptor& field, absl::string_view text, Message* message) {
  return field.is_repeated() ? AddElement(field, text, message) : SetLeaf(field, text, message);
}

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  // Input-only fields never hold anything here, and "" would look as if no secret were set. A
  // quote inside of a value is written \", so this finds keys only.
  return absl::StrReplaceAll(json, {{"\"secret\":\"\",", ""},
                                    {",\"secret\":\"\"", ""},
                                    {"\"password\":\"\",", ""},
                                    {",\"password\":\"\"", ""}});
}

absl::Status FromJson(absl::string_view json, Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::string_view(status.message().data(), status.message().size()));
}

}  // namespace l2tp::ctl
