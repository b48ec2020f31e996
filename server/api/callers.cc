#include "server/api/callers.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/quote.h"

namespace l2tp::api {
namespace {

// More than the kernel lets a process have.
constexpr size_t kMaxGroups = 65536 + 1;

absl::StatusOr<id_t> UserNumber(const std::string& user) {
  id_t number = 0;
  if (absl::SimpleAtoi(user, &number)) return number;
  const ::passwd* found = ::getpwnam(user.c_str());
  if (found == nullptr) return absl::NotFoundError(absl::StrCat("there is no user ", user));
  return found->pw_uid;
}

absl::StatusOr<id_t> GroupNumber(const std::string& group) {
  id_t number = 0;
  if (absl::SimpleAtoi(group, &number)) return number;
  const ::group* found = ::getgrnam(group.c_str());
  if (found == nullptr) return absl::NotFoundError(absl::StrCat("there is no group ", group));
  return found->gr_gid;
}

bool IsIn(const PeerCredentials& peer, gid_t group) {
  return peer.gid == group ||
         std::find(peer.groups.begin(), peer.groups.end(), group) != peer.groups.end();
}

std::string UserName(uid_t uid) {
  std::vector<char> space(16'384);
  ::passwd entry = {};
  ::passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, space.data(), space.size(), &found);
  return found == nullptr ? "" : found->pw_name;
}

std::vector<std::string> Values(const grpc::AuthContext& context, const char* property) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : context.FindPropertyValues(property)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

}  // namespace

absl::StatusOr<PeerCredentials> ReadPeerCredentials(int socket) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  PeerCredentials peer;
  peer.groups.resize(64);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.uid = credentials.uid;
    peer.gid = credentials.gid;
    while (true) {
      socklen_t octets = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
      if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &octets) == 0) {
        peer.groups.resize(octets / sizeof(gid_t));
        return peer;
      }
      const size_t needed = octets / sizeof(gid_t);
      if (errno != ERANGE || needed <= peer.groups.size() || needed > kMaxGroups) break;
      peer.groups.resize(needed);
    }
  }
  return absl::UnavailableError(
      absl::StrCat("the kernel does not tell who is at the other end: ", std::strerror(errno)));
}

absl::StatusOr<Callers> Callers::Make(const std::vector<RoleRule>& rules,
                                      const std::string& admin_group, Role anonymous) {
  Callers callers;
  callers.anonymous_ = anonymous;
  for (const RoleRule& rule : rules) {
    if (!rule.certificate.empty()) {
      callers.certificate_rules_.push_back({rule.role, rule.certificate});
      continue;
    }
    const bool is_group = !rule.unix_group.empty();
    const auto id = is_group ? GroupNumber(rule.unix_group) : UserNumber(rule.unix_user);
    if (!id.ok()) return id.status();
    callers.unix_rules_.push_back({rule.role, is_group, *id});
  }
  if (!admin_group.empty()) {
    const auto id = GroupNumber(admin_group);
    if (!id.ok()) return id.status();
    callers.admin_groups_.push_back(*id);
  }
  return callers;
}

Role Callers::RoleOf(const PeerCredentials& peer) const {
  if (peer.uid == 0 || peer.uid == ::geteuid()) return Role::kAdmin;
  std::optional<Role> best;
  for (const UnixRule& rule : unix_rules_) {
    const bool about = rule.is_group ? IsIn(peer, rule.id) : peer.uid == rule.id;
    if (about) best = std::max(best.value_or(Role::kNone), rule.role);
  }
  if (best.has_value()) return *best;
  const bool admin = std::any_of(admin_groups_.begin(), admin_groups_.end(),
                                 [&peer](gid_t group) { return IsIn(peer, group); });
  return admin ? Role::kAdmin : Role::kNone;
}

namespace {

bool IsPlainName(absl::string_view name) {
  return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) ||
                  absl::string_view("._-@+").find(static_cast<char>(c)) != absl::string_view::npos;
         });
}

}  // namespace

Role Callers::RoleOf(const std::vector<std::string>& certificate_names) const {
  Role best = Role::kNone;
  for (const CertificateRule& rule : certificate_rules_) {
    const bool about = std::find(certificate_names.begin(), certificate_names.end(), rule.name) !=
                       certificate_names.end();
    if (about) best = std::max(best, rule.role);
  }
  return best;
}

Caller Callers::UnixCaller(const PeerCredentials& peer) const {
  std::string who = absl::StrCat("unix:", peer.uid);
  if (const std::string name = UserName(peer.uid); !name.empty()) {
    // From whatever directory this machine asks.
    const std::string quoted = Quoted(absl::string_view(name).substr(0, 200));
    absl::StrAppend(&who, "(", IsPlainName(name) ? name : quoted, ")");
  }
  return {std::move(who), RoleOf(peer)};
}

Caller Callers::NetworkCaller(const grpc::AuthContext& context) const {
  if (!context.IsPeerAuthenticated()) return {"anonymous", anonymous_};
  std::vector<std::string> names = Values(context, "peer_uri");
  for (std::string& name : Values(context, "peer_dns")) names.push_back(std::move(name));
  // RFC 6125 section 6.4.4: the common name is what there is when there is nothing better.
  if (names.empty()) names = Values(context, "x509_common_name");
  const std::string who = names.empty() ? "" : names.front().substr(0, 200);
  return {absl::StrCat("certificate:", Quoted(who)), RoleOf(names)};
}

}  // namespace l2tp::api
