#include "server/config/section.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/config/document.h"
#include "server/config/secret_file.h"
#include "server/control/checks.h"

namespace l2tp::config {
namespace {

constexpr int64_t kMaxDays = 100'000;  // of a duration that is read

// Neither a sign nor a space nor, but for 0 itself, a leading zero; hexadecimal digits may have
// any.
bool ParseDigits(absl::string_view text, int base, int64_t* value) {
  if (text.empty() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[0]))) return false;
  if (base == 10 && text.size() > 1 && text[0] == '0') return false;
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, *value, base);
  return error == std::errc() && next == end;
}

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

bool ParseEndpoint(absl::string_view text, Endpoint* out) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return false;
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const auto address = IpAddress::Parse(host);
  int64_t port = 0;
  if (!address.has_value() || address->is_v6() != bracketed) return false;
  if (!ParseDigits(text.substr(colon + 1), 10, &port) || port < 1 || port > 65535) return false;
  *out = {*address, static_cast<uint16_t>(port)};
  return true;
}

bool ParseMethod(absl::string_view text, control::AuthMethod* out) {
  std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"-", "_"}});
  const absl::string_view bare = absl::StripPrefix(name, "auth_method_");
  if (bare == "pap") {
    *out = control::AuthMethod::kPap;
  } else if (bare == "chap_md5") {
    *out = control::AuthMethod::kChapMd5;
  } else if (bare == "mschapv2") {
    *out = control::AuthMethod::kMsChapV2;
  } else {
    return false;
  }
  return true;
}

// "ppp.users[0].name" -> "ppp", "users", "0", "name".
std::vector<std::string> SplitPath(absl::string_view path) {
  return absl::StrSplit(absl::StrReplaceAll(path, {{"[", "."}, {"]", ""}}), '.', absl::SkipEmpty());
}

}  // namespace

Reading::Reading(absl::string_view file, bool read_secrets)
    : file_(file),
      folder_(file.substr(0, file.rfind('/') + 1)),  // npos + 1 is 0
      read_secrets_(read_secrets) {}

void Reading::Fail(const YAML::Node& node, absl::string_view path, absl::string_view problem) {
  if (!ok()) return;
  std::string shown(problem);
  const size_t open = shown.find('"');
  const size_t close = shown.rfind('"');
  const size_t cut = shown.find_first_of(" ,", open);
  if (open != std::string::npos && cut < close) shown.replace(cut, close - cut, "...");
  status_ = ErrorAt(file_, node.Mark(), absl::StrCat(path, path.empty() ? "" : ": ", shown));
}

Section::Section(const YAML::Node& node, std::string path, Reading* reading)
    : node_(node), path_(std::move(path)), reading_(reading) {
  if (!node_.IsDefined()) return;
  if (!node_.IsMap()) {
    reading_->Fail(node_, path_, "is not a mapping of keys to values");
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      reading_->Fail(entry.first, path_, "has a key that is not text");
    } else if (!seen.insert(entry.first.Scalar()).second) {
      reading_->Fail(entry.first, SafePathOf(entry.first, entry.second),
                     "stands here for the second time");
    }
  }
}

std::string Section::PathOf(absl::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
}

std::string Section::SafePathOf(const YAML::Node& key, const YAML::Node& value) const {
  // "secret:x" lacks its space, and what follows a comma in a secret is a key without a value.
  const std::string& text = key.Scalar();
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
  });
  if (value.IsNull()) return PathOf("?");
  return PathOf(end == text.end() ? text : absl::StrCat(std::string(text.begin(), end), "?"));
}

YAML::Node Section::Find(const char* key) {
  known_.insert(key);
  if (!reading_->ok() || !node_.IsDefined()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node found = std::as_const(node_)[key];
  // What yaml-cpp returns for a missing key throws when looked at.
  return found.IsDefined() ? found : YAML::Node(YAML::NodeType::Undefined);
}

void Section::Fail(const char* key, absl::string_view problem) {
  const YAML::Node found = Find(key);
  reading_->Fail(found.IsDefined() ? found : node_, PathOf(key), problem);
}

bool Section::Scalar(const char* key, std::string* text) {
  const YAML::Node found = Find(key);
  if (!found.IsDefined()) return false;
  if (!found.IsScalar()) {
    Fail(key, found.IsNull() ? "has no value" : "is not a single value");
    return false;
  }
  *text = found.Scalar();
  return true;
}

bool Section::Text(const char* key, std::string* text) {
  if (!Scalar(key, text)) return false;
  if (!HasControl(*text)) return true;
  Fail(key, "has a control character");
  return false;
}

bool Section::Number(const char* key, bool hex, int64_t least, int64_t most, int64_t* value) {
  std::string text;
  if (!Text(key, &text)) return false;
  absl::string_view digits = text;
  const bool negative = absl::ConsumePrefix(&digits, "-");
  const int base = hex && !negative && absl::ConsumePrefix(&digits, "0x") ? 16 : 10;
  const bool quoted = Find(key).Tag() == "!";
  if (quoted || !ParseDigits(digits, base, value)) {
    Fail(key, absl::StrCat("\"", text, "\" is not a plain number such as 10"));
    return false;
  }
  if (negative) *value = -*value;
  if (*value < least || *value > most) {
    Fail(key, absl::StrCat(*value, " is not between ", least, " and ", most));
    return false;
  }
  return true;
}

void Section::Read(const char* key, std::string* value) { Text(key, value); }

void Section::ReadPath(const char* key, std::string* value) {
  std::string path;
  if (!Text(key, &path)) return;
  if (path.empty()) return Fail(key, "is empty");
  *value = absl::StartsWith(path, "/") ? path : reading_->folder() + path;
}

void Section::Read(const char* key, bool* value) {
  std::string text;
  if (!Text(key, &text)) return;
  if (text != "true" && text != "false") {
    return Fail(key, absl::StrCat("\"", text, "\" is not true or false"));
  }
  *value = text == "true";
}

void Section::Read(const char* key, int* value) {
  int64_t number = 0;
  constexpr std::numeric_limits<int> kLimits;
  if (Number(key, /*hex=*/false, kLimits.min(), kLimits.max(), &number)) {
    *value = static_cast<int>(number);
  }
}

void Section::Read(const char* key, uint16_t* value) {
  int64_t number = 0;
  if (Number(key, /*hex=*/false, 0, 65535, &number)) *value = static_cast<uint16_t>(number);
}

void Section::Read(const char* key, uint32_t* value) {
  int64_t number = 0;
  if (Number(key, /*hex=*/false, 0, std::numeric_limits<uint32_t>::max(), &number)) {
    *value = static_cast<uint32_t>(number);
  }
}

void Section::ReadBits(const char* key, uint32_t* value) {
  int64_t number = 0;
  if (Number(key, /*hex=*/true, 0, std::numeric_limits<uint32_t>::max(), &number)) {
    *value = static_cast<uint32_t>(number);
  }
}

void Section::Read(const char* key, Duration* value) {
  std::string text;
  if (!Text(key, &text)) return;
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) || absl::AbsDuration(duration) > absl::Hours(1000)) {
    return Fail(key, absl::StrCat("\"", text, "\" is not a duration such as 60s or 1500ms"));
  }
  *value = Duration::Nanoseconds(absl::ToInt64Nanoseconds(duration));
}

void Section::ReadSeconds(const char* key, int* value) {
  Duration duration = Duration::Seconds(*value);
  Read(key, &duration);
  if (duration != Duration::Seconds(duration.seconds())) Fail(key, "is not whole seconds");
  *value = static_cast<int>(duration.seconds());
}

void Section::ReadDays(const char* key, Duration* value) {
  std::string text;
  if (!Text(key, &text)) return;
  absl::string_view digits = text;
  int64_t days = 0;
  if (!absl::ConsumeSuffix(&digits, "d")) return Read(key, value);
  if (!ParseDigits(digits, 10, &days) || days > kMaxDays) {
    return Fail(key, absl::StrCat("\"", text, "\" is not a duration such as 7d or 36h"));
  }
  *value = Duration::Seconds(days * 24 * 3600);
}

void Section::ReadOctets(const char* key, int64_t* value) {
  std::string text;
  if (!Text(key, &text)) return;
  absl::string_view digits = text;
  int shift = 0;
  for (const auto& [unit, bits] :
       {std::pair("KiB", 10), std::pair("MiB", 20), std::pair("GiB", 30), std::pair("TiB", 40)}) {
    if (absl::ConsumeSuffix(&digits, unit)) shift = bits;
  }
  int64_t number = 0;
  if (!ParseDigits(digits, 10, &number) ||
      number > (std::numeric_limits<int64_t>::max() >> shift)) {
    return Fail(key, absl::StrCat("\"", text, "\" is not a size such as 1048576, 64MiB or 1GiB"));
  }
  *value = number << shift;
}

void Section::ReadSize(const char* key, int* value) {
  const YAML::Node found = Find(key);
  if (found.IsDefined() && found.IsScalar() && found.Scalar() == "auto") {
    *value = 0;
  } else {
    Read(key, value);
  }
}

void Section::Read(const char* key, IpAddress* value) {
  std::string text;
  if (!Text(key, &text)) return;
  const auto address = IpAddress::Parse(text);
  if (!address.has_value()) {
    return Fail(key, absl::StrCat("\"", text, "\" is not an IPv4 or IPv6 address"));
  }
  *value = *address;
}

void Section::Read(const char* key, IpPrefix* value) {
  std::string text;
  if (!Text(key, &text)) return;
  const auto prefix = IpPrefix::Parse(text);
  if (!prefix.has_value()) {
    return Fail(key, absl::StrCat("\"", text, "\" is not an address prefix such as 192.0.2.0/24"));
  }
  *value = *prefix;
}

template <typename Parse>
void Section::Elements(const char* key, const char* expected, const Parse& parse) {
  const YAML::Node found = Find(key);
  if (!found.IsDefined()) return;
  if (!found.IsSequence()) return Fail(key, "is not a list");
  for (size_t i = 0; i < found.size(); ++i) {
    const YAML::Node element = found[i];
    const std::string text = element.IsScalar() ? element.Scalar() : "";
    const bool control = HasControl(text);
    if (element.IsScalar() && !control && parse(text)) continue;
    return reading_->Fail(
        element, absl::StrCat(PathOf(key), "[", i, "]"),
        control ? "has a control character" : absl::StrCat("\"", text, "\" is not ", expected));
  }
}

void Section::ReadEndpoint(const char* key, Endpoint* value) {
  std::string text;
  if (!Text(key, &text) || ParseEndpoint(text, value)) return;
  Fail(key, absl::StrCat("\"", text, "\" is not an address with a port, as in 127.0.0.1:9477"));
}

void Section::ReadApiAddresses(const char* key, std::vector<std::string>* values) {
  std::vector<std::string> read;
  constexpr char kExpected[] = "unix:/PATH or an address with a port, as in 127.0.0.1:50051";
  Elements(key, kExpected, [&](const std::string& text) {
    Endpoint endpoint;
    const bool path = absl::StartsWith(text, "unix:/") && text.back() != '/';
    read.push_back(text);
    return path || ParseEndpoint(text, &endpoint);
  });
  if (Find(key).IsDefined()) *values = std::move(read);
}

void Section::Read(const char* key, std::vector<std::string>* values) {
  Elements(key, "text", [&](const std::string& text) {
    values->push_back(text);
    return true;
  });
}

void Section::Read(const char* key, std::vector<IpAddress>* values) {
  Elements(key, "an IPv4 or IPv6 address", [&](const std::string& text) {
    const auto address = IpAddress::Parse(text);
    if (address.has_value()) values->push_back(*address);
    return address.has_value();
  });
}

void Section::Read(const char* key, Endpoint* value) {
  std::string text;
  if (!Text(key, &text)) return;
  const auto server = control::ParseServer(text);
  if (!server.has_value()) {
    return Fail(key, absl::StrCat("\"", text, "\" is not an address, with or without a port"));
  }
  *value = *server;
}

void Section::Read(const char* key, std::vector<IpPrefix>* values) {
  Elements(key, "an address with a prefix length", [&](const std::string& text) {
    const auto prefix = IpPrefix::Parse(text);
    if (prefix.has_value()) values->push_back(*prefix);
    return prefix.has_value();
  });
}

void Section::Read(const char* key, std::vector<control::AddressRange>* values) {
  Elements(key, "an address or FIRST-LAST", [&](const std::string& text) {
    const size_t dash = text.find('-');
    const auto first = IpAddress::Parse(text.substr(0, dash));
    const auto last = dash == std::string::npos ? first : IpAddress::Parse(text.substr(dash + 1));
    if (first.has_value() && last.has_value()) values->push_back({*first, *last});
    return first.has_value() && last.has_value();
  });
}

void Section::Read(const char* key, std::vector<Endpoint>* values) {
  std::vector<Endpoint> read;
  Elements(key, "an address with a port, as in 0.0.0.0:1701", [&](const std::string& text) {
    Endpoint endpoint;
    if (!ParseEndpoint(text, &endpoint)) return false;
    read.push_back(endpoint);
    return true;
  });
  if (!Find(key).IsDefined()) return;
  if (read.empty()) return Fail(key, "is empty");
  *values = std::move(read);
}

void Section::Read(const char* key, std::vector<control::AuthMethod>* values) {
  Elements(key, "one of pap, chap_md5, mschapv2", [&](const std::string& text) {
    control::AuthMethod method;
    if (!ParseMethod(text, &method)) return false;
    values->push_back(method);
    return true;
  });
}

void Section::Read(const char* key, control::PathMtuDiscovery* value) {
  using control::PathMtuDiscovery;
  constexpr std::pair<absl::string_view, PathMtuDiscovery> kNames[] = {
      {"dont", PathMtuDiscovery::kDont},
      {"want", PathMtuDiscovery::kWant},
      {"do", PathMtuDiscovery::kDo},
      {"probe", PathMtuDiscovery::kProbe}};
  std::string text;
  if (!Text(key, &text)) return;
  std::string name = absl::AsciiStrToLower(text);
  name = std::string(absl::StripPrefix(name, "path_mtu_discovery_"));
  for (const auto& [known, discovery] : kNames) {
    if (name != known) continue;
    *value = discovery;
    return;
  }
  Fail(key, absl::StrCat("\"", text, "\" is not one of dont, want, do, probe"));
}

void Section::Read(const char* key, events::Labels* value) {
  Section labels = Inner(key);
  if (!labels.node_.IsDefined() || !labels.node_.IsMap()) return;
  for (const auto& entry : labels.node_) {
    const std::string label = entry.first.Scalar();
    // The path of a problem names the label.
    if (HasControl(label)) {
      return reading_->Fail(entry.first, labels.path_, "has a control character");
    }
    std::string text;
    labels.Read(label.c_str(), &text);
    if (!reading_->ok()) return;
    value->emplace(label, std::move(text));
  }
}

void Section::ReadSecret(const char* key, std::string* value) {
  const std::string file_key = absl::StrCat(key, "_file");
  std::string path;
  if (Scalar(key, value) && value->empty()) Fail(key, "is empty; leave the key out for none");
  if (!Text(file_key.c_str(), &path)) return;
  if (Find(key).IsDefined()) {
    return Fail(file_key.c_str(), absl::StrCat("cannot be given together with ", key));
  }
  if (!reading_->read_secrets()) {
    return Fail(file_key.c_str(), "is read only when the configuration is loaded from a file");
  }
  ReadPath(file_key.c_str(), &path);
  if (!reading_->ok()) return;
  absl::StatusOr<std::string> secret = ReadSecretFile(path);
  if (!secret.ok()) return Fail(file_key.c_str(), secret.status().message());
  *value = *std::move(secret);
}

Section Section::Inner(const char* key) {
  const YAML::Node found = Find(key);
  return Section(found.IsNull() ? YAML::Node(YAML::NodeType::Undefined) : found, PathOf(key),
                 reading_);
}

std::vector<Section> Section::List(const char* key) {
  std::vector<Section> sections;
  const YAML::Node found = Find(key);
  if (!found.IsDefined() || found.IsNull()) return sections;
  if (!found.IsSequence()) {
    Fail(key, "is not a list");
    return sections;
  }
  for (size_t i = 0; i < found.size(); ++i) {
    sections.emplace_back(found[i], absl::StrCat(PathOf(key), "[", i, "]"), reading_);
  }
  return sections;
}

bool Section::Has(const std::string& key) const {
  return node_.IsDefined() && node_.IsMap() && node_[key].IsDefined() && !node_[key].IsNull();
}

void Section::Done() {
  if (!reading_->ok() || !node_.IsDefined()) return;
  for (const auto& entry : node_) {
    if (known_.count(entry.first.Scalar()) > 0) continue;
    reading_->Fail(entry.first, SafePathOf(entry.first, entry.second),
                   entry.second.IsNull() ? "is not a known key; is a space missing after a colon?"
                                         : "is not a known key");
  }
}

void Section::FailAt(const absl::Status& status) {
  if (status.ok() || !reading_->ok()) return;
  absl::string_view message = status.message();
  std::string field;
  if (const auto info = GetErrorInfo(status)) {
    for (const auto& [key, value] : info->metadata) {
      if (key == "field") field = value;
    }
  }
  if (absl::ConsumePrefix(&message, field)) absl::ConsumePrefix(&message, ":");
  message = absl::StripLeadingAsciiWhitespace(message);
  // As deep as the path leads: it may name a key that is not there.
  YAML::Node at = node_;
  for (const std::string& step : SplitPath(field)) {
    size_t index = 0;
    const YAML::Node next = at.IsSequence() && absl::SimpleAtoi(step, &index)
                                ? std::as_const(at)[index]
                            : at.IsMap() ? std::as_const(at)[step]
                                         : YAML::Node(YAML::NodeType::Undefined);
    if (!next.IsDefined()) break;
    at.reset(next);
  }
  reading_->Fail(at, PathOf(field), message);
}

}  // namespace l2tp::config
