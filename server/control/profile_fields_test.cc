#include "server/control/profile_fields.h"

#include <gtest/gtest.h>

#include <set>

#include "server/control/validate.h"

namespace l2tp::control {
namespace {

TEST(ProfileFieldsTest, EachIsNamedOnceAndIsInASection) {
  std::set<absl::string_view> paths;
  for (const ProfileField& field : ProfileFields()) {
    EXPECT_TRUE(paths.insert(field.path).second) << field.path;
    EXPECT_NE(field.path.find('.'), absl::string_view::npos) << field.path;
  }
}

TEST(ProfileFieldsTest, WhatIsSetStaysAndWhatIsNotComesFromTheParent) {
  Profile parent;
  parent.tunnel.hello_interval = Duration::Seconds(5);
  parent.tunnel.socket.dscp = 46;
  parent.session.send_sequence = true;
  parent.ppp.mtu = 1400;
  parent.ppp.pool = "pools/a";
  Profile profile;
  profile.name = "profiles/child";
  profile.tunnel.socket.dscp = 0;
  profile.ppp.mtu = 1300;
  profile.set = {"tunnel.dscp", "ppp.mtu"};
  Inherit(parent, &profile);
  EXPECT_EQ(profile.name, "profiles/child");
  EXPECT_EQ(profile.tunnel.hello_interval, Duration::Seconds(5));
  EXPECT_EQ(profile.tunnel.socket.dscp, 0);  // the default, and its own all the same
  EXPECT_TRUE(profile.session.send_sequence);
  EXPECT_EQ(profile.ppp.mtu, 1300);
  EXPECT_EQ(profile.ppp.pool, "pools/a");
}

TEST(ProfileFieldsTest, WhatTheParentTurnsOnAChildCanTurnOff) {
  Profile parent;
  parent.session.max_reconnect_failures = 5;
  parent.ppp.require_auth = {AuthMethod::kPap};
  parent.ppp.authenticator = "unix:/run/auth.sock";
  Profile profile;
  profile.ppp.radius.server.address = *IpAddress::Parse("192.0.2.9");
  profile.ppp.radius.secret = "hush";
  profile.set = {"ppp.authenticator", "ppp.radius", "session.max_reconnect_failures"};
  Inherit(parent, &profile);
  EXPECT_EQ(profile.session.max_reconnect_failures, 0);
  EXPECT_EQ(profile.ppp.authenticator, "");
  EXPECT_EQ(profile.ppp.require_auth, parent.ppp.require_auth);
  EXPECT_TRUE(ValidateTogether(profile).ok());

  Profile grandchild;
  grandchild.set = {"ppp.radius"};
  Inherit(profile, &grandchild);
  EXPECT_EQ(grandchild.ppp.radius, RadiusSettings());
  EXPECT_TRUE(ValidateTogether(grandchild).ok());
}

TEST(ProfileFieldsTest, WhoeverDecidesAboutLoginsMayBeSetApartFromThem) {
  Profile parent;
  parent.ppp.require_auth = {AuthMethod::kPap};
  Profile profile;
  profile.name = "profiles/child";
  profile.ppp.authenticator = "unix:/run/auth.sock";
  profile.set = {"ppp.authenticator"};
  EXPECT_TRUE(Validate(profile).ok());
  Inherit(parent, &profile);
  EXPECT_TRUE(ValidateTogether(profile).ok());

  Profile open;
  open.set = {"ppp.require_auth"};  // whoever inherits the authenticator has no logins for it
  Inherit(profile, &open);
  EXPECT_FALSE(ValidateTogether(open).ok());
}

TEST(ProfileFieldsTest, AnotherUserDoesNotGetTheParentsPassword) {
  Profile parent;
  parent.ppp.user = "alice";
  parent.ppp.password = "hush";
  Profile profile;
  Inherit(parent, &profile);
  EXPECT_EQ(profile.ppp.user, "alice");
  EXPECT_EQ(profile.ppp.password, "hush");
  Profile other;
  other.ppp.user = "bob";
  other.set = {"ppp.user"};
  Inherit(parent, &other);
  EXPECT_EQ(other.ppp.user, "bob");
  EXPECT_EQ(other.ppp.password, "");
}

}  // namespace
}  // namespace l2tp::control
