// Timers, data messages, pings, the tally: each for itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/wire/header.h"
#include "tests/bench/load/data_message.h"
#include "tests/bench/load/pinger.h"
#include "tests/bench/load/tally.h"
#include "tests/bench/load/timer_queue.h"

namespace l2tp::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Instant At(int64_t seconds) { return Instant() + Duration::Seconds(seconds); }

// ---- TimerQueue --------------------------------------------------------------------------------

TEST(TimerQueueTest, GivesWhatIsDueInOrderAndOnce) {
  TimerQueue<int> timers;
  timers.Arm(1, At(30));
  timers.Arm(2, At(10));
  timers.Arm(3, At(20));
  EXPECT_EQ(timers.Next(), At(10));
  EXPECT_EQ(timers.TakeDue(At(20)), 2);
  EXPECT_EQ(timers.TakeDue(At(20)), 3);
  EXPECT_EQ(timers.TakeDue(At(20)), std::nullopt);
  EXPECT_EQ(timers.Next(), At(30));
}

TEST(TimerQueueTest, ATimerCanBeMovedAndTakenAway) {
  TimerQueue<int> timers;
  timers.Arm(1, At(30));
  timers.Arm(1, At(10));
  EXPECT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers.Next(), At(10));
  timers.Arm(1, std::nullopt);
  EXPECT_EQ(timers.size(), 0u);
  EXPECT_EQ(timers.Next(), std::nullopt);
}

// ---- Data messages -----------------------------------------------------------------------------

TEST(DataMessageTest, IsReadByTheWireLayer) {
  const Bytes frame = {1, 2, 3};
  const Bytes plain = EncodeData(TunnelId(0x1234), SessionId(0x5678), std::nullopt, frame);
  EXPECT_EQ(ToHex(plain), "000212345678010203");
  const Bytes numbered = EncodeData(TunnelId(0x1234), SessionId(0x5678), 7, frame);
  const auto message = wire::ParseDataMessage(numbered);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->header.ns, 7);
  EXPECT_EQ(message->header.session_id, SessionId(0x5678));
  EXPECT_THAT(message->payload, ElementsAre(1, 2, 3));
}

// ---- Pinger ------------------------------------------------------------------------------------

class PingerTest : public ::testing::Test {
 protected:
  void Start(const PingPlan& plan) {
    pinger_.emplace(plan);
    pinger_->Start(now_, local_, remote_, 77);
  }
  // The request that has just been sent, as a reply.
  ppp::IcmpEcho Reply() {
    const auto packets = pinger_->TakePackets();
    EXPECT_THAT(packets, SizeIs(1));
    ppp::IcmpEcho echo = ppp::ParseIcmpEcho(packets.at(0)).value();
    echo.data = {};  // of the packet that is gone
    echo.reply = true;
    std::swap(echo.source, echo.destination);
    return echo;
  }
  void TimeOut() {
    ASSERT_TRUE(pinger_->NextTimeout().has_value());
    now_ = *pinger_->NextTimeout();
    pinger_->HandleTimeout(now_);
  }

  const IpAddress local_ = *IpAddress::Parse("10.0.0.7");
  const IpAddress remote_ = *IpAddress::Parse("10.0.0.1");
  Instant now_ = At(100);
  std::optional<Pinger> pinger_;
};

TEST_F(PingerTest, OneReplyIsEnoughForOnePing) {
  Start({.count = 1});
  const ppp::IcmpEcho reply = Reply();
  now_ = now_ + Duration::Milliseconds(3);
  pinger_->HandleReply(now_, reply);
  EXPECT_EQ(pinger_->state(), Pinger::State::kDone);
  EXPECT_EQ(pinger_->first_reply(), Duration::Milliseconds(3));
  EXPECT_EQ(pinger_->NextTimeout(), std::nullopt);
}

TEST_F(PingerTest, FurtherPingsFollowInTheirInterval) {
  Start({.count = 3, .interval = Duration::Seconds(2)});
  for (int i = 0; i < 3; ++i) {
    if (i > 0) TimeOut();
    pinger_->HandleReply(now_, Reply());
  }
  EXPECT_EQ(pinger_->state(), Pinger::State::kDone);
  EXPECT_EQ(now_, At(104));
  EXPECT_EQ(pinger_->sent(), 3);
  EXPECT_EQ(pinger_->answered(), 3);
}

TEST_F(PingerTest, ARequestThatIsLostIsRepeated) {
  Start({.count = 1});
  (void)Reply();
  TimeOut();
  const ppp::IcmpEcho second = Reply();
  now_ = now_ + Duration::Milliseconds(1);
  pinger_->HandleReply(now_, second);
  EXPECT_EQ(pinger_->state(), Pinger::State::kDone);
  EXPECT_EQ(pinger_->first_reply(), Duration::Milliseconds(501))
      << "counted from the first request";
  EXPECT_EQ(pinger_->sent(), 2);
}

TEST_F(PingerTest, ALateReplyToAnEarlierRequestCounts) {
  Start({.count = 1});
  const ppp::IcmpEcho first = Reply();
  TimeOut();
  pinger_->HandleReply(now_, first);
  EXPECT_EQ(pinger_->state(), Pinger::State::kDone);
}

TEST_F(PingerTest, WithoutAReplyItGivesUp) {
  Start({.count = 1, .timeout = Duration::Seconds(2)});
  int rounds = 0;
  while (pinger_->state() == Pinger::State::kRunning && ++rounds < 100) TimeOut();
  EXPECT_EQ(pinger_->state(), Pinger::State::kFailed);
  EXPECT_EQ(now_, At(102));
  EXPECT_EQ(pinger_->sent(), 4);
}

TEST_F(PingerTest, OtherPacketsAreNoReplies) {
  Start({.count = 2});
  const ppp::IcmpEcho reply = Reply();
  ppp::IcmpEcho request = reply;
  request.reply = false;
  ppp::IcmpEcho stranger = reply;
  stranger.identifier = 78;
  ppp::IcmpEcho from_elsewhere = reply;
  from_elsewhere.source = *IpAddress::Parse("10.0.0.9");
  ppp::IcmpEcho never_asked = reply;
  never_asked.sequence = 2;
  for (const auto& echo : {request, stranger, from_elsewhere, never_asked}) {
    pinger_->HandleReply(now_, echo);
  }
  EXPECT_EQ(pinger_->answered(), 0);
  pinger_->HandleReply(now_, reply);
  pinger_->HandleReply(now_, reply);
  EXPECT_EQ(pinger_->answered(), 1) << "a doubled reply counts once";
}

TEST_F(PingerTest, APeerWithoutAddressCannotBePinged) {
  Pinger pinger({});
  pinger.Start(now_, local_, IpAddress(), 1);
  EXPECT_EQ(pinger.state(), Pinger::State::kFailed);
  EXPECT_THAT(pinger.TakePackets(), IsEmpty());
}

TEST_F(PingerTest, NoPingsAreWantedWithACountOfZero) {
  Start({.count = 0});
  EXPECT_EQ(pinger_->state(), Pinger::State::kIdle);
  EXPECT_THAT(pinger_->TakePackets(), IsEmpty());
}

// ---- Tally -------------------------------------------------------------------------------------

TEST(PercentileTest, IsTheNearestRank) {
  std::vector<Duration> took;
  for (int i = 100; i >= 1; --i) took.push_back(Duration::Milliseconds(i));
  EXPECT_EQ(Percentile(50, &took), Duration::Milliseconds(50));
  EXPECT_EQ(Percentile(99, &took), Duration::Milliseconds(99));
  EXPECT_EQ(Percentile(100, &took), Duration::Milliseconds(100));
  std::vector<Duration> one = {Duration::Seconds(7)};
  EXPECT_EQ(Percentile(50, &one), Duration::Seconds(7));
  std::vector<Duration> none;
  EXPECT_EQ(Percentile(50, &none), Duration());
}

TEST(CauseTest, NamesTheCodesOfThePeer) {
  protocol::Closure closure;
  closure.kind = protocol::Closure::Kind::kPeer;
  closure.result = {.result = 4, .error = 4, .message = "words of the peer"};
  EXPECT_EQ(CauseOf(closure, /*tunnel=*/false),
            "CDN 4 (no facilities available (temporary)), error 4 (insufficient resources)");
  EXPECT_EQ(CauseOf(closure, /*tunnel=*/true),
            "StopCCN 4 (not authorized), error 4 (insufficient resources)");
  closure.tunnel_kind = std::exchange(closure.kind, protocol::Closure::Kind::kTunnel);
  EXPECT_EQ(CauseOf(closure, /*tunnel=*/false),
            "StopCCN 4 (not authorized), error 4 (insufficient resources)");
}

TEST(TallyTest, ACallThatFailsOnTheWayIsNotSetUp) {
  Tally tally;
  tally.Fail(Phase::kCall, "x");
  tally.Fail(Phase::kIpv6cp, "x");
  tally.Fail(Phase::kTunnel, "x");
  tally.Fail(Phase::kPing, "x");
  EXPECT_EQ(tally.count(Phase::kSetUp).failed, 2);
}

TEST(TallyTest, APeerCannotFillTheMemoryWithCauses) {
  Tally tally;
  for (int i = 0; i < 5000; ++i) tally.Fail(Phase::kCall, absl::StrCat("CDN ", i));
  EXPECT_EQ(tally.count(Phase::kCall).failed, 5000);
  EXPECT_LE(tally.failures().size(), 1001u);
  EXPECT_EQ(tally.failures().at({Phase::kCall, "other causes"}), 4000);
}

}  // namespace
}  // namespace l2tp::load
