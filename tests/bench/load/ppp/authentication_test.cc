// Both ends of PAP and CHAP, with each other and with packets that are none.

#include "tests/bench/load/ppp/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/bench/load/ppp/chap.h"
#include "tests/bench/load/ppp/pap.h"
#include "tests/support/seeded_random.h"

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Result = Authentication::Result;

const Credentials kAlice = {"alice", "open sesame"};

ControlPacket Parsed(const Bytes& packet) {
  const auto parsed = ParseControlPacket(packet);
  EXPECT_TRUE(parsed.has_value());
  return parsed.value_or(ControlPacket());
}

class LoginTest : public ::testing::TestWithParam<AuthMethod> {
 protected:
  void Begin(const Credentials& login, const std::string& password) {
    if (GetParam() == AuthMethod::kPap) {
      peer_ = std::make_unique<PapPeer>(login);
      authenticator_ = std::make_unique<PapAuthenticator>(password);
    } else {
      peer_ = std::make_unique<ChapPeer>(GetParam(), login, &random_);
      authenticator_ = std::make_unique<ChapAuthenticator>(GetParam(), "lns", password, &random_);
    }
    peer_->Start(now_);
    authenticator_->Start(now_);
  }
  // Carries packets until nobody has anything to say.
  void Exchange() {
    bool moved = true;
    while (moved) {
      moved = false;
      for (const Bytes& packet : peer_->TakePackets()) {
        authenticator_->HandlePacket(now_, Parsed(packet));
        last_of_peer_ = packet;
        moved = true;
      }
      for (const Bytes& packet : authenticator_->TakePackets()) {
        peer_->HandlePacket(now_, Parsed(packet));
        moved = true;
      }
    }
  }

  Instant now_ = Instant() + Duration::Seconds(100);
  testing::SeededRandom random_{1};
  std::unique_ptr<Authentication> peer_;
  std::unique_ptr<Authentication> authenticator_;
  Bytes last_of_peer_;
};

TEST_P(LoginTest, TheRightPasswordIsWelcome) {
  Begin(kAlice, "open sesame");
  Exchange();
  EXPECT_EQ(peer_->result(), Result::kSuccess);
  EXPECT_EQ(authenticator_->result(), Result::kSuccess);
  EXPECT_FALSE(peer_->NextTimeout().has_value());
  EXPECT_FALSE(authenticator_->NextTimeout().has_value());
}

TEST_P(LoginTest, AWrongPasswordIsRefused) {
  Begin(kAlice, "open barley!");
  Exchange();
  EXPECT_EQ(peer_->result(), Result::kFailure);
  EXPECT_EQ(authenticator_->result(), Result::kFailure);
}

TEST_P(LoginTest, ARepeatedLoginIsAnsweredAgainAndTheSame) {
  Begin(kAlice, "open sesame");
  Exchange();
  authenticator_->HandlePacket(now_, Parsed(last_of_peer_));
  EXPECT_THAT(authenticator_->TakePackets(), SizeIs(1));
  EXPECT_EQ(authenticator_->result(), Result::kSuccess);
}

TEST_P(LoginTest, WithoutAnAnswerBothGiveUp) {
  Begin(kAlice, "open sesame");
  for (Authentication* end : {peer_.get(), authenticator_.get()}) {
    int rounds = 0;
    while (end->result() == Result::kPending && ++rounds < 100) {
      ASSERT_TRUE(end->NextTimeout().has_value());
      end->HandleTimeout(*end->NextTimeout());
    }
    EXPECT_EQ(end->result(), Result::kNoAnswer);
    EXPECT_FALSE(end->NextTimeout().has_value());
  }
}

TEST_P(LoginTest, WhatIsMalformedIsNoLogin) {
  Begin(kAlice, "open sesame");
  const Bytes huge(300, 0xff);
  for (uint8_t code = 0; code < 8; ++code) {
    for (const size_t size : {0, 1, 2, 17, 50, 300}) {
      authenticator_->HandlePacket(now_, {code, 1, ByteSpan(huge).first(size)});
    }
  }
  EXPECT_NE(authenticator_->result(), Result::kSuccess);
}

std::string MethodName(const ::testing::TestParamInfo<AuthMethod>& param) {
  switch (param.param) {
    case AuthMethod::kPap: return "Pap";
    case AuthMethod::kChapMd5: return "ChapMd5";
    case AuthMethod::kMsChapV2: return "MsChapV2";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Methods, LoginTest,
                         ::testing::Values(AuthMethod::kPap, AuthMethod::kChapMd5,
                                           AuthMethod::kMsChapV2),
                         MethodName);

TEST(PapTest, TheRequestHasUserAndPassword) {
  PapPeer peer({"bob", "pw"});
  peer.Start(Instant());
  EXPECT_THAT(peer.TakePackets(),
              ElementsAre(ElementsAre(1, 1, 0, 11, 3, 'b', 'o', 'b', 2, 'p', 'w')));
}

TEST(PapTest, AnAckForNothingIsNoSuccess) {
  PapPeer peer({"bob", "pw"});
  peer.HandlePacket(Instant(), {2, 0, {}});
  peer.HandlePacket(Instant(), {2, 1, {}});
  EXPECT_EQ(peer.result(), Result::kPending);
}

TEST(ChapTest, TheResponseIsTheDigestOfIdentifierSecretAndChallenge) {
  Bytes challenge;
  for (uint8_t i = 0; i < 16; ++i) challenge.push_back(i);
  EXPECT_EQ(ToHex(ChapMd5Response(7, "open sesame", challenge)),
            "b9c961060c54d39c2561e9e85d323b02");
}

TEST(ChapTest, ALaterChallengeIsAnsweredToo) {
  testing::SeededRandom random(1);
  ChapPeer peer(AuthMethod::kChapMd5, kAlice, &random);
  const Bytes challenge = {4, 1, 2, 3, 4, 'l', 'n', 's'};
  peer.HandlePacket(Instant(), {1, 9, challenge});
  peer.HandlePacket(Instant(), {3, 9, {}});
  EXPECT_EQ(peer.result(), Result::kSuccess);
  peer.TakePackets();
  peer.HandlePacket(Instant(), {1, 10, challenge});
  EXPECT_THAT(peer.TakePackets(), SizeIs(1));
  EXPECT_EQ(peer.result(), Result::kSuccess);
  EXPECT_FALSE(peer.NextTimeout().has_value());
}

TEST(ChapTest, AResponseIsRepeatedForTheSuccessMayBeLost) {
  testing::SeededRandom random(1);
  ChapPeer peer(AuthMethod::kMsChapV2, kAlice, &random);
  peer.Start(Instant());
  Bytes challenge(17, 1);
  challenge[0] = 16;
  peer.HandlePacket(Instant(), {1, 9, challenge});
  const auto first = peer.TakePackets();
  peer.HandleTimeout(*peer.NextTimeout());
  EXPECT_EQ(peer.TakePackets(), first);
}

TEST(ChapTest, SuccessForNothingIsNoSuccess) {
  testing::SeededRandom random(1);
  ChapPeer peer(AuthMethod::kChapMd5, kAlice, &random);
  peer.HandlePacket(Instant(), {3, 0, {}});
  EXPECT_EQ(peer.result(), Result::kPending);
}

TEST(ChapTest, AnAuthenticatorThatDoesNotProveItselfIsNotBelieved) {
  testing::SeededRandom random(1);
  ChapPeer peer(AuthMethod::kMsChapV2, kAlice, &random);
  Bytes challenge(17, 1);
  challenge[0] = 16;
  peer.HandlePacket(Instant(), {1, 9, challenge});
  EXPECT_THAT(peer.TakePackets(), SizeIs(1));
  peer.HandlePacket(Instant(), {3, 9, AsBytes("S=0000000000000000000000000000000000000000")});
  EXPECT_EQ(peer.result(), Result::kFailure);
}

TEST(ChapTest, AChallengeOfTheWrongSizeGetsNoMsChapV2Response) {
  testing::SeededRandom random(1);
  ChapPeer peer(AuthMethod::kMsChapV2, kAlice, &random);
  peer.HandlePacket(Instant(), {1, 9, Bytes{2, 1, 2}});
  EXPECT_THAT(peer.TakePackets(), IsEmpty());
}

}  // namespace
}  // namespace l2tp::load::ppp
