#include "server/control/resources.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace l2tp::control {
namespace {

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

Pool MakePool(const char* name) {
  Pool pool;
  pool.name = name;
  pool.ip_ranges = {{Ip("192.0.2.10"), Ip("192.0.2.11")}};
  return pool;
}

Peer MakePeer(const char* name, const char* prefix, const char* host_name) {
  Peer peer;
  peer.name = name;
  if (*prefix != '\0') peer.prefix = *IpPrefix::Parse(prefix);
  peer.host_name = host_name;
  return peer;
}

TEST(ResourcesTest, DuplicateNamesAreRefusedWithTheirReason) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePool(MakePool("pools/a")).ok());
  EXPECT_TRUE(HasReason(resources.CreatePool(MakePool("pools/a")).status(), Reason::kPoolExists));
  Profile profile;
  profile.name = "profiles/a";
  ASSERT_TRUE(resources.CreateProfile(profile).ok());
  EXPECT_TRUE(HasReason(resources.CreateProfile(profile).status(), Reason::kProfileExists));
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/a", "", "")).ok());
  EXPECT_TRUE(
      HasReason(resources.CreatePeer(MakePeer("peers/a", "", "")).status(), Reason::kPeerExists));
}

TEST(ResourcesTest, ReferencesMustExist) {
  Resources resources;
  Profile profile;
  profile.name = "profiles/a";
  profile.ppp.pool = "pools/nowhere";
  profile.ppp.local_address = Ip("192.0.2.1");
  EXPECT_TRUE(HasReason(resources.CreateProfile(profile).status(), Reason::kPoolNotFound));
  Peer peer = MakePeer("peers/a", "", "");
  peer.profile = "profiles/nowhere";
  EXPECT_TRUE(HasReason(resources.CreatePeer(peer).status(), Reason::kProfileNotFound));
}

TEST(ResourcesTest, WhatIsReferredToCannotBeDeleted) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePool(MakePool("pools/a")).ok());
  Profile profile;
  profile.name = "profiles/a";
  profile.ppp.pool = "pools/a";
  profile.ppp.local_address = Ip("192.0.2.1");
  ASSERT_TRUE(resources.CreateProfile(profile).ok());
  Peer peer = MakePeer("peers/a", "", "");
  peer.profile = "profiles/a";
  ASSERT_TRUE(resources.CreatePeer(peer).ok());
  EXPECT_TRUE(HasReason(resources.DeletePool("pools/a"), Reason::kResourceInUse));
  EXPECT_TRUE(HasReason(resources.DeleteProfile("profiles/a"), Reason::kResourceInUse));
  EXPECT_TRUE(resources.DeletePeer("peers/a").ok());
  EXPECT_TRUE(resources.DeleteProfile("profiles/a").ok());
  EXPECT_TRUE(resources.DeletePool("pools/a").ok());
  EXPECT_TRUE(HasReason(resources.DeletePool("pools/a"), Reason::kPoolNotFound));
}

TEST(ResourcesTest, MostSpecificPeerWinsAndHostNameBreaksTheTie) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/any", "", "")).ok());
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/net", "10.0.0.0/8", "")).ok());
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/host", "10.1.0.0/16", "lac1")).ok());
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/wide", "10.1.0.0/16", "")).ok());
  EXPECT_EQ(resources.MatchPeer(Ip("192.0.2.1"), "x")->name, "peers/any");
  EXPECT_EQ(resources.MatchPeer(Ip("10.2.0.1"), "x")->name, "peers/net");
  EXPECT_EQ(resources.MatchPeer(Ip("10.1.0.1"), "x")->name, "peers/wide");
  EXPECT_EQ(resources.MatchPeer(Ip("10.1.0.1"), "lac1")->name, "peers/host");
}

TEST(ResourcesTest, StrangersMatchNobody) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/a", "10.0.0.0/8", "lac1")).ok());
  EXPECT_EQ(resources.MatchPeer(Ip("10.0.0.1"), "lac2"), nullptr);
  EXPECT_EQ(resources.MatchPeer(Ip("11.0.0.1"), "lac1"), nullptr);
}

TEST(ResourcesTest, NoNameIsAWayAroundTheLongestPrefix) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/any", "", "")).ok());
  Peer strict = MakePeer("peers/strict", "10.0.0.0/8", "lac1");
  strict.secret = "s3cret";
  ASSERT_TRUE(resources.CreatePeer(strict).ok());
  EXPECT_EQ(resources.MatchPeer(Ip("10.0.0.1"), "lac1")->name, "peers/strict");
  EXPECT_EQ(resources.MatchPeer(Ip("10.0.0.1"), "other"), nullptr);
  EXPECT_EQ(resources.MatchPeer(Ip("11.0.0.1"), "other")->name, "peers/any");
}

TEST(ResourcesTest, NameCannotChooseToNeedNoSecret) {
  Resources resources;
  Peer with = MakePeer("peers/with", "10.0.0.0/8", "");
  with.secret = "s3cret";
  ASSERT_TRUE(resources.CreatePeer(with).ok());
  // The same prefix in other words.
  EXPECT_TRUE(HasReason(resources.CreatePeer(MakePeer("peers/b", "10.9.9.9/8", "lab")).status(),
                        Reason::kFieldInvalid));
  EXPECT_TRUE(HasReason(resources.CreatePeer(MakePeer("peers/b", "10.0.0.0/8", "")).status(),
                        Reason::kFieldInvalid));
  Peer named = MakePeer("peers/b", "10.0.0.0/8", "lab");
  named.secret = "other";
  EXPECT_TRUE(resources.CreatePeer(named).ok());
}

TEST(ResourcesTest, DenialsHoldForAPrefixAndForAName) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/net", "10.0.0.0/8", "")).ok());
  Peer host = MakePeer("peers/bad-host", "10.1.1.1/32", "");
  host.deny = true;
  Peer name = MakePeer("peers/bad-name", "10.0.0.0/8", "lac9");
  name.deny = true;
  ASSERT_TRUE(resources.CreatePeer(host).ok());
  ASSERT_TRUE(resources.CreatePeer(name).ok());
  EXPECT_TRUE(resources.MatchPeer(Ip("10.1.1.1"), "lac1")->deny);
  EXPECT_TRUE(resources.MatchPeer(Ip("10.2.2.2"), "lac9")->deny);
  EXPECT_FALSE(resources.MatchPeer(Ip("10.2.2.2"), "lac1")->deny);
}

TEST(ResourcesTest, UsersReferToProfilesAndSetTheirAddressesAside) {
  Resources resources;
  ASSERT_TRUE(resources.CreatePool(MakePool("pools/a")).ok());
  Profile profile;
  profile.name = "profiles/a";
  ASSERT_TRUE(resources.CreateProfile(profile).ok());
  User user;
  user.name = "users/alice";
  user.password = "x";
  user.profile = "profiles/nowhere";
  EXPECT_TRUE(HasReason(resources.CreateUser(user).status(), Reason::kProfileNotFound));
  user.profile = "profiles/a";
  user.address = Ip("192.0.2.10");
  ASSERT_TRUE(resources.CreateUser(user).ok());
  EXPECT_EQ(resources.pools().Get("pools/a")->addresses.set_aside, 1);
  EXPECT_TRUE(HasReason(resources.DeleteProfile("profiles/a"), Reason::kResourceInUse));
  EXPECT_TRUE(resources.DeleteUser("users/alice").ok());
  EXPECT_TRUE(HasReason(resources.DeleteUser("users/alice"), Reason::kUserNotFound));
  EXPECT_EQ(resources.pools().Get("pools/a")->addresses.set_aside, 0);
  EXPECT_TRUE(resources.DeleteProfile("profiles/a").ok());
}

TEST(ResourcesTest, PagesFollowEachOtherWithoutGapOrOverlap) {
  Resources resources;
  for (const char* name : {"peers/a", "peers/b", "peers/c"}) {
    ASSERT_TRUE(resources.CreatePeer(MakePeer(name, "", name)).ok());
  }
  const auto first = resources.ListPeers({"", 2});
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_TRUE(first.more);
  const auto second = resources.ListPeers({first.items.back().name, 2});
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].name, "peers/c");
  EXPECT_FALSE(second.more);
}

control::Profile Child(const std::string& name, const std::string& parent) {
  control::Profile profile;
  profile.name = name;
  profile.parent = parent;
  return profile;
}

TEST(ResourcesTest, ProfileInheritsAlongItsParents) {
  Resources resources;
  Profile top = Child("profiles/top", "");
  top.ppp.mtu = 1400;
  top.ppp.mru = 1300;
  top.set = {"ppp.mtu", "ppp.mru"};
  ASSERT_TRUE(resources.CreateProfile(top).ok());
  Profile middle = Child("profiles/middle", "profiles/top");
  middle.ppp.mru = 1200;
  middle.set = {"ppp.mru"};
  ASSERT_TRUE(resources.CreateProfile(middle).ok());
  ASSERT_TRUE(resources.CreateProfile(Child("profiles/low", "profiles/middle")).ok());
  const Profile low = *resources.GetProfile("profiles/low");
  EXPECT_EQ(low.ppp.mtu, 1400);
  EXPECT_EQ(low.ppp.mru, 1200);
  EXPECT_EQ(low.ppp.lcp_echo_failures, PppSettings().lcp_echo_failures);
  EXPECT_TRUE(low.set.empty());
  EXPECT_EQ(resources.DeleteProfile("profiles/middle").message(),
            "profiles/middle is used by profiles/low");
}

TEST(ResourcesTest, ParentMustBeThereAndNotTheProfileItself) {
  Resources resources;
  const absl::Status missing = resources.CreateProfile(Child("profiles/a", "profiles/b")).status();
  EXPECT_TRUE(HasReason(missing, Reason::kProfileNotFound)) << missing;
  const absl::Status itself = resources.CreateProfile(Child("profiles/a", "profiles/a")).status();
  EXPECT_EQ(itself.message(), "parent: is the profile itself");
}

TEST(ResourcesTest, ProfilesInARowAreBounded) {
  Resources resources;
  std::string parent;
  for (int i = 1; i <= kMaxProfileDepth; ++i) {
    const std::string name = "profiles/p" + std::to_string(i);
    ASSERT_TRUE(resources.CreateProfile(Child(name, parent)).ok()) << i;
    parent = name;
  }
  const absl::Status deep = resources.CreateProfile(Child("profiles/deep", parent)).status();
  EXPECT_TRUE(HasReason(deep, Reason::kFieldInvalid)) << deep;
}

TEST(ResourcesTest, WhatMustGoTogetherMayComeFromTheParent) {
  Resources resources;
  Pool pool;
  pool.name = "pools/a";
  pool.ip_ranges = {{Ip("10.0.0.2"), Ip("10.0.0.3")}};
  ASSERT_TRUE(resources.CreatePool(pool).ok());
  Profile top = Child("profiles/top", "");
  top.ppp.local_address = Ip("10.0.0.1");
  top.set = {"ppp.local_ip_address"};
  ASSERT_TRUE(resources.CreateProfile(top).ok());
  Profile child = Child("profiles/child", "profiles/top");
  child.ppp.pool = "pools/a";
  child.set = {"ppp.pool"};
  EXPECT_TRUE(resources.CreateProfile(child).ok());
  child.parent = "";
  child.name = "profiles/alone";
  EXPECT_FALSE(resources.CreateProfile(child).ok());
}

TEST(ResourcesTest, EveryChangeIsToldOnceItIsMade) {
  Resources resources;
  std::vector<std::string> told;
  std::vector<events::Labels> before;
  resources.OnChange([&](events::EventType type, const events::ConfigInfo& info,
                         const events::Labels& labels_before) {
    told.push_back(std::string(events::EventTypeName(type)) + " " + info.name);
    before.push_back(labels_before);
  });
  Pool pool = MakePool("pools/a");
  pool.labels = {{"site", "ber1"}};
  ASSERT_TRUE(resources.CreatePool(pool).ok());
  pool.labels.clear();
  ASSERT_TRUE(resources.UpdatePool(pool).ok());
  ASSERT_TRUE(resources.DeletePool("pools/a").ok());
  ASSERT_TRUE(resources.CreatePeer(MakePeer("peers/a", "", "")).ok());
  ASSERT_TRUE(resources.UpdatePeer(MakePeer("peers/a", "", "b")).ok());
  ASSERT_TRUE(resources.DrainPeer("peers/a", true).ok());
  ASSERT_TRUE(resources.DrainPeer("peers/a", true).ok()) << "no change";
  ASSERT_TRUE(resources.DeletePeer("peers/a").ok());
  User user;
  user.name = "users/a";
  user.password = "secret";
  ASSERT_TRUE(resources.CreateUser(user).ok());
  ASSERT_TRUE(resources.UpdateUser(user).ok());
  ASSERT_TRUE(resources.DeleteUser("users/a").ok());
  EXPECT_EQ(told, (std::vector<std::string>{"POOL_CREATED pools/a", "POOL_UPDATED pools/a",
                                            "POOL_DELETED pools/a", "PEER_CREATED peers/a",
                                            "PEER_UPDATED peers/a", "PEER_UPDATED peers/a",
                                            "PEER_DELETED peers/a", "USER_CREATED users/a",
                                            "USER_UPDATED users/a", "USER_DELETED users/a"}));
  EXPECT_EQ(before[1], (events::Labels{{"site", "ber1"}}));
}

TEST(ResourcesTest, WhatIsRefusedOrOnlyLookedAtIsNotTold) {
  Resources resources;
  int told = 0;
  ASSERT_TRUE(resources.CreatePool(MakePool("pools/a")).ok());
  resources.OnChange(
      [&](events::EventType, const events::ConfigInfo&, const events::Labels&) { ++told; });
  EXPECT_FALSE(resources.CreatePool(MakePool("pools/a")).ok());
  EXPECT_TRUE(resources.UpdatePool(MakePool("pools/a"), Mode::kValidateOnly).ok());
  EXPECT_TRUE(resources.CreatePeer(MakePeer("peers/a", "", ""), Mode::kValidateOnly).ok());
  EXPECT_FALSE(resources.DeletePeer("peers/a").ok());
  EXPECT_FALSE(resources.DeleteUser("users/a").ok());
  EXPECT_FALSE(resources.UpdateProfile(Child("profiles/a", "")).ok());
  User user;
  user.name = "users/a";
  user.profile = "profiles/none";
  EXPECT_FALSE(resources.CreateUser(user).ok());
  EXPECT_EQ(told, 0);
}

TEST(ResourcesTest, HeirsOfAChangedProfileAreToldBehindIt) {
  Resources resources;
  ASSERT_TRUE(resources.CreateProfile(Child("profiles/b", "")).ok());
  ASSERT_TRUE(resources.CreateProfile(Child("profiles/a", "profiles/b")).ok());
  std::vector<std::string> told;
  resources.OnChange([&](events::EventType, const events::ConfigInfo& info, const events::Labels&) {
    const auto& profile = std::get<std::shared_ptr<const Profile>>(info.config);
    told.push_back(profile->name + " " + std::to_string(profile->ppp.mtu));
  });
  Profile update = Child("profiles/b", "");
  update.ppp.mtu = 1300;
  update.set = {"ppp.mtu"};
  ASSERT_TRUE(resources.UpdateProfile(update).ok());
  EXPECT_EQ(told, (std::vector<std::string>{"profiles/b 1300", "profiles/a 1300"}));
}

TEST(ResourcesTest, NoSecretIsTold) {
  Resources resources;
  std::vector<events::ConfigInfo> told;
  resources.OnChange([&](events::EventType, events::ConfigInfo info, const events::Labels&) {
    told.push_back(std::move(info));
  });
  Profile profile = Child("profiles/a", "");
  profile.ppp.user = "me";
  profile.ppp.password = "secret";
  profile.ppp.radius.server.address = Ip("192.0.2.1");
  profile.ppp.radius.secret = "secret";
  profile.ppp.require_auth = {AuthMethod::kPap};
  profile.set = {"ppp.user", "ppp.password", "ppp.radius", "ppp.require_auth"};
  const absl::Status created = resources.CreateProfile(profile).status();
  ASSERT_TRUE(created.ok()) << created;
  Peer peer = MakePeer("peers/a", "", "");
  peer.secret = "secret";
  ASSERT_TRUE(resources.CreatePeer(peer).ok());
  User user;
  user.name = "users/a";
  user.password = "secret";
  ASSERT_TRUE(resources.CreateUser(user).ok());
  for (const events::ConfigInfo& info : resources.All({})) told.push_back(info);
  ASSERT_EQ(told.size(), 6u);
  for (const events::ConfigInfo& info : told) {
    if (const auto* a = std::get_if<std::shared_ptr<const Profile>>(&info.config)) {
      EXPECT_EQ((*a)->ppp.password + (*a)->ppp.radius.secret, "");
    } else if (const auto* b = std::get_if<std::shared_ptr<const Peer>>(&info.config)) {
      EXPECT_EQ((*b)->secret, "");
    } else {
      EXPECT_EQ(std::get<std::shared_ptr<const User>>(info.config)->password, "");
    }
  }
  EXPECT_EQ(resources.users().Get("users/a")->password, "secret");
}

TEST(ResourcesTest, AllGivesWhatTheFilterTakes) {
  Resources resources;
  for (int i = 0; i < 1201; ++i) {  // more than a page
    User user;
    user.name = "users/u" + std::to_string(i);
    user.password = "secret";
    user.labels["site"] = i % 2 == 0 ? "even" : "odd";
    ASSERT_TRUE(resources.CreateUser(user).ok());
  }
  ASSERT_TRUE(resources.CreatePool(MakePool("pools/a")).ok());
  events::Filter filter;
  ASSERT_EQ(resources.All(filter).size(), 1202u);
  EXPECT_EQ(resources.All(filter)[0].name, "pools/a");
  filter.kinds = {events::Kind::kUser};
  EXPECT_EQ(resources.All(filter).size(), 1201u);
  filter.labels = {{"site", "odd"}};
  EXPECT_EQ(resources.All(filter).size(), 600u);
  filter.name = "users/u2";
  EXPECT_EQ(resources.All(filter).size(), 0u);
  filter.name = "users/u3";
  EXPECT_EQ(resources.All(filter).size(), 1u);
  filter.name = "tunnels/t";
  EXPECT_EQ(resources.All(filter).size(), 0u);
}

}  // namespace
}  // namespace l2tp::control
