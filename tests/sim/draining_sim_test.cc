// Draining the daemon, a peer or a tunnel: two whole controllers in simulated time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "server/base/error.h"
#include "tests/support/sim_world.h"

namespace l2tp::testing {
namespace {

using control::Mode;
using events::CloseReason;
using events::State;
using ::testing::Contains;
using ::testing::Not;

class DrainingSimTest : public ::testing::Test {
 protected:
  DrainingSimTest() : lac_(world_.AddNode("192.0.2.1")), lns_(world_.AddNode("192.0.2.2")) {
    control::Peer peer;
    peer.name = "peers/lac";
    EXPECT_TRUE(lns_.controller->CreatePeer(peer).ok());
  }

  absl::Status CreateTunnel(const std::string& id) {
    control::TunnelSpec spec;
    spec.id = id;
    spec.remote.address = *IpAddress::Parse("192.0.2.2");
    const absl::Status status = lac_.controller->CreateTunnel(spec).status();
    world_.RunFor(Duration::Seconds(1));
    return status;
  }
  absl::Status CreateSession(const std::string& id, bool persistent = false) {
    control::SessionSpec spec;
    spec.tunnel = "tunnels/t1";
    spec.id = id;
    spec.persistent = persistent;
    const absl::Status status = lac_.controller->CreateSession(spec).status();
    world_.RunFor(Duration::Seconds(1));
    return status;
  }
  void BringUp() {
    ASSERT_TRUE(CreateTunnel("t1").ok());
    ASSERT_TRUE(CreateSession("s1").ok());
    ASSERT_EQ(lac_.LastSession().state, State::kEstablished);
    lac_.TakeEventNames();
    lns_.TakeEventNames();
  }
  std::string TunnelOfTheLns() { return lns_.controller->ListTunnels({}).items.at(0).name; }
  static std::string WhatDrains(const absl::Status& status) {
    EXPECT_TRUE(HasReason(status, Reason::kDraining)) << status;
    return status.ok() ? "" : GetErrorInfo(status)->metadata.at(0).second;
  }

  SimWorld world_;
  SimNode& lac_;
  SimNode& lns_;
};

TEST_F(DrainingSimTest, DrainingDaemonSendsPeersElsewhereAndKeepsWhatItHas) {
  BringUp();
  EXPECT_TRUE(lns_.controller->DrainSystem(true).draining);
  ASSERT_TRUE(CreateTunnel("t2").ok());
  const auto refused = lac_.controller->GetTunnel("tunnels/t2", true);
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->cause.result_code, 2);  // general error,
  EXPECT_EQ(refused->cause.error_code, 7);   // try another
  ASSERT_TRUE(CreateSession("s2").ok());
  EXPECT_EQ(lac_.LastSession().state, State::kClosed);
  EXPECT_EQ(lac_.LastSession().cause.result_code, 2);
  EXPECT_EQ(lac_.LastSession().cause.error_code, 7);
  EXPECT_EQ(lns_.controller->GetSystem().established_session_count, 1);

  EXPECT_FALSE(lns_.controller->DrainSystem(false).draining);
  ASSERT_TRUE(CreateTunnel("t3").ok());
  ASSERT_TRUE(CreateSession("s3").ok());
  EXPECT_EQ(lns_.controller->GetSystem().established_tunnel_count, 2);
  EXPECT_EQ(lns_.controller->GetSystem().established_session_count, 2);
}

TEST_F(DrainingSimTest, RefusalsWhileDrainingAreToldAsSuch) {
  BringUp();
  lns_.controller->DrainSystem(true);
  ASSERT_TRUE(CreateSession("s2").ok());
  ASSERT_TRUE(CreateTunnel("t2").ok());
  world_.RunFor(Duration::Seconds(60));
  int told = 0;
  for (const events::EventPtr& event : lns_.controller->ListEvents({}).events) {
    if (const auto* refusal = std::get_if<events::RefusalInfo>(&event->resource)) {
      EXPECT_EQ(refusal->cause.reason, CloseReason::kDraining);
      ++told;
    }
  }
  EXPECT_EQ(told, 2);  // the call and the tunnel
  EXPECT_EQ(lns_.controller->GetSystem().refused_session_count, 1);
  EXPECT_EQ(lns_.controller->GetSystem().refused_tunnel_count, 1);
}

TEST_F(DrainingSimTest, CallersAreToldWhatDrains) {
  BringUp();
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", true).ok());
  EXPECT_EQ(WhatDrains(CreateSession("s2")), "tunnels/t1");
  EXPECT_TRUE(CreateTunnel("t2").ok());
  lac_.controller->DrainSystem(true);
  EXPECT_EQ(WhatDrains(CreateSession("s2")), "system");
  EXPECT_EQ(WhatDrains(CreateTunnel("t3")), "system");
}

TEST_F(DrainingSimTest, DrainingTunnelTakesNoCallsFromEitherSide) {
  BringUp();
  const std::string tunnel = TunnelOfTheLns();
  const auto drained = lns_.controller->DrainTunnel(tunnel, true);
  ASSERT_TRUE(drained.ok());
  EXPECT_TRUE(drained->draining);
  EXPECT_THAT(lns_.TakeEventNames(), Contains("TUNNEL_UPDATED"));
  ASSERT_TRUE(CreateSession("s2").ok());
  EXPECT_EQ(lac_.LastSession().cause.error_code, 7);
  ASSERT_TRUE(lns_.controller->DrainTunnel(tunnel, true).ok());
  EXPECT_THAT(lns_.TakeEventNames(), Not(Contains("TUNNEL_UPDATED")));  // it is already
  ASSERT_TRUE(lns_.controller->DrainTunnel(tunnel, false).ok());
  ASSERT_TRUE(CreateSession("s3").ok());
  EXPECT_EQ(lac_.LastSession().state, State::kEstablished);
}

TEST_F(DrainingSimTest, DrainingPeerGetsNoTunnelsAndCallsWhateverIsChangedOfIt) {
  BringUp();
  const auto before = lns_.controller->GetPeer("peers/lac");
  const auto drained = lns_.controller->DrainPeer("peers/lac", true);
  ASSERT_TRUE(drained.ok());
  EXPECT_EQ(drained->version, before->version);
  control::Peer peer = *before;
  peer.labels = {{"site", "ber1"}};
  ASSERT_TRUE(lns_.controller->UpdatePeer(peer)->draining);
  ASSERT_TRUE(CreateTunnel("t2").ok());
  EXPECT_EQ(lac_.controller->GetTunnel("tunnels/t2", true)->cause.error_code, 7);
  ASSERT_TRUE(CreateSession("s2").ok());
  EXPECT_EQ(lac_.LastSession().cause.error_code, 7);
  ASSERT_FALSE(lns_.controller->DrainPeer("peers/lac", false)->draining);
  EXPECT_TRUE(CreateTunnel("t3").ok());
  EXPECT_EQ(lns_.controller->GetSystem().established_tunnel_count, 2);
}

TEST_F(DrainingSimTest, WhatIsOnlyValidatedDrainsNothing) {
  BringUp();
  EXPECT_TRUE(lac_.controller->DrainSystem(true, Mode::kValidateOnly).draining);
  EXPECT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", true, Mode::kValidateOnly)->draining);
  EXPECT_TRUE(lns_.controller->DrainPeer("peers/lac", true, Mode::kValidateOnly)->draining);
  EXPECT_FALSE(lac_.controller->GetSystem().draining);
  EXPECT_FALSE(lac_.controller->GetTunnel("tunnels/t1")->draining);
  EXPECT_FALSE(lns_.controller->GetPeer("peers/lac")->draining);
}

TEST_F(DrainingSimTest, WhatIsNotThereCannotDrain) {
  EXPECT_TRUE(
      HasReason(lac_.controller->DrainTunnel("tunnels/x", true).status(), Reason::kTunnelNotFound));
  EXPECT_TRUE(
      HasReason(lac_.controller->DrainPeer("peers/x", true).status(), Reason::kPeerNotFound));
}

TEST_F(DrainingSimTest, PersistentSessionWaitsUntilDrainingIsOverAndHasNotFailed) {
  ASSERT_TRUE(CreateTunnel("t1").ok());
  ASSERT_TRUE(CreateSession("s1", true).ok());
  lac_.controller->DrainTunnel("tunnels/t1", true).IgnoreError();
  lac_.ppp.Exit(lac_.ppp.last(), -1, 9);
  world_.RunFor(Duration::Seconds(600));
  EXPECT_EQ(lac_.controller->GetSystem().waiting_session_count, 1);
  EXPECT_LE(lac_.LastSession().reconnect->failures, 1);
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", false).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.controller->GetSystem().established_session_count, 1);
}

TEST_F(DrainingSimTest, WhatTheSystemHeldBackComesBackWithTheEndOfDraining) {
  ASSERT_TRUE(CreateTunnel("t1").ok());
  ASSERT_TRUE(CreateSession("s1", true).ok());
  lac_.controller->DrainSystem(true);
  lac_.ppp.Exit(lac_.ppp.last(), -1, 9);
  world_.RunFor(Duration::Seconds(100));
  lac_.controller->DrainSystem(false, control::Mode::kValidateOnly);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.controller->GetSystem().waiting_session_count, 1) << "it was only looked at";
  lac_.controller->DrainSystem(false);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(lac_.controller->GetSystem().established_session_count, 1);
}

TEST_F(DrainingSimTest, TheEndOfDrainingHurriesNobodyWhoWaitsForSomethingElse) {
  ASSERT_TRUE(CreateTunnel("t1").ok());
  ASSERT_TRUE(CreateSession("s1", true).ok());
  lac_.ppp.Exit(lac_.ppp.last(), -1, 9);
  world_.RunFor(Duration::Milliseconds(1));
  const WallTime next = lac_.LastSession().reconnect->next_attempt_time;
  lac_.controller->DrainSystem(true);
  lac_.controller->DrainSystem(false);
  world_.RunFor(Duration::Milliseconds(1));
  EXPECT_EQ(lac_.LastSession().state, State::kWaiting);
  EXPECT_EQ(lac_.LastSession().reconnect->next_attempt_time, next);
}

TEST_F(DrainingSimTest, CallThatOpensItsTunnelGoesAroundADrainingOne) {
  BringUp();
  ASSERT_TRUE(lac_.controller->DrainTunnel("tunnels/t1", true).ok());
  control::SessionSpec spec;
  spec.id = "s2";
  spec.tunnel_to.emplace();
  spec.tunnel_to->remote.address = *IpAddress::Parse("192.0.2.2");
  const auto session = lac_.controller->CreateSession(spec);
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_NE(session->tunnel, "tunnels/t1");
}

}  // namespace
}  // namespace l2tp::testing
