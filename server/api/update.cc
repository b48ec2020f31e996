#include "server/api/update.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"

namespace l2tp::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;

constexpr char kAll[] = "*";
// Ours have fields to be named; Duration and the like are values.
constexpr absl::string_view kPackage = "l2tp.";

bool HasFields(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
         absl::StartsWith(field.message_type()->full_name(), kPackage);
}

// The fields that a path goes through; none when it is not one of `descriptor`.
std::vector<const FieldDescriptor*> Resolve(const Descriptor* descriptor, absl::string_view path) {
  std::vector<const FieldDescriptor*> fields;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field =
        descriptor == nullptr ? nullptr : descriptor->FindFieldByName(std::string(part));
    if (field == nullptr) return {};
    fields.push_back(field);
    descriptor = HasFields(*field) ? field->message_type() : nullptr;
  }
  return fields;
}

// `to` has of `field` what `from` has, or nothing.
void Copy(const FieldDescriptor* field, const Message& from, Message* to) {
  to->GetReflection()->ClearField(to, field);
  // A message with this field alone can be merged, whatever its type is.
  const std::unique_ptr<Message> alone(from.New());
  alone->CopyFrom(from);
  std::vector<const FieldDescriptor*> set;
  alone->GetReflection()->ListFields(*alone, &set);
  for (const FieldDescriptor* other : set) {
    if (other != field) alone->GetReflection()->ClearField(alone.get(), other);
  }
  to->MergeFrom(*alone);
}

// What clears does not make the messages that it is in.
void CopyPath(const std::vector<const FieldDescriptor*>& fields, const Message& from, Message* to) {
  const Message* source = &from;
  for (size_t i = 0; i + 1 < fields.size(); ++i) {
    const bool nothing = !source->GetReflection()->HasField(*source, fields[i]);
    if (nothing && !to->GetReflection()->HasField(*to, fields[i])) return;
    source = &source->GetReflection()->GetMessage(*source, fields[i]);
    to = to->GetReflection()->MutableMessage(to, fields[i]);
  }
  Copy(fields.back(), *source, to);
}

// Paths of all that is set, down to values.
void ListPaths(const Message& message, const std::string& prefix, std::vector<std::string>* paths) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const std::string path = absl::StrCat(prefix, field->name());
    const size_t before = paths->size();
    if (HasFields(*field)) {
      ListPaths(message.GetReflection()->GetMessage(message, field), path + ".", paths);
    }
    if (paths->size() == before) paths->push_back(path);  // a value, or there and empty
  }
}

std::string TextAt(const Message& message, absl::string_view path) {
  const auto fields = Resolve(message.GetDescriptor(), path);
  const Message* at = &message;
  for (size_t i = 0; i + 1 < fields.size(); ++i) {
    at = &at->GetReflection()->GetMessage(*at, fields[i]);
  }
  return at->GetReflection()->GetString(*at, fields.back());
}

}  // namespace

absl::Status CheckMask(const FieldMask& mask, const Message& message) {
  for (const std::string& path : mask.paths()) {
    if (path == kAll || !Resolve(message.GetDescriptor(), path).empty()) continue;
    return InvalidField("update_mask", absl::StrCat("there is no field \"", path, "\""));
  }
  return absl::OkStatus();
}

bool Touches(const FieldMask& mask, const Message& changes, absl::string_view path) {
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths.empty()) ListPaths(changes, "", &paths);
  return std::any_of(paths.begin(), paths.end(), [path](absl::string_view named) {
    return named == kAll || named == path || absl::StartsWith(path, absl::StrCat(named, "."));
  });
}

void Merge(const Message& changes, const FieldMask& mask, absl::Span<const Secret> secrets,
           Message* resource) {
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths.empty()) ListPaths(changes, "", &paths);
  const bool all = std::find(paths.begin(), paths.end(), kAll) != paths.end();
  std::unique_ptr<Message> merged(resource->New());
  merged->CopyFrom(all ? changes : *resource);
  for (const std::string& path : paths) {
    if (path != kAll) CopyPath(Resolve(changes.GetDescriptor(), path), changes, merged.get());
  }
  for (const Secret& secret : secrets) {
    const bool named = std::find(paths.begin(), paths.end(), secret.path) != paths.end();
    const bool given = !TextAt(changes, secret.path).empty();
    if (named || given || TextAt(*resource, secret.path).empty()) continue;
    if (!secret.goes_with.empty()) {
      const std::string owner = TextAt(*merged, secret.goes_with);
      if (owner.empty() || owner != TextAt(*resource, secret.goes_with)) {
        CopyPath(Resolve(changes.GetDescriptor(), secret.path), changes, merged.get());
        continue;
      }
    }
    CopyPath(Resolve(resource->GetDescriptor(), secret.path), *resource, merged.get());
  }
  resource->CopyFrom(*merged);
}

}  // namespace l2tp::api
