#include "server/control/validate.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace l2tp::control {
namespace {

// The field that a refused spec's error names; "" for an accepted one.
std::string ErrorField(const absl::Status& status) {
  if (status.ok()) return "";
  return GetErrorInfo(status)->metadata.front().second;
}
template <typename Spec>
std::string BadField(const Spec& spec) {
  return ErrorField(Validate(spec));
}

Profile GoodProfile() {
  Profile profile;
  profile.name = "profiles/a";
  return profile;
}

TunnelSpec GoodTunnel() {
  TunnelSpec spec;
  spec.remote.address = *IpAddress::Parse("192.0.2.1");
  return spec;
}

SessionSpec GoodSession() {
  SessionSpec spec;
  spec.tunnel = "tunnels/a";
  return spec;
}

TEST(ValidateTest, DefaultsAreGood) {
  EXPECT_EQ(BadField(GoodProfile()), "");
  EXPECT_EQ(BadField(GoodTunnel()), "");
  EXPECT_EQ(BadField(GoodSession()), "");
}

TEST(ValidateTest, ProfileSaysWhichSettingIsOutOfRange) {
  Profile profile = GoodProfile();
  profile.tunnel.retransmit_cap = Duration::Seconds(7);
  EXPECT_EQ(BadField(profile), "tunnel.retransmit_cap");
  profile = GoodProfile();
  profile.tunnel.receive_window = 0;
  EXPECT_EQ(BadField(profile), "tunnel.receive_window");
  profile = GoodProfile();
  profile.tunnel.max_retransmits = 31;
  EXPECT_EQ(BadField(profile), "tunnel.max_retransmits");
  profile = GoodProfile();
  profile.ppp.mtu = 127;
  EXPECT_EQ(BadField(profile), "ppp.mtu");
  profile = GoodProfile();
  profile.ppp.mru = -1;
  EXPECT_EQ(BadField(profile), "ppp.mru");
  profile = GoodProfile();
  profile.tunnel.socket.dscp = 64;
  EXPECT_EQ(BadField(profile), "tunnel.dscp");
  profile = GoodProfile();
  profile.tunnel.socket.device = "vrf/blue";
  EXPECT_EQ(BadField(profile), "tunnel.device");
  profile = GoodProfile();
  profile.ppp.vrf = "a name of sixteen";
  EXPECT_EQ(BadField(profile), "ppp.vrf");
  profile = GoodProfile();
  profile.tunnel.hello_interval = Duration::Milliseconds(1);
  EXPECT_EQ(BadField(profile), "tunnel.hello_interval");
  profile = GoodProfile();
  profile.parent = "pools/a";
  EXPECT_EQ(BadField(profile), "parent");
  profile = GoodProfile();
  profile.ppp.pppd_options = {"idle 600", "plugin evil.so"};
  EXPECT_EQ(BadField(profile), "ppp.pppd_options[1]");
}

TEST(ValidateTest, WhatMustGoTogetherIsLookedAtWhenTheProfileHasInherited) {
  Profile profile = GoodProfile();
  profile.ppp.pool = "pools/a";
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "ppp.local_ip_address");
  profile = GoodProfile();
  profile.ppp.mppe_required = true;
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "ppp.mppe_required");
  profile = GoodProfile();
  profile.session.reconnect_min_delay = Duration::Seconds(301);  // a parent's maximum may be longer
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "session.reconnect_max_delay");
  profile.session.reconnect_max_delay = Duration::Seconds(301);
  EXPECT_TRUE(ValidateTogether(profile).ok());
}

TEST(ValidateTest, OneAtMostDecidesAboutLoginsAndOnlyIfThereAreSome) {
  Profile profile = GoodProfile();
  profile.ppp.authenticator = "unix:/run/auth.sock";
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "ppp.authenticator");
  profile.ppp.require_auth = {AuthMethod::kPap};
  EXPECT_TRUE(ValidateTogether(profile).ok());
  profile.ppp.radius.server.address = *IpAddress::Parse("192.0.2.9");
  profile.ppp.radius.secret = "s3cret";
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "ppp.radius.server");
  profile.ppp.authenticator.clear();
  EXPECT_TRUE(ValidateTogether(profile).ok());
  profile.ppp.require_auth.clear();
  EXPECT_TRUE(Validate(profile).ok());
  EXPECT_EQ(ErrorField(ValidateTogether(profile)), "ppp.radius.server");
}

TEST(ValidateTest, AuthenticatorIsAnAddressAndHasSecondsToAnswer) {
  Profile profile = GoodProfile();
  for (const char* bad : {"unix:auth.sock", "auth.example", "auth.example:0", ":1", "a:b"}) {
    profile.ppp.authenticator = bad;
    EXPECT_EQ(BadField(profile), "ppp.authenticator") << bad;
  }
  profile.ppp.authenticator = "127.0.0.1:50052";
  profile.ppp.authenticator_timeout = Duration::Seconds(11);
  EXPECT_EQ(BadField(profile), "ppp.authenticator_timeout");
}

TEST(ValidateTest, RadiusServerHasWhatPppdsPluginNeeds) {
  Profile profile = GoodProfile();
  RadiusSettings& radius = profile.ppp.radius;
  radius.server.address = *IpAddress::Parse("::1");
  EXPECT_EQ(BadField(profile), "ppp.radius.server");
  radius.server.address = *IpAddress::Parse("192.0.2.9");
  EXPECT_EQ(BadField(profile), "ppp.radius.secret");
  for (const std::string& bad : {std::string("two words"), std::string(49, 'x')}) {
    radius.secret = bad;
    EXPECT_EQ(BadField(profile), "ppp.radius.secret");
  }
  radius.secret = "s3cret";
  EXPECT_EQ(BadField(profile), "");
  radius.retries = 0;
  EXPECT_EQ(BadField(profile), "ppp.radius.retries");
}

TEST(ValidateTest, RadiusWithoutAServerIsOffAndHasNothingElse) {
  Profile profile = GoodProfile();
  profile.ppp.radius.timeout = Duration::Seconds(5);
  EXPECT_EQ(BadField(profile), "ppp.radius.server");
  profile.ppp.radius = RadiusSettings();
  profile.ppp.radius.secret = "s3cret";
  EXPECT_EQ(BadField(profile), "ppp.radius.server");
  profile.ppp.radius = RadiusSettings();
  EXPECT_EQ(BadField(profile), "");
}

TEST(ValidateTest, SizesMayBeLeftToThePath) {
  Profile profile = GoodProfile();
  profile.ppp.mtu = 0;
  profile.ppp.mru = 0;
  EXPECT_TRUE(Validate(profile).ok());
}

TEST(ValidateTest, NetworkNamespaceIsAFileOfItsFolder) {
  Profile profile = GoodProfile();
  profile.ppp.network_namespace = "customers-1.blue_x";
  EXPECT_TRUE(Validate(profile).ok());
  for (const std::string& name : {std::string("a/b"), std::string(".."), std::string("a b"),
                                  std::string("-\n"), std::string(65, 'a')}) {
    profile.ppp.network_namespace = name;
    EXPECT_EQ(BadField(profile), "ppp.network_namespace") << name;
  }
}

AddressRange Range(const char* first, const char* last) {
  return {*IpAddress::Parse(first), *IpAddress::Parse(last)};
}

TEST(ValidateTest, PoolsAreRangesInOrderThatDoNotOverlapAndAreBounded) {
  Pool pool;
  pool.name = "pools/a";
  EXPECT_EQ(BadField(pool), "ip_ranges");
  pool.ip_ranges = {Range("10.0.0.1", "10.0.0.1"), Range("10.0.1.1", "10.0.1.0")};
  EXPECT_EQ(BadField(pool), "ip_ranges[1]");
  for (const auto& [first, last] :
       {std::pair("10.0.0.0", "10.0.0.1"), std::pair("10.0.1.0", "10.16.0.255"),
        std::pair("::1", "::2"), std::pair("0.0.0.0", "0.0.0.5"),
        std::pair("127.0.0.1", "127.0.0.1"), std::pair("224.0.0.1", "224.0.0.1"),
        std::pair("9.0.0.0", "11.0.0.0")}) {
    pool.ip_ranges[1] = Range(first, last);
    EXPECT_EQ(BadField(pool), "ip_ranges[1]") << first;
  }
  pool.ip_ranges[1] = Range("10.0.1.0", "10.0.1.255");
  EXPECT_EQ(BadField(pool), "");
  pool.ip_ranges.assign(65, Range("10.0.0.1", "10.0.0.1"));
  EXPECT_EQ(BadField(pool), "ip_ranges");
}

TEST(ValidateTest, InterfaceIdsAndPrefixesOfPoolsHaveTheirForm) {
  Pool pool;
  pool.name = "pools/a";
  pool.ipv6_interface_ids = {Range("::1", "::1:0")};
  EXPECT_EQ(BadField(pool), "");
  for (const char* bad : {"10.0.0.1", "::", "2001:db8::1"}) {
    pool.ipv6_interface_ids = {Range(bad, bad)};
    EXPECT_EQ(BadField(pool), "ipv6_interface_id_ranges[0]") << bad;
  }
  pool.ipv6_interface_ids.clear();
  for (const char* good : {"2001:db8::/32", "2001:db8:1:2::/64", "2001:db8:1::/48"}) {
    pool.ipv6_prefixes = {*IpPrefix::Parse(good)};
    EXPECT_EQ(BadField(pool), "") << good;
  }
  for (const char* bad :
       {"2001:db8::/31", "2001:db8::/65", "2001:db8::1/64", "2001:db8:1::/32", "10.0.0.0/8"}) {
    pool.ipv6_prefixes = {*IpPrefix::Parse(bad)};
    EXPECT_EQ(BadField(pool), "ipv6_prefixes[0]") << bad;
  }
}

TEST(ValidateTest, NothingIsInTwoPools) {
  Pool a;
  a.name = "pools/a";
  a.ip_ranges = {Range("10.0.0.1", "10.0.0.9")};
  a.ipv6_prefixes = {*IpPrefix::Parse("2001:db8::/48")};
  Pool b;
  b.name = "pools/b";
  b.ip_ranges = {Range("10.0.0.10", "10.0.0.20")};
  EXPECT_TRUE(ValidateBeside(b, a).ok());
  b.ip_ranges.push_back(Range("10.0.0.9", "10.0.0.9"));
  EXPECT_EQ(GetErrorInfo(ValidateBeside(b, a))->metadata.front().second, "ip_ranges[1]");
  b.ip_ranges.pop_back();
  b.ipv6_prefixes = {*IpPrefix::Parse("2001:db8:0:7::/64")};
  EXPECT_EQ(GetErrorInfo(ValidateBeside(b, a))->metadata.front().second, "ipv6_prefixes[0]");
}

TEST(ValidateTest, UserSaysWhatIsWrongWithIt) {
  User good;
  good.name = "users/alice";
  good.password = "x";
  EXPECT_EQ(BadField(good), "");
  User user = good;
  user.name = "users/Alice@example.net";
  EXPECT_EQ(BadField(user), "name");
  user = good;
  user.password = "";
  EXPECT_EQ(BadField(user), "password");
  user = good;
  user.login = "al\nice";
  EXPECT_EQ(BadField(user), "login");
  user.login = std::string(100, '\xe9');  // pppd makes 300 octets of them
  EXPECT_EQ(BadField(user), "login");
  user = good;
  user.profile = "lns";
  EXPECT_EQ(BadField(user), "profile");
  user = good;
  user.address = *IpAddress::Parse("::1");
  EXPECT_EQ(BadField(user), "ip_address");
  user = good;
  user.interface_id = *IpAddress::Parse("2001:db8::1");
  EXPECT_EQ(BadField(user), "ipv6_interface_id");
  user = good;
  user.prefix = *IpPrefix::Parse("2001:db8::/48");
  EXPECT_EQ(BadField(user), "ipv6_prefix");
  user = good;
  user.max_sessions = -1;
  EXPECT_EQ(BadField(user), "max_sessions");
  user.max_sessions = 2;
  EXPECT_EQ(BadField(user), "");
  user.address = *IpAddress::Parse("10.0.0.1");
  EXPECT_EQ(BadField(user), "max_sessions");
}

TEST(ValidateTest, TunnelNeedsAUsableRemoteAddress) {
  TunnelSpec spec;
  EXPECT_EQ(BadField(spec), "remote_ip_address");
  spec.remote.address = *IpAddress::Parse("0.0.0.0");
  EXPECT_EQ(BadField(spec), "remote_ip_address");
  spec = GoodTunnel();
  spec.local.address = *IpAddress::Parse("::1");
  EXPECT_EQ(BadField(spec), "local_ip_address");
  spec = GoodTunnel();
  spec.id = "Bad";
  EXPECT_EQ(BadField(spec), "tunnel_id");
}

TEST(ValidateTest, InterfaceNamesAreWhatTheKernelTakes) {
  for (const char* name : {"", "ppp0", "cust-1.2", "fifteen-chars-x"}) {
    SessionSpec spec = GoodSession();
    spec.interface_name = name;
    EXPECT_EQ(BadField(spec), "") << name;
  }
  for (const char* name : {"a b", "a/b", "sixteen-chars-xx", "..", "a:b", "a%d"}) {
    SessionSpec spec = GoodSession();
    spec.interface_name = name;
    EXPECT_EQ(BadField(spec), "interface_name") << name;
  }
}

TEST(ValidateTest, TextsMustNotHoldControlCharacters) {
  SessionSpec spec = GoodSession();
  spec.user = "a\nb";
  EXPECT_EQ(BadField(spec), "user");
  spec = GoodSession();
  spec.called_number = std::string(254, '5');
  EXPECT_EQ(BadField(spec), "called_number");
}

TEST(ValidateTest, SecretsAreNotRepeatedInErrors) {
  TunnelSpec spec = GoodTunnel();
  spec.secret = std::string("hush") + '\0';
  const absl::Status status = Validate(spec);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.message().find("hush"), absl::string_view::npos);
}

}  // namespace
}  // namespace l2tp::control
