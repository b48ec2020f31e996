#include "server/base/endpoint.h"

#include <gtest/gtest.h>

namespace l2tp {
namespace {

TEST(IpAddressTest, ParsesBothFamiliesAndPrintsThemBack) {
  EXPECT_EQ(IpAddress::Parse("192.0.2.1")->ToString(), "192.0.2.1");
  EXPECT_EQ(IpAddress::Parse("192.0.2.1")->v4(), 0xc0000201u);
  EXPECT_EQ(IpAddress::Parse("2001:db8::1")->ToString(), "2001:db8::1");
  EXPECT_EQ(IpAddress::FromV4(0xc0000201), *IpAddress::Parse("192.0.2.1"));
}

TEST(IpAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "host.example", "192.0.2", "192.0.2.256", "1.2.3.4.5", "::g", " ::1"}) {
    EXPECT_FALSE(IpAddress::Parse(text).has_value()) << text;
  }
}

TEST(IpAddressTest, KnowsLoopback) {
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) {
    EXPECT_TRUE(IpAddress::Parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0", "128.0.0.1", "::", "::2", "7f00::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(IpAddress::Parse(text)->is_loopback()) << text;
  }
  EXPECT_FALSE(IpAddress().is_loopback());
}

TEST(IpPrefixTest, ContainsExactlyItsAddresses) {
  const IpPrefix prefix = *IpPrefix::Parse("192.0.2.128/25");
  EXPECT_TRUE(prefix.Contains(*IpAddress::Parse("192.0.2.129")));
  EXPECT_FALSE(prefix.Contains(*IpAddress::Parse("192.0.2.127")));
  EXPECT_FALSE(prefix.Contains(*IpAddress::Parse("2001:db8::1")));
  EXPECT_TRUE(IpPrefix().Contains(*IpAddress::Parse("2001:db8::1")));
}

TEST(IpPrefixTest, RefusesBadLengths) {
  for (const char* text :
       {"192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/+8", "::/129"}) {
    EXPECT_FALSE(IpPrefix::Parse(text).has_value()) << text;
  }
}

TEST(IpAddressTest, HalvesOfIpv6MakeItAgain) {
  const IpAddress address = *IpAddress::Parse("2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(address.v6_upper(), 0x20010db800010002u);
  EXPECT_EQ(address.v6_lower(), 0x0003000400050006u);
  EXPECT_EQ(IpAddress::FromV6(address.v6_upper(), address.v6_lower()), address);
  EXPECT_EQ(IpAddress::FromV4(7).v6_upper(), 0u);
}

TEST(IpAddressTest, InterfaceIdsNeverLookLikeIpv4) {
  for (const char* text : {"::1", "::1:7", "::1:0:0:0", "::a:0:b", "::ffff:0"}) {
    EXPECT_EQ(InterfaceIdText(*IpAddress::Parse(text)), text);
  }
  EXPECT_EQ(InterfaceIdText(*IpAddress::Parse("::1.2.3.4")), "::102:304");
  EXPECT_EQ(InterfaceIdText(IpAddress()), "");
}

TEST(EndpointTest, PrintsBracketsAroundIpv6) {
  EXPECT_EQ((Endpoint{*IpAddress::Parse("::1"), 1701}).ToString(), "[::1]:1701");
  EXPECT_EQ((Endpoint{*IpAddress::Parse("127.0.0.1"), 1701}).ToString(), "127.0.0.1:1701");
}

}  // namespace
}  // namespace l2tp
