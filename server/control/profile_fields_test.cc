#include "server/control/profile_fields.h"

#include <gtest/gtest.h>

#include <set>

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
