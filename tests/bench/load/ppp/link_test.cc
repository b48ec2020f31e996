// Two ends of a link in simulated time, over a wire that may lose frames.

#include "tests/bench/load/ppp/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/support/seeded_random.h"

namespace l2tp::load::ppp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kDelay = Duration::Milliseconds(1);

LinkOptions Lac() {
  LinkOptions options;
  options.lcp.accept_auth = {AuthMethod::kChapMd5, AuthMethod::kMsChapV2, AuthMethod::kPap};
  options.login = {"alice", "open sesame"};
  return options;
}

LinkOptions Lns(std::optional<AuthMethod> auth) {
  LinkOptions options;
  options.lcp.require_auth = auth;
  options.login = {"lns", "open sesame"};
  options.local = *IpAddress::Parse("10.0.0.1");
  options.remote = *IpAddress::Parse("10.0.0.7");
  return options;
}

class LinkTest : public ::testing::Test {
 protected:
  struct End {
    End(LinkOptions options, uint64_t seed) : random(seed), link(std::move(options), &random) {}
    testing::SeededRandom random;
    Link link;
    std::vector<LinkEvent> events;
    std::vector<Bytes> packets;  // IPv4
    bool deaf = false;
  };

  void Make(LinkOptions lac, LinkOptions lns) {
    lac_ = std::make_unique<End>(std::move(lac), 1);
    lns_ = std::make_unique<End>(std::move(lns), 2);
  }
  void StartBoth() {
    lac_->link.Start(now_);
    lns_->link.Start(now_);
    TakeAll();
  }
  // Until `seconds` have passed or nothing is left to happen.
  void Run(int seconds) {
    const Instant end = now_ + Duration::Seconds(seconds);
    while (const auto next = Next()) {
      if (*next > end) break;
      now_ = *next;
      if (!wire_.empty() && wire_.front().when <= now_) {
        Deliver();
      } else {
        for (End* e : {lac_.get(), lns_.get()}) {
          if (e->link.NextTimeout().value_or(end) <= now_) e->link.HandleTimeout(now_);
        }
      }
      TakeAll();
    }
    now_ = std::max(now_, end);
  }
  void TakeAll() {
    for (auto [from, to] : {std::pair(lac_.get(), lns_.get()), std::pair(lns_.get(), lac_.get())}) {
      for (Bytes& frame : from->link.TakeFrames()) {
        if (fate_.Chance(loss_percent_)) continue;
        wire_.push_back({now_ + kDelay, to, std::move(frame)});
      }
      for (const LinkEvent event : from->link.TakeEvents()) from->events.push_back(event);
    }
  }

  Instant now_ = Instant() + Duration::Seconds(100);
  std::unique_ptr<End> lac_;
  std::unique_ptr<End> lns_;
  int loss_percent_ = 0;
  testing::SeededRandom fate_{3};

 private:
  struct Flight {
    Instant when;
    End* to;
    Bytes frame;
  };

  std::optional<Instant> Next() const {
    std::optional<Instant> next;
    const auto consider = [&next](std::optional<Instant> other) {
      if (other.has_value() && (!next.has_value() || *other < *next)) next = other;
    };
    if (!wire_.empty()) consider(wire_.front().when);
    consider(lac_->link.NextTimeout());
    consider(lns_->link.NextTimeout());
    return next;
  }
  void Deliver() {
    const Flight flight = std::move(wire_.front());
    wire_.pop_front();
    if (flight.to->deaf) return;
    const auto packet = flight.to->link.HandleFrame(now_, flight.frame);
    if (packet.has_value()) flight.to->packets.emplace_back(packet->begin(), packet->end());
  }

  std::deque<Flight> wire_;
};

TEST_F(LinkTest, ComesUpWithEveryWayToLogIn) {
  for (const std::optional<AuthMethod> auth :
       {std::optional<AuthMethod>(), std::optional(AuthMethod::kPap),
        std::optional(AuthMethod::kChapMd5), std::optional(AuthMethod::kMsChapV2)}) {
    Make(Lac(), Lns(auth));
    StartBoth();
    Run(1);
    EXPECT_THAT(lac_->events,
                ElementsAre(LinkEvent::kLcpUp, LinkEvent::kAuthenticated, LinkEvent::kIpv4Up));
    EXPECT_THAT(lns_->events,
                ElementsAre(LinkEvent::kLcpUp, LinkEvent::kAuthenticated, LinkEvent::kIpv4Up));
    EXPECT_EQ(lac_->link.local().ToString(), "10.0.0.7");
    EXPECT_EQ(lac_->link.remote().ToString(), "10.0.0.1");
    EXPECT_EQ(lns_->link.remote().ToString(), "10.0.0.7");
  }
}

TEST_F(LinkTest, AFrameOfThePeersBeginsIt) {
  Make(Lac(), Lns(AuthMethod::kChapMd5));
  lac_->link.Start(now_);
  TakeAll();
  Run(1);
  EXPECT_THAT(lns_->events, Contains(LinkEvent::kIpv4Up));
}

TEST_F(LinkTest, Ipv6ComesUpBesideIpv4) {
  LinkOptions lac = Lac();
  LinkOptions lns = Lns({});
  lac.ipv6 = lns.ipv6 = true;
  Make(lac, lns);
  StartBoth();
  Run(1);
  EXPECT_THAT(lac_->events, Contains(LinkEvent::kIpv4Up));
  EXPECT_THAT(lac_->events, Contains(LinkEvent::kIpv6Up));
}

TEST_F(LinkTest, APeerWithoutIpv6IsToldByProtocolReject) {
  LinkOptions lac = Lac();
  lac.ipv6 = true;
  Make(lac, Lns({}));
  StartBoth();
  Run(1);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kIpv6cpRefused);
}

TEST_F(LinkTest, CarriesIpv4BothWays) {
  Make(Lac(), Lns({}));
  lac_->link.SendIpv4(Bytes{1});
  StartBoth();
  Run(1);
  lac_->link.SendIpv4(Bytes{0x45, 1});
  lns_->link.SendIpv4(Bytes{0x45, 2});
  TakeAll();
  Run(1);
  EXPECT_THAT(lns_->packets, ElementsAre(ElementsAre(0x45, 1))) << "and nothing from before";
  EXPECT_THAT(lac_->packets, ElementsAre(ElementsAre(0x45, 2)));
}

TEST_F(LinkTest, AWrongPasswordEndsItOnBothSides) {
  for (const AuthMethod auth : {AuthMethod::kPap, AuthMethod::kChapMd5, AuthMethod::kMsChapV2}) {
    LinkOptions lac = Lac();
    lac.login.password = "open barley";
    Make(lac, Lns(auth));
    StartBoth();
    Run(30);
    EXPECT_EQ(lac_->link.end(), LinkEnd::kOwnLoginRefused);
    EXPECT_EQ(lns_->link.end(), LinkEnd::kPeerLoginRefused);
    EXPECT_THAT(lac_->events, ElementsAre(LinkEvent::kLcpUp, LinkEvent::kDown));
  }
}

TEST_F(LinkTest, WhoCannotLogInIsNotLetIn) {
  LinkOptions lac = Lac();
  lac.lcp.accept_auth.clear();
  Make(lac, Lns(AuthMethod::kPap));
  StartBoth();
  Run(30);
  EXPECT_EQ(lns_->link.end(), LinkEnd::kNoAgreement);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kPeer);
}

TEST_F(LinkTest, AnEndIsToldToThePeer) {
  Make(Lac(), Lns({}));
  StartBoth();
  Run(1);
  lac_->link.Close(now_);
  TakeAll();
  Run(10);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kClosed);
  EXPECT_EQ(lns_->link.end(), LinkEnd::kPeer);
  EXPECT_EQ(lns_->events.back(), LinkEvent::kDown);
  EXPECT_FALSE(lac_->link.NextTimeout().has_value());
  EXPECT_FALSE(lns_->link.NextTimeout().has_value());
}

TEST_F(LinkTest, WithoutAnAnswerLcpGivesUpInHalfAMinute) {
  Make(Lac(), Lns({}));
  lns_->deaf = true;
  lac_->link.Start(now_);
  TakeAll();
  Run(29);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kNone);
  Run(2);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kNoAnswer);
}

TEST_F(LinkTest, ASilentPeerIsFoundByEchoes) {
  LinkOptions lac = Lac();
  lac.lcp.echo_interval = Duration::Seconds(5);
  Make(lac, Lns({}));
  StartBoth();
  Run(300);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kNone);
  lns_->deaf = true;
  Run(60);
  EXPECT_EQ(lac_->link.end(), LinkEnd::kEchoUnanswered);
}

TEST_F(LinkTest, LcpOfThePeerMayBeginAnew) {
  Make(Lac(), Lns(AuthMethod::kChapMd5));
  StartBoth();
  Run(1);
  lac_->events.clear();
  // The LNS has forgotten everything.
  lns_ = std::make_unique<End>(Lns(AuthMethod::kPap), 4);
  lns_->link.Start(now_);
  TakeAll();
  Run(10);
  EXPECT_THAT(lac_->events,
              ElementsAre(LinkEvent::kLcpUp, LinkEvent::kAuthenticated, LinkEvent::kIpv4Up));
  EXPECT_THAT(lns_->events, Contains(LinkEvent::kIpv4Up));
}

TEST_F(LinkTest, UnknownProtocolsAreRejectedAndDoNoHarm) {
  Make(Lac(), Lns({}));
  StartBoth();
  Run(1);
  lac_->link.HandleFrame(now_, EncodeFrame(0x80fd, Bytes{1, 1, 0, 4}));  // CCP
  EXPECT_THAT(lac_->link.TakeFrames(),
              ElementsAre(ElementsAre(0xff, 3, 0xc0, 0x21, 8, 1, 0, 10, 0x80, 0xfd, 1, 1, 0, 4)));
  EXPECT_TRUE(lac_->link.ipv4_up());
}

TEST_F(LinkTest, NetworkProtocolsAreIgnoredBeforeTheLogin) {
  Make(Lac(), Lns(AuthMethod::kChapMd5));
  lns_->link.Start(now_);
  lns_->link.TakeFrames();
  lns_->link.HandleFrame(now_, EncodeFrame(kIpcpProtocol, Bytes{1, 1, 0, 4}));
  lns_->link.HandleFrame(now_, EncodeFrame(kIpv4Protocol, Bytes{0x45}));
  EXPECT_THAT(lns_->link.TakeFrames(), IsEmpty());
}

TEST_F(LinkTest, ComesUpThroughHeavyLoss) {
  loss_percent_ = 20;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    fate_ = testing::SeededRandom(seed);
    Make(Lac(), Lns(static_cast<AuthMethod>(seed % 3)));
    StartBoth();
    Run(120);
    EXPECT_TRUE(lac_->link.ipv4_up());
    EXPECT_TRUE(lns_->link.ipv4_up());
  }
}

TEST_F(LinkTest, ALinkThatEndedSaysNothingMore) {
  Make(Lac(), Lns({}));
  StartBoth();
  Run(1);
  lac_->link.Close(now_);
  lac_->link.TakeEvents();
  lac_->link.TakeFrames();
  lac_->link.HandleFrame(now_, EncodeFrame(kIpcpProtocol, Bytes{1, 1, 0, 4}));
  lac_->link.Start(now_);
  lac_->link.Close(now_);
  EXPECT_THAT(lac_->link.TakeFrames(), IsEmpty());
  EXPECT_THAT(lac_->link.TakeEvents(), IsEmpty());
}

}  // namespace
}  // namespace l2tp::load::ppp
