#include "tests/support/fake_ppp.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <variant>
#include <vector>

namespace l2tp::testing {
namespace {

using control::PppEvent;
using control::PppExit;
using control::PppId;
using control::PppSpec;

class Sink : public control::PppSink {
 public:
  void OnPppEvent(PppId, const PppEvent& event) override {
    events.push_back(event);
    if (on_event) on_event(event);
  }
  std::optional<std::string> SecretFor(PppId) override { return "own"; }
  control::PeerAdmission Admit(PppId, absl::string_view user) override {
    control::PeerAdmission admission;
    admission.admitted = user == "bob";
    admission.peer_address = *IpAddress::Parse("10.0.0.9");
    return admission;
  }
  void OnPeerLogin(PppId, const control::PeerLogin& login,
                   absl::AnyInvocable<void(control::LoginAnswer)> answer) override {
    answer({control::LoginAnswer::Verdict::kCheck, login.user + "'s secret"});
  }
  std::vector<PppEvent> events;
  std::function<void(const PppEvent&)> on_event;
};

class FakePppTest : public ::testing::Test {
 protected:
  // One whose call is established.
  PppId Begun() {
    const PppId id = ppp_.Start(PppSpec(), UniqueFd());
    ppp_.Begin(id);
    return id;
  }

  Sink sink_;
  FakePpp ppp_{&sink_};
};

TEST_F(FakePppTest, NothingComesUpBeforeItBegins) {
  const PppId id = ppp_.Start(PppSpec(), UniqueFd());
  ppp_.LcpUp(id);
  EXPECT_EQ(ppp_.RunPending(), 0);
  ppp_.Begin(id);
  ppp_.Begin(id);
  EXPECT_EQ(ppp_.RunPending(), 1);
}

TEST_F(FakePppTest, EverythingThatPppdTellsHasItsEvent) {
  const PppId id = Begun();
  ppp_.Phase(id, events::PppPhase::kNetwork);
  ppp_.CcpUp(id);
  ppp_.Echo(id, 2);
  ppp_.Statistics(id, {.connect_seconds = 60});
  ppp_.CcpDown(id);
  ASSERT_EQ(ppp_.RunPending(), 5);
  EXPECT_EQ(std::get<control::PppPhaseChange>(sink_.events[0]).phase, events::PppPhase::kNetwork);
  EXPECT_EQ(std::get<control::PppCcpUp>(sink_.events[1]).ccp.send.method, "MPPE");
  EXPECT_EQ(std::get<control::PppEcho>(sink_.events[2]).unanswered, 2);
  EXPECT_EQ(std::get<control::PppStatistics>(sink_.events[3]).counters.connect_seconds, 60);
  EXPECT_TRUE(std::holds_alternative<control::PppCcpDown>(sink_.events[4]));
}

TEST_F(FakePppTest, EventsWaitUntilTheyAreRun) {
  const PppId id = Begun();
  ppp_.LcpUp(id);
  ppp_.IpUp(id);
  EXPECT_TRUE(sink_.events.empty());
  EXPECT_EQ(ppp_.RunPending(), 2);
  EXPECT_TRUE(std::holds_alternative<control::PppLcpUp>(sink_.events[0]));
  EXPECT_EQ(std::get<control::PppIpUp>(sink_.events[1]).interface_name, "ppp0");
}

TEST_F(FakePppTest, StopMakesItExit) {
  const PppId id = Begun();
  EXPECT_NE(ppp_.Pid(id), 0);
  ppp_.Stop(id);
  EXPECT_EQ(ppp_.Pid(id), 0);
  EXPECT_EQ(ppp_.RunPending(), 1);
  EXPECT_EQ(std::get<PppExit>(sink_.events[0]).status, 5);
  EXPECT_TRUE(std::get<PppExit>(sink_.events[0]).stopped_by_us);
}

TEST_F(FakePppTest, ThereIsOneExitAndNothingAfterIt) {
  const PppId id = Begun();
  ppp_.Exit(id, 16);
  ppp_.Exit(id, 16);
  ppp_.IpDown(id);
  ppp_.Stop(id);
  EXPECT_EQ(ppp_.RunPending(), 1);
}

TEST_F(FakePppTest, StopMayBeLeftToTheTest) {
  ppp_.ExitOnStop(false);
  const PppId id = Begun();
  ppp_.Stop(id);
  EXPECT_EQ(ppp_.RunPending(), 0);
  EXPECT_TRUE(ppp_.Find(id)->stop_asked);
  ppp_.Exit(id, 0, 9);
  ppp_.RunPending();
  EXPECT_EQ(std::get<PppExit>(sink_.events[0]).signal, 9);
  EXPECT_EQ(std::get<PppExit>(sink_.events[0]).status, -1);
}

TEST_F(FakePppTest, StartMayFail) {
  ppp_.FailNextStart("no pppd");
  ppp_.Start(PppSpec(), UniqueFd());
  EXPECT_EQ(ppp_.running(), 0);
  ppp_.RunPending();
  EXPECT_EQ(std::get<PppExit>(sink_.events[0]).message, "no pppd");
  EXPECT_EQ(std::get<PppExit>(sink_.events[0]).status, -1);
}

TEST_F(FakePppTest, WhatTheSinkDoesIsRunToo) {
  sink_.on_event = [&](const PppEvent& event) {
    if (std::holds_alternative<control::PppLcpUp>(event)) ppp_.Stop(ppp_.last());
  };
  ppp_.LcpUp(Begun());
  EXPECT_EQ(ppp_.RunPending(), 2);
}

TEST_F(FakePppTest, EventsMayGoThroughTheTestsOwnQueue) {
  std::vector<absl::AnyInvocable<void()>> queue;
  ppp_.PostTo([&](absl::AnyInvocable<void()> event) { queue.push_back(std::move(event)); });
  ppp_.LcpUp(Begun());
  EXPECT_EQ(ppp_.RunPending(), 0);
  ASSERT_EQ(queue.size(), 1u);
  queue[0]();
  EXPECT_EQ(sink_.events.size(), 1u);
}

TEST_F(FakePppTest, LoginGoesThroughSecretAndAdmission) {
  const PppId id = Begun();
  EXPECT_EQ(ppp_.AskSecret(id), "own");
  EXPECT_TRUE(ppp_.LogIn(id, "bob", "bob's secret"));
  ppp_.IpUp(id);
  ppp_.RunPending();
  ASSERT_EQ(sink_.events.size(), 2u);
  EXPECT_TRUE(std::get<control::PppAuth>(sink_.events[0]).auth.succeeded);
  EXPECT_EQ(std::get<control::PppIpUp>(sink_.events[1]).ipv4.remote.ToString(), "10.0.0.9");
}

TEST_F(FakePppTest, RefusedLoginEndsPppd) {
  const PppId wrong = Begun();
  EXPECT_FALSE(ppp_.LogIn(wrong, "bob", "wrong"));
  const PppId not_admitted = Begun();
  EXPECT_FALSE(ppp_.LogIn(not_admitted, "eve", "eve's secret"));
  ppp_.RunPending();
  ASSERT_EQ(sink_.events.size(), 4u);
  EXPECT_FALSE(std::get<control::PppAuth>(sink_.events[2]).auth.succeeded);
  EXPECT_EQ(std::get<PppExit>(sink_.events[3]).status, 11);
}

}  // namespace
}  // namespace l2tp::testing
