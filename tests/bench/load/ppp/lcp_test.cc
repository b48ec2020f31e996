#include "tests/bench/load/ppp/lcp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LcpTest : public ::testing::Test {
 protected:
  // What is sent upon this packet.
  std::vector<Bytes> Receive(Code code, uint8_t identifier, const Bytes& data = {}) {
    lcp_->HandlePacket(now_, {static_cast<uint8_t>(code), identifier, data});
    return lcp_->TakePackets();
  }
  void Begin(LcpOptions options) {
    lcp_.emplace(std::move(options), &random_);
    lcp_->Start(now_);
    const auto packets = lcp_->TakePackets();
    ASSERT_THAT(packets, SizeIs(1));
    request_ = packets[0];
  }
  // With a peer that asks for `options`.
  void Open(LcpOptions options, const Bytes& asked = {}) {
    Begin(std::move(options));
    Receive(Code::kConfigureRequest, 1, asked);
    Receive(Code::kConfigureAck, request_[1], Bytes(request_.begin() + 4, request_.end()));
    ASSERT_TRUE(lcp_->opened());
  }
  // The last four octets of our request: the Magic-Number.
  Bytes Magic() const { return Bytes(request_.end() - 4, request_.end()); }

  Instant now_ = Instant() + Duration::Seconds(100);
  testing::SeededRandom random_{1};
  std::optional<Lcp> lcp_;
  Bytes request_;
};

TEST_F(LcpTest, AsksForAMagicNumberAndAnMruThatIsNotTheDefault) {
  Begin({});
  EXPECT_THAT(request_, SizeIs(4 + 6));
  Begin({.mru = 1460});
  EXPECT_EQ(Bytes(request_.begin() + 4, request_.begin() + 8), (Bytes{1, 4, 0x05, 0xb4}));
}

TEST_F(LcpTest, TakesWhatCostsNothingAndRejectsTheRest) {
  Begin({});
  const auto good = Receive(Code::kConfigureRequest, 1,
                            {1, 4, 5, 0xdc, 2, 6, 0, 0, 0, 0, 5, 6, 1, 2, 3, 4, 7, 2, 8, 2});
  ASSERT_THAT(good, SizeIs(1));
  EXPECT_EQ(good[0][0], 2) << "Configure-Ack";
  const auto callback = Receive(Code::kConfigureRequest, 2, {13, 3, 6});
  ASSERT_THAT(callback, SizeIs(1));
  EXPECT_THAT(callback[0], ElementsAre(4, 2, 0, 7, 13, 3, 6));
}

TEST_F(LcpTest, LogsInTheWayThePeerWantsIfItCan) {
  Open({.accept_auth = {AuthMethod::kChapMd5, AuthMethod::kPap}}, {3, 4, 0xc0, 0x23});
  EXPECT_EQ(lcp_->own_auth(), AuthMethod::kPap);
}

TEST_F(LcpTest, ProposesAnotherLoginWhenItCannot) {
  Begin({.accept_auth = {AuthMethod::kChapMd5, AuthMethod::kPap}});
  const auto answer = Receive(Code::kConfigureRequest, 1, {3, 5, 0xc2, 0x23, 0x81});
  ASSERT_THAT(answer, SizeIs(1));
  EXPECT_THAT(answer[0], ElementsAre(3, 1, 0, 9, 3, 5, 0xc2, 0x23, 5));
  Begin({});
  EXPECT_EQ(Receive(Code::kConfigureRequest, 1, {3, 4, 0xc0, 0x23})[0][0], 4) << "no login at all";
}

TEST_F(LcpTest, APeerThatWillNotLogInIsLeft) {
  Begin({.require_auth = AuthMethod::kChapMd5});
  EXPECT_EQ(Bytes(request_.begin() + 4, request_.begin() + 9), (Bytes{3, 5, 0xc2, 0x23, 5}));
  Receive(Code::kConfigureReject, request_[1], {3, 5, 0xc2, 0x23, 5});
  EXPECT_EQ(lcp_->end(), OptionAutomaton::End::kNoAgreement);
}

TEST_F(LcpTest, SeesThatItTalksToItself) {
  Begin({});
  for (int i = 0; i < kMaxFailure; ++i) {
    EXPECT_FALSE(lcp_->looped());
    Bytes ours = {5, 6};
    const Bytes magic = Magic();
    ours.insert(ours.end(), magic.begin(), magic.end());
    Receive(Code::kConfigureRequest, static_cast<uint8_t>(i), ours);
  }
  EXPECT_TRUE(lcp_->looped());
}

TEST_F(LcpTest, AnswersEchoesWithItsOwnMagicNumber) {
  Open({});
  const auto reply = Receive(Code::kEchoRequest, 8, {9, 9, 9, 9, 1, 2});
  ASSERT_THAT(reply, SizeIs(1));
  Bytes expected = {10, 8, 0, 10};
  const Bytes magic = Magic();
  expected.insert(expected.end(), magic.begin(), magic.end());
  expected.insert(expected.end(), {1, 2});
  EXPECT_EQ(reply[0], expected);
  EXPECT_THAT(Receive(Code::kEchoRequest, 8, {9, 9}), IsEmpty()) << "no Magic-Number";
}

TEST_F(LcpTest, AnswersNoEchoBeforeItIsOpen) {
  Begin({});
  EXPECT_THAT(Receive(Code::kEchoRequest, 8, {9, 9, 9, 9}), IsEmpty());
}

TEST_F(LcpTest, APeerThatAnswersNoEchoIsDead) {
  Open({.echo_interval = Duration::Seconds(10), .echo_failures = 2});
  int echoes = 0;
  while (!lcp_->peer_dead() && echoes < 10) {
    ASSERT_TRUE(lcp_->NextTimeout().has_value());
    now_ = *lcp_->NextTimeout();
    lcp_->HandleTimeout(now_);
    echoes += static_cast<int>(lcp_->TakePackets().size());
  }
  EXPECT_EQ(echoes, 2);
  EXPECT_EQ(now_, Instant() + Duration::Seconds(130));
  EXPECT_FALSE(lcp_->NextTimeout().has_value());
}

TEST_F(LcpTest, APeerThatAnswersEchoesLives) {
  Open({.echo_interval = Duration::Seconds(10), .echo_failures = 2});
  for (int i = 0; i < 10; ++i) {
    now_ = *lcp_->NextTimeout();
    lcp_->HandleTimeout(now_);
    const auto echo = lcp_->TakePackets();
    ASSERT_THAT(echo, SizeIs(1));
    Receive(Code::kEchoReply, echo[0][1], {1, 2, 3, 4});
  }
  EXPECT_FALSE(lcp_->peer_dead());
}

TEST_F(LcpTest, RejectsAProtocolWithItsFrame) {
  Open({});
  lcp_->RejectProtocol(0x80fd, Bytes{1, 1, 0, 4});
  EXPECT_THAT(lcp_->TakePackets(), ElementsAre(ElementsAre(8, 1, 0, 10, 0x80, 0xfd, 1, 1, 0, 4)));
}

TEST_F(LcpTest, TellsWhichProtocolThePeerRejects) {
  Open({});
  Receive(Code::kProtocolReject, 1, {0x80, 0x57, 1});
  EXPECT_EQ(lcp_->TakeRejectedProtocol(), kIpv6cpProtocol);
  EXPECT_EQ(lcp_->TakeRejectedProtocol(), std::nullopt);
  Receive(Code::kProtocolReject, 1, {0x80});
  EXPECT_EQ(lcp_->TakeRejectedProtocol(), std::nullopt) << "too short";
  Receive(Code::kProtocolReject, 1, {0xc0, 0x21});
  EXPECT_TRUE(lcp_->finished()) << "LCP itself";
}

}  // namespace
}  // namespace l2tp::load::ppp
