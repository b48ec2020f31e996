// The methods of the API, and the role that each takes.

#ifndef L2TP_SERVER_API_METHODS_H_
#define L2TP_SERVER_API_METHODS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "server/base/role.h"

namespace l2tp::api {

// The role that "TunnelService/CreateTunnel" takes; nullopt when the table does not have it.
std::optional<Role> RequiredRole(absl::string_view method);

struct Method {
  std::string path;          // "/l2tp.v1.TunnelService/CreateTunnel"
  Role role = Role::kAdmin;  // that it takes
  // What takes more than reading is written down.
  bool audited() const { return role > Role::kViewer; }
};

// The method whose requests are of this type: each has a type of its own. One that the table does
// not have is for admins.
Method FindMethod(const google::protobuf::Descriptor& request);

template <typename Request>
const Method& MethodOf() {
  static const auto* const method = new Method(FindMethod(*Request::descriptor()));
  return *method;
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_METHODS_H_
