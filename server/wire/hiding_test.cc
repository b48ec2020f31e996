#include "server/wire/hiding.h"

#include <gtest/gtest.h>

#include "server/wire/test_vectors.h"

namespace l2tp::wire {
namespace {

uint16_t AttributeOf(const TestVector& vector) {
  return static_cast<uint16_t>(vector.Number("attr"));
}

TEST(HidingTest, EveryVectorIsHiddenAsStatedAndFoundAgain) {
  const auto vectors = TestVectorsOfKind("hide2");
  ASSERT_FALSE(vectors.empty() && IsOwnVectorFile());
  for (const TestVector& vector : vectors) {
    SCOPED_TRACE(vector.id());
    const std::string secret = AsText(vector.Hex("secret"));  // may hold a NUL
    const Bytes random_vector = vector.Hex("rv");
    const Bytes value = vector.Hex("value");

    const Bytes hidden =
        HideValue(AttributeOf(vector), secret, random_vector, value, vector.Hex("pad"));
    const auto found = UnhideValue(AttributeOf(vector), secret, random_vector, vector.Hex("out"));

    EXPECT_EQ(ToHex(hidden), vector.Text("out"));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(ToHex(*found), vector.Text("value"));
  }
}

TEST(HidingTest, AnInnerLengthThatDoesNotFitIsRefused) {
  const auto vectors = TestVectorsOfKind("hide2-badlen");
  ASSERT_FALSE(vectors.empty() && IsOwnVectorFile());
  for (const TestVector& vector : vectors) {
    EXPECT_EQ(UnhideValue(AttributeOf(vector), AsText(vector.Hex("secret")), vector.Hex("rv"),
                          vector.Hex("out")),
              std::nullopt)
        << vector.id();
  }
}

TEST(HidingTest, AValueWithoutRoomForItsLengthIsRefused) {
  EXPECT_EQ(UnhideValue(9, kVectorSecret, Bytes(16), Bytes()), std::nullopt);
  EXPECT_EQ(UnhideValue(9, kVectorSecret, Bytes(16), Bytes(1)), std::nullopt);
}

TEST(HidingTest, EveryLengthAndPaddingAroundTheBlockSizeComesBack) {
  const Bytes random_vector = *FromHex("000102030405060708090a0b0c0d0e0f");
  for (size_t length = 0; length <= 50; ++length) {
    for (size_t padding = 0; padding <= 20; ++padding) {
      const Bytes value(length, 0x5a);
      const Bytes hidden = HideValue(33, "secret", random_vector, value, Bytes(padding, 0xa5));
      ASSERT_EQ(hidden.size(), 2 + length + padding);
      ASSERT_EQ(UnhideValue(33, "secret", random_vector, hidden), value) << length;
    }
  }
}

TEST(ChallengeResponseTest, EveryVectorGivesTheStatedResponse) {
  const auto vectors = TestVectorsOfKind("chap");
  ASSERT_FALSE(vectors.empty() && IsOwnVectorFile());
  for (const TestVector& vector : vectors) {
    const ChallengeResponse response =
        ComputeChallengeResponse(static_cast<uint8_t>(vector.Number("id_octet")),
                                 AsText(vector.Hex("secret")), vector.Hex("challenge"));
    EXPECT_EQ(ToHex(response), vector.Text("response")) << vector.id();
  }
}

TEST(ChallengeResponseTest, OnlyTheSameSixteenOctetsMatch) {
  const ChallengeResponse expected = ComputeChallengeResponse(2, "secret", Bytes(16, 1));
  Bytes received(expected.begin(), expected.end());
  EXPECT_TRUE(ChallengeResponseMatches(expected, received));

  Bytes longer = received;
  longer.push_back(0);
  EXPECT_FALSE(ChallengeResponseMatches(expected, longer));
  EXPECT_FALSE(ChallengeResponseMatches(expected, ByteSpan(received).first(15)));
  EXPECT_FALSE(ChallengeResponseMatches(expected, ByteSpan()));
  for (size_t i = 0; i < received.size(); ++i) {
    Bytes changed = received;
    changed[i] ^= 1;
    EXPECT_FALSE(ChallengeResponseMatches(expected, changed)) << i;
  }
}

}  // namespace
}  // namespace l2tp::wire
