#include "server/control/logins.h"

#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

using events::LoginFailure;
using Verdict = LoginAnswer::Verdict;

class LoginsTest : public ::testing::Test {
 protected:
  LoginsTest() {
    Pool pool;
    pool.name = "pools/p";
    pool.ip_ranges = {{*IpAddress::Parse("10.0.0.2"), *IpAddress::Parse("10.0.0.3")}};
    EXPECT_TRUE(resources_.CreatePool(pool).ok());
    profile_.name = "profiles/lns";
    profile_.ppp.pool = "pools/p";
    profile_.ppp.local_address = *IpAddress::Parse("10.0.0.1");
    EXPECT_TRUE(resources_.CreateProfile(profile_).ok());
  }

  void Create(
      const char* id, const std::function<void(User*)>& amend = [](User*) {}) {
    User user;
    user.name = std::string("users/") + id;
    user.password = std::string(id) + "'s secret";
    amend(&user);
    const auto created = resources_.CreateUser(user);
    EXPECT_TRUE(created.ok()) << created.status();
  }
  LoginAnswer Try(const char* name, Login* login) {
    PeerLogin tried;
    tried.user = name;
    return logins_.Try(tried, profile_, login);
  }
  // A login with the right password.
  PeerAdmission LogIn(const char* name, const char* session, Login* login) {
    EXPECT_EQ(Try(name, login).verdict, Verdict::kCheck);
    return logins_.Admit(name, session, profile_, /*addresses=*/true, login);
  }
  int SessionsOf(const char* user) { return resources_.users().SessionCount(user); }

  Resources resources_;
  Profile profile_;
  Logins logins_{&resources_};
};

TEST_F(LoginsTest, WhoIsNotLetInHasATypedReason) {
  Create("alice");
  Create("bob", [](User* user) { user->enabled = false; });
  Profile other;
  other.name = "profiles/other";
  ASSERT_TRUE(resources_.CreateProfile(other).ok());
  Create("carol", [](User* user) { user->profile = "profiles/other"; });
  Login login;
  EXPECT_EQ(Try("mallory", &login).verdict, Verdict::kRefused);
  EXPECT_EQ(login.failure, LoginFailure::kUnknownUser);
  EXPECT_EQ(Try("bob", &login).verdict, Verdict::kRefused);
  EXPECT_EQ(login.failure, LoginFailure::kUserDisabled);
  EXPECT_EQ(Try("carol", &login).verdict, Verdict::kRefused);
  EXPECT_EQ(login.failure, LoginFailure::kWrongProfile);
  const LoginAnswer answer = Try("alice", &login);
  EXPECT_EQ(answer.verdict, Verdict::kCheck);
  EXPECT_EQ(answer.secret, "alice's secret");
  // If nothing more is heard of it, the password was wrong.
  EXPECT_EQ(login.failure, LoginFailure::kWrongPassword);
  EXPECT_EQ(login.detail.find("secret"), std::string::npos);
}

TEST_F(LoginsTest, AdmissionGivesTheSessionItsAddressOnce) {
  Create("alice");
  Login login;
  PeerAdmission admission = LogIn("alice", "s1", &login);
  EXPECT_TRUE(admission.admitted);
  EXPECT_EQ(admission.peer_address.ToString(), "10.0.0.2");
  EXPECT_EQ(login.user, "users/alice");
  EXPECT_EQ(login.failure, LoginFailure::kNone);
  // LCP is negotiated again, and the peer logs in again.
  admission = LogIn("alice", "s1", &login);
  EXPECT_EQ(admission.peer_address.ToString(), "10.0.0.2");
  EXPECT_EQ(SessionsOf("users/alice"), 1);
  EXPECT_EQ(resources_.pools().Get("pools/p")->addresses.used, 1);
  logins_.Leave("s1", &login);
  logins_.Leave("s1", &login);
  EXPECT_EQ(SessionsOf("users/alice"), 0);
  EXPECT_EQ(resources_.pools().Get("pools/p")->addresses.used, 0);
}

TEST_F(LoginsTest, AnotherUserInTheSameSessionTakesTheFirstOnesPlace) {
  Create("alice", [](User* user) { user->address = *IpAddress::Parse("192.0.2.7"); });
  Create("bob");
  Login login;
  EXPECT_EQ(LogIn("alice", "s1", &login).peer_address.ToString(), "192.0.2.7");
  EXPECT_EQ(LogIn("bob", "s1", &login).peer_address.ToString(), "10.0.0.2");
  EXPECT_EQ(SessionsOf("users/alice"), 0);
  EXPECT_EQ(SessionsOf("users/bob"), 1);
}

TEST_F(LoginsTest, LimitIsToldToWhoHasProvedWhoItIs) {
  Create("alice", [](User* user) { user->max_sessions = 1; });
  Login first;
  Login second;
  ASSERT_TRUE(LogIn("alice", "s1", &first).admitted);
  const PeerAdmission refused = LogIn("alice", "s2", &second);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.message, "Too many sessions");
  EXPECT_EQ(second.failure, LoginFailure::kSessionLimit);
  events::Cause cause;
  cause.reason = events::CloseReason::kPppPeerAuthFailed;
  ExplainFailedLogin(second, &cause);
  EXPECT_EQ(cause.reason, events::CloseReason::kNoResources);
  EXPECT_EQ(cause.result_code, 4);
  EXPECT_EQ(cause.message, "users/alice has 1 sessions already, which is its limit");
  logins_.Leave("s2", &second);
  EXPECT_EQ(SessionsOf("users/alice"), 1);
  logins_.Leave("s1", &first);
  EXPECT_TRUE(LogIn("alice", "s2", &second).admitted);
}

TEST_F(LoginsTest, WhoHasAnAddressOfItsOwnHasOneSession) {
  Create("alice", [](User* user) {
    user->address = *IpAddress::Parse("192.0.2.7");
    user->interface_id = *IpAddress::Parse("::7");
  });
  Login first;
  Login second;
  const PeerAdmission admission = LogIn("alice", "s1", &first);
  EXPECT_EQ(admission.peer_address.ToString(), "192.0.2.7");
  EXPECT_EQ(admission.peer_interface_id.ToString(), "::7");
  EXPECT_FALSE(LogIn("alice", "s2", &second).admitted);
  EXPECT_EQ(second.failure, LoginFailure::kSessionLimit);
}

TEST_F(LoginsTest, ExhaustedPoolRefusesTheLoginButNotWhoHasItsOwn) {
  Create("alice");
  Create("bob", [](User* user) { user->address = *IpAddress::Parse("192.0.2.7"); });
  Login logins[4];
  ASSERT_TRUE(LogIn("alice", "s1", &logins[0]).admitted);
  ASSERT_TRUE(LogIn("alice", "s2", &logins[1]).admitted);
  const PeerAdmission refused = LogIn("alice", "s3", &logins[2]);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(logins[2].failure, LoginFailure::kNoAddress);
  EXPECT_EQ(logins[2].detail, "all 2 addresses of pools/p are in use");
  EXPECT_EQ(SessionsOf("users/alice"), 2);
  EXPECT_TRUE(LogIn("bob", "s4", &logins[3]).admitted);
}

TEST_F(LoginsTest, OnlyWhoWasAskedForItsPasswordIsAdmitted) {
  Create("alice");
  Create("bob");
  Login login;
  EXPECT_FALSE(logins_.Admit("alice", "s1", profile_, true, &login).admitted);
  Try("alice", &login);
  EXPECT_FALSE(logins_.Admit("bob", "s1", profile_, true, &login).admitted);
  Try("mallory", &login);
  EXPECT_FALSE(logins_.Admit("mallory", "s1", profile_, true, &login).admitted);
  Try("alice", &login);
  ASSERT_TRUE(resources_.DeleteUser("users/alice").ok());
  EXPECT_FALSE(logins_.Admit("alice", "s1", profile_, true, &login).admitted);
  EXPECT_EQ(login.failure, LoginFailure::kUnknownUser);
}

TEST_F(LoginsTest, AuthenticatorsDecisionIsCarriedOut) {
  PeerLogin tried;
  tried.user = "alice";
  Login login;
  EXPECT_EQ(logins_.Decide(tried, absl::DeadlineExceededError("late"), &login).verdict,
            Verdict::kRefused);
  EXPECT_EQ(login.failure, LoginFailure::kAuthenticatorUnavailable);
  Authorization rejected;
  rejected.reason = "no contract";
  EXPECT_EQ(logins_.Decide(tried, rejected, &login).verdict, Verdict::kRefused);
  EXPECT_EQ(login.failure, LoginFailure::kRejected);
  EXPECT_EQ(login.detail, "the authenticator rejects \"alice\": no contract");
  EXPECT_FALSE(logins_.Admit("alice", "s1", profile_, true, &login).admitted);

  Authorization accepted;
  accepted.accepted = true;
  accepted.password = "hush";
  accepted.address = *IpAddress::Parse("192.0.2.7");
  accepted.session_timeout = Duration::Seconds(60);
  const LoginAnswer check = logins_.Decide(tried, accepted, &login);
  EXPECT_EQ(check.verdict, Verdict::kCheck);
  EXPECT_EQ(check.secret, "hush");
  EXPECT_EQ(login.failure, LoginFailure::kWrongPassword);  // until it is right
  EXPECT_FALSE(login.authorization->password.has_value());
  const PeerAdmission admission = logins_.Admit("alice", "s1", profile_, true, &login);
  EXPECT_TRUE(admission.admitted);
  EXPECT_EQ(admission.peer_address.ToString(), "192.0.2.7");
  EXPECT_EQ(admission.session_timeout, Duration::Seconds(60));
  // Twice with one decision is not possible.
  EXPECT_FALSE(logins_.Admit("alice", "s1", profile_, true, &login).admitted);

  accepted.password.reset();
  Login other;
  EXPECT_EQ(logins_.Decide(tried, accepted, &other).verdict, Verdict::kAccepted);
  EXPECT_FALSE(logins_.Admit("alice", "s2", profile_, true, &other).admitted);
  EXPECT_EQ(other.failure, LoginFailure::kNoAddress);  // the first session has it
}

TEST_F(LoginsTest, OtherFailuresLeaveTheCauseToPpp) {
  Login login;
  Try("mallory", &login);
  events::Cause cause;
  cause.reason = events::CloseReason::kPppPeerAuthFailed;
  cause.result_code = 2;
  ExplainFailedLogin(login, &cause);
  EXPECT_EQ(cause.reason, events::CloseReason::kPppPeerAuthFailed);
  EXPECT_EQ(cause.result_code, 2);
  EXPECT_EQ(cause.message, "there is no user with the login \"mallory\"");
}

}  // namespace
}  // namespace l2tp::control
