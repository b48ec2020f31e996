// Profiles in the configuration: where their values come from.

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "server/config/config.h"
#include "server/control/profile_fields.h"

namespace l2tp::config {
namespace {

std::string Problem(const std::string& text) {
  return std::string(ParseConfig(text, "f").status().message());
}

TEST(ProfileConfigTest, ProfileInheritsFromOneAboveIt) {
  const auto config = ParseConfig(R"(
profiles:
  - name: profiles/top
    tunnel: { dscp: 46, hello_interval: 5s }
    ppp: { user: alice, password: hush, require_auth: [pap], mtu: 1400 }
  - name: profiles/child
    parent: profiles/top
    tunnel: { dscp: 0 }
    ppp: { user: bob, require_auth: [], pppd_options: [idle 600] }
)",
                                  "f");
  ASSERT_TRUE(config.ok()) << config.status();
  const control::Profile& child = config->profiles.at(1);
  EXPECT_EQ(child.tunnel.hello_interval, Duration::Seconds(5));
  EXPECT_EQ(child.tunnel.socket.dscp, 0);
  EXPECT_EQ(child.ppp.mtu, 1400);
  EXPECT_EQ(child.ppp.user, "bob");
  EXPECT_EQ(child.ppp.password, "");
  EXPECT_TRUE(child.ppp.require_auth.empty());
  EXPECT_EQ(child.set, (std::set<std::string, std::less<>>{"ppp.pppd_options", "ppp.require_auth",
                                                           "ppp.user", "tunnel.dscp"}));
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, parent: profiles/b}, {name: profiles/b}]"),
            "f:1:39: profiles[0].parent: there is no profiles/b above in this file");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {pppd_options: [file /x]}}]"),
            "f:1:52: profiles[0].ppp.pppd_options[0]: is not an option of pppd that a profile may "
            "give");
}

TEST(ProfileConfigTest, ChildChangesWhoDecidesAboutLogins) {
  const auto config = ParseConfig(R"(
profiles:
  - name: profiles/top
    session: { max_reconnect_failures: 5, reconnect_max_delay: 1h }
    ppp: { require_auth: [pap], authenticator: "unix:/run/auth.sock" }
  - name: profiles/radius
    parent: profiles/top
    session: { max_reconnect_failures: 0, reconnect_min_delay: 20m }
    ppp: { authenticator: "", radius: { server: 192.0.2.9, secret: hush } }
  - name: profiles/users
    parent: profiles/radius
    ppp: { radius: {} }
  - name: profiles/nothing
    parent: profiles/radius
    ppp:
      radius:
      authenticator_timeout: 3s
)",
                                  "f");
  ASSERT_TRUE(config.ok()) << config.status();
  const control::Profile& radius = config->profiles.at(1);
  EXPECT_EQ(radius.session.max_reconnect_failures, 0);
  EXPECT_EQ(radius.ppp.authenticator, "");
  EXPECT_EQ(radius.ppp.radius.server.ToString(), "192.0.2.9:0");
  const control::Profile& users = config->profiles.at(2);
  EXPECT_FALSE(users.ppp.radius.server.address.is_set());
  EXPECT_FALSE(users.ppp.require_auth.empty());
  // A section with nothing in it says nothing.
  EXPECT_EQ(config->profiles.at(3).ppp.radius.server.ToString(), "192.0.2.9:0");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {radius: {timeout: 2s}}}]"),
            "f:1:45: profiles[0].ppp.radius.server: is required");
  EXPECT_EQ(Problem("profiles:\n"
                    "- {name: profiles/a, ppp: {require_auth: [pap], authenticator: \"h:1\"}}\n"
                    "- {name: profiles/b, parent: profiles/a, ppp: {require_auth: []}}\n"),
            "f:3:47: profiles[1].ppp.authenticator: has nothing to decide without "
            "ppp.require_auth");
}

// The fuzzer gets nowhere near a setting that no input has. Tests run in the top folder of the
// tree.
TEST(ProfileConfigTest, TheFuzzersCorpusHasEverySetting) {
  const auto config = LoadConfig("tests/fuzz/corpus/config/everything");
  ASSERT_TRUE(config.ok()) << config.status();
  std::set<std::string, std::less<>> all;
  for (const control::ProfileField& field : control::ProfileFields()) all.emplace(field.path);
  std::set<std::string, std::less<>> set;
  for (const control::Profile& profile : config->profiles) {
    set.insert(profile.set.begin(), profile.set.end());
  }
  EXPECT_EQ(set, all);
}

TEST(ProfileConfigTest, SizesMayBeLeftToThePath) {
  const auto config = ParseConfig("profiles: [{name: profiles/a, ppp: {mtu: auto, mru: 0}}]", "f");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->profiles.at(0).ppp.mtu, 0);
  EXPECT_EQ(config->profiles.at(0).ppp.mru, 0);
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, ppp: {mtu: large}}]"),
            "f:1:42: profiles[0].ppp.mtu: \"large\" is not a plain number such as 10");
  EXPECT_EQ(Problem("profiles: [{name: profiles/a, tunnel: {path_mtu_discovery: yes}}]"),
            "f:1:60: profiles[0].tunnel.path_mtu_discovery: \"yes\" is not one of dont, want, do, "
            "probe");
}

}  // namespace
}  // namespace l2tp::config
