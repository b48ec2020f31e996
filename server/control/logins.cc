#include "server/control/logins.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/wire/result_code.h"

namespace l2tp::control {
namespace {

using events::LoginFailure;

int LimitOf(const User& user) {
  const bool has_own =
      user.address.is_set() || user.interface_id.is_set() || user.prefix.address.is_set();
  return has_own ? 1 : user.max_sessions;
}

// Notes a try, and that it fails for this reason.
LoginAnswer NotLetIn(const PeerLogin& tried, LoginFailure failure, std::string detail,
                     Login* login) {
  login->name = tried.user;
  login->open = false;
  login->authorization.reset();
  login->failure = failure;
  login->detail = std::move(detail);
  return {};
}

}  // namespace

LoginAnswer Logins::Try(const PeerLogin& tried, const Profile& profile, Login* login) {
  bool elsewhere = false;
  const User* user = resources_->users().Find(tried.user, profile.name, &elsewhere);
  if (user == nullptr && elsewhere) {
    return NotLetIn(tried, LoginFailure::kWrongProfile,
                    absl::StrCat("login ", Quoted(tried.user), " is one of another profile than ",
                                 profile.name.empty() ? "the built-in one" : profile.name),
                    login);
  }
  if (user == nullptr) {
    return NotLetIn(tried, LoginFailure::kUnknownUser,
                    absl::StrCat("there is no user with the login ", Quoted(tried.user)), login);
  }
  if (!user->enabled) {
    return NotLetIn(tried, LoginFailure::kUserDisabled, absl::StrCat(user->name, " is disabled"),
                    login);
  }
  // What remains is up to the peer; unless it turns out to be right, it was this.
  NotLetIn(tried, LoginFailure::kWrongPassword, absl::StrCat("wrong password of ", user->name),
           login);
  login->open = true;
  return {LoginAnswer::Verdict::kCheck, user->password, user->login};
}

LoginAnswer Logins::Decide(const PeerLogin& tried, absl::StatusOr<Authorization> authorization,
                           Login* login) {
  if (!authorization.ok()) {
    return NotLetIn(
        tried, LoginFailure::kAuthenticatorUnavailable,
        absl::StrCat("no decision of the authenticator: ", authorization.status().message()),
        login);
  }
  if (!authorization->accepted) {
    return NotLetIn(tried, LoginFailure::kRejected,
                    absl::StrCat("the authenticator rejects ", Quoted(tried.user),
                                 authorization->reason.empty() ? "" : ": ", authorization->reason),
                    login);
  }
  NotLetIn(tried, LoginFailure::kWrongPassword,
           absl::StrCat("wrong password of ", Quoted(tried.user)), login);
  login->open = true;
  LoginAnswer answer;
  answer.verdict = authorization->password.has_value() ? LoginAnswer::Verdict::kCheck
                                                       : LoginAnswer::Verdict::kAccepted;
  answer.secret = std::exchange(authorization->password, std::nullopt).value_or("");
  login->authorization = *std::move(authorization);
  return answer;
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
  if (name != login->name || !std::exchange(login->open, false)) return {};
  if (login->authorization.has_value()) {
    return AdmitByAuthenticator(session, profile, addresses, login);
  }
  return AdmitUser(name, session, profile, addresses, login);
}

PeerAdmission Logins::AdmitUser(absl::string_view name, const std::string& session,
                                const Profile& profile, bool addresses, Login* login) {
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
    const absl::Status got = GetAddresses(session, *user, profile);
    if (!got.ok()) {
      return Refuse(LoginFailure::kNoAddress, std::string(got.message()), "No address is left",
                    login);
    }
  }
  if (!login->entered) resources_->users().Enter(user->name);
  login->entered = true;
  login->user = user->name;
  return Let(session, addresses, login);
}

PeerAdmission Logins::AdmitByAuthenticator(const std::string& session, const Profile& profile,
                                           bool addresses, Login* login) {
  const Authorization& authorization = *login->authorization;
  if (addresses) {
    User own;
    own.address = authorization.address;
    own.interface_id = authorization.interface_id;
    own.prefix = authorization.prefix;
    const absl::Status got = GetAddresses(session, own, profile);
    if (!got.ok()) {
      return Refuse(LoginFailure::kNoAddress, std::string(got.message()), "No address is left",
                    login);
    }
  }
  PeerAdmission admission = Let(session, addresses, login);
  admission.dns = authorization.dns;
  admission.session_timeout = authorization.session_timeout;
  admission.idle_timeout = authorization.idle_timeout;
  return admission;
}

absl::Status Logins::GetAddresses(const std::string& session, const User& user,
                                  const Profile& profile) {
  L2TP_RETURN_IF_ERROR(resources_->pools().Claim(session, user));
  if (profile.ppp.pool.empty()) return absl::OkStatus();
  return resources_->pools().Lend(session, profile.ppp.pool, profile.ppp.ipv6);
}

PeerAdmission Logins::Let(const std::string& session, bool addresses, Login* login) {
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

void ExplainRefusedPeer(const Login& login, events::Cause* cause) {
  if (cause->closed_by != events::ClosedBy::kPeer || login.failure == LoginFailure::kNone) return;
  cause->message =
      cause->message.empty() ? login.detail : absl::StrCat(login.detail, "; ", cause->message);
}

}  // namespace l2tp::control
