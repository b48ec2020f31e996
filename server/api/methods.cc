#include "server/api/methods.h"

#include "absl/strings/str_cat.h"

namespace l2tp::api {
namespace {

struct Row {
  absl::string_view method;
  Role role;
};

// Every method of every service; a test compares. Health and reflection are not here: they are for
// whoever may connect.
constexpr Row kMethods[] = {
    {"TunnelService/CreateTunnel", Role::kOperator},
    {"TunnelService/GetTunnel", Role::kViewer},
    {"TunnelService/ListTunnels", Role::kViewer},
    {"TunnelService/UpdateTunnel", Role::kOperator},
    {"TunnelService/DeleteTunnel", Role::kOperator},
    {"TunnelService/RestartTunnel", Role::kOperator},
    {"TunnelService/DrainTunnel", Role::kOperator},
    {"TunnelService/UndrainTunnel", Role::kOperator},
    {"SessionService/CreateSession", Role::kOperator},
    {"SessionService/GetSession", Role::kViewer},
    {"SessionService/ListSessions", Role::kViewer},
    {"SessionService/UpdateSession", Role::kOperator},
    {"SessionService/DeleteSession", Role::kOperator},
    {"SessionService/RestartSession", Role::kOperator},
    {"SessionService/CloseSessions", Role::kOperator},
    {"SessionService/ReportCallErrors", Role::kOperator},
    {"ProfileService/CreateProfile", Role::kAdmin},
    {"ProfileService/GetProfile", Role::kViewer},
    {"ProfileService/ListProfiles", Role::kViewer},
    {"ProfileService/UpdateProfile", Role::kAdmin},
    {"ProfileService/DeleteProfile", Role::kAdmin},
    {"PoolService/CreatePool", Role::kAdmin},
    {"PoolService/GetPool", Role::kViewer},
    {"PoolService/ListPools", Role::kViewer},
    {"PoolService/ListLeases", Role::kViewer},
    {"PoolService/UpdatePool", Role::kAdmin},
    {"PoolService/DeletePool", Role::kAdmin},
    {"UserService/CreateUser", Role::kAdmin},
    {"UserService/GetUser", Role::kViewer},
    {"UserService/ListUsers", Role::kViewer},
    {"UserService/UpdateUser", Role::kAdmin},
    {"UserService/DeleteUser", Role::kAdmin},
    {"PeerService/CreatePeer", Role::kAdmin},
    {"PeerService/GetPeer", Role::kViewer},
    {"PeerService/ListPeers", Role::kViewer},
    {"PeerService/UpdatePeer", Role::kAdmin},
    {"PeerService/DeletePeer", Role::kAdmin},
    {"PeerService/DrainPeer", Role::kOperator},
    {"PeerService/UndrainPeer", Role::kOperator},
    {"SystemService/GetSystem", Role::kViewer},
    {"SystemService/DrainSystem", Role::kOperator},
    {"SystemService/UndrainSystem", Role::kOperator},
    {"EventService/Watch", Role::kViewer},
    {"EventService/ListEvents", Role::kViewer},
    // The messages of others, with what passwords are hashed into.
    {"CaptureService/Capture", Role::kOperator},
};

}  // namespace

std::optional<Role> RequiredRole(absl::string_view method) {
  for (const Row& row : kMethods) {
    if (row.method == method) return row.role;
  }
  return std::nullopt;
}

Method FindMethod(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    const google::protobuf::ServiceDescriptor& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      const google::protobuf::MethodDescriptor& method = *service.method(j);
      if (method.input_type() != &request) continue;
      const std::string name = absl::StrCat(service.name(), "/", method.name());
      return {absl::StrCat("/", service.full_name(), "/", method.name()),
              RequiredRole(name).value_or(Role::kAdmin)};
    }
  }
  return {absl::StrCat("?", request.full_name()), Role::kAdmin};
}

}  // namespace l2tp::api
