#include "server/api/audit.h"

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "server/base/error.h"
#include "server/base/quote.h"

namespace l2tp::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Names are short; a caller may send anything.
constexpr size_t kMaxName = 200;

const FieldDescriptor* StringField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return text ? field : nullptr;
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

}  // namespace

std::string AuditLine(const AuditEntry& entry) {
  std::string line = absl::StrCat("audit who=", entry.who, " role=", RoleName(entry.role));
  if (!entry.peer.empty()) absl::StrAppend(&line, " peer=", entry.peer);
  absl::StrAppend(&line, " method=", entry.method);
  if (!entry.name.empty()) {
    absl::StrAppend(&line, " name=", Quoted(absl::string_view(entry.name).substr(0, kMaxName)));
  }
  if (entry.only_checked) absl::StrAppend(&line, " validate_only=true");
  absl::StrAppend(&line, " result=", absl::StatusCodeToString(entry.result.code()));
  if (const auto info = GetErrorInfo(entry.result)) {
    absl::StrAppend(&line, " reason=", info->reason);
  }
  if (entry.suppressed > 0) absl::StrAppend(&line, " suppressed=", entry.suppressed);
  return line;
}

bool IsOnlyChecked(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
         message.GetReflection()->GetBool(message, field);
}

std::string NameIn(const Message& message) {
  if (const FieldDescriptor* name = StringField(message, "name")) return TextOf(message, name);
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    absl::string_view collection = field->name();
    // "tunnel_id" stands beside "tunnel"; other ids are of other things.
    if (!absl::ConsumeSuffix(&collection, "_id") ||
        StringField(message, field->name()) == nullptr ||
        type.FindFieldByName(std::string(collection)) == nullptr) {
      continue;
    }
    const std::string parent = TextOf(message, StringField(message, "parent"));
    return absl::StrCat(parent, parent.empty() ? "" : "/", collection, "s/",
                        TextOf(message, field));
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const Message& inner = message.GetReflection()->GetMessage(message, field);
    if (const FieldDescriptor* name = StringField(inner, "name")) return TextOf(inner, name);
  }
  const std::string parent = TextOf(message, StringField(message, "parent"));
  // Of a call about all that match: what they were to match. Filters hold no secrets.
  const FieldDescriptor* filter = type.FindFieldByName("filter");
  if (filter == nullptr || filter->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return parent;
  const Message& inner = message.GetReflection()->GetMessage(message, filter);
  const std::string text = inner.ShortDebugString();
  return absl::StrCat(parent, parent.empty() || text.empty() ? "" : " ", text);
}

Instant SteadyNow() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return Instant::FromNanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::optional<int> LineLimit::Admit(Instant now) {
  if (now - begin_ >= interval_) {
    begin_ = now;
    written_ = 0;
  }
  if (written_ >= lines_) {
    ++suppressed_;
    return std::nullopt;
  }
  ++written_;
  return std::exchange(suppressed_, 0);
}

}  // namespace l2tp::api
