// The peers' logins: who may log in to a session, and what comes with it.

#ifndef L2TP_SERVER_CONTROL_LOGINS_H_
#define L2TP_SERVER_CONTROL_LOGINS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/ports.h"
#include "server/control/resources.h"
#include "server/control/specs.h"
#include "server/events/resources.h"

namespace l2tp::control {

// The peer's login to one session.
struct Login {
  std::string name;      // what the peer called itself last, as pppd spells it
  std::string user;      // "users/{id}" that this is; empty: nobody, or not to be let in
  bool entered = false;  // `user` has this session
  bool open = false;     // whoever proves to be `name` may come in
  // The authenticator's, of the last try.
  std::optional<Authorization> authorization;
  // Why the last try failed, as far as we know; for operators.
  events::LoginFailure failure = events::LoginFailure::kNone;
  std::string detail;
};

// Whoever is not let in learns that the login failed, and only who has proved who it is learns of
// limits.
class Logins {
 public:
  // Not owned; must outlive this.
  explicit Logins(Resources* resources) : resources_(resources) {}

  // The peer tries to log in.
  LoginAnswer Try(const PeerLogin& tried, const Profile& profile, Login* login);

  // The same, as an authenticator has decided; an error: it has not.
  LoginAnswer Decide(const PeerLogin& tried, absl::StatusOr<Authorization> authorization,
                     Login* login);

  // The peer has proved that it is `name`, which it tried before. `addresses`: it gets the user's
  // own, and what is missing from the profile's pool.
  PeerAdmission Admit(absl::string_view name, const std::string& session, const Profile& profile,
                      bool addresses, Login* login);

  // The session is over, or somebody else logs in to it.
  void Leave(const std::string& session, Login* login);

 private:
  PeerAdmission AdmitUser(absl::string_view name, const std::string& session,
                          const Profile& profile, bool addresses, Login* login);
  PeerAdmission AdmitByAuthenticator(const std::string& session, const Profile& profile,
                                     bool addresses, Login* login);
  absl::Status GetAddresses(const std::string& session, const User& user, const Profile& profile);
  PeerAdmission Let(const std::string& session, bool addresses, Login* login);
  PeerAdmission Refuse(events::LoginFailure failure, std::string detail,
                       absl::string_view for_the_peer, Login* login);

  Resources* const resources_;
};

// What the end of a session after a failed login is told with.
void ExplainFailedLogin(const Login& login, events::Cause* cause);

// Likewise, when the peer that was refused has closed the call before our pppd was through.
void ExplainRefusedPeer(const Login& login, events::Cause* cause);

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_LOGINS_H_
