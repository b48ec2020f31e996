#include "server/events/resume_token.h"

#include "gtest/gtest.h"

namespace l2tp::events {
namespace {

TEST(ResumeTokenTest, DecodesToWhatWasEncoded) {
  const ResumePoint point{0xfedcba9876543210, 42};
  EXPECT_EQ(DecodeResumeToken(EncodeResumeToken(point)), point);
}

TEST(ResumeTokenTest, IsSafeInUrlsAndShells) {
  const std::string token = EncodeResumeToken({UINT64_MAX, INT64_MAX});
  EXPECT_EQ(token.size(), 24u);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

TEST(ResumeTokenTest, TextOfOtherOriginIsRefused) {
  const std::string token = EncodeResumeToken({7, 42});
  EXPECT_FALSE(DecodeResumeToken("").has_value());
  EXPECT_FALSE(DecodeResumeToken("42").has_value());
  EXPECT_FALSE(DecodeResumeToken("not a token").has_value());
  EXPECT_FALSE(DecodeResumeToken(token.substr(0, 20)).has_value());
  EXPECT_FALSE(DecodeResumeToken(token + "AAAA").has_value());
  EXPECT_FALSE(DecodeResumeToken(token + "\n").has_value());
  EXPECT_FALSE(DecodeResumeToken("A" + token.substr(1)).has_value());
}

TEST(ResumeTokenTest, NegativeRevisionIsRefused) {
  EXPECT_FALSE(DecodeResumeToken(EncodeResumeToken({7, -1})).has_value());
}

}  // namespace
}  // namespace l2tp::events
