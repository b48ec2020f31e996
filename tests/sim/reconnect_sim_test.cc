// Persistent sessions: two whole controllers in simulated time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "tests/support/sim_world.h"

namespace l2tp::testing {
namespace {

using events::CloseReason;
using events::EventType;
using events::SessionInfo;
using events::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReconnectSimTest : public ::testing::Test {
 protected:
  ReconnectSimTest() : lac_(world_.AddNode("192.0.2.1")), lns_(world_.AddNode("192.0.2.2")) {
    control::Peer peer;
    peer.name = "peers/lac";
    peer.allow_outgoing_calls = true;
    EXPECT_TRUE(lns_.controller->CreatePeer(peer).ok());
  }

  static control::TunnelSpec Tunnel() {
    control::TunnelSpec spec;
    spec.id = "t1";
    spec.remote.address = *IpAddress::Parse("192.0.2.2");
    return spec;
  }
  static control::SessionSpec Session(const std::string& id = "s1") {
    control::SessionSpec spec;
    spec.tunnel = "tunnels/t1";
    spec.id = id;
    spec.persistent = true;
    spec.interface_name = id;
    return spec;
  }
  void BringUp() {
    ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
    ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
    world_.RunFor(Duration::Seconds(1));
    ASSERT_TRUE(lac_.LastSession().ipv4.has_value());
    lac_.TakeEventNames();
  }
  void Unplug(bool unplugged) {
    FakeNetwork::Quality quality;
    quality.loss = unplugged ? 1 : 0;
    world_.network().SetQuality(quality);
  }
  void KillPppd() { lac_.ppp.Exit(lac_.ppp.last(), -1, 9); }
  void Delete(const std::string& name) {
    absl::Status status = absl::UnknownError("not called");
    lac_.controller->DeleteSession(name, {}, [&](absl::Status result) { status = result; });
    world_.RunFor(Duration::Seconds(1));
    EXPECT_TRUE(status.ok()) << status;
  }
  void UseProfile(const control::SessionSettings& settings) {
    control::Profile profile;
    profile.name = "profiles/p";
    profile.session = settings;
    ASSERT_TRUE(lac_.controller->CreateProfile(profile).ok());
  }
  void BringUpWith(const control::SessionSettings& settings) {
    UseProfile(settings);
    ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
    control::SessionSpec session = Session();
    session.profile = "profiles/p";
    ASSERT_TRUE(lac_.controller->CreateSession(session).ok());
    world_.RunFor(Duration::Seconds(1));
  }

  SimWorld world_;
  SimNode& lac_;
  SimNode& lns_;
};

TEST_F(ReconnectSimTest, SessionWhosePppdDiedIsPlacedAgainUnderItsName) {
  BringUp();
  const SessionInfo before = lac_.LastSession();
  KillPppd();
  world_.RunFor(Duration::Milliseconds(100));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_IP_DOWN", "SESSION_DOWN", "SESSION_WAITING"));
  const SessionInfo waiting = lac_.LastSession();
  EXPECT_EQ(waiting.state, State::kWaiting);
  EXPECT_EQ(waiting.cause.reason, CloseReason::kPppdKilled);
  EXPECT_EQ(waiting.reconnect->failures, 1);
  EXPECT_GT(waiting.reconnect->next_attempt_time, world_.clock().WallNow());
  EXPECT_FALSE(waiting.ipv4.has_value());
  EXPECT_EQ(lac_.controller->GetSystem().waiting_session_count, 1);
  world_.RunFor(Duration::Seconds(2));
  EXPECT_THAT(lac_.TakeEventNames(),
              ElementsAre("SESSION_RECONNECTING", "SESSION_UP", "SESSION_LCP_UP", "SESSION_IP_UP",
                          "SESSION_LINK_INFO"));
  const SessionInfo after = lac_.LastSession();
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.uid, before.uid);
  EXPECT_EQ(after.create_time, before.create_time);
  EXPECT_EQ(after.interface_name, before.interface_name);
  EXPECT_NE(after.assigned_session_id, before.assigned_session_id);
  EXPECT_EQ(after.reconnect->next_attempt_time, WallTime());
  EXPECT_EQ(after.cause.reason, CloseReason::kNone);
  EXPECT_EQ(lac_.controller->GetSystem().waiting_session_count, 0);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 1);
}

TEST_F(ReconnectSimTest, RestartEndsTheCallAndPlacesItAgainAtOnce) {
  BringUp();
  const SessionInfo before = lac_.LastSession();
  lns_.TakeEventNames();
  const auto answer = lac_.controller->RestartSession(
      before.name, {.result_code = 2, .error_code = 6, .message = "new card"});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->uid, before.uid);
  world_.RunFor(Duration::Milliseconds(500));  // less than reconnect_min_delay
  const SessionInfo after = lac_.LastSession();
  EXPECT_EQ(after.state, State::kEstablished);
  EXPECT_TRUE(after.ipv4.has_value());
  EXPECT_EQ(after.uid, before.uid);
  EXPECT_NE(after.assigned_session_id, before.assigned_session_id);
  EXPECT_EQ(after.reconnect->failures, 0) << "it was asked for";
  EXPECT_THAT(
      lac_.TakeEventNames(),
      ElementsAre("SESSION_IP_DOWN", "SESSION_DOWN", "SESSION_WAITING", "SESSION_RECONNECTING",
                  "SESSION_UP", "SESSION_LCP_UP", "SESSION_IP_UP", "SESSION_LINK_INFO"));
  const auto told = lns_.LastEvent(EventType::kSessionDeleted);
  const events::Cause& cause = std::get<SessionInfo>(told->resource).cause;
  EXPECT_EQ(cause.result_code, 2);
  EXPECT_EQ(cause.error_code, 6);
  EXPECT_EQ(cause.message, "new card");
  KillPppd();  // the next end is an end like any other
  world_.RunFor(Duration::Milliseconds(100));
  EXPECT_EQ(lac_.LastSession().state, State::kWaiting);
}

TEST_F(ReconnectSimTest, RestartOfWhatWaitsPlacesItNow) {
  control::SessionSettings settings;
  settings.reconnect_min_delay = Duration::Seconds(200);
  BringUpWith(settings);
  KillPppd();
  world_.RunFor(Duration::Seconds(10));
  ASSERT_EQ(lac_.LastSession().state, State::kWaiting);
  EXPECT_TRUE(
      lac_.controller->RestartSession("tunnels/t1/sessions/s1", {}, control::Mode::kValidateOnly)
          .ok());
  world_.RunFor(Duration::Seconds(10));
  ASSERT_EQ(lac_.LastSession().state, State::kWaiting) << "it was only looked at";
  ASSERT_TRUE(lac_.controller->RestartSession("tunnels/t1/sessions/s1", {}).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
}

TEST_F(ReconnectSimTest, RestartedTunnelIsOpenedAnewByItsPersistentSessions) {
  BringUp();
  control::SessionSpec other = Session("s2");
  other.persistent = false;
  ASSERT_TRUE(lac_.controller->CreateSession(other).ok());
  world_.RunFor(Duration::Seconds(1));
  const std::string uid = lac_.controller->GetTunnel("tunnels/t1")->uid;
  EXPECT_TRUE(HasReason(lac_.controller->RestartTunnel("tunnels/t1", {}).status(),
                        Reason::kTunnelHasSessions))
      << "s2 would not come back";
  const control::CloseOptions options = {.force = true, .message = "new path"};
  ASSERT_TRUE(lac_.controller->RestartTunnel("tunnels/t1", options).ok());
  EXPECT_EQ(lns_.LastTunnel().state, State::kEstablished);
  world_.RunFor(Duration::Seconds(3));
  const auto tunnel = lac_.controller->GetTunnel("tunnels/t1");
  ASSERT_TRUE(tunnel.ok()) << tunnel.status();
  EXPECT_NE(tunnel->uid, uid);
  EXPECT_EQ(tunnel->state, State::kEstablished);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 1);
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
  EXPECT_EQ(lac_.LastSession().name, "tunnels/t1/sessions/s1");
  const auto told = lns_.LastEvent(EventType::kTunnelDown);
  EXPECT_EQ(std::get<events::TunnelInfo>(told->resource).cause.message, "new path");
}

TEST_F(ReconnectSimTest, OnlyWhatIsPersistentCanBeRestarted) {
  ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
  control::SessionSpec session = Session();
  session.persistent = false;
  ASSERT_TRUE(lac_.controller->CreateSession(session).ok());
  world_.RunFor(Duration::Seconds(1));
  const auto session_answer = lac_.controller->RestartSession("tunnels/t1/sessions/s1", {});
  EXPECT_TRUE(HasReason(session_answer.status(), Reason::kNotPersistent));
  const auto tunnel_answer = lac_.controller->RestartTunnel("tunnels/t1", {});
  EXPECT_TRUE(HasReason(tunnel_answer.status(), Reason::kNotPersistent));
  EXPECT_TRUE(HasReason(lac_.controller->RestartSession("tunnels/t1/sessions/x", {}).status(),
                        Reason::kSessionNotFound));
  EXPECT_TRUE(
      HasReason(lac_.controller->RestartTunnel("tunnels/x", {}).status(), Reason::kTunnelNotFound));
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
}

TEST_F(ReconnectSimTest, RestartForgetsWhatHadFailed) {
  control::SessionSettings settings;
  settings.max_reconnect_failures = 3;
  BringUpWith(settings);
  for (int i = 0; i < 2; ++i) {
    KillPppd();
    world_.RunFor(Duration::Seconds(8));
  }
  EXPECT_EQ(lac_.LastSession().reconnect->failures, 2);
  world_.RunFor(Duration::Seconds(3600));  // stable, which the next end would tell
  ASSERT_TRUE(lac_.controller->RestartSession("tunnels/t1/sessions/s1", {}).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.LastSession().reconnect->failures, 0);
  KillPppd();
  world_.RunFor(Duration::Milliseconds(100));
  EXPECT_EQ(lac_.LastSession().state, State::kWaiting) << "not the third failure";
  EXPECT_EQ(lac_.LastSession().reconnect->failures, 1);
}

TEST_F(ReconnectSimTest, RestartIsRefusedWhereNothingWouldComeBack) {
  BringUp();
  const std::string name = "tunnels/t1/sessions/s1";
  lac_.controller->DrainSystem(true);
  EXPECT_TRUE(HasReason(lac_.controller->RestartSession(name, {}).status(), Reason::kDraining));
  EXPECT_TRUE(
      HasReason(lac_.controller->RestartTunnel("tunnels/t1", {}).status(), Reason::kDraining));
  lac_.controller->DrainSystem(false);
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", true).ok());
  EXPECT_TRUE(HasReason(lac_.controller->RestartSession(name, {}).status(), Reason::kDraining));
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", false).ok());
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value()) << "nothing was ended";

  lac_.controller->DeleteTunnel("tunnels/t1", {.force = true}, [](const absl::Status&) {});
  EXPECT_TRUE(
      HasReason(lac_.controller->RestartTunnel("tunnels/t1", {}).status(), Reason::kTunnelClosing));
  EXPECT_TRUE(
      HasReason(lac_.controller->RestartSession(name, {}).status(), Reason::kTunnelClosing));
  world_.RunFor(Duration::Seconds(5));
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
}

TEST_F(ReconnectSimTest, NothingIsRestartedWhileTheDaemonIsStopped) {
  BringUp();
  lac_.controller->Shutdown(Duration::Seconds(8), [] {});
  EXPECT_TRUE(HasReason(lac_.controller->RestartSession("tunnels/t1/sessions/s1", {}).status(),
                        Reason::kShuttingDown));
  EXPECT_TRUE(
      HasReason(lac_.controller->RestartTunnel("tunnels/t1", {}).status(), Reason::kShuttingDown));
}

TEST_F(ReconnectSimTest, DrainingTunnelThatIsRestartedNoLongerDrains) {
  BringUp();
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", true).ok());
  ASSERT_TRUE(lac_.controller->RestartTunnel("tunnels/t1", {}).ok());
  world_.RunFor(Duration::Seconds(3));
  EXPECT_FALSE(lac_.controller->GetTunnel("tunnels/t1")->draining);
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
}

TEST_F(ReconnectSimTest, TunnelWhoseProfileIsGoneIsNotRestarted) {
  UseProfile({});
  control::TunnelSpec tunnel = Tunnel();
  tunnel.profile = "profiles/p";
  ASSERT_TRUE(lac_.controller->CreateTunnel(tunnel).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
  world_.RunFor(Duration::Seconds(1));
  ASSERT_TRUE(lac_.controller->DeleteProfile("profiles/p").ok());
  EXPECT_TRUE(HasReason(lac_.controller->RestartTunnel("tunnels/t1", {}).status(),
                        Reason::kProfileNotFound));
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
}

TEST_F(ReconnectSimTest, DeletionGoesBeforeARestart) {
  BringUp();
  ASSERT_TRUE(lac_.controller->RestartSession("tunnels/t1/sessions/s1", {}).ok());
  Delete("tunnels/t1/sessions/s1");
  world_.RunFor(Duration::Seconds(10));
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
}

TEST_F(ReconnectSimTest, TunnelThatWasLostIsOpenedAgain) {
  BringUp();
  Unplug(true);
  world_.RunFor(Duration::Seconds(180));  // HELLO, and retransmissions
  EXPECT_EQ(lac_.controller->GetTunnel("tunnels/t1").ok(),
            lac_.LastTunnel().state != State::kClosed);
  EXPECT_GE(lac_.LastSession().reconnect->failures, 1);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 1);
  Unplug(false);
  world_.RunFor(Duration::Seconds(180));
  EXPECT_EQ(lac_.LastSession().state, State::kEstablished);
  EXPECT_TRUE(lac_.LastSession().ipv4.has_value());
  EXPECT_EQ(lac_.LastSession().name, "tunnels/t1/sessions/s1");
  EXPECT_EQ(lac_.controller->GetSystem().established_tunnel_count, 1);
  EXPECT_EQ(lac_.kernel.KernelSessions().size(), 1u);
  EXPECT_EQ(lac_.ppp.running(), 1);
}

TEST_F(ReconnectSimTest, TunnelThatIsOpenedAgainHasItsLastLabelsAndDebug) {
  control::TunnelSpec tunnel = Tunnel();
  tunnel.labels = {{"site", "old"}};
  ASSERT_TRUE(lac_.controller->CreateTunnel(tunnel).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
  world_.RunFor(Duration::Seconds(1));
  const std::string uid = lac_.controller->GetTunnel("tunnels/t1")->uid;
  const events::Labels labels = {{"site", "new"}};
  const control::TunnelChange change = {.labels = labels, .debug = true};
  ASSERT_TRUE(lac_.controller->UpdateTunnel("tunnels/t1", "", change).ok());
  Unplug(true);
  world_.RunFor(Duration::Seconds(180));
  Unplug(false);
  world_.RunFor(Duration::Seconds(180));
  const auto again = lac_.controller->GetTunnel("tunnels/t1");
  ASSERT_TRUE(again.ok());
  EXPECT_NE(again->uid, uid);
  EXPECT_EQ(again->labels, labels);
  EXPECT_TRUE(again->debug);
}

TEST_F(ReconnectSimTest, PeerThatIsNotThereYetIsCalledUntilItIs) {
  Unplug(true);
  ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
  ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
  world_.RunFor(Duration::Seconds(3600));
  // About 300 s lie between attempts in the end, and 60 s an attempt takes.
  const int failures = lac_.LastSession().reconnect->failures;
  EXPECT_GT(failures, 10);
  EXPECT_LT(failures, 40);
  Unplug(false);
  world_.RunFor(Duration::Seconds(400));
  EXPECT_EQ(lac_.LastSession().state, State::kEstablished);
}

TEST_F(ReconnectSimTest, WhatWaitsIsListedWithAndWithoutItsTunnel) {
  BringUp();
  Unplug(true);
  while (lac_.LastSession().state != State::kWaiting ||
         lac_.controller->GetTunnel("tunnels/t1").ok()) {
    world_.RunFor(Duration::Milliseconds(100));
  }
  for (const char* tunnel : {"", "tunnels/t1"}) {
    const auto page = lac_.controller->ListSessions(tunnel, {});
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->items.size(), 1u);
    EXPECT_EQ(page->items[0].state, State::kWaiting);
  }
  EXPECT_TRUE(
      HasReason(lac_.controller->ListSessions("tunnels/t", {}).status(), Reason::kTunnelNotFound));
  control::SessionSpec twin = Session("s2");
  twin.interface_name = "s1";
  ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
  EXPECT_TRUE(
      HasReason(lac_.controller->CreateSession(twin).status(), Reason::kInterfaceNameTaken));
  control::SessionSpec same = Session();
  same.interface_name.clear();
  EXPECT_TRUE(HasReason(lac_.controller->CreateSession(same).status(), Reason::kSessionExists));
}

TEST_F(ReconnectSimTest, DeletedSessionDoesNotComeBackWhetherItLivesWaitsOrCloses) {
  for (const int moment : {0, 1, 2}) {
    SCOPED_TRACE(moment);
    if (moment == 0) {
      BringUp();
    } else {
      ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
      world_.RunFor(Duration::Seconds(1));
    }
    if (moment == 2) lac_.kernel.Hold(FakeKernel::Op::kDeleteSession);
    if (moment > 0) KillPppd();
    world_.RunFor(Duration::Milliseconds(100));
    EXPECT_EQ(lac_.controller->GetSystem().waiting_session_count, moment == 1 ? 1 : 0);
    if (moment == 2) {
      bool done = false;
      lac_.controller->DeleteSession("tunnels/t1/sessions/s1", {},
                                     [&](absl::Status) { done = true; });
      lac_.kernel.Release(FakeKernel::Op::kDeleteSession);
      world_.RunFor(Duration::Seconds(1));
      EXPECT_TRUE(done);
    } else {
      Delete("tunnels/t1/sessions/s1");
    }
    EXPECT_EQ(lac_.LastSession().state, State::kClosed);
    lac_.TakeEventNames();
    world_.RunFor(Duration::Seconds(20));
    EXPECT_THAT(lac_.TakeEventNames(), IsEmpty());
    EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
  }
}

TEST_F(ReconnectSimTest, TunnelWithAWaitingSessionIsNotDeletedWithoutForce) {
  BringUp();
  KillPppd();
  world_.RunFor(Duration::Milliseconds(100));
  absl::Status status;
  lac_.controller->DeleteTunnel("tunnels/t1", {}, [&](absl::Status result) { status = result; });
  EXPECT_TRUE(HasReason(status, Reason::kTunnelHasSessions)) << status;
  lac_.controller->DeleteTunnel("tunnels/t1", {.force = true},
                                [&](absl::Status result) { status = result; });
  world_.RunFor(Duration::Seconds(60));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
  EXPECT_EQ(lac_.controller->GetSystem().tunnel_count, 0);
}

TEST_F(ReconnectSimTest, SessionThatWasOverWhenItsTunnelWasDeletedDoesNotComeBack) {
  BringUp();
  lac_.kernel.Hold(FakeKernel::Op::kDeleteSession);
  KillPppd();
  world_.RunFor(Duration::Milliseconds(100));
  lac_.controller->DeleteTunnel("tunnels/t1", {.force = true}, [](absl::Status) {});
  lac_.kernel.Release(FakeKernel::Op::kDeleteSession);
  world_.RunFor(Duration::Seconds(60));
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
  EXPECT_EQ(lac_.controller->GetSystem().tunnel_count, 0);
}

TEST_F(ReconnectSimTest, SessionOfADeletedTunnelDoesNotComeBack) {
  BringUp();
  lac_.controller->DeleteTunnel("tunnels/t1", {.force = true}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(600));
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
  EXPECT_EQ(lac_.controller->GetSystem().tunnel_count, 0);
}

TEST_F(ReconnectSimTest, SessionIsGivenUpAfterTooManyFailures) {
  control::SessionSettings settings;
  settings.max_reconnect_failures = 3;
  UseProfile(settings);
  control::TunnelSpec tunnel = Tunnel();
  tunnel.profile = "profiles/p";
  ASSERT_TRUE(lac_.controller->CreateTunnel(tunnel).ok());
  lac_.ppp_comes_up = false;
  ASSERT_TRUE(lac_.controller->CreateSession(Session()).ok());
  for (int i = 0; i < 3; ++i) {
    world_.RunFor(Duration::Seconds(10));
    lac_.ppp.Exit(lac_.ppp.last(), 10);
  }
  world_.RunFor(Duration::Seconds(10));
  const SessionInfo last = lac_.LastSession();
  EXPECT_EQ(lac_.events().back()->type, EventType::kSessionDeleted);
  EXPECT_EQ(last.reconnect->failures, 3);
  EXPECT_EQ(last.reconnect->max_failures, 3);
  EXPECT_EQ(last.cause.reason, CloseReason::kPppNegotiationFailed);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
}

TEST_F(ReconnectSimTest, ShutdownForgetsWhatWaits) {
  BringUp();
  KillPppd();
  world_.RunFor(Duration::Milliseconds(100));
  bool done = false;
  lac_.controller->Shutdown(Duration::Seconds(8), [&] { done = true; });
  world_.RunFor(Duration::Seconds(10));
  EXPECT_TRUE(done);
  EXPECT_EQ(lac_.LastSession().cause.reason, CloseReason::kShutdown);
  EXPECT_EQ(lac_.controller->GetSystem().session_count, 0);
}

TEST_F(ReconnectSimTest, OnlyTunnelsThatWeOpenedHavePersistentSessions) {
  BringUp();
  control::SessionSpec call = Session();
  call.tunnel = lns_.LastTunnel().name;
  call.direction = events::CallDirection::kOutgoing;
  const absl::Status status = lns_.controller->CreateSession(call).status();
  EXPECT_TRUE(HasReason(status, Reason::kFieldInvalid)) << status;
}

TEST_F(ReconnectSimTest, ManySessionsOfALostTunnelAllComeBackAndNotAtOnce) {
  constexpr int kSessions = 200;
  ASSERT_TRUE(lac_.controller->CreateTunnel(Tunnel()).ok());
  for (int i = 0; i < kSessions; ++i) {
    ASSERT_TRUE(lac_.controller->CreateSession(Session(absl::StrCat("s", i))).ok());
  }
  world_.RunFor(Duration::Seconds(10));
  ASSERT_EQ(lac_.controller->GetSystem().established_session_count, kSessions);
  lns_.controller->DeleteTunnel(lns_.LastTunnel().name, {.force = true}, [](absl::Status) {});
  world_.RunFor(Duration::Seconds(1));
  world_.RunFor(Duration::Seconds(60));
  EXPECT_EQ(lac_.controller->GetSystem().established_session_count, kSessions);
  EXPECT_EQ(lac_.controller->GetSystem().established_tunnel_count, 1);
  std::vector<WallTime> times;
  for (const events::EventPtr& event : lac_.events()) {
    if (event->type == EventType::kSessionReconnecting) times.push_back(event->time);
  }
  ASSERT_GE(times.size(), static_cast<size_t>(kSessions));
  for (size_t i = 50; i < times.size(); ++i) {
    EXPECT_GE(times[i].nanoseconds - times[i - 50].nanoseconds, Duration::Seconds(1).nanoseconds());
  }
}

}  // namespace
}  // namespace l2tp::testing
