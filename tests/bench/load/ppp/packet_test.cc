#include "tests/bench/load/ppp/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;

TEST(PppFrameTest, AddressAndControlMayBeLeftOut) {
  const Bytes octets = {0xff, 0x03, 0xc0, 0x21, 1};
  const auto whole = ParseFrame(octets);
  const auto bare = ParseFrame(ByteSpan(octets).subspan(2));
  ASSERT_TRUE(whole.has_value() && bare.has_value());
  EXPECT_EQ(whole->protocol, kLcpProtocol);
  EXPECT_EQ(bare->protocol, kLcpProtocol);
  EXPECT_THAT(whole->information, ElementsAre(1));
  EXPECT_THAT(bare->information, ElementsAre(1));
}

TEST(PppFrameTest, ACompressedProtocolFieldIsUnderstood) {
  const Bytes octets = {0xff, 0x03, 0x21, 0x45};
  const auto frame = ParseFrame(octets);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->protocol, kIpv4Protocol);
  EXPECT_THAT(frame->information, ElementsAre(0x45));
}

TEST(PppFrameTest, WhatHasNoProtocolNumberIsNoFrame) {
  EXPECT_FALSE(ParseFrame(Bytes{}).has_value());
  EXPECT_FALSE(ParseFrame(Bytes{0xff, 0x03}).has_value());
  EXPECT_FALSE(ParseFrame(Bytes{0xff, 0x03, 0xc0}).has_value());
  EXPECT_FALSE(ParseFrame(Bytes{0xc0, 0x20, 1, 2}).has_value()) << "the last octet is even";
}

TEST(PppFrameTest, WhatIsEncodedIsParsed) {
  const Bytes encoded = EncodeFrame(kIpcpProtocol, Bytes{9, 8});
  EXPECT_THAT(encoded, ElementsAre(0xff, 0x03, 0x80, 0x21, 9, 8));
}

TEST(ControlPacketTest, OctetsBehindLengthAreIgnored) {
  const Bytes octets = {1, 7, 0, 6, 3, 4, 99, 99};
  const auto packet = ParseControlPacket(octets);
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(packet->code, 1);
  EXPECT_EQ(packet->identifier, 7);
  EXPECT_THAT(packet->data, ElementsAre(3, 4));
}

TEST(ControlPacketTest, ALengthThatDoesNotFitIsRefused) {
  EXPECT_FALSE(ParseControlPacket(Bytes{1, 7, 0}).has_value());
  EXPECT_FALSE(ParseControlPacket(Bytes{1, 7, 0, 3}).has_value()) << "shorter than its header";
  EXPECT_FALSE(ParseControlPacket(Bytes{1, 7, 0, 5}).has_value()) << "longer than the packet";
  EXPECT_FALSE(ParseControlPacket(Bytes{1, 7, 0xff, 0xff, 1}).has_value());
}

TEST(ControlPacketTest, TooMuchDataIsCut) {
  const Bytes packet = EncodeControlPacket(Code::kEchoReply, 1, Bytes(70'000));
  EXPECT_EQ(packet.size(), 65'535u);
  EXPECT_TRUE(ParseControlPacket(packet).has_value());
}

TEST(PppOptionTest, OptionsAreSplit) {
  const auto options = ParseOptions(Bytes{1, 4, 5, 6, 7, 2});
  ASSERT_TRUE(options.has_value());
  EXPECT_THAT(*options, ElementsAre(Option{1, {5, 6}}, Option{7, {}}));
  EXPECT_EQ(EncodeOptions(*options), (Bytes{1, 4, 5, 6, 7, 2}));
}

TEST(PppOptionTest, ALengthThatDoesNotFitIsRefused) {
  EXPECT_FALSE(ParseOptions(Bytes{1}).has_value());
  EXPECT_FALSE(ParseOptions(Bytes{1, 0}).has_value()) << "would be read for ever";
  EXPECT_FALSE(ParseOptions(Bytes{1, 1}).has_value());
  EXPECT_FALSE(ParseOptions(Bytes{1, 4, 5}).has_value());
}

}  // namespace
}  // namespace l2tp::load::ppp
