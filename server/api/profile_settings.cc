#include "server/api/profile_settings.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace l2tp::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// nullptr when there is none.
const FieldDescriptor* FindField(const Message& message, absl::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

bool HasField(const Message& message, const FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

}  // namespace

bool HasSetting(const v1::Profile& profile, absl::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* section = FindField(profile, path.substr(0, dot));
  if (section == nullptr || !HasField(profile, section)) return false;
  const Message& settings = profile.GetReflection()->GetMessage(profile, section);
  const FieldDescriptor* field = FindField(settings, path.substr(dot + 1));
  return field != nullptr && HasField(settings, field);
}

void ClearSetting(absl::string_view path, v1::Profile* profile) {
  if (!HasSetting(*profile, path)) return;
  const size_t dot = path.find('.');
  const FieldDescriptor* section = FindField(*profile, path.substr(0, dot));
  Message* settings = profile->GetReflection()->MutableMessage(profile, section);
  settings->GetReflection()->ClearField(settings, FindField(*settings, path.substr(dot + 1)));
}

}  // namespace l2tp::api
