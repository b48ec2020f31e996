// Who callers are, and what they may do.

#ifndef L2TP_SERVER_API_CALLERS_H_
#define L2TP_SERVER_API_CALLERS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/security/auth_context.h"
#include "server/api/access.h"
#include "server/base/role.h"

namespace l2tp::api {

// The other end of a Unix socket, as the kernel knows it since it connected.
struct PeerCredentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary
};

// Of a connected Unix socket. UNAVAILABLE when the kernel does not say.
absl::StatusOr<PeerCredentials> ReadPeerCredentials(int socket);

// The rules, with users and groups as numbers. Immutable, so any thread may ask.
class Callers {
 public:
  // Members of `admin_group` ("": none) are admins unless a rule is about them; root and the user
  // the daemon runs as always are. `anonymous`: whom no certificate and no socket tells.
  // NOT_FOUND when a user or group does not exist.
  static absl::StatusOr<Callers> Make(const std::vector<RoleRule>& rules,
                                      const std::string& admin_group, Role anonymous);

  // Of the rules about a caller the one that allows most counts.
  Role RoleOf(const PeerCredentials& peer) const;
  Role RoleOf(const std::vector<std::string>& certificate_names) const;

  Caller UnixCaller(const PeerCredentials& peer) const;
  // By the certificate that the connection was made with, if any.
  Caller NetworkCaller(const grpc::AuthContext& context) const;

 private:
  struct UnixRule {
    Role role;
    bool is_group;
    id_t id;
  };
  struct CertificateRule {
    Role role;
    std::string name;
  };

  std::vector<UnixRule> unix_rules_;
  std::vector<CertificateRule> certificate_rules_;
  std::vector<gid_t> admin_groups_;  // at most one
  Role anonymous_ = Role::kNone;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CALLERS_H_
