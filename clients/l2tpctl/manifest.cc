#include "clients/l2tpctl/manifest.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/fields.h"
#include "clients/l2tpctl/layout.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/stubs/common.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

namespace l2tp::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMostOctets = 4 << 20;
constexpr int kMostDepth = 16;
constexpr char kDurationType[] = "google.protobuf.Duration";

// The fields of each resource that can be given; all others are the daemon's to say. Those of
// settings can all be given.
const std::map<std::string, std::set<std::string>>& InputFields() {
  static const auto& fields = *new std::map<std::string, std::set<std::string>>{
      {"Pool", {"name", "labels", "ip_ranges", "ipv6_interface_id_ranges", "ipv6_prefixes"}},
      {"Profile", {"name", "labels", "display_name", "parent", "tunnel", "session", "ppp"}},
      {"User",
       {"name", "labels", "login", "password", "enabled", "profile", "ip_address",
        "ipv6_interface_id", "ipv6_prefix", "max_sessions"}},
      {"Peer",
       {"name", "labels", "ip_prefix", "host_name", "secret", "profile", "allow_calls",
        "allow_outgoing_calls", "deny"}},
      {"Tunnel",
       {"name", "labels", "profile", "remote_ip_address", "remote_port", "local_ip_address",
        "local_port", "host_name", "secret", "allow_calls", "allow_outgoing_calls"}},
      {"Session",
       {"name", "labels", "profile", "user", "password", "interface_name", "persistent",
        "called_number", "calling_number", "sub_address", "private_group_id", "direction"}}};
  return fields;
}

bool IsSecret(const std::string& name) { return name == "secret" || name == "password"; }

// Where in the file something is wrong.
class Place {
 public:
  Place(std::string file, ReadSecretFile read_secret)
      : file_(std::move(file)), read_secret_(std::move(read_secret)) {}

  absl::Status Wrong(const YAML::Node& node, const std::string& path,
                     absl::string_view what) const {
    const YAML::Mark mark = node.Mark();
    return absl::InvalidArgumentError(
        Printable(absl::StrCat(file_, ":", mark.line + 1, ":", mark.column + 1, ": ", path,
                               path.empty() ? "" : ": ", what)));
  }
  absl::StatusOr<std::string> ReadSecret(const std::string& path) const {
    return read_secret_(path);
  }

 private:
  const std::string file_;
  const ReadSecretFile read_secret_;
};

absl::Status ReadFields(const Place& place, const YAML::Node& node, const std::string& path,
                        Message* message);

absl::Status ReadValue(const Place& place, const YAML::Node& node, const std::string& path,
                       const FieldDescriptor& field, Message* message) {
  if (!node.IsScalar()) return place.Wrong(node, path, "is not a single value");
  const absl::Status status = SetText(field, node.Scalar(), message);
  if (status.ok()) return status;
  // A secret does not get into the message.
  return place.Wrong(node, path, IsSecret(field.name()) ? "cannot be" : status.message());
}

absl::Status ReadMap(const Place& place, const YAML::Node& node, const std::string& path,
                     const FieldDescriptor& field, Message* message) {
  if (!node.IsMap()) return place.Wrong(node, path, "is not a mapping");
  std::set<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar() || !item.second.IsScalar()) {
      return place.Wrong(item.first, path, "takes texts only");
    }
    if (!seen.insert(item.first.Scalar()).second) {
      return place.Wrong(item.first, absl::StrCat(path, ".", item.first.Scalar()),
                         "stands here for the second time");
    }
    Message* entry = message->GetReflection()->AddMessage(message, &field);
    const auto* type = entry->GetDescriptor();
    entry->GetReflection()->SetString(entry, type->map_key(), item.first.Scalar());
    entry->GetReflection()->SetString(entry, type->map_value(), item.second.Scalar());
  }
  return absl::OkStatus();
}

absl::Status ReadField(const Place& place, const YAML::Node& node, const std::string& path,
                       const FieldDescriptor& field, Message* message) {
  if (field.is_map()) return ReadMap(place, node, path, field, message);
  if (field.is_repeated()) {
    if (!node.IsSequence()) return place.Wrong(node, path, "is not a list");
    for (size_t i = 0; i < node.size(); ++i) {
      absl::Status status =
          ReadValue(place, node[i], absl::StrCat(path, "[", i, "]"), field, message);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  const bool has_fields = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                          field.message_type()->full_name() != kDurationType;
  if (!has_fields) return ReadValue(place, node, path, field, message);
  return ReadFields(place, node, path, message->GetReflection()->MutableMessage(message, &field));
}

// `secret_file` stands for `secret`.
absl::Status ReadSecretField(const Place& place, const YAML::Node& node, const std::string& path,
                             const FieldDescriptor& field, Message* message) {
  if (!node.IsScalar()) return place.Wrong(node, path, "is not a path");
  const auto secret = place.ReadSecret(node.Scalar());
  if (!secret.ok()) return place.Wrong(node, path, secret.status().message());
  if (secret->empty()) return place.Wrong(node, path, "the file is empty");
  message->GetReflection()->SetString(message, &field, *secret);
  return absl::OkStatus();
}

absl::Status ReadFields(const Place& place, const YAML::Node& node, const std::string& path,
                        Message* message) {
  if (!node.IsMap()) return place.Wrong(node, path, "is not a mapping of keys to values");
  std::set<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar()) return place.Wrong(item.first, path, "has a key that is not text");
    std::string key = item.first.Scalar();
    const std::string inner = absl::StrCat(path, ".", key);
    const bool file = absl::EndsWith(key, "_file");
    if (file) key.resize(key.size() - 5);
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(key);
    if (field == nullptr || !IsInput(*field) || (file && !IsSecret(key))) {
      return place.Wrong(item.first, inner, "cannot be given");
    }
    if (!seen.insert(key).second) {
      return place.Wrong(item.first, inner, "stands here for the second time");
    }
    absl::Status status = file ? ReadSecretField(place, item.second, inner, *field, message)
                               : ReadField(place, item.second, inner, *field, message);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename Resource>
absl::Status ReadSection(const Place& place, const YAML::Node& node, const std::string& section,
                         std::vector<Resource>* resources) {
  if (node.IsNull()) return absl::OkStatus();
  if (!node.IsSequence()) return place.Wrong(node, section, "is not a list");
  std::set<std::string> names;
  for (size_t i = 0; i < node.size(); ++i) {
    const std::string path = absl::StrCat(section, "[", i, "]");
    Resource& resource = resources->emplace_back();
    absl::Status status = ReadFields(place, node[i], path, &resource);
    if (!status.ok()) return status;
    if (resource.name().empty()) return place.Wrong(node[i], path + ".name", "is missing");
    if (!names.insert(resource.name()).second) {
      return place.Wrong(node[i], path + ".name",
                         absl::StrCat(resource.name(), " stands here for the second time"));
    }
  }
  return absl::OkStatus();
}

// Calls `visit(section, resources)` for each section, in the order in which resources are made.
template <typename AnyManifest, typename Visit>
absl::Status ForEachSection(AnyManifest* manifest, const Visit& visit) {
  absl::Status status = visit("pools", &manifest->pools);
  if (status.ok()) status = visit("profiles", &manifest->profiles);
  if (status.ok()) status = visit("users", &manifest->users);
  if (status.ok()) status = visit("peers", &manifest->peers);
  if (status.ok()) status = visit("tunnels", &manifest->tunnels);
  if (status.ok()) status = visit("sessions", &manifest->sessions);
  return status;
}

absl::StatusOr<Manifest> Read(const Place& place, const YAML::Node& root) {
  Manifest manifest;
  if (root.IsNull()) return manifest;
  if (!root.IsMap()) return place.Wrong(root, "", "is not a mapping of sections");
  for (const auto& item : root) {
    const std::string section = item.first.IsScalar() ? item.first.Scalar() : "";
    bool known = section == "daemon" || section == "api" || section == "event_history";
    absl::Status status = ForEachSection(&manifest, [&](const char* name, auto* resources) {
      if (section != name) return absl::OkStatus();
      known = true;
      if (!manifest.sections.insert(section).second) {
        return place.Wrong(item.first, section, "stands here for the second time");
      }
      return ReadSection(place, item.second, section, resources);
    });
    if (!status.ok()) return status;
    if (!known) return place.Wrong(item.first, section, "is no section");
  }
  return manifest;
}

// Looks at what yaml-cpp reads before nodes are made of it, and stops it by its own exception.
class Checker final : public YAML::EventHandler {
 public:
  // What is wrong. yaml-cpp's own words may hold a part of the text, which may be a secret.
  const char* problem() const { return problem_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Refuse(mark, "holds more than one document");
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, kAnchor);
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& /*value*/) override {
    Check(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Check(mark, anchor);
    Enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Check(mark, anchor);
    Enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  static constexpr char kAnchor[] =
      "anchors and aliases are not supported; quote text that starts with & or *";

  void Check(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(mark, kAnchor);
  }
  void Enter(const YAML::Mark& mark) {
    if (++depth_ > kMostDepth) Refuse(mark, "is nested too deeply");
  }
  [[noreturn]] void Refuse(const YAML::Mark& mark, const char* problem) {
    problem_ = problem;
    throw YAML::ParserException(mark, problem);
  }

  int documents_ = 0;
  int depth_ = 0;
  const char* problem_ =
      "is not valid YAML; check indentation, quotes, brackets and the space after each colon";
};

// ---- Writing -----------------------------------------------------------------------------------

void Write(const Message& message, YAML::Emitter* out);

void WriteValue(const Message& message, const FieldDescriptor& field, int index,
                YAML::Emitter* out) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      *out << YAML::DoubleQuoted
           << (repeated ? reflection->GetRepeatedString(message, &field, index)
                        : reflection->GetString(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      *out << (repeated ? reflection->GetRepeatedEnum(message, &field, index)
                        : reflection->GetEnum(message, &field))
                  ->name();
      break;
    case FieldDescriptor::CPPTYPE_BOOL: *out << reflection->GetBool(message, &field); break;
    case FieldDescriptor::CPPTYPE_INT32: *out << reflection->GetInt32(message, &field); break;
    case FieldDescriptor::CPPTYPE_UINT32: *out << reflection->GetUInt32(message, &field); break;
    case FieldDescriptor::CPPTYPE_INT64: *out << reflection->GetInt64(message, &field); break;
    default: {
      const Message& inner = reflection->GetMessage(message, &field);
      if (field.message_type()->full_name() != kDurationType) return Write(inner, out);
      const auto& duration = static_cast<const google::protobuf::Duration&>(inner);
      // The daemon takes whole units.
      *out << (duration.nanos() == 0
                   ? absl::StrCat(duration.seconds(), "s")
                   : absl::StrCat(duration.seconds() * 1000 + duration.nanos() / 1'000'000, "ms"));
    }
  }
}

void Write(const Message& message, YAML::Emitter* out) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  *out << YAML::BeginMap;
  for (const FieldDescriptor* field : fields) {
    if (!IsInput(*field) || IsSecret(field->name())) continue;
    *out << YAML::Key << field->name() << YAML::Value;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 0;
    if (field->is_map()) {
      std::map<std::string, std::string> sorted;
      for (int i = 0; i < size; ++i) {
        const Message& entry = reflection->GetRepeatedMessage(message, field, i);
        const auto* type = entry.GetDescriptor();
        sorted[entry.GetReflection()->GetString(entry, type->map_key())] =
            entry.GetReflection()->GetString(entry, type->map_value());
      }
      *out << YAML::BeginMap;
      for (const auto& [key, value] : sorted) {
        *out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
      }
      *out << YAML::EndMap;
    } else if (field->is_repeated()) {
      *out << YAML::Flow << YAML::BeginSeq;
      for (int i = 0; i < size; ++i) WriteValue(message, *field, i, out);
      *out << YAML::EndSeq;
    } else {
      WriteValue(message, *field, 0, out);
    }
  }
  *out << YAML::EndMap;
}

}  // namespace

bool IsInput(const FieldDescriptor& field) {
  const auto inputs = InputFields().find(field.containing_type()->name());
  return inputs == InputFields().end() || inputs->second.contains(field.name());
}

absl::StatusOr<Manifest> ParseManifest(const std::string& yaml, const std::string& file,
                                       const ReadSecretFile& read_secret) {
  if (yaml.size() > kMostOctets) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": is more than ", kMostOctets >> 20, " MiB"));
  }
  // yaml-cpp does not come to the end of text that is cut in the middle of a character.
  const bool printable = std::all_of(yaml.begin(), yaml.end(), [](unsigned char c) {
    return !absl::ascii_iscntrl(c) || absl::ascii_isspace(c);
  });
  if (!printable || !google::protobuf::internal::IsStructurallyValidUTF8(
                        yaml.data(), static_cast<int>(yaml.size()))) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": is not UTF-8, or has control characters"));
  }
  const Place place(file, read_secret);
  Checker checker;
  try {
    std::istringstream stream(yaml);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(checker)) {
    }
    const YAML::Node document = YAML::Load(yaml);
    return document.IsDefined() ? Read(place, document) : Manifest();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(Printable(absl::StrCat(
        file, ":", error.mark.line + 1, ":", error.mark.column + 1, ": ", checker.problem())));
  }
}

absl::StatusOr<Manifest> ReadManifest(const std::string& path, std::istream& in) {
  const absl::StatusOr<std::string> yaml = ReadFile(path, in);
  if (!yaml.ok()) return yaml.status();
  const std::string folder = path.substr(0, path.rfind('/') + 1);  // npos + 1 is 0
  return ParseManifest(
      *yaml, path == "-" ? "standard input" : path, [&folder](const std::string& secret) {
        std::ifstream none;
        return ReadFile(absl::StartsWith(secret, "/") ? secret : folder + secret, none);
      });
}

void SortByParents(std::vector<v1::Profile>* profiles) {
  std::set<std::string> waiting;
  for (const v1::Profile& profile : *profiles) waiting.insert(profile.name());
  std::vector<v1::Profile> sorted;
  for (size_t before = SIZE_MAX; before != waiting.size() && !waiting.empty();) {
    before = waiting.size();
    for (v1::Profile& profile : *profiles) {
      if (!waiting.contains(profile.name()) || waiting.contains(profile.parent())) continue;
      waiting.erase(profile.name());
      sorted.push_back(profile);
    }
  }
  // Those that inherit in a circle: the daemon says so.
  for (const v1::Profile& profile : *profiles) {
    if (waiting.contains(profile.name())) sorted.push_back(profile);
  }
  *profiles = std::move(sorted);
}

std::string FormatManifest(const Manifest& manifest) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  ForEachSection(&manifest, [&](const char* name, const auto* resources) {
    if (resources->empty()) return absl::OkStatus();
    out << YAML::Key << name << YAML::Value << YAML::BeginSeq;
    for (const auto& resource : *resources) Write(resource, &out);
    out << YAML::EndSeq;
    return absl::OkStatus();
  }).IgnoreError();
  out << YAML::EndMap;
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace l2tp::ctl
