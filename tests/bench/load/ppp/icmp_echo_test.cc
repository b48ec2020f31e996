#include "tests/bench/load/ppp/icmp_echo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;

IcmpEcho Request(ByteSpan data) {
  return {.source = *IpAddress::Parse("10.0.0.7"),
          .destination = *IpAddress::Parse("10.0.0.1"),
          .identifier = 0x1234,
          .sequence = 5,
          .data = data};
}

TEST(IcmpEchoTest, WhatIsEncodedIsParsed) {
  const Bytes data = {1, 2, 3};
  const Bytes packet = EncodeIcmpEcho(Request(data));
  const auto echo = ParseIcmpEcho(packet);
  ASSERT_TRUE(echo.has_value());
  EXPECT_FALSE(echo->reply);
  EXPECT_EQ(echo->source.ToString(), "10.0.0.7");
  EXPECT_EQ(echo->destination.ToString(), "10.0.0.1");
  EXPECT_EQ(echo->identifier, 0x1234);
  EXPECT_EQ(echo->sequence, 5);
  EXPECT_THAT(echo->data, ElementsAre(1, 2, 3));
}

// As `ping -c 1 -s 0 127.0.0.1` sends it, with the checksums of the kernel's tools.
TEST(IcmpEchoTest, ChecksumsAreThoseOfOthers) {
  const IcmpEcho echo = {.source = *IpAddress::Parse("127.0.0.1"),
                         .destination = *IpAddress::Parse("127.0.0.1"),
                         .identifier = 1,
                         .sequence = 1};
  EXPECT_EQ(ToHex(EncodeIcmpEcho(echo)),
            "4500001c0000400040013cdf7f0000017f0000010800f7fd00010001");
}

TEST(IcmpEchoTest, NoOctetMayBeTurnedOver) {
  const Bytes packet = EncodeIcmpEcho(Request(Bytes{1, 2, 3}));
  for (size_t i = 0; i < packet.size(); ++i) {
    Bytes bad = packet;
    bad[i] ^= 0x10;
    EXPECT_FALSE(ParseIcmpEcho(bad).has_value()) << "octet " << i;
  }
}

TEST(IcmpEchoTest, APacketThatIsCutIsNone) {
  const Bytes packet = EncodeIcmpEcho(Request(Bytes{1, 2, 3}));
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(ParseIcmpEcho(ByteSpan(packet).first(size)).has_value()) << size << " octets";
  }
}

TEST(IcmpEchoTest, PaddingBehindThePacketIsIgnored) {
  Bytes packet = EncodeIcmpEcho(Request(Bytes{1, 2, 3}));
  packet.resize(packet.size() + 20);
  const auto echo = ParseIcmpEcho(packet);
  ASSERT_TRUE(echo.has_value());
  EXPECT_THAT(echo->data, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace l2tp::load::ppp
