#include "server/control/logins.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/quote.h"
#include "server/wire/result_code.h"

namespace l2tp::control {
namespace {

using events::LoginFailure;

int LimitOf(const User& user) {
  const bool has_own =
      user.address.is_set() || user.interface_id.is_set() || user.prefix.address.is_set();
  return has_own ? 1 : user.max_sessions;
}

}  // namespace

LoginAnswer Logins::Try(const PeerLogin& tried, const Profile& profile, Login* login) {
  login->name = tried.user;
  login->failure = LoginFailure::kNone;
  login->detail.clear();
  const auto refuse = [login](LoginFailure failure, std::string detail) {
    login->failure = failure;
    login->detail = std::move(detail);
    return LoginAnswer();
  };
  bool elsewhere = false;
  const User* user = resources_->users().Find(tried.user, profile.name, &elsewhere);
  if (user == nullptr && elsewhere) {
    return refuse(LoginFailure::kWrongProfile,
                  absl::StrCat("login ", Quoted(tried.user), " is one of another profile than ",
                               profile.name.empty() ? "the built-in one" : profile.name));
  }
  if (user == nullptr) {
    return refuse(LoginFailure::kUnknownUser,
                  absl::StrCat("there is no user with the login ", Quoted(tried.user)));
  }
  if (!user->enabled) {
    return refuse(LoginFailure::kUserDisabled, absl::StrCat(user->name, " is disabled"));
  }
  // What remains is up to the peer; unless it turns out to be right, it was this.
  login->failure = LoginFailure::kWrongPassword;
  login->detail = absl::StrCat("wrong password of ", user->name);
  return {LoginAnswer::Verdict::kCheck, user->password};
}

PeerAdmission Logins::Refuse(LoginFailure failure, std::string detail,
                             absl::string_view for_the_peer, Login* login) {
  login->failure = failure;
  login->detail = std::move(detail);
  PeerAdmission refused;
  refused.message = std::string(for_the_peer);
  return refused;
}

PeerAdmission Logins::Admit(absl::string_view name, const std::string& session,
                            const Profile& profile, bool addresses, Login* login) {
  // Of the plugin's word we take that the password was right, not whose it was.
  if (name != login->name || login->failure != LoginFailure::kWrongPassword) return {};
  bool elsewhere = false;
  const User* user = resources_->users().Find(name, profile.name, &elsewhere);
  if (user == nullptr) {
    return Refuse(LoginFailure::kUnknownUser, "the user was deleted just now", "", login);
  }
  if (login->entered && login->user != user->name) Leave(session, login);
  const int limit = LimitOf(*user);
  if (!login->entered && limit > 0 && resources_->users().SessionCount(user->name) >= limit) {
    return Refuse(LoginFailure::kSessionLimit,
                  absl::StrCat(user->name, " has ", limit, " sessions already, which is its limit"),
                  "Too many sessions", login);
  }
  if (addresses) {
    absl::Status got = resources_->pools().Claim(session, *user);
    if (got.ok() && !profile.ppp.pool.empty()) {
      got = resources_->pools().Lend(session, profile.ppp.pool, profile.ppp.ipv6);
    }
    if (!got.ok()) {
      return Refuse(LoginFailure::kNoAddress, std::string(got.message()), "No address is left",
                    login);
    }
  }
  if (!login->entered) resources_->users().Enter(user->name);
  login->entered = true;
  login->user = user->name;
  login->failure = LoginFailure::kNone;
  login->detail.clear();
  PeerAdmission admission;
  admission.admitted = true;
  if (const Lease* lease = resources_->pools().Find(session); addresses && lease != nullptr) {
    admission.peer_address = lease->address;
    admission.peer_interface_id = lease->interface_id;
  }
  return admission;
}

void Logins::Leave(const std::string& session, Login* login) {
  resources_->pools().Return(session);
  if (login->entered) resources_->users().Leave(login->user);
  login->entered = false;
  login->user.clear();
}

void ExplainFailedLogin(const Login& login, events::Cause* cause) {
  if (login.failure == LoginFailure::kNone) return;
  cause->message = login.detail;
  if (login.failure != LoginFailure::kSessionLimit && login.failure != LoginFailure::kNoAddress) {
    return;
  }
  cause->closed_by = events::ClosedBy::kDaemon;
  cause->reason = events::CloseReason::kNoResources;
  cause->result_code = static_cast<uint16_t>(wire::CdnResult::kNoFacilitiesTemporary);
  cause->error_code = 0;
}

}  // namespace l2tp::control
