#include "server/control/validate.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace l2tp::control {
namespace {

// The field that a refused spec's error names; "" for an accepted one.
template <typename Spec>
std::string BadField(const Spec& spec) {
  const absl::Status status = Validate(spec);
  if (status.ok()) return "";
  return GetErrorInfo(status)->metadata.front().second;
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
  profile.ppp.users = {{"a", "x"}, {"", "x"}};
  EXPECT_EQ(BadField(profile), "ppp.users[1].name");
  profile.ppp.users = {{"a", ""}};
  EXPECT_EQ(BadField(profile), "ppp.users[0].password");
  profile = GoodProfile();
  profile.tunnel.hello_interval = Duration::Milliseconds(1);
  EXPECT_EQ(BadField(profile), "tunnel.hello_interval");
  profile = GoodProfile();
  profile.ppp.pool = "pools/a";
  EXPECT_EQ(BadField(profile), "ppp.local_ip_address");
  profile = GoodProfile();
  profile.ppp.mppe_required = true;
  EXPECT_EQ(BadField(profile), "ppp.mppe_required");
}

TEST(ValidateTest, PoolsAreIpv4RangesInOrderAndBounded) {
  Pool pool;
  pool.name = "pools/a";
  EXPECT_EQ(BadField(pool), "first_ip_address");
  pool.first = *IpAddress::Parse("10.0.0.1");
  EXPECT_EQ(BadField(pool), "last_ip_address");
  pool.last = *IpAddress::Parse("10.0.0.0");
  EXPECT_EQ(BadField(pool), "last_ip_address");
  pool.last = *IpAddress::Parse("10.255.0.0");
  EXPECT_EQ(BadField(pool), "last_ip_address");
  pool.last = *IpAddress::Parse("::1");
  EXPECT_EQ(BadField(pool), "last_ip_address");
  pool.last = *IpAddress::Parse("10.0.0.1");
  EXPECT_EQ(BadField(pool), "");
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
