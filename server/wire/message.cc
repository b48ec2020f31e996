#include "server/wire/message.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/wire/avp_table.h"
#include "server/wire/value_codec.h"

namespace l2tp::wire {
namespace {

// "(Tx) Connect Speed" -> "Tx-Connect-Speed": one word for a log line.
void AppendKey(absl::string_view name, std::string* out) {
  for (char c : name) {
    if (c == ' ') {
      out->push_back('-');
    } else if (c != '(' && c != ')') {
      out->push_back(c);
    }
  }
}

bool IsProxyAuthen(AvpType type) {
  return type >= AvpType::kProxyAuthenType && type <= AvpType::kProxyAuthenResponse;
}

std::string DescribeValue(const AvpRow* row, const RawAvp& avp) {
  const auto size = [&avp](absl::string_view what) {
    return absl::StrCat("<", what, avp.value.size(), " octets>");
  };
  if (avp.hidden) return size("hidden, ");
  if (row == nullptr || IsProxyAuthen(row->type)) return size("");
  AvpValue value;
  if (ReadValue(*row, avp.value, &value) != ErrorCode::kNone) return size("malformed, ");
  return ValueToString(*row, value);
}

}  // namespace

std::string DescribeAvps(const RawMessage& raw, size_t most) {
  std::string text;
  for (const RawAvp& avp : raw.avps) {
    const AvpRow* row = FindAvp(avp.vendor_id, avp.type);
    if (row != nullptr && row->type == AvpType::kMessageType) continue;
    std::string one = text.empty() ? "" : " ";
    if (row == nullptr) {
      absl::StrAppend(&one, "AVP-", avp.vendor_id, "-", avp.type);
    } else {
      AppendKey(row->name, &one);
    }
    absl::StrAppend(&one, "=", DescribeValue(row, avp));
    if (text.size() + one.size() > most) return text + (text.empty() ? "..." : " ...");
    text += one;
  }
  return text;
}

Message& Message::Add(AvpType avp_type, AvpValue value) {
  avps_.push_back({avp_type, std::move(value)});
  return *this;
}

bool Message::Has(AvpType avp_type) const {
  return std::any_of(avps_.begin(), avps_.end(),
                     [avp_type](const Avp& avp) { return avp.type == avp_type; });
}

std::string Message::ToString() const {
  std::string text(MessageTypeName(type_));
  for (const Avp& avp : avps_) {
    const AvpRow* row = FindAvp(avp.type);
    text.push_back(' ');
    if (row == nullptr) {
      absl::StrAppend(&text, "AVP-", VendorOf(avp.type), "-", NumberOf(avp.type));
      continue;
    }
    AppendKey(row->name, &text);
    absl::StrAppend(&text, "=", ValueToString(*row, avp.value));
  }
  return text;
}

}  // namespace l2tp::wire
