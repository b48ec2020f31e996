#include "tests/bench/load/ppp/option_automaton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = OptionAutomaton::State;
using End = OptionAutomaton::End;

// Wants option 1 with `wanted`, insists that the peer's option 2 is 7, and knows no others.
struct Wishes final : Negotiator {
  std::vector<Option> Wanted() const override {
    return ask ? std::vector<Option>{{1, {wanted}}} : std::vector<Option>{};
  }
  Verdict Judge(Option* option) override {
    if (option->type != 2) return Verdict::kReject;
    if (option->value == Bytes{7}) return Verdict::kAck;
    option->value = {7};
    return Verdict::kNak;
  }
  std::vector<Option> Missing(const std::vector<Option>& request) const override {
    for (const Option& option : request) {
      if (option.type == 2) return {};
    }
    return insist ? std::vector<Option>{{2, {7}}} : std::vector<Option>{};
  }
  void HandleAgreed(const std::vector<Option>& request) override { agreed = request; }
  bool HandleNak(const Option& option) override {
    if (option.type == 1 && option.value.size() == 1) wanted = option.value[0];
    return true;
  }
  bool HandleReject(const Option&) override {
    ask = false;
    return !stubborn;
  }

  uint8_t wanted = 3;
  bool ask = true;
  bool insist = false;
  bool stubborn = false;
  std::vector<Option> agreed;
};

class OptionAutomatonTest : public ::testing::Test {
 protected:
  void Receive(Code code, uint8_t identifier, const Bytes& data = {}) {
    automaton_.HandlePacket(now_, {static_cast<uint8_t>(code), identifier, data});
  }
  // The one packet that has been sent.
  Bytes Sent() {
    std::vector<Bytes> packets = automaton_.TakePackets();
    EXPECT_THAT(packets, SizeIs(1));
    return packets.empty() ? Bytes() : packets.front();
  }
  void Nothing() { EXPECT_THAT(automaton_.TakePackets(), IsEmpty()); }
  void TimeOut() {
    ASSERT_TRUE(automaton_.NextTimeout().has_value());
    now_ = *automaton_.NextTimeout();
    automaton_.HandleTimeout(now_);
  }
  void Open() {
    automaton_.Start(now_);
    const uint8_t identifier = Sent()[1];
    Receive(Code::kConfigureAck, identifier, {1, 3, wishes_.wanted});
    Receive(Code::kConfigureRequest, 9, {2, 3, 7});
    automaton_.TakePackets();
    ASSERT_TRUE(automaton_.opened());
  }

  Instant now_ = Instant() + Duration::Seconds(100);
  Wishes wishes_;
  OptionAutomaton automaton_{&wishes_};
};

TEST_F(OptionAutomatonTest, BothAcksOpenItInEitherOrder) {
  automaton_.Start(now_);
  EXPECT_THAT(Sent(), ElementsAre(1, 1, 0, 7, 1, 3, 3));
  Receive(Code::kConfigureAck, 1, {1, 3, 3});
  EXPECT_EQ(automaton_.state(), State::kAckRcvd);
  Receive(Code::kConfigureRequest, 40, {2, 3, 7});
  EXPECT_THAT(Sent(), ElementsAre(2, 40, 0, 7, 2, 3, 7));
  EXPECT_TRUE(automaton_.opened());
  EXPECT_FALSE(automaton_.NextTimeout().has_value());
  EXPECT_THAT(wishes_.agreed, ElementsAre(Option{2, {7}}));

  OptionAutomaton other(&wishes_);
  other.Start(now_);
  other.HandlePacket(now_, {1, 40, Bytes{2, 3, 7}});
  EXPECT_EQ(other.state(), State::kAckSent);
  other.HandlePacket(now_, {2, 1, Bytes{1, 3, 3}});
  EXPECT_TRUE(other.opened());
}

TEST_F(OptionAutomatonTest, AnAckCountsOnlyForJustWhatWasAsked) {
  automaton_.Start(now_);
  Receive(Code::kConfigureAck, 2, {1, 3, 3});
  Receive(Code::kConfigureAck, 1, {1, 3, 4});
  Receive(Code::kConfigureAck, 1, {});
  EXPECT_EQ(automaton_.state(), State::kReqSent);
}

TEST_F(OptionAutomatonTest, ANakChangesWhatIsAsked) {
  automaton_.Start(now_);
  (void)Sent();
  Receive(Code::kConfigureNak, 1, {1, 3, 5});
  EXPECT_THAT(Sent(), ElementsAre(1, 2, 0, 7, 1, 3, 5));
  Receive(Code::kConfigureReject, 2, {1, 3, 5});
  EXPECT_THAT(Sent(), ElementsAre(1, 3, 0, 4));
}

TEST_F(OptionAutomatonTest, ARejectOfWhatMustBeEndsIt) {
  wishes_.stubborn = true;
  automaton_.Start(now_);
  (void)Sent();
  Receive(Code::kConfigureReject, 1, {1, 3, 3});
  EXPECT_EQ(Sent()[0], 5) << "Terminate-Request";
  Receive(Code::kTerminateAck, 2);
  EXPECT_TRUE(automaton_.finished());
  EXPECT_EQ(automaton_.end(), End::kNoAgreement);
}

TEST_F(OptionAutomatonTest, UnknownOptionsAreRejectedFirstAndBadValuesRefusedThen) {
  automaton_.Start(now_);
  (void)Sent();
  Receive(Code::kConfigureRequest, 1, {2, 3, 6, 99, 2});
  EXPECT_THAT(Sent(), ElementsAre(4, 1, 0, 6, 99, 2));
  Receive(Code::kConfigureRequest, 2, {2, 3, 6});
  EXPECT_THAT(Sent(), ElementsAre(3, 2, 0, 7, 2, 3, 7));
  EXPECT_EQ(automaton_.state(), State::kReqSent);
}

TEST_F(OptionAutomatonTest, WhatIsMissingIsAskedForByNak) {
  wishes_.insist = true;
  automaton_.Start(now_);
  (void)Sent();
  Receive(Code::kConfigureRequest, 1, {});
  EXPECT_THAT(Sent(), ElementsAre(3, 1, 0, 7, 2, 3, 7));
}

TEST_F(OptionAutomatonTest, APeerThatDoesNotConvergeIsRefusedTheOption) {
  automaton_.Start(now_);
  (void)Sent();
  for (uint8_t i = 0; i < kMaxFailure; ++i) {
    Receive(Code::kConfigureRequest, i, {2, 3, 6});
    EXPECT_EQ(Sent()[0], 3) << "Configure-Nak";
  }
  Receive(Code::kConfigureRequest, 20, {2, 3, 6});
  EXPECT_EQ(Sent()[0], 4) << "Configure-Reject";
}

TEST_F(OptionAutomatonTest, AMalformedRequestGetsNoAnswer) {
  automaton_.Start(now_);
  (void)Sent();
  Receive(Code::kConfigureRequest, 1, {2, 0});
  Nothing();
}

TEST_F(OptionAutomatonTest, ARequestIsRepeatedWithItsIdentifierTenTimesInAll) {
  automaton_.Start(now_);
  const Bytes first = Sent();
  for (int i = 1; i < kMaxConfigure; ++i) {
    TimeOut();
    EXPECT_EQ(Sent(), first);
  }
  TimeOut();
  Nothing();
  EXPECT_TRUE(automaton_.finished());
  EXPECT_EQ(automaton_.end(), End::kNoAnswer);
  EXPECT_EQ(now_, Instant() + Duration::Seconds(130));
}

TEST_F(OptionAutomatonTest, APeerThatAcknowledgesAndNeverAsksIsGivenUp) {
  automaton_.Start(now_);
  Receive(Code::kConfigureAck, 1, {1, 3, 3});
  int rounds = 0;
  while (!automaton_.finished() && ++rounds < 100) TimeOut();
  EXPECT_EQ(automaton_.end(), End::kNoAnswer);
}

TEST_F(OptionAutomatonTest, ADoubledAckOrNakDoesNotBeginItAnew) {
  Open();
  Receive(Code::kConfigureAck, 1, {1, 3, 3});
  Receive(Code::kConfigureNak, 1, {1, 3, 4});
  Nothing();
  EXPECT_TRUE(automaton_.opened());
}

TEST_F(OptionAutomatonTest, ARequestWhileOpenBeginsItAnew) {
  Open();
  Receive(Code::kConfigureRequest, 41, {2, 3, 7});
  const auto packets = automaton_.TakePackets();
  ASSERT_THAT(packets, SizeIs(2));
  EXPECT_EQ(packets[0][0], 1);
  EXPECT_EQ(packets[1][0], 2);
  EXPECT_EQ(automaton_.state(), State::kAckSent);
  Receive(Code::kConfigureAck, packets[0][1], {1, 3, 3});
  EXPECT_TRUE(automaton_.opened());
}

TEST_F(OptionAutomatonTest, ThePeersEndIsAcknowledgedAndFinalAfterAWhile) {
  Open();
  Receive(Code::kTerminateRequest, 77);
  EXPECT_THAT(Sent(), ElementsAre(6, 77, 0, 4));
  EXPECT_FALSE(automaton_.opened());
  EXPECT_EQ(automaton_.end(), End::kPeer);
  Receive(Code::kTerminateRequest, 78);
  EXPECT_THAT(Sent(), ElementsAre(6, 78, 0, 4));
  TimeOut();
  EXPECT_TRUE(automaton_.finished());
}

TEST_F(OptionAutomatonTest, OurEndIsRepeatedAndThenFinalWithoutAnswer) {
  Open();
  automaton_.Close(now_);
  EXPECT_EQ(Sent()[0], 5);
  TimeOut();
  EXPECT_EQ(Sent()[0], 5);
  TimeOut();
  Nothing();
  EXPECT_TRUE(automaton_.finished());
  EXPECT_EQ(automaton_.end(), End::kLocal);
  automaton_.Close(now_);
  Nothing();
}

TEST_F(OptionAutomatonTest, AnUnknownCodeIsRejectedWithItsPacket) {
  Open();
  automaton_.HandlePacket(now_, {99, 5, Bytes{1, 2}});
  EXPECT_THAT(Sent(), ElementsAre(7, 2, 0, 10, 99, 5, 0, 6, 1, 2));
  EXPECT_TRUE(automaton_.opened());
}

TEST_F(OptionAutomatonTest, APeerThatRejectsTheCodesOfAllProtocolsCannotBeTalkedTo) {
  Open();
  Receive(Code::kCodeReject, 1, {9, 1, 0, 4});
  EXPECT_TRUE(automaton_.opened());
  Receive(Code::kCodeReject, 1, {1, 1, 0, 4});
  EXPECT_EQ(automaton_.end(), End::kRejected);
  EXPECT_TRUE(automaton_.finished());
}

TEST_F(OptionAutomatonTest, WhatComesBeforeTheStartIsIgnored) {
  Receive(Code::kConfigureRequest, 1, {2, 3, 7});
  Receive(Code::kTerminateRequest, 1);
  Nothing();
  EXPECT_EQ(automaton_.state(), State::kInitial);
}

}  // namespace
}  // namespace l2tp::load::ppp
