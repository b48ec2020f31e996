// Two whole controllers, a LAC and an LNS, in simulated time: what subscribers see, and that
// nothing is left behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "server/base/error.h"
#include "tests/support/sim_world.h"

namespace l2tp::testing {
namespace {

using events::ClosedBy;
using events::CloseReason;
using events::EventType;
using events::SessionInfo;
using events::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ControllerSimTest : public ::testing::Test {
 protected:
  ControllerSimTest() : lac_(world_.AddNode("192.0.2.1")), lns_(world_.AddNode("192.0.2.2")) {
    control::Pool pool;
    pool.name = "pools/customers";
    pool.ip_ranges = {{*IpAddress::Parse("10.64.0.2"), *IpAddress::Parse("10.64.0.3")}};
    EXPECT_TRUE(lns_.controller->CreatePool(pool).ok());
    control::Profile profile;
    profile.name = "profiles/lns";
    profile.ppp.pool = "pools/customers";
    profile.ppp.local_address = *IpAddress::Parse("10.64.0.1");
    profile.ppp.require_auth = {control::AuthMethod::kChapMd5};
    EXPECT_TRUE(lns_.controller->CreateProfile(profile).ok());
    control::User alice;
    alice.name = "users/alice";
    alice.password = "wonder";
    EXPECT_TRUE(lns_.controller->CreateUser(alice).ok());
    control::Peer peer;
    peer.name = "peers/lac";
    peer.prefix = *IpPrefix::Parse("192.0.2.0/24");
    peer.secret = "s3cret";
    peer.profile = "profiles/lns";
    EXPECT_TRUE(lns_.controller->CreatePeer(peer).ok());
  }

  control::TunnelSpec TunnelSpec(const char* id = "t1") const {
    control::TunnelSpec spec;
    spec.id = id;
    spec.remote.address = *IpAddress::Parse("192.0.2.2");
    spec.secret = "s3cret";
    return spec;
  }
  control::SessionSpec SessionSpec(const char* id = "s1") const {
    control::SessionSpec spec;
    spec.tunnel = "tunnels/t1";
    spec.id = id;
    spec.user = "alice";
    spec.password = "wonder";
    return spec;
  }
  // A tunnel and a session, up on both sides.
  void BringUp() {
    ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
    ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
    world_.RunFor(Duration::Seconds(1));
    ASSERT_EQ(lac_.LastSession().state, State::kEstablished);
    ASSERT_EQ(lns_.LastSession().state, State::kEstablished);
    lac_.TakeEventNames();
    lns_.TakeEventNames();
  }
  // No trace of tunnels and sessions on either node.
  void ExpectClean() {
    for (SimNode* node : {&lac_, &lns_}) {
      EXPECT_THAT(node->kernel.KernelTunnels(), IsEmpty());
      EXPECT_THAT(node->kernel.KernelSessions(), IsEmpty());
      EXPECT_EQ(node->ppp.running(), 0);
      EXPECT_EQ(node->controller->GetSystem().tunnel_count, 0);
      EXPECT_EQ(node->controller->GetSystem().session_count, 0);
    }
    EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 0);
  }

  SimWorld world_;
  SimNode& lac_;
  SimNode& lns_;
};

TEST_F(ControllerSimTest, SubscribersOfBothSeeTheLifeOfACallInOrder) {
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("TUNNEL_CREATED", "TUNNEL_UP", "SESSION_CREATED", "SESSION_UP",
                          "SESSION_LCP_UP", "SESSION_IP_UP", "SESSION_LINK_INFO"));
  EXPECT_THAT(lns_.TakeEventNames(),
              ElementsAre("TUNNEL_CREATED", "TUNNEL_UP", "SESSION_CREATED", "SESSION_UP",
                          "SESSION_LCP_UP", "SESSION_LINK_INFO", "SESSION_IP_UP"));
  const SessionInfo lns = lns_.LastSession();
  EXPECT_EQ(lns.ipv4->remote.ToString(), "10.64.0.2");
  EXPECT_EQ(lns.ipv4->local.ToString(), "10.64.0.1");

  bool deleted = false;
  lac_.controller->DeleteSession("tunnels/t1/sessions/s1", {},
                                 [&deleted](absl::Status status) { deleted = status.ok(); });
  EXPECT_FALSE(deleted);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(deleted);
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_IP_DOWN", "SESSION_DOWN", "SESSION_DELETED"));
  EXPECT_THAT(lns_.TakeEventNames(),
              ElementsAre("SESSION_IP_DOWN", "SESSION_DOWN", "SESSION_DELETED"));
  EXPECT_EQ(lac_.LastSession().cause.closed_by, ClosedBy::kOperator);
  EXPECT_EQ(lac_.LastSession().cause.reason, CloseReason::kAdministrative);
  EXPECT_EQ(lns_.LastSession().cause.closed_by, ClosedBy::kPeer);
  EXPECT_EQ(lns_.LastSession().cause.result_code, 3);
}

TEST_F(ControllerSimTest, DataPathIsMadeBeforeThePeerHearsOfIt) {
  lns_.kernel.Hold(FakeKernel::Op::kCreateSession);
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastSession().peer_assigned_session_id, SessionId());  // no ICRP yet
  lns_.kernel.Release(FakeKernel::Op::kCreateSession);
  lac_.kernel.Hold(FakeKernel::Op::kCreateSession);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.ppp.running(), 1);
  EXPECT_NE(lns_.LastSession().state, State::kEstablished);  // no ICCN yet
  lac_.kernel.Release(FakeKernel::Op::kCreateSession);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.LastSession().state, State::kEstablished);
}

TEST_F(ControllerSimTest, SocketsOfTunnelsHaveTheOptionsOfTheirProfile) {
  control::Profile profile;
  profile.name = "profiles/marked";
  profile.tunnel.socket.dscp = 46;
  profile.tunnel.socket.device = "vrf-blue";
  ASSERT_TRUE(lac_.controller->CreateProfile(profile).ok());
  control::TunnelSpec marked = TunnelSpec();
  marked.profile = "profiles/marked";
  ASSERT_TRUE(lac_.controller->CreateTunnel(marked).ok());
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec("t2")).ok());
  EXPECT_THAT(lac_.port.socket_options(),
              ElementsAre(profile.tunnel.socket, control::SocketOptions()));
}

TEST_F(ControllerSimTest, PeerOfAProfileWithSocketOptionsIsAnsweredThroughASocketOfItsOwn) {
  control::Profile profile;
  profile.name = "profiles/marked";
  profile.tunnel.socket.dscp = 46;
  ASSERT_TRUE(lns_.controller->CreateProfile(profile).ok());
  control::Peer peer;
  peer.name = "peers/marked";
  peer.prefix = *IpPrefix::Parse("192.0.2.1/32");
  peer.secret = "s3cret";
  peer.profile = "profiles/marked";
  ASSERT_TRUE(lns_.controller->CreatePeer(peer).ok());
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  world_.RunFor(Duration::Milliseconds(2));  // the SCCRQ has arrived
  EXPECT_THAT(lns_.port.socket_options(), ElementsAre(profile.tunnel.socket));
  EXPECT_THAT(lns_.port.sockets(), ElementsAre(lns_.port.listener()));
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.LastTunnel().state, State::kEstablished);
  EXPECT_EQ(lns_.LastTunnel().local, lns_.port.listener());
  EXPECT_THAT(lns_.port.socket_options(), ElementsAre(profile.tunnel.socket));
}

TEST_F(ControllerSimTest, PppIsToldWhatThePathLeavesWhenTheProfileLeavesItToThePath) {
  control::Profile profile;
  profile.name = "profiles/auto";
  profile.ppp.mtu = 0;
  profile.ppp.mru = 0;
  ASSERT_TRUE(lac_.controller->CreateProfile(profile).ok());
  lac_.port.SetPathMtu(1400);
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  control::SessionSpec spec = SessionSpec();
  spec.profile = "profiles/auto";
  ASSERT_TRUE(lac_.controller->CreateSession(spec).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastSession().mtu, 1362);
  EXPECT_EQ(lac_.LastSession().mru, 1360);
  EXPECT_EQ(lac_.ppp.started().back().spec.mtu, 1362);
  EXPECT_EQ(lac_.ppp.started().back().spec.mru, 1360);
  EXPECT_EQ(lns_.LastSession().mtu, 1452);
}

TEST_F(ControllerSimTest, FinalCountersAreReadBeforeTheSessionIsDeleted) {
  BringUp();
  const SessionInfo session = lac_.LastSession();
  events::Counters counters;
  counters.tx_bytes = 1234;
  counters.rx_packets = 9;
  lac_.kernel.SetCounters(lac_.LastTunnel().assigned_tunnel_id, session.assigned_session_id,
                          counters);
  lac_.controller->DeleteSession(session.name, {}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastSession().counters.tx_bytes, 1234);
  EXPECT_EQ(lac_.LastSession().counters.rx_packets, 9);
  EXPECT_THAT(lac_.kernel.KernelSessions(), IsEmpty());
}

TEST_F(ControllerSimTest, KilledPppdEndsTheCallWithATypedReasonAndACdn) {
  BringUp();
  lac_.ppp.Exit(lac_.ppp.last(), -1, 9);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_IP_DOWN", "SESSION_DOWN", "SESSION_DELETED"));
  EXPECT_EQ(lac_.LastSession().cause.reason, CloseReason::kPppdKilled);
  EXPECT_EQ(lac_.LastSession().cause.pppd_signal, 9);
  EXPECT_EQ(lns_.LastSession().cause.closed_by, ClosedBy::kPeer);
  EXPECT_NE(lns_.LastSession().cause.result_code, 0);
  EXPECT_THAT(lac_.kernel.KernelSessions(), IsEmpty());
  EXPECT_THAT(lns_.kernel.KernelSessions(), IsEmpty());
  EXPECT_EQ(lac_.LastTunnel().state, State::kEstablished);
}

TEST_F(ControllerSimTest, FailedLoginIsToldToBothEnds) {
  lns_.ppp_comes_up = false;
  lac_.ppp_comes_up = false;
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  lns_.ppp.Authenticated(lns_.ppp.last(), "alice", /*succeeded=*/false);
  lns_.ppp.Exit(lns_.ppp.last(), 11);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.LastSession().cause.reason, CloseReason::kPppPeerAuthFailed);
  EXPECT_FALSE(lns_.LastSession().auth->succeeded);
  EXPECT_EQ(lac_.LastSession().cause.closed_by, ClosedBy::kPeer);
}

TEST_F(ControllerSimTest, SecretsGoToThePppdOfTheirSessionOnly) {
  BringUp();
  EXPECT_EQ(lac_.ppp.AskSecret(lac_.ppp.last()), "wonder");
  EXPECT_EQ(lns_.ppp.AskSecret(lns_.ppp.last()), std::nullopt);
  EXPECT_EQ(lns_.ppp.AskSecret(control::PppId(999)), std::nullopt);
  const auto secret_of = [this](control::PppId ppp, const char* user) {
    control::PeerLogin login;
    login.user = user;
    std::string secret;
    lns_.ppp.AskLogin(ppp, login, [&](control::LoginAnswer answer) { secret = answer.secret; });
    return secret;
  };
  EXPECT_EQ(secret_of(lns_.ppp.last(), "alice"), "wonder");
  EXPECT_EQ(secret_of(lns_.ppp.last(), "mallory"), "");
  EXPECT_EQ(secret_of(control::PppId(999), "alice"), "");
}

TEST_F(ControllerSimTest, AccmOfTheLnssPppReachesTheLac) {
  lns_.ppp_comes_up = false;
  lac_.ppp_comes_up = false;
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  lns_.ppp.LcpUp(lns_.ppp.last(), {0x000a0000, 0xffffffff, 1500, 1500});
  world_.RunFor(Duration::Seconds(1));
  const SessionInfo lac = lac_.LastSession();
  ASSERT_TRUE(lac.link_info.has_value());
  EXPECT_TRUE(lac.link_info->from_peer);
  EXPECT_EQ(lac.link_info->send_accm, 0x000a0000u);
  EXPECT_EQ(lac.link_info->receive_accm, 0xffffffffu);
}

// Holds: R-2661-6.14-02
TEST_F(ControllerSimTest, AccmsOfALaterNegotiationReachTheLacToo) {
  BringUp();
  lns_.ppp.Phase(lns_.ppp.last(), events::PppPhase::kEstablish);
  lns_.ppp.LcpUp(lns_.ppp.last(), {0x00000001, 0x80000000, 1500, 1500});
  world_.RunFor(Duration::Seconds(1));
  EXPECT_THAT(lns_.TakeEventNames(),
              ElementsAre("SESSION_PPP_PHASE", "SESSION_LCP_UP", "SESSION_LINK_INFO"));
  EXPECT_THAT(lac_.TakeEventNames(), ElementsAre("SESSION_LINK_INFO"));
  EXPECT_TRUE(lac_.LastSession().link_info->from_peer);
  EXPECT_EQ(lac_.LastSession().link_info->send_accm, 0x00000001u);
  EXPECT_EQ(lac_.LastSession().link_info->receive_accm, 0x80000000u);
}

TEST_F(ControllerSimTest, WhatPppdTellsIsInTheEventsOfTheSession) {
  BringUp();
  const control::PppId ppp = lac_.ppp.last();
  lac_.ppp.Phase(ppp, events::PppPhase::kNetwork);
  lac_.ppp.CcpUp(ppp);
  lac_.ppp.Echo(ppp, 1);
  lac_.ppp.Echo(ppp, 0);
  lac_.ppp.Statistics(ppp, {.connect_seconds = 60, .tx_bytes = 7});
  lac_.ppp.IpDown(ppp);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_PPP_PHASE", "SESSION_CCP_UP", "SESSION_LCP_ECHO",
                          "SESSION_LCP_ECHO", "SESSION_IP_DOWN"));
  const SessionInfo session = lac_.LastSession();
  EXPECT_EQ(session.ppp_phase, events::PppPhase::kNetwork);
  EXPECT_EQ(session.ccp->receive.method, "MPPE");
  EXPECT_EQ(session.ppp_counters->tx_bytes, 7);
  EXPECT_TRUE(session.last_ipv4.has_value());

  lac_.ppp.Exit(ppp, -1, 9);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_CCP_DOWN", "SESSION_DOWN", "SESSION_DELETED"));
  EXPECT_EQ(lac_.LastSession().ppp_phase, events::PppPhase::kDead);
}

TEST_F(ControllerSimTest, UnpluggedPeerIsNoticedWithinHelloAndRetransmissionTime) {
  BringUp();
  FakeNetwork::Quality dead;
  dead.loss = 1;
  world_.network().SetQuality(dead);
  world_.RunFor(Duration::Seconds(60 + 47 + 10));  // HELLO, 5 retransmissions, pppd's grace
  for (SimNode* node : {&lac_, &lns_}) {
    EXPECT_EQ(node->LastTunnel().cause.reason, CloseReason::kPeerUnreachable);
    EXPECT_EQ(node->LastSession().cause.reason, CloseReason::kTunnelClosed);
  }
  world_.RunFor(Duration::Seconds(60));
  ExpectClean();
}

TEST_F(ControllerSimTest, ShutdownTellsThePeerAtOnceAndLeavesNothing) {
  BringUp();
  bool done = false;
  lac_.controller->Shutdown(Duration::Seconds(8), [&done] { done = true; });
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(done);
  EXPECT_EQ(lns_.LastTunnel().cause.result_code, 6);
  EXPECT_EQ(lac_.LastTunnel().cause.reason, CloseReason::kShutdown);
  EXPECT_TRUE(
      HasReason(lac_.controller->CreateTunnel(TunnelSpec("t2")).status(), Reason::kShuttingDown));
  ExpectClean();
}

TEST_F(ControllerSimTest, ShutdownDoesNotWaitForeverForAPeerThatIsGone) {
  BringUp();
  FakeNetwork::Quality dead;
  dead.loss = 1;
  world_.network().SetQuality(dead);
  bool done = false;
  lac_.controller->Shutdown(Duration::Seconds(8), [&done] { done = true; });
  world_.RunFor(Duration::Seconds(7));
  EXPECT_FALSE(done);
  world_.RunFor(Duration::Seconds(2));
  EXPECT_TRUE(done);
}

TEST_F(ControllerSimTest, KernelThatRefusesTheTunnelClosesItWithTheKernelsWords) {
  lac_.kernel.FailNext(FakeKernel::Op::kCreateTunnel,
                       MakeError(Reason::kKernelRequestFailed, "no buffer space"));
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastTunnel().cause.reason, CloseReason::kKernelFailure);
  EXPECT_EQ(lac_.LastTunnel().cause.message, "no buffer space");
  EXPECT_EQ(lns_.LastTunnel().cause.closed_by, ClosedBy::kPeer);
  ExpectClean();
}

TEST_F(ControllerSimTest, TunnelThatIsDeletedBeforeTheKernelRefusesItGoesWithItsCalls) {
  lac_.kernel.Hold(FakeKernel::Op::kCreateTunnel);
  lac_.kernel.FailNext(FakeKernel::Op::kCreateTunnel,
                       MakeError(Reason::kKernelRequestFailed, "no buffer space"));
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));  // the call waits for the tunnel's data path
  bool deleted = false;
  lac_.controller->DeleteTunnel("tunnels/t1", {true, 0, 0, ""},
                                [&deleted](absl::Status status) { deleted = status.ok(); });
  world_.RunFor(Duration::Seconds(1));
  EXPECT_FALSE(deleted);
  lac_.kernel.Release(FakeKernel::Op::kCreateTunnel);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(deleted);
  EXPECT_EQ(lac_.LastTunnel().cause.reason, CloseReason::kAdministrative);
  ExpectClean();
}

TEST_F(ControllerSimTest, KernelThatRefusesTheSessionClosesOnlyTheCall) {
  lac_.kernel.FailNext(FakeKernel::Op::kCreateSession,
                       MakeError(Reason::kKernelRequestFailed, "no buffer space"));
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastSession().cause.reason, CloseReason::kKernelFailure);
  EXPECT_EQ(lns_.LastSession().cause.closed_by, ClosedBy::kPeer);
  EXPECT_EQ(lac_.LastTunnel().state, State::kEstablished);
  EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 0);
}

TEST_F(ControllerSimTest, ExhaustedPoolRefusesTheCallAndSaysSo) {
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  for (const char* id : {"s1", "s2", "s3"}) {
    ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec(id)).ok());
  }
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.controller->GetSystem().established_session_count, 2);
  EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 2);
  const auto refused = lac_.LastEvent(EventType::kSessionDeleted);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(std::get<SessionInfo>(refused->resource).cause.result_code, 4);
}

// ---- Logins ------------------------------------------------------------------------------------

class LoginSimTest : public ControllerSimTest {
 protected:
  LoginSimTest() {
    lns_.ppp_comes_up = lac_.ppp_comes_up = false;
    EXPECT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
    world_.RunFor(Duration::Seconds(1));
  }

  void CreateUser(const char* id, const std::function<void(control::User*)>& amend) {
    control::User user;
    user.name = std::string("users/") + id;
    user.password = "wonder";
    amend(&user);
    const auto created = lns_.controller->CreateUser(user);
    EXPECT_TRUE(created.ok()) << created.status();
  }
  // A call, and a login in it at the LNS.
  bool Call(const char* id, const char* user, const char* password = "wonder") {
    EXPECT_TRUE(lac_.controller->CreateSession(SessionSpec(id)).ok());
    world_.RunFor(Duration::Seconds(1));
    const control::PppId ppp = lns_.ppp.last();
    const bool in = lns_.ppp.LogIn(ppp, user, password);
    if (in) lns_.ppp.IpUp(ppp);
    world_.RunFor(Duration::Seconds(1));
    return in;
  }
  SessionInfo LastLogin() {
    return std::get<SessionInfo>(lns_.LastEvent(EventType::kSessionAuthenticated)->resource);
  }
};

TEST_F(LoginSimTest, SessionTellsWhoHasLoggedIn) {
  ASSERT_TRUE(Call("s1", "alice"));
  EXPECT_EQ(LastLogin().peer_user, "users/alice");
  EXPECT_EQ(LastLogin().auth->failure, events::LoginFailure::kNone);
  EXPECT_EQ(lns_.controller->GetUser("users/alice")->session_count, 1);
  const auto leases = lns_.controller->ListLeases("pools/customers", {});
  ASSERT_EQ(leases->items.size(), 1u);
  EXPECT_EQ(leases->items[0].name, LastLogin().name);
  lac_.controller->DeleteTunnel("tunnels/t1", {.force = true}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(30));
  EXPECT_EQ(lns_.controller->GetUser("users/alice")->session_count, 0);
  ExpectClean();
}

TEST_F(LoginSimTest, RefusedLoginHasATypedReasonWhichThePeerIsNotTold) {
  CreateUser("bob", [](control::User* user) { user->enabled = false; });
  using events::LoginFailure;
  for (const auto& [user, password, failure] :
       {std::tuple("alice", "wrong", LoginFailure::kWrongPassword),
        std::tuple("mallory", "wonder", LoginFailure::kUnknownUser),
        std::tuple("bob", "wonder", LoginFailure::kUserDisabled)}) {
    SCOPED_TRACE(user);
    EXPECT_FALSE(Call(user, user, password));
    EXPECT_EQ(LastLogin().auth->failure, failure);
    EXPECT_EQ(lns_.LastSession().cause.reason, CloseReason::kPppPeerAuthFailed);
    EXPECT_THAT(lns_.LastSession().cause.message, ::testing::HasSubstr(user));
    const events::Cause there = lac_.LastSession().cause;
    EXPECT_EQ(there.result_code, 2);
    EXPECT_EQ(there.message, "PPP_PEER_AUTH_FAILED");
  }
  EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 0);
}

TEST_F(LoginSimTest, SessionLimitIsToldByResultCode) {
  CreateUser("bob", [](control::User* user) { user->max_sessions = 1; });
  EXPECT_TRUE(Call("s1", "bob"));
  EXPECT_FALSE(Call("s2", "bob"));
  EXPECT_EQ(LastLogin().auth->failure, events::LoginFailure::kSessionLimit);
  EXPECT_EQ(lns_.LastSession().cause.reason, CloseReason::kNoResources);
  EXPECT_EQ(lac_.LastSession().cause.result_code, 4);
  EXPECT_EQ(lns_.controller->GetUser("users/bob")->session_count, 1);
  EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 1);
}

TEST_F(LoginSimTest, WhoHasAnAddressOfItsOwnComesInThroughAnExhaustedPool) {
  CreateUser("bob", [](control::User* user) { user->address = *IpAddress::Parse("10.64.0.99"); });
  EXPECT_TRUE(Call("s1", "alice"));
  EXPECT_TRUE(Call("s2", "alice"));
  EXPECT_TRUE(Call("s3", "bob"));
  EXPECT_EQ(lns_.LastSession().ipv4->remote.ToString(), "10.64.0.99");
  EXPECT_FALSE(Call("s4", "alice"));
  EXPECT_EQ(LastLogin().auth->failure, events::LoginFailure::kNoAddress);
  EXPECT_EQ(lns_.LastSession().cause.message, "all 2 addresses of pools/customers are in use");
  EXPECT_EQ(lac_.LastSession().cause.result_code, 4);
  EXPECT_EQ(lns_.controller->ListLeases("", {})->items.size(), 3u);
}

TEST_F(LoginSimTest, DeletedUsersSessionLivesOn) {
  EXPECT_TRUE(Call("s1", "alice"));
  EXPECT_TRUE(lns_.controller->DeleteUser("users/alice").ok());
  world_.RunFor(Duration::Seconds(10));
  EXPECT_EQ(lns_.LastSession().state, State::kEstablished);
}

class AuthenticatorSimTest : public LoginSimTest {
 protected:
  AuthenticatorSimTest() {
    control::Profile profile = *lns_.controller->GetProfile("profiles/lns");
    profile.name = "profiles/asked";
    profile.ppp.authenticator = "unix:/run/auth.sock";
    EXPECT_TRUE(lns_.controller->CreateProfile(profile).ok());
    EXPECT_TRUE(lns_.controller->DeletePeer("peers/lac").ok());
    control::Peer peer;
    peer.name = "peers/asked";
    peer.secret = "s3cret";
    peer.profile = "profiles/asked";
    EXPECT_TRUE(lns_.controller->CreatePeer(peer).ok());
    EXPECT_TRUE(lac_.controller->CreateTunnel(TunnelSpec("t2")).ok());
    world_.RunFor(Duration::Seconds(1));
  }

  // A call whose peer logs in; the verdict comes when the authenticator has decided.
  control::PppId StartLogin(const char* id) {
    control::SessionSpec spec = SessionSpec(id);
    spec.tunnel = "tunnels/t2";
    EXPECT_TRUE(lac_.controller->CreateSession(spec).ok());
    world_.RunFor(Duration::Seconds(1));
    control::PeerLogin login;
    login.user = "alice";
    login.response = "wonder";
    verdict_.reset();
    lns_.ppp.AskLogin(lns_.ppp.last(), login,
                      [this](const control::LoginAnswer& answer) { verdict_ = answer.verdict; });
    return lns_.ppp.last();
  }
  std::optional<control::LoginAnswer::Verdict> verdict_;
};

TEST_F(AuthenticatorSimTest, DecisionIsWaitedForAndTheSessionAccountedFor) {
  const control::PppId ppp = StartLogin("s1");
  EXPECT_FALSE(verdict_.has_value());
  ASSERT_EQ(lns_.authenticator.waiting(), 1u);
  const auto& asked = lns_.authenticator.asked().back();
  EXPECT_EQ(asked.server, "unix:/run/auth.sock");
  EXPECT_EQ(asked.request.facts.user, "alice");
  EXPECT_EQ(asked.request.facts.peer_address.ToString(), "192.0.2.1");
  EXPECT_EQ(asked.request.login.response, "wonder");
  control::Authorization accepted;
  accepted.accepted = true;
  accepted.address = *IpAddress::Parse("192.0.2.77");
  accepted.interim_interval = Duration::Seconds(60);
  accepted.routes = {*IpPrefix::Parse("203.0.113.0/24")};
  lns_.authenticator.Answer(accepted);
  EXPECT_EQ(verdict_, control::LoginAnswer::Verdict::kAccepted);
  EXPECT_TRUE(lns_.ppp.AskAdmission(ppp, "alice").admitted);
  lns_.ppp.Authenticated(ppp, "alice");
  lns_.ppp.IpUp(ppp);
  lac_.ppp.IpUp(lac_.ppp.last());
  world_.RunFor(Duration::Seconds(130));
  EXPECT_EQ(lns_.LastSession().ipv4->remote.ToString(), "192.0.2.77");
  EXPECT_EQ(LastLogin().routes.size(), 1u);
  using Type = control::AccountingRecord::Type;
  const auto& records = lns_.authenticator.records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].type, Type::kStart);
  EXPECT_EQ(records[1].type, Type::kInterim);
  EXPECT_EQ(records[2].duration, Duration::Seconds(120));
  lac_.controller->DeleteTunnel("tunnels/t2", {.force = true}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(300));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[3].type, Type::kStop);
  EXPECT_EQ(records[3].address.ToString(), "192.0.2.77");
  EXPECT_EQ(records[3].cause, "TUNNEL_CLOSED");
}

TEST_F(AuthenticatorSimTest, NoDecisionIsARefusal) {
  const control::PppId ppp = StartLogin("s1");
  lns_.authenticator.Answer(absl::DeadlineExceededError("too late"));
  EXPECT_EQ(verdict_, control::LoginAnswer::Verdict::kRefused);
  EXPECT_FALSE(lns_.ppp.AskAdmission(ppp, "alice").admitted);
  lns_.ppp.Authenticated(ppp, "alice", /*succeeded=*/false);
  lns_.ppp.Exit(ppp, 11);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(LastLogin().auth->failure, events::LoginFailure::kAuthenticatorUnavailable);
  EXPECT_EQ(lns_.LastSession().cause.message, "no decision of the authenticator: too late");
  EXPECT_TRUE(lns_.authenticator.records().empty());
}

TEST_F(AuthenticatorSimTest, ReasonIsToldEvenIfTheRefusedPeerIsTheFirstToHangUp) {
  const control::PppId ppp = StartLogin("s1");
  control::Authorization rejected;
  rejected.reason = "no contract";
  lns_.authenticator.Answer(rejected);
  lns_.ppp.Authenticated(ppp, "alice", /*succeeded=*/false);
  lac_.controller->DeleteSession("tunnels/t2/sessions/s1", {}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(60));
  const events::SessionInfo end = lns_.LastSession();
  EXPECT_EQ(end.state, State::kClosed);
  EXPECT_EQ(end.cause.closed_by, events::ClosedBy::kPeer);
  EXPECT_TRUE(
      absl::StartsWith(end.cause.message, "the authenticator rejects \"alice\": no contract"))
      << end.cause.message;
}

TEST_F(AuthenticatorSimTest, DecisionThatComesAfterTheEndIsNobodys) {
  const control::PppId ppp = StartLogin("s1");
  lns_.ppp.Exit(ppp, 16);
  world_.RunFor(Duration::Seconds(60));
  control::Authorization accepted;
  accepted.accepted = true;
  lns_.authenticator.Answer(accepted);
  EXPECT_EQ(verdict_, control::LoginAnswer::Verdict::kRefused);
  EXPECT_EQ(lns_.controller->GetPool("pools/customers")->addresses.used, 0);
}

TEST_F(ControllerSimTest, PppThatNeverComesUpIsGivenUp) {
  lac_.ppp_comes_up = false;
  lns_.ppp_comes_up = false;
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(59));
  EXPECT_EQ(lac_.LastSession().state, State::kEstablished);
  world_.RunFor(Duration::Seconds(10));
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
  EXPECT_EQ(lac_.LastTunnel().state, State::kEstablished);
}

TEST_F(ControllerSimTest, CallIsCancelledInEveryPhaseWithoutATrace) {
  for (int milliseconds = 0; milliseconds < 12; ++milliseconds) {
    SCOPED_TRACE(milliseconds);
    const std::string id = "t" + std::to_string(milliseconds);
    control::TunnelSpec tunnel = TunnelSpec(id.c_str());
    control::SessionSpec session = SessionSpec();
    session.tunnel = "tunnels/" + id;
    ASSERT_TRUE(lac_.controller->CreateTunnel(tunnel).ok());
    ASSERT_TRUE(lac_.controller->CreateSession(session).ok());
    world_.RunFor(Duration::Milliseconds(milliseconds));
    int done = 0;
    control::CloseOptions force;
    force.force = true;
    lac_.controller->DeleteSession(session.tunnel + "/sessions/s1", {},
                                   [&done](absl::Status) { ++done; });
    world_.RunFor(Duration::Milliseconds(milliseconds % 3));
    lac_.controller->DeleteTunnel(session.tunnel, force, [&done](absl::Status) { ++done; });
    world_.RunFor(Duration::Seconds(60));
    EXPECT_EQ(done, 2);
    ExpectClean();
  }
}

TEST_F(ControllerSimTest, TunnelWithSessionsIsNotDeletedWithoutForce) {
  BringUp();
  absl::Status status;
  lac_.controller->DeleteTunnel("tunnels/t1", {}, [&status](absl::Status s) { status = s; });
  EXPECT_TRUE(HasReason(status, Reason::kTunnelHasSessions));
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastTunnel().state, State::kEstablished);
}

TEST_F(ControllerSimTest, BadRequestsSayWhatIsWrong) {
  BringUp();
  const auto& controller = lac_.controller;
  EXPECT_TRUE(HasReason(controller->CreateTunnel(TunnelSpec()).status(), Reason::kTunnelExists));
  EXPECT_TRUE(HasReason(controller->CreateSession(SessionSpec()).status(), Reason::kSessionExists));
  control::SessionSpec stray = SessionSpec("s2");
  stray.tunnel = "tunnels/nowhere";
  EXPECT_TRUE(HasReason(controller->CreateSession(stray).status(), Reason::kTunnelNotFound));
  control::TunnelSpec profile = TunnelSpec("t2");
  profile.profile = "profiles/nowhere";
  EXPECT_TRUE(HasReason(controller->CreateTunnel(profile).status(), Reason::kProfileNotFound));
  control::SessionSpec named = SessionSpec("s2");
  named.interface_name = "cust1";
  ASSERT_TRUE(controller->CreateSession(named).ok());
  named.id = "s3";
  EXPECT_TRUE(HasReason(controller->CreateSession(named).status(), Reason::kInterfaceNameTaken));
  EXPECT_TRUE(
      HasReason(controller->GetTunnel("tunnels/nowhere").status(), Reason::kTunnelNotFound));
  controller->DeleteTunnel("tunnels/t1", {true, 0, 0, ""}, [](absl::Status) {});
  EXPECT_TRUE(
      HasReason(controller->CreateSession(SessionSpec("s4")).status(), Reason::kTunnelClosing));
}

TEST_F(ControllerSimTest, StrangerGetsNoTunnelAndLeavesNoTrace) {
  SimNode& stranger = world_.AddNode("198.51.100.1");
  ASSERT_TRUE(stranger.controller->CreateTunnel(TunnelSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(stranger.LastTunnel().cause.result_code, 4);
  EXPECT_THAT(lns_.TakeEventNames(), ElementsAre("TUNNEL_REFUSED"));
}

TEST_F(ControllerSimTest, CallsFromThePeerAreRefusedInATunnelThatDoesNotAllowThem) {
  BringUp();
  // The LNS places a call into the LAC's tunnel, which does not accept any.
  control::SessionSpec back;
  back.tunnel = lns_.LastTunnel().name;
  ASSERT_TRUE(lns_.controller->CreateSession(back).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.LastSession().cause.result_code, 3);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 1);
}

TEST_F(ControllerSimTest, ASecondTunnelFromTheSameAddressAndPortGetsAPortOfItsOwn) {
  // Both tunnels of this peer come from port 1701.
  control::TunnelSpec first = TunnelSpec("t1");
  first.local = {*IpAddress::Parse("192.0.2.1"), 1701};
  control::TunnelSpec second = TunnelSpec("t2");
  second.local = first.local;
  ASSERT_TRUE(lac_.controller->CreateTunnel(first).ok());
  world_.RunFor(Duration::Seconds(1));
  ASSERT_TRUE(lac_.controller->CreateTunnel(second).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.controller->GetSystem().established_tunnel_count, 2);
  const auto tunnels = lns_.controller->ListTunnels({}).items;
  ASSERT_EQ(tunnels.size(), 2u);
  EXPECT_NE(tunnels[0].local.port, tunnels[1].local.port);
}

TEST_F(ControllerSimTest, PeerThatRedialsFromTheSamePortFindsOursFree) {
  control::TunnelSpec spec = TunnelSpec("t1");
  spec.local = {*IpAddress::Parse("192.0.2.1"), 1701};
  ASSERT_TRUE(lac_.controller->CreateTunnel(spec).ok());
  world_.RunFor(Duration::Seconds(1));
  lac_.controller->DeleteTunnel("tunnels/t1", {}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(1));
  spec.id = "t2";  // within the retention of the first
  ASSERT_TRUE(lac_.controller->CreateTunnel(spec).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lns_.LastTunnel().state, State::kEstablished);
  EXPECT_EQ(lns_.LastTunnel().local.port, 1701);
}

TEST_F(ControllerSimTest, TunnelWhoseSocketCannotBeConnectedGoesAwayWithItsCalls) {
  lns_.port.FailNextConnect(absl::ResourceExhaustedError("no descriptor is free"));
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(2));
  EXPECT_EQ(lns_.LastTunnel().cause.reason, CloseReason::kKernelFailure);
  ExpectClean();
}

TEST_F(ControllerSimTest, DeleteThatDoesNotEndInTimeIsAnsweredByTheShutdown) {
  BringUp();
  lac_.ppp.ExitOnStop(false);
  absl::Status answer;
  lac_.controller->DeleteSession("tunnels/t1/sessions/s1", {},
                                 [&answer](absl::Status status) { answer = status; });
  bool done = false;
  lac_.controller->Shutdown(Duration::Seconds(8), [&done] { done = true; });
  world_.RunFor(Duration::Seconds(10));
  EXPECT_TRUE(done);
  EXPECT_TRUE(HasReason(answer, Reason::kShuttingDown));
}

TEST_F(ControllerSimTest, Ipv6AloneIsEnough) {
  lac_.ppp_comes_up = false;
  lns_.ppp_comes_up = false;
  ASSERT_TRUE(lac_.controller->CreateTunnel(TunnelSpec()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(SessionSpec()).ok());
  world_.RunFor(Duration::Seconds(1));
  lac_.ppp.Ipv6Up(lac_.ppp.last());
  lns_.ppp.Ipv6Up(lns_.ppp.last());
  world_.RunFor(Duration::Seconds(200));
  EXPECT_EQ(lac_.LastSession().state, State::kEstablished);
}

TEST(ControllerSeedsTest, ChurnOverABadNetworkLeavesNothingBehind) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    SimWorld world(seed);
    SimNode& lac = world.AddNode("192.0.2.1");
    SimNode& lns = world.AddNode("192.0.2.2");
    control::Peer anyone;
    anyone.name = "peers/anyone";
    ASSERT_TRUE(lns.controller->CreatePeer(anyone).ok());
    FakeNetwork::Quality bad;
    bad.loss = 0.2;
    bad.duplicate = 0.1;
    bad.max_delay = Duration::Milliseconds(300);
    world.network().SetQuality(bad);
    SeededRandom fate(seed);
    for (int step = 0; step < 30; ++step) {
      const std::string tunnel = "tunnels/t" + std::to_string(fate.Below(3));
      switch (fate.Below(6)) {
        case 0:
        case 1: {
          control::TunnelSpec spec;
          spec.id = tunnel.substr(8);
          spec.remote.address = *IpAddress::Parse("192.0.2.2");
          lac.controller->CreateTunnel(spec).status().IgnoreError();
          break;
        }
        case 2:
        case 3: {
          control::SessionSpec spec;
          spec.tunnel = tunnel;
          lac.controller->CreateSession(spec).status().IgnoreError();
          break;
        }
        case 4:
          if (!lac.ppp.started().empty()) {
            lac.ppp.Exit(lac.ppp.started()[fate.Below(lac.ppp.started().size())].id, 16);
          }
          break;
        case 5: lac.controller->DeleteTunnel(tunnel, {true, 0, 0, ""}, [](absl::Status) {}); break;
      }
      world.RunFor(Duration::Milliseconds(static_cast<int64_t>(fate.Below(3000))));
    }
    bool done = false;
    lac.controller->Shutdown(Duration::Seconds(200), [&done] { done = true; });
    world.RunFor(Duration::Seconds(300));
    EXPECT_TRUE(done);
    for (SimNode* node : {&lac, &lns}) {
      EXPECT_THAT(node->kernel.KernelTunnels(), IsEmpty());
      EXPECT_THAT(node->kernel.KernelSessions(), IsEmpty());
      EXPECT_EQ(node->ppp.running(), 0);
      EXPECT_EQ(node->controller->GetSystem().tunnel_count, 0);
      EXPECT_THAT(node->port.sockets(), IsEmpty());
    }
  }
}

}  // namespace
}  // namespace l2tp::testing
