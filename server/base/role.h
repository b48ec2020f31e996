// What callers of the API may do, and who they are by the configuration.

#ifndef L2TP_SERVER_BASE_ROLE_H_
#define L2TP_SERVER_BASE_ROLE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace l2tp {

// Each may do what those before it may.
enum class Role {
  kNone,      // nothing
  kViewer,    // read and watch
  kOperator,  // open, close and capture tunnels and sessions
  kAdmin,     // everything
};

// "none", "viewer", "operator", "admin".
constexpr absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kNone: return "none";
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
    case Role::kAdmin: return "admin";
  }
  return "";
}

// The reverse of RoleName().
constexpr std::optional<Role> ParseRole(absl::string_view name) {
  for (const Role role : {Role::kNone, Role::kViewer, Role::kOperator, Role::kAdmin}) {
    if (name == RoleName(role)) return role;
  }
  return std::nullopt;
}

// Who has a role. Exactly one of the others is set.
struct RoleRule {
  Role role = Role::kNone;
  std::string unix_user;    // name or number
  std::string unix_group;   // name or number; a user's first group or any other
  std::string certificate;  // a URI or DNS name in it, or its common name when it has neither

  friend bool operator==(const RoleRule&, const RoleRule&) = default;
};

}  // namespace l2tp

#endif  // L2TP_SERVER_BASE_ROLE_H_
