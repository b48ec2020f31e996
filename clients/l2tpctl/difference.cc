#include "clients/l2tpctl/difference.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/l2tpctl/layout.h"
#include "clients/l2tpctl/manifest.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"

namespace l2tp::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kNone[] = "none";

std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(message, &field, index)
                      : reflection->GetString(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return (repeated ? reflection->GetRepeatedEnum(message, &field, index)
                       : reflection->GetEnum(message, &field))
          ->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32: return absl::StrCat(reflection->GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection->GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64: return absl::StrCat(reflection->GetInt64(message, &field));
    default: {
      const auto& duration =
          static_cast<const google::protobuf::Duration&>(reflection->GetMessage(message, &field));
      return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                                  absl::Nanoseconds(duration.nanos()));
    }
  }
}

// All that is set and can be given, by its path, as text.
void List(const Message& message, const std::string& prefix,
          std::map<std::string, std::string>* texts) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsInput(*field) || field->name() == "secret" || field->name() == "password") continue;
    const std::string path = absl::StrCat(prefix, field->name());
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 0;
    if (field->is_map()) {
      for (int i = 0; i < size; ++i) {
        const Message& entry = reflection->GetRepeatedMessage(message, field, i);
        const auto* type = entry.GetDescriptor();
        (*texts)[absl::StrCat(path, ".",
                              entry.GetReflection()->GetString(entry, type->map_key()))] =
            entry.GetReflection()->GetString(entry, type->map_value());
      }
    } else if (field->is_repeated()) {
      std::vector<std::string> elements;
      for (int i = 0; i < size; ++i) elements.push_back(ValueText(message, *field, i));
      (*texts)[path] = absl::StrJoin(elements, ", ");
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
               field->message_type()->full_name() != "google.protobuf.Duration") {
      List(reflection->GetMessage(message, field), path + ".", texts);
    } else {
      (*texts)[path] = ValueText(message, *field, 0);
    }
  }
}

std::map<std::string, std::string> List(const Message& message) {
  std::map<std::string, std::string> texts;
  List(message, "", &texts);
  return texts;
}

std::string Line(const std::string& path, const std::string& before, const std::string& after) {
  return absl::StrCat(path, ": ", Printable(before), " -> ", Printable(after));
}

std::vector<std::string> Compare(const Message& before, const Message& after, bool only_set) {
  const auto old_texts = List(before);
  const auto new_texts = List(after);
  std::vector<std::string> lines;
  for (const auto& [path, text] : new_texts) {
    const auto old = old_texts.find(path);
    if (old == old_texts.end()) {
      lines.push_back(Line(path, kNone, text));
    } else if (old->second != text) {
      lines.push_back(Line(path, old->second, text));
    }
  }
  for (const auto& [path, text] : old_texts) {
    if (!only_set && !new_texts.contains(path)) lines.push_back(Line(path, text, kNone));
  }
  return lines;
}

}  // namespace

std::vector<std::string> Differences(const Message& before, const Message& after) {
  return Compare(before, after, false);
}

std::vector<std::string> DifferencesOfSet(const Message& before, const Message& after) {
  return Compare(before, after, true);
}

std::string Fingerprint(const Message& resource) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](const std::string& text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;  // no octet of UTF-8
  };
  for (const auto& [path, text] : List(resource)) {
    if (path.rfind("labels.", 0) == 0) continue;
    add(path);
    add(text);
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace l2tp::ctl
