// Two whole controllers in simulated time: outgoing calls, calls that open their tunnel, crossing
// tunnels, what a call tells, limits and refusals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "server/base/error.h"
#include "tests/support/sim_world.h"

namespace l2tp::testing {
namespace {

using events::CallDirection;
using events::CloseReason;
using events::EventType;
using events::Role;
using events::State;
using ::testing::Contains;
using ::testing::IsEmpty;

// Two nodes that admit each other, with everything allowed.
class CallsSimTest : public ::testing::Test {
 protected:
  CallsSimTest() : a_(world_.AddNode("192.0.2.1")), b_(world_.AddNode("192.0.2.2")) {
    for (SimNode* node : {&a_, &b_}) {
      control::Peer peer;
      peer.name = "peers/other";
      peer.allow_outgoing_calls = true;
      EXPECT_TRUE(node->controller->CreatePeer(peer).ok());
    }
  }

  static control::TunnelSpec To(const char* address) {
    control::TunnelSpec spec;
    spec.id = "t1";
    spec.remote.address = *IpAddress::Parse(address);
    return spec;
  }
  static control::SessionSpec Call() {
    control::SessionSpec spec;
    spec.tunnel = "tunnels/t1";
    spec.id = "s1";
    return spec;
  }
  static control::SessionSpec OutgoingCall() {
    control::SessionSpec spec = Call();
    spec.direction = CallDirection::kOutgoing;
    spec.called_number = "5551000";
    spec.minimum_bps = 9600;
    return spec;
  }
  // Calls that b takes in a tunnel.
  void LimitCallsTo(int count) {
    control::Profile profile;
    profile.name = "profiles/small";
    profile.tunnel.max_sessions = count;
    EXPECT_TRUE(b_.controller->CreateProfile(profile).ok());
    EXPECT_TRUE(b_.controller->DeletePeer("peers/other").ok());
    control::Peer peer;
    peer.name = "peers/other";
    peer.profile = "profiles/small";
    EXPECT_TRUE(b_.controller->CreatePeer(peer).ok());
  }
  void OpenTunnel() {
    ASSERT_TRUE(a_.controller->CreateTunnel(To("192.0.2.2")).ok());
    world_.RunFor(Duration::Seconds(1));
  }
  static int Refused(SimNode& node) {
    int64_t count = 0;
    for (const events::EventPtr& event : node.events()) {
      if (const auto* refusal = std::get_if<events::RefusalInfo>(&event->resource)) {
        count += refusal->count;
      }
    }
    return static_cast<int>(count);
  }
  static events::RefusalInfo LastRefusal(SimNode& node) {
    for (auto event = node.events().rbegin(); event != node.events().rend(); ++event) {
      if (const auto* refusal = std::get_if<events::RefusalInfo>(&(*event)->resource)) {
        return *refusal;
      }
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
  }

  SimWorld world_;
  SimNode& a_;
  SimNode& b_;
};

// Holds: R-2661-7.5.1-05 R-2661-7.5.2-07 R-2661-5.1-04
TEST_F(CallsSimTest, OutgoingCallComesUpOnBothSidesWithPppOverIt) {
  OpenTunnel();
  ASSERT_TRUE(a_.controller->CreateSession(OutgoingCall()).ok());
  world_.RunFor(Duration::Seconds(1));
  const events::SessionInfo lns = a_.LastSession();
  const events::SessionInfo lac = b_.LastSession();
  EXPECT_EQ(lns.state, State::kEstablished);
  EXPECT_EQ(lns.role, Role::kLns);
  EXPECT_EQ(lns.tx_connect_speed, 100'000'000u);
  EXPECT_TRUE(lns.ipv4.has_value());
  EXPECT_EQ(lac.state, State::kEstablished);
  EXPECT_EQ(lac.role, Role::kLac);
  EXPECT_EQ(lac.direction, CallDirection::kOutgoing);
  EXPECT_EQ(lac.called_number, "5551000");
  EXPECT_EQ(lac.minimum_bps, 9600u);
  EXPECT_EQ(lac.maximum_bps, 0xffffffffu);
  EXPECT_TRUE(a_.kernel.KernelSessions().at(0).lns_mode);
  EXPECT_FALSE(b_.kernel.KernelSessions().at(0).lns_mode);
  EXPECT_THAT(b_.TakeEventNames(), Contains("SESSION_LINK_INFO"));  // SLI of the LNS
}

// Holds: R-2661-4.4.4-04 R-2661-4.4.4-05
TEST_F(CallsSimTest, OutgoingCallHasASpeedBetweenTheLeastAndTheMost) {
  OpenTunnel();
  control::SessionSpec call = OutgoingCall();
  call.maximum_bps = 64000;
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(a_.LastSession().tx_connect_speed, 64000u);
  call.id = "s2";
  call.minimum_bps = 200'000'000;
  call.maximum_bps = 0;
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(a_.LastSession().cause.result_code, 5);
}

// Holds: R-2661-7.5.1-06
TEST_F(CallsSimTest, OutgoingCallWhoseDataPathFailsAtTheLacIsEndedByIt) {
  OpenTunnel();
  b_.kernel.FailNext(FakeKernel::Op::kCreateSession, absl::InternalError("no memory"));
  ASSERT_TRUE(a_.controller->CreateSession(OutgoingCall()).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(a_.LastSession().cause.reason, CloseReason::kPeerRequest);
  EXPECT_THAT(a_.kernel.KernelSessions(), IsEmpty());
  EXPECT_EQ(a_.ppp.running() + b_.ppp.running(), 0);
}

// Holds: R-2661-6.9-01
TEST_F(CallsSimTest, OutgoingCallIsRefusedAtOnceWhenThePeerOffersNoBearer) {
  SimNode& plain = world_.AddNode("192.0.2.3");
  control::Peer peer;
  peer.name = "peers/other";
  ASSERT_TRUE(plain.controller->CreatePeer(peer).ok());
  ASSERT_TRUE(a_.controller->CreateTunnel(To("192.0.2.3")).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(
      HasReason(a_.controller->CreateSession(OutgoingCall()).status(), Reason::kPeerIncapable));
  EXPECT_EQ(a_.controller->GetSystem().session_count, 0);
}

// Holds: R-2661-7.4.1-01 R-2661-7.4.1-04 R-2661-5.1-02
TEST_F(CallsSimTest, CallToAPeerOpensTheTunnelAndTheNextOneUsesIt) {
  control::SessionSpec call = Call();
  call.tunnel_to = To("192.0.2.2");
  call.tunnel_to->id.clear();
  const auto first = a_.controller->CreateSession(call);
  ASSERT_TRUE(first.ok()) << first.status();
  call.id = "s2";
  const auto second = a_.controller->CreateSession(call);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->tunnel, second->tunnel);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(a_.controller->GetSystem().established_session_count, 2);
  EXPECT_EQ(a_.controller->GetSystem().tunnel_count, 1);
  // No tunnel is opened for a call that cannot be.
  control::SessionSpec wrong = call;
  wrong.tunnel_to->remote.address = *IpAddress::Parse("192.0.2.9");
  wrong.profile = "profiles/none";
  EXPECT_FALSE(a_.controller->CreateSession(wrong).ok());
  EXPECT_EQ(a_.controller->GetSystem().tunnel_count, 1);
  // Another profile is another tunnel, and so is one after the first has been closed.
  control::Profile profile;
  profile.name = "profiles/other";
  ASSERT_TRUE(a_.controller->CreateProfile(profile).ok());
  call.id = "s3";
  call.tunnel_to->profile = "profiles/other";
  EXPECT_NE(a_.controller->CreateSession(call)->tunnel, first->tunnel);
  a_.controller->DeleteTunnel(first->tunnel, {.force = true}, [](absl::Status) {});
  call.id = "s4";
  call.tunnel_to->profile.clear();
  EXPECT_NE(a_.controller->CreateSession(call)->tunnel, first->tunnel);
}

// Holds: R-2661-4.4.3-26 R-2661-4.4.3-27
TEST_F(CallsSimTest, OfTwoTunnelsThatCrossTieBreakersLeaveOne) {
  control::Profile profile;
  profile.name = "profiles/tie";
  profile.tunnel.tie_breaker = true;
  for (SimNode* node : {&a_, &b_}) {
    ASSERT_TRUE(node->controller->CreateProfile(profile).ok());
  }
  FakeNetwork::Quality slow;
  slow.min_delay = slow.max_delay = Duration::Milliseconds(50);
  world_.network().SetQuality(slow);
  control::TunnelSpec to_b = To("192.0.2.2");
  control::TunnelSpec to_a = To("192.0.2.1");
  to_a.profile = to_b.profile = "profiles/tie";
  ASSERT_TRUE(a_.controller->CreateTunnel(to_b).ok());
  ASSERT_TRUE(b_.controller->CreateTunnel(to_a).ok());
  world_.RunFor(Duration::Seconds(5));
  EXPECT_EQ(a_.controller->GetSystem().established_tunnel_count, 1);
  EXPECT_EQ(b_.controller->GetSystem().established_tunnel_count, 1);
  const bool a_lost = !a_.controller->GetTunnel("tunnels/t1").ok();
  SimNode& loser = a_lost ? a_ : b_;
  EXPECT_EQ(
      std::get<events::TunnelInfo>(loser.LastEvent(EventType::kTunnelDown)->resource).cause.reason,
      CloseReason::kTieLost);
}

// Holds: R-2661-6.13-05
TEST_F(CallsSimTest, ErrorsOfTheLineAreToldToTheLns) {
  OpenTunnel();
  ASSERT_TRUE(a_.controller->CreateSession(Call()).ok());
  const std::string name = "tunnels/t1/sessions/s1";
  const wire::CallErrors errors{.crc_errors = 7};
  EXPECT_TRUE(
      HasReason(a_.controller->ReportCallErrors(name, errors).status(), Reason::kSessionNotReady));
  world_.RunFor(Duration::Seconds(1));
  ASSERT_TRUE(a_.controller->ReportCallErrors(name, errors).ok());
  EXPECT_TRUE(
      HasReason(a_.controller->ReportCallErrors(name, errors).status(), Reason::kReportTooSoon));
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(b_.LastSession().call_errors, errors);
  EXPECT_THAT(b_.TakeEventNames(), Contains("SESSION_CALL_ERRORS"));
  EXPECT_TRUE(HasReason(b_.controller->ReportCallErrors(b_.LastSession().name, errors).status(),
                        Reason::kSessionNotReady));
}

// Holds: R-2661-5.4-02 R-2661-4.4.4-29
TEST_F(CallsSimTest, SequencingThatTheLacRequiresIsSwitchedOnAtTheLns) {
  control::Profile profile;
  profile.name = "profiles/sequenced";
  profile.session.receive_sequence = true;
  ASSERT_TRUE(a_.controller->CreateProfile(profile).ok());
  OpenTunnel();
  control::SessionSpec call = Call();
  call.profile = "profiles/sequenced";
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_TRUE(a_.kernel.KernelSessions().at(0).send_sequence);
  EXPECT_TRUE(b_.LastSession().sequencing_required);
  EXPECT_TRUE(b_.kernel.KernelSessions().at(0).send_sequence);
  EXPECT_TRUE(b_.kernel.KernelSessions().at(0).receive_sequence);
}

TEST_F(CallsSimTest, PppWaitsUntilSequencingIsOn) {
  control::Profile profile;
  profile.name = "profiles/sequenced";
  profile.session.receive_sequence = true;
  ASSERT_TRUE(a_.controller->CreateProfile(profile).ok());
  b_.kernel.Hold(FakeKernel::Op::kRequireSequencing);
  OpenTunnel();
  control::SessionSpec call = Call();
  call.profile = "profiles/sequenced";
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_FALSE(b_.ppp.started().at(0).begun);
  b_.kernel.FailNext(FakeKernel::Op::kRequireSequencing, absl::InternalError("no"));
  b_.kernel.Release(FakeKernel::Op::kRequireSequencing);
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(b_.LastSession().cause.reason, CloseReason::kKernelFailure);
  EXPECT_THAT(b_.kernel.KernelSessions(), IsEmpty());
}

// Holds: R-2661-5.5-01
TEST_F(CallsSimTest, DataPutsOffTheHello) {
  OpenTunnel();
  ASSERT_TRUE(a_.controller->CreateSession(Call()).ok());
  world_.RunFor(Duration::Seconds(1));
  FakeNetwork::Quality cut;
  cut.loss = 1.0;
  world_.network().SetQuality(cut);
  // A HELLO would stay unanswered, and the tunnel would end.
  for (int i = 1; i <= 30; ++i) {
    for (SimNode* node : {&a_, &b_}) {
      const control::KernelSession at = node->kernel.KernelSessions().at(0);
      node->kernel.SetCounters(at.tunnel_id, at.session_id, {.rx_packets = i});
    }
    world_.RunFor(Duration::Seconds(10));
  }
  EXPECT_EQ(a_.controller->GetTunnel("tunnels/t1")->retransmit_count, 0);
  world_.RunFor(Duration::Seconds(200));
  EXPECT_FALSE(a_.controller->GetTunnel("tunnels/t1").ok());
}

// Holds: R-5515-5-01 R-2661-4.4.5-09 R-2661-9.4-02
TEST_F(CallsSimTest, WhatTheLacKnowsOfTheCallerIsShownAtTheLnsButNoSecret) {
  OpenTunnel();
  control::SessionSpec call = Call();
  call.access_line.agent_circuit_id = "atm 3/1:100.33";
  call.access_line.actual_rate_upstream = 5'000'000;
  call.proxy.info.authen_type = 3;
  call.proxy.info.authen_name = "alice";
  call.proxy.info.authen_id = 9;
  call.proxy.authen_response = "open sesame";
  call.private_group_id = "blue";
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  const events::SessionInfo lns = b_.LastSession();
  EXPECT_EQ(lns.access_line, call.access_line);
  EXPECT_EQ(lns.proxy->authen_name, "alice");
  EXPECT_TRUE(lns.proxy->has_authen_response);
  EXPECT_EQ(lns.private_group_id, "blue");
}

TEST_F(CallsSimTest, CallsBeyondTheTunnelsLimitAreRefusedAndToldTogether) {
  LimitCallsTo(2);
  OpenTunnel();
  control::SessionSpec call = Call();
  for (const char* id : {"s1", "s2", "s3", "s4", "s5"}) {
    call.id = id;
    ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  }
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(b_.controller->GetSystem().session_count, 2);
  EXPECT_EQ(a_.controller->GetSystem().session_count, 2);
  EXPECT_EQ(Refused(b_), 1);  // the first one, at once
  world_.RunFor(Duration::Seconds(15));
  EXPECT_EQ(Refused(b_), 3);
  const events::RefusalInfo refusal = LastRefusal(b_);
  EXPECT_EQ(refusal.tunnel, b_.LastTunnel().name);
  EXPECT_EQ(refusal.cause.result_code, 4);
  EXPECT_EQ(b_.controller->GetSystem().refused_session_count, 3);
}

TEST_F(CallsSimTest, ACallThatIsOverCountsNoMoreWhileItsPppdTakesItsTime) {
  LimitCallsTo(1);
  b_.ppp.ExitOnStop(false);
  OpenTunnel();
  control::SessionSpec call = Call();
  call.id = "s1";
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  a_.controller->DeleteSession("tunnels/t1/sessions/s1", {}, [](absl::Status) {});
  world_.RunFor(Duration::Milliseconds(100));
  call.id = "s2";
  ASSERT_TRUE(a_.controller->CreateSession(call).ok());
  world_.RunFor(Duration::Seconds(1));
  EXPECT_EQ(b_.controller->GetSystem().session_count, 2);
  EXPECT_EQ(Refused(b_), 0);
}

TEST_F(CallsSimTest, DeniedPeerAndWrongSecretAreRefusedAndTold) {
  control::Peer denied;
  denied.name = "peers/denied";
  denied.prefix = *IpPrefix::Parse("192.0.2.1/32");
  denied.deny = true;
  ASSERT_TRUE(b_.controller->CreatePeer(denied).ok());
  OpenTunnel();
  EXPECT_EQ(a_.LastTunnel().cause.result_code, 4);
  EXPECT_EQ(LastRefusal(b_).cause.reason, CloseReason::kNotAuthorized);
  EXPECT_EQ(LastRefusal(b_).remote.address, *IpAddress::Parse("192.0.2.1"));
  EXPECT_EQ(LastRefusal(b_).host_name, "node1.example");

  ASSERT_TRUE(b_.controller->DeletePeer("peers/denied").ok());
  ASSERT_TRUE(b_.controller->DeletePeer("peers/other").ok());
  control::Peer strict;
  strict.name = "peers/other";
  strict.secret = "s3cret";
  ASSERT_TRUE(b_.controller->CreatePeer(strict).ok());
  control::TunnelSpec wrong = To("192.0.2.2");
  wrong.id = "t2";
  wrong.secret = "other";
  ASSERT_TRUE(a_.controller->CreateTunnel(wrong).ok());
  world_.RunFor(Duration::Seconds(15));
  EXPECT_EQ(b_.controller->GetSystem().refused_tunnel_count, 2);
  EXPECT_EQ(b_.controller->GetSystem().tunnel_count, 0);
  EXPECT_THAT(b_.TakeEventNames("TUNNEL_"),
              ::testing::ElementsAre("TUNNEL_REFUSED", "TUNNEL_REFUSED"));
}

}  // namespace
}  // namespace l2tp::testing
