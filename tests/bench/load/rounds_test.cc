// Whole rounds in simulated time: Lac and Lns over a network that may be bad.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "server/wire/header.h"
#include "tests/bench/load/data_message.h"
#include "tests/bench/load/lac.h"
#include "tests/bench/load/lns.h"
#include "tests/bench/load/report.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/seeded_random.h"

namespace l2tp::load {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::Pair;

class SimulatedClock final : public control::Clock {
 public:
  Instant Now() const override { return now; }
  WallTime WallNow() const override { return {now.nanoseconds()}; }
  Instant now = Instant() + Duration::Seconds(1000);
};

struct SimulatedAlarm final : control::Alarm {
  void Set(std::optional<Instant> at) override { when = at; }
  std::optional<Instant> when;
};

class RoundsTest : public ::testing::Test {
 protected:
  RoundsTest() {
    lac_plan_.target = lns_port_.listener();
    lac_plan_.call.ppp.login = {"alice%d", "open sesame"};
    lac_plan_.call.ppp.lcp.accept_auth = {ppp::AuthMethod::kChapMd5};
    lac_plan_.call.setup_timeout = Duration::Seconds(60);
    lns_plan_.call.ppp.login = {"lns", "open sesame"};
    lns_plan_.call.ppp.local = *IpAddress::Parse("10.0.0.1");
    lns_plan_.call.ppp.lcp.require_auth = ppp::AuthMethod::kChapMd5;
    lns_plan_.call.ping.count = 0;
    lns_plan_.call.setup_timeout = Duration::Seconds(60);
  }

  void Begin() {
    lac_ = std::make_unique<Lac>(
        lac_plan_, World{&clock_, &lac_alarm_, &lac_port_, &lac_random_, &lac_tally_});
    if (lns_ == nullptr) {
      lns_ = std::make_unique<Lns>(
          lns_plan_, World{&clock_, &lns_alarm_, &lns_port_, &lns_random_, &lns_tally_});
    }
    lac_port_.Start(*lac_);
    lns_port_.Start(*lns_);
    lac_->Start();
  }
  // One thing that happens; false: nothing is left to happen within `end`.
  bool Step(Instant end) {
    std::optional<Instant> next = network_.NextEvent();
    for (const auto& alarm : {lac_alarm_.when, lns_alarm_.when}) {
      if (alarm.has_value() && (!next.has_value() || *alarm < *next)) next = alarm;
    }
    if (!next.has_value() || *next > end) return false;
    clock_.now = std::max(clock_.now, *next);
    if (network_.DeliverOne()) return true;
    if (lac_alarm_.when.has_value() && *lac_alarm_.when <= clock_.now) {
      lac_alarm_.when.reset();
      lac_->HandleTimeout();
    } else {
      lns_alarm_.when.reset();
      lns_->HandleTimeout();
    }
    return true;
  }
  void RunUntilDone(int seconds) {
    const Instant end = clock_.now + Duration::Seconds(seconds);
    while (!lac_->done() && Step(end)) {
    }
  }
  void RunFor(int seconds) {
    const Instant end = clock_.now + Duration::Seconds(seconds);
    while (Step(end)) {
    }
    clock_.now = end;
  }
  int64_t Passed(Phase phase) const { return lac_tally_.count(phase).passed; }

  SimulatedClock clock_;
  SimulatedAlarm lac_alarm_;
  SimulatedAlarm lns_alarm_;
  testing::FakeNetwork network_{clock_, 1};
  testing::FakeDatagramPort& lac_port_ = network_.AddNode(*IpAddress::Parse("192.0.2.1"));
  testing::FakeDatagramPort& lns_port_ = network_.AddNode(*IpAddress::Parse("192.0.2.2"));
  testing::SeededRandom lac_random_{1};
  testing::SeededRandom lns_random_{2};
  Tally lac_tally_;
  Tally lns_tally_;
  LacPlan lac_plan_;
  LnsPlan lns_plan_;
  std::unique_ptr<Lac> lac_;
  std::unique_ptr<Lns> lns_;
};

TEST_F(RoundsTest, EveryCallComesUpIsPingedAndTakenDown) {
  lac_plan_.tunnels = 3;
  lac_plan_.calls = 40;
  lac_plan_.secret = lns_plan_.secret = "tunnel secret";
  lac_plan_.hide_avps = true;
  Begin();
  RunUntilDone(60);
  ASSERT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_)) << TextReport(lac_tally_, {});
  EXPECT_TRUE(AllWell(lns_tally_)) << TextReport(lns_tally_, {});
  EXPECT_EQ(Passed(Phase::kTunnel), 3);
  for (const Phase phase :
       {Phase::kCall, Phase::kLcp, Phase::kAuth, Phase::kIpcp, Phase::kSetUp, Phase::kPing}) {
    EXPECT_EQ(Passed(phase), 120) << PhaseName(phase);
    EXPECT_EQ(lac_tally_.count(phase).tried, 120) << PhaseName(phase);
  }
  EXPECT_EQ(Passed(Phase::kDown), 3);
  EXPECT_EQ(lac_tally_.echoes_answered(), 120);
  EXPECT_EQ(lns_->call_count(), 0u);
  EXPECT_GE(lns_->peak_count(), 100u);
  std::vector<Duration> took = lac_tally_.count(Phase::kSetUp).took;
  EXPECT_LT(Percentile(100, &took), Duration::Seconds(1)) << "nothing was sent too early, and lost";
}

TEST_F(RoundsTest, EveryWayOfLoggingInWorks) {
  for (const auto method :
       {ppp::AuthMethod::kPap, ppp::AuthMethod::kChapMd5, ppp::AuthMethod::kMsChapV2}) {
    lac_plan_.call.ppp.lcp.accept_auth = {method};
    lns_plan_.call.ppp.lcp.require_auth = method;
    lns_.reset();
    Begin();
    RunUntilDone(60);
    EXPECT_TRUE(lac_->done() && AllWell(lac_tally_)) << TextReport(lac_tally_, {});
  }
}

TEST_F(RoundsTest, TheRateIsKept) {
  lac_plan_.calls = 50;
  lac_plan_.rate = 10;
  Begin();
  RunUntilDone(60);
  ASSERT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_));
  EXPECT_NEAR(CallsPerSecond(lac_tally_), 10.2, 0.2);
}

TEST_F(RoundsTest, NoMoreCallsThanWantedAreSetUpAtATime) {
  lac_plan_.calls = 50;
  lac_plan_.concurrency = 7;
  Begin();
  const Instant end = clock_.now + Duration::Seconds(60);
  while (!lac_->done() && Step(end)) {
    ASSERT_LE(lac_->placed_count() - static_cast<size_t>(Passed(Phase::kSetUp)), 7u);
  }
  EXPECT_EQ(Passed(Phase::kSetUp), 50);
}

TEST_F(RoundsTest, EverythingIsHeldForAsLongAsWanted) {
  lac_plan_.calls = 5;
  lac_plan_.hold = Duration::Seconds(600);
  lac_plan_.call.ppp.lcp.echo_interval = Duration::Seconds(10);
  Begin();
  RunFor(599);
  EXPECT_FALSE(lac_->done());
  EXPECT_EQ(lac_->up_count(), 5u);
  RunFor(10);
  EXPECT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_)) << TextReport(lac_tally_, {});
}

TEST_F(RoundsTest, SeveralPingsAreSentInTheirInterval) {
  lac_plan_.calls = 2;
  lac_plan_.call.ping = {.count = 5, .interval = Duration::Seconds(3)};
  Begin();
  RunUntilDone(60);
  EXPECT_EQ(lac_tally_.echoes_answered(), 10);
  EXPECT_EQ(Passed(Phase::kPing), 2);
}

TEST_F(RoundsTest, WithStopCcnAloneAllCallsGo) {
  lac_plan_.calls = 20;
  lac_plan_.teardown = Teardown::kStopCcn;
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(lac_->done());
  EXPECT_EQ(lns_->call_count(), 0u);
  EXPECT_TRUE(AllWell(lns_tally_)) << TextReport(lns_tally_, {});
}

TEST_F(RoundsTest, AnAbruptEndSaysNothing) {
  lac_plan_.calls = 20;
  lac_plan_.teardown = Teardown::kAbrupt;
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_));
  EXPECT_EQ(lac_tally_.echoes_answered(), 20);
  EXPECT_EQ(lns_->up_count(), 20u);
  EXPECT_EQ(lac_tally_.count(Phase::kDown).tried, 0);
}

TEST_F(RoundsTest, ANewRoundAfterAnAbruptEndComesUp) {
  lac_plan_.calls = 20;
  lac_plan_.teardown = Teardown::kAbrupt;
  Begin();
  RunUntilDone(60);
  lac_port_.Crash();  // the sockets of the round are closed
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(AllWell(lac_tally_));
  EXPECT_EQ(Passed(Phase::kSetUp), 40);
}

TEST_F(RoundsTest, AWrongPasswordFailsInTheLogin) {
  lac_plan_.calls = 4;
  lac_plan_.call.ppp.login.password = "open barley";
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(lac_->done());
  EXPECT_THAT(lac_tally_.failures(), ElementsAre(Pair(Pair(Phase::kAuth, "login refused"), 4)));
  EXPECT_THAT(lns_tally_.failures(), ElementsAre(Pair(Pair(Phase::kAuth, "wrong login"), 4)));
  EXPECT_EQ(lac_tally_.count(Phase::kSetUp).passed, 0);
  EXPECT_FALSE(AllWell(lac_tally_));
}

TEST_F(RoundsTest, AWrongSecretFailsInTheTunnel) {
  lac_plan_.tunnels = 2;
  lac_plan_.calls = 3;
  lac_plan_.secret = "one";
  lns_plan_.secret = "another";
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(lac_->done());
  EXPECT_EQ(lac_tally_.count(Phase::kTunnel).failed, 2);
  EXPECT_EQ(lac_tally_.count(Phase::kCall).failed, 6);
}

TEST_F(RoundsTest, AnLnsThatIsNotThereIsUnreachable) {
  lac_plan_.calls = 3;
  Begin();
  lns_port_.Crash();
  RunUntilDone(300);
  EXPECT_TRUE(lac_->done());
  EXPECT_EQ(lac_tally_.count(Phase::kTunnel).failed, 1);
  EXPECT_THAT(TextReport(lac_tally_, {}), HasSubstr("no acknowledgement"));
}

TEST_F(RoundsTest, WhatTheLnsRefusesIsCountedWithItsCodes) {
  lac_plan_.calls = 10;
  lns_plan_.addresses = 6;
  Begin();
  RunUntilDone(60);
  EXPECT_TRUE(lac_->done());
  EXPECT_THAT(lac_tally_.failures(),
              ElementsAre(Pair(Pair(Phase::kCall, "CDN 3 (administrative reasons)"), 4)));
  EXPECT_EQ(Passed(Phase::kSetUp), 6);
  EXPECT_EQ(Passed(Phase::kPing), 6);
}

TEST_F(RoundsTest, AnLnsThatGoesAwayTakesCallsThatWereUpWithIt) {
  lac_plan_.calls = 4;
  lac_plan_.hold = Duration::Seconds(60);
  Begin();
  RunFor(10);
  lns_->Stop();
  RunUntilDone(120);
  EXPECT_TRUE(lac_->done());
  EXPECT_TRUE(lns_->done());
  EXPECT_THAT(lac_tally_.failures(),
              ElementsAre(Pair(Pair(Phase::kHold, "StopCCN 1 (general request to clear)"), 4)));
}

TEST_F(RoundsTest, AnLnsDoesNotWaitForPeersThatVanished) {
  lac_plan_.calls = 4;
  lac_plan_.teardown = Teardown::kAbrupt;
  Begin();
  RunUntilDone(60);
  lac_port_.Crash();
  lns_->Stop();
  EXPECT_FALSE(lns_->done());
  RunFor(9);
  EXPECT_TRUE(lns_->done());
}

TEST_F(RoundsTest, StopTakesDownWhatIsThere) {
  lac_plan_.calls = 100;
  lac_plan_.rate = 10;
  Begin();
  RunFor(5);
  lac_->Stop();
  RunUntilDone(10);
  EXPECT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_)) << "what was not placed is no failure";
  EXPECT_LT(Passed(Phase::kSetUp), 60);
  EXPECT_EQ(lns_->call_count(), 0u);
}

TEST_F(RoundsTest, AddressesThatCameBackAreGivenAgain) {
  lac_plan_.calls = 6;
  lns_plan_.addresses = 6;
  for (int round = 0; round < 3; ++round) {
    Begin();
    RunUntilDone(60);
    lac_port_.Crash();
  }
  EXPECT_TRUE(AllWell(lac_tally_)) << TextReport(lac_tally_, {});
  EXPECT_EQ(Passed(Phase::kSetUp), 18);
}

TEST_F(RoundsTest, CallsComeUpOverABadNetwork) {
  network_.SetQuality({.loss = 0.05,
                       .duplicate = 0.05,
                       .min_delay = Duration::Milliseconds(1),
                       .max_delay = Duration::Milliseconds(20)});
  lac_plan_.tunnels = 4;
  lac_plan_.calls = 25;
  lac_plan_.call.setup_timeout = lns_plan_.call.setup_timeout = Duration::Seconds(120);
  lac_plan_.call.ping.timeout = Duration::Seconds(20);
  Begin();
  RunUntilDone(600);
  EXPECT_TRUE(lac_->done());
  EXPECT_TRUE(AllWell(lac_tally_)) << TextReport(lac_tally_, {});
  EXPECT_EQ(Passed(Phase::kSetUp), 100);
}

// RFC 2661 section 5.4.
TEST_F(RoundsTest, NumberedDataIsAnsweredNumbered) {
  lac_plan_.hold = Duration::Seconds(60);
  wire::DataHeader to_lac;
  std::vector<std::optional<uint16_t>> numbers;  // of the LAC's data messages
  network_.OnSent([&](const Path& path, ByteSpan datagram) {
    const auto message = wire::ParseDataMessage(datagram);
    if (!message.ok()) return;
    if (path.local == lns_port_.listener()) {
      to_lac = message->header;
    } else {
      numbers.push_back(message->header.ns);
    }
  });
  Begin();
  RunFor(1);
  ASSERT_EQ(lac_->up_count(), 1u);
  EXPECT_THAT(numbers, Each(Eq(std::nullopt)));

  numbers.clear();
  const Bytes echo = ppp::EncodeFrame(
      ppp::kLcpProtocol, ppp::EncodeControlPacket(ppp::Code::kEchoRequest, 1, Bytes(4)));
  const Path path = {lac_port_.sockets().at(0), lns_port_.listener()};
  for (uint16_t ns = 0; ns < 2; ++ns) {
    lac_port_.Deliver(path, EncodeData(to_lac.tunnel_id, to_lac.session_id, ns, echo));
  }
  EXPECT_THAT(numbers, ElementsAre(Optional(0), Optional(1)));
}

// Whoever guesses the ids must come from the right address as well.
TEST_F(RoundsTest, DataFromElsewhereIsIgnored) {
  lac_plan_.hold = Duration::Seconds(60);
  wire::DataHeader to_lac;
  int64_t sent = 0;
  network_.OnSent([&](const Path& path, ByteSpan datagram) {
    const auto message = wire::ParseDataMessage(datagram);
    if (message.ok() && path.local == lns_port_.listener()) to_lac = message->header;
    ++sent;
  });
  Begin();
  RunFor(1);
  sent = 0;
  const Bytes end = ppp::EncodeFrame(ppp::kLcpProtocol,
                                     ppp::EncodeControlPacket(ppp::Code::kTerminateRequest, 1, {}));
  const Bytes datagram = EncodeData(to_lac.tunnel_id, to_lac.session_id, std::nullopt, end);
  const Path elsewhere = {lac_port_.sockets().at(0), {*IpAddress::Parse("192.0.2.9"), 1701}};
  lac_port_.Deliver(elsewhere, datagram);
  EXPECT_EQ(sent, 0);
  EXPECT_EQ(lac_->up_count(), 1u);
  lac_port_.Deliver({elsewhere.local, lns_port_.listener()}, datagram);
  EXPECT_EQ(lac_->up_count(), 0u) << "the same from the right address";
}

}  // namespace
}  // namespace l2tp::load
