#include "server/config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/config/document.h"
#include "server/config/resources.h"
#include "server/config/section.h"
#include "server/control/profile_fields.h"
#include "server/control/resources.h"
#include "server/control/users.h"
#include "server/control/validate.h"

namespace l2tp::config {
namespace {

// Names of one kind of resource.
class Names {
 public:
  void Add(Section* section, const std::string& name) {
    if (!names_.insert(name).second) {
      section->Fail("name", absl::StrCat("there is another ", name));
    }
  }
  void Require(Section* section, const char* key, const std::string& name) const {
    if (name.empty() || names_.count(name) > 0) return;
    section->Fail(key, absl::StrCat("there is no ", name, " in this file"));
  }

 private:
  std::set<std::string> names_;
};

// Those above it in the file are complete. That they have to stand there keeps circles out.
void InheritFromParent(Section* section, const std::vector<control::Profile>& above,
                       control::Profile* profile) {
  if (!profile->parent.empty()) {
    const auto find = [&above](const std::string& name) {
      return std::find_if(above.begin(), above.end() - 1,
                          [&name](const control::Profile& other) { return other.name == name; });
    };
    const auto parent = find(profile->parent);
    if (parent == above.end() - 1) {
      return section->Fail("parent",
                           absl::StrCat("there is no ", profile->parent, " above in this file"));
    }
    int depth = 1;
    for (auto at = parent; !at->parent.empty() && at != above.end() - 1; at = find(at->parent)) {
      ++depth;
    }
    if (depth >= control::kMaxProfileDepth) {
      return section->Fail(
          "parent", absl::StrCat("more than ", control::kMaxProfileDepth, " profiles in a row"));
    }
    control::Inherit(*parent, profile);
  }
  section->FailAt(control::ValidateTogether(*profile));
}

// In the order of dependence, so that what is referred to is known already; the file may have any.
void ReadAll(Section* file, Config* config) {
  ReadDaemon(file->Inner("daemon"), config);
  ReadApi(file->Inner("api"), &config->api);
  ReadEventHistory(file->Inner("event_history"), &config->event_history);
  CheckApiAddresses(file->Inner("daemon"), *config);
  Names pools;
  for (Section& section : file->List("pools")) {
    ReadPool(&section, &config->pools.emplace_back());
    pools.Add(&section, config->pools.back().name);
    for (size_t i = 0; i + 1 < config->pools.size(); ++i) {
      section.FailAt(control::ValidateBeside(config->pools.back(), config->pools[i]));
    }
  }
  Names profiles;
  for (Section& section : file->List("profiles")) {
    control::Profile& profile = config->profiles.emplace_back();
    ReadProfile(&section, &profile);
    InheritFromParent(&section, config->profiles, &profile);
    profiles.Add(&section, profile.name);
    Section ppp = section.Inner("ppp");
    pools.Require(&ppp, "pool", profile.ppp.pool);
  }
  Names users;
  control::Users together;  // knows which of them exclude each other
  for (Section& section : file->List("users")) {
    ReadUser(&section, &config->users.emplace_back());
    const control::User& user = config->users.back();
    users.Add(&section, user.name);
    profiles.Require(&section, "profile", user.profile);
    section.FailAt(together.Create(user).status());
  }
  Names peers;
  for (Section& section : file->List("peers")) {
    ReadPeer(&section, &config->peers.emplace_back());
    peers.Add(&section, config->peers.back().name);
    for (size_t i = 0; i + 1 < config->peers.size(); ++i) {
      section.FailAt(control::ValidateBeside(config->peers.back(), config->peers[i]));
    }
    profiles.Require(&section, "profile", config->peers.back().profile);
  }
  Names tunnels;
  for (Section& section : file->List("tunnels")) {
    ReadTunnel(&section, &config->tunnels.emplace_back());
    tunnels.Add(&section, absl::StrCat("tunnels/", config->tunnels.back().id));
    profiles.Require(&section, "profile", config->tunnels.back().profile);
  }
  Names sessions;
  for (Section& section : file->List("sessions")) {
    const control::SessionSpec& spec = config->sessions.emplace_back();
    ReadSession(&section, &config->sessions.back());
    sessions.Add(&section, absl::StrCat(spec.tunnel, "/sessions/", spec.id));
    tunnels.Require(&section, "name", spec.tunnel);
    profiles.Require(&section, "profile", spec.profile);
  }
  file->Done();
}

absl::StatusOr<Config> Parse(absl::string_view text, absl::string_view file, bool read_secrets) {
  const absl::StatusOr<YAML::Node> root = ReadDocument(text, file);
  if (!root.ok()) return root.status();
  Config config;
  if (root->IsNull()) return config;  // an empty file
  Reading reading(file, read_secrets);
  Section section(*root, "", &reading);
  ReadAll(&section, &config);
  if (!reading.ok()) return reading.status();
  return config;
}

}  // namespace

absl::StatusOr<Config> ParseConfig(absl::string_view text, absl::string_view file) {
  return Parse(text, file, /*read_secrets=*/false);
}

absl::StatusOr<Config> LoadConfig(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return absl::NotFoundError(absl::StrCat("cannot read ", file, ": ", strerror(errno)));
  std::string text(kMaxFileSize + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) {  // a folder, for example
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", file, ": ", strerror(errno)));
  }
  text.resize(static_cast<size_t>(stream.gcount()));
  return Parse(text, file, /*read_secrets=*/true);
}

}  // namespace l2tp::config
