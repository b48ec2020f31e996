#include "server/protocol/tunnel_authentication.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

TEST(TunnelAuthenticationTest, BothSidesWithTheSameSecretConvinceEachOther) {
  testing::SeededRandom random(1);
  TunnelAuthentication lac("secret");
  TunnelAuthentication lns("secret");
  Message sccrq(MessageType::kSccrq);
  lac.AddChallenge(&random, &sccrq);
  ASSERT_TRUE(lns.TakeChallenge(sccrq));
  Message sccrp(MessageType::kSccrp);
  lns.AddChallenge(&random, &sccrp);
  lns.AddResponse(&sccrp);
  ASSERT_TRUE(lac.TakeChallenge(sccrp));
  EXPECT_TRUE(lac.VerifyResponse(sccrp));
  Message scccn(MessageType::kScccn);
  lac.AddResponse(&scccn);
  EXPECT_TRUE(lns.VerifyResponse(scccn));
}

TEST(TunnelAuthenticationTest, WrongSecretMissingAndReflectedResponsesAreRefused) {
  testing::SeededRandom random(2);
  TunnelAuthentication lac("secret");
  TunnelAuthentication stranger("guess");
  Message sccrq(MessageType::kSccrq);
  lac.AddChallenge(&random, &sccrq);
  stranger.TakeChallenge(sccrq);
  Message sccrp(MessageType::kSccrp);
  EXPECT_FALSE(lac.VerifyResponse(sccrp));
  stranger.AddResponse(&sccrp);
  EXPECT_FALSE(lac.VerifyResponse(sccrp));
}

TEST(TunnelAuthenticationTest, ResponseForAnotherMessageTypeIsRefused) {
  testing::SeededRandom random(3);
  TunnelAuthentication lac("secret");
  TunnelAuthentication lns("secret");
  Message sccrq(MessageType::kSccrq);
  lac.AddChallenge(&random, &sccrq);
  lns.TakeChallenge(sccrq);
  Message scccn(MessageType::kScccn);
  lns.AddResponse(&scccn);
  Message sccrp(MessageType::kSccrp);
  sccrp.Add(AvpType::kChallengeResponse, *scccn.Get<std::string>(AvpType::kChallengeResponse));
  EXPECT_FALSE(lac.VerifyResponse(sccrp));
}

TEST(TunnelAuthenticationTest, WithoutASecretNothingIsAskedAndAChallengeCannotBeAnswered) {
  testing::SeededRandom random(4);
  TunnelAuthentication open("");
  Message sccrq(MessageType::kSccrq);
  open.AddChallenge(&random, &sccrq);
  EXPECT_FALSE(sccrq.Has(AvpType::kChallenge));
  EXPECT_TRUE(open.TakeChallenge(sccrq));
  sccrq.Add(AvpType::kChallenge, std::string("x"));
  EXPECT_FALSE(open.TakeChallenge(sccrq));
}

TEST(TunnelAuthenticationTest, ResponseThatNobodyAskedForIsIgnored) {
  TunnelAuthentication open("");
  Message sccrp(MessageType::kSccrp);
  sccrp.Add(AvpType::kChallengeResponse, std::string(16, 'x'));
  EXPECT_TRUE(open.VerifyResponse(sccrp));
}

}  // namespace
}  // namespace l2tp::protocol
