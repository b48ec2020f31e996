#include "server/control/pools.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::control {
namespace {

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

Pool Customers() {
  Pool pool;
  pool.name = "pools/customers";
  pool.ip_ranges = {{Ip("10.0.0.1"), Ip("10.0.0.2")}, {Ip("10.0.1.1"), Ip("10.0.1.1")}};
  pool.ipv6_interface_ids = {{Ip("::a"), Ip("::b")}};
  pool.ipv6_prefixes = {*IpPrefix::Parse("2001:db8:0:2::/63")};
  return pool;
}

User Alice() {
  User user;
  user.name = "users/alice";
  user.password = "secret";
  user.address = Ip("10.0.0.2");
  return user;
}

class PoolsTest : public ::testing::Test {
 protected:
  PoolsTest() { EXPECT_TRUE(pools_.Create(Customers()).ok()); }

  std::string AddressOf(const char* session) {
    const Lease* lease = pools_.Find(session);
    return lease == nullptr ? "none" : lease->address.ToString();
  }
  Pool Get() { return *pools_.Get("pools/customers"); }

  Pools pools_;
};

TEST_F(PoolsTest, SessionGetsOneOfEachKindThatItWants) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", /*ipv6=*/true).ok());
  const Lease* lease = pools_.Find("a");
  ASSERT_NE(lease, nullptr);
  EXPECT_EQ(lease->pool, "pools/customers");
  EXPECT_EQ(lease->address, Ip("10.0.0.1"));
  EXPECT_EQ(lease->interface_id, Ip("::a"));
  EXPECT_EQ(lease->prefix.ToString(), "2001:db8:0:2::/64");
  ASSERT_TRUE(pools_.Lend("b", "pools/customers", /*ipv6=*/false).ok());
  EXPECT_FALSE(pools_.Find("b")->interface_id.is_set());
  EXPECT_EQ(Get().addresses.total, 3);
  EXPECT_EQ(Get().addresses.used, 2);
  EXPECT_EQ(Get().interface_ids.used, 1);
  EXPECT_EQ(Get().prefixes.total, 2);
}

TEST_F(PoolsTest, LendingAgainChangesNothing) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", true).ok());
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", true).ok());
  EXPECT_EQ(AddressOf("a"), "10.0.0.1");
  EXPECT_EQ(Get().addresses.used, 1);
}

TEST_F(PoolsTest, WhenOneKindIsExhaustedNothingOfTheOthersIsLost) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", true).ok());
  ASSERT_TRUE(pools_.Lend("b", "pools/customers", true).ok());
  const absl::Status status = pools_.Lend("c", "pools/customers", true);
  EXPECT_TRUE(HasReason(status, Reason::kPoolExhausted));
  EXPECT_EQ(status.message(), "all 2 interface identifiers of pools/customers are in use");
  EXPECT_EQ(pools_.Find("c"), nullptr);
  EXPECT_EQ(Get().addresses.used, 2);
  EXPECT_TRUE(pools_.Lend("c", "pools/customers", false).ok());
  EXPECT_TRUE(HasReason(pools_.Lend("d", "pools/customers", false), Reason::kPoolExhausted));
  pools_.Return("a");
  pools_.Return("a");
  EXPECT_TRUE(pools_.Lend("d", "pools/customers", true).ok());
}

TEST_F(PoolsTest, UsersOwnTakesThePlaceOfThePools) {
  pools_.SetAside(Alice());
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", true).ok());
  ASSERT_TRUE(pools_.Claim("a", Alice()).ok());
  EXPECT_EQ(AddressOf("a"), "10.0.0.2");
  EXPECT_EQ(pools_.Find("a")->user, "users/alice");
  EXPECT_EQ(pools_.Find("a")->pool, "pools/customers");  // of which it still has the rest
  EXPECT_EQ(Get().addresses.used, 1);
  EXPECT_EQ(Get().addresses.set_aside, 0);
  pools_.Return("a");
  EXPECT_EQ(Get().addresses.used, 0);
  EXPECT_EQ(Get().addresses.set_aside, 1);
  for (const char* session : {"b", "c"}) {
    ASSERT_TRUE(pools_.Lend(session, "pools/customers", false).ok());
    EXPECT_NE(AddressOf(session), "10.0.0.2");
  }
  EXPECT_TRUE(HasReason(pools_.Lend("d", "pools/customers", false), Reason::kPoolExhausted));
  EXPECT_TRUE(pools_.Claim("d", Alice()).ok());
}

TEST_F(PoolsTest, UsersOwnIsNotGivenWhileAnotherSessionHasIt) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", false).ok());
  ASSERT_TRUE(pools_.Lend("b", "pools/customers", false).ok());
  pools_.SetAside(Alice());
  EXPECT_FALSE(pools_.Claim("c", Alice()).ok());
  EXPECT_EQ(pools_.Find("c"), nullptr);
  EXPECT_TRUE(pools_.Claim("b", Alice()).ok());  // who has it may keep it
  pools_.Return("b");
  EXPECT_TRUE(pools_.Claim("c", Alice()).ok());
}

TEST_F(PoolsTest, UsersOwnOutsideOfPoolsIsSomebodysAsWell) {
  User alice = Alice();
  alice.address = Ip("192.0.2.7");
  ASSERT_TRUE(pools_.Claim("a", alice).ok());
  EXPECT_FALSE(pools_.Claim("b", alice).ok());
  // A pool that comes later does not give it to others.
  Pool late;
  late.name = "pools/late";
  late.ip_ranges = {{alice.address, alice.address}};
  ASSERT_TRUE(pools_.Create(late).ok());
  EXPECT_TRUE(HasReason(pools_.Lend("c", "pools/late", false), Reason::kPoolExhausted));
  pools_.Return("a");
  EXPECT_TRUE(pools_.Lend("c", "pools/late", false).ok());
}

TEST_F(PoolsTest, PoolIsDeletedWhenNoSessionHasAnythingOfIt) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", false).ok());
  EXPECT_TRUE(HasReason(pools_.Delete("pools/customers"), Reason::kResourceInUse));
  pools_.Return("a");
  EXPECT_TRUE(pools_.Delete("pools/customers").ok());
  EXPECT_TRUE(HasReason(pools_.Delete("pools/customers"), Reason::kPoolNotFound));
  EXPECT_TRUE(HasReason(pools_.Lend("a", "pools/customers", false), Reason::kPoolNotFound));
}

TEST_F(PoolsTest, PoolKeepsWhatSessionsHaveOfItWhenItChanges) {
  ASSERT_TRUE(pools_.Lend("a", "pools/customers", false).ok());
  Pool without = Customers();
  without.ip_ranges = {{Ip("10.0.0.2"), Ip("10.0.0.9")}};
  for (const Mode mode : {Mode::kValidateOnly, Mode::kDo}) {
    const absl::Status status = pools_.Update(without, mode).status();
    EXPECT_TRUE(HasReason(status, Reason::kResourceInUse));
    EXPECT_EQ(status.message(), "10.0.0.1 of pools/customers is used by a");
  }
  EXPECT_EQ(Get().addresses.total, 3);

  Pool wider = Customers();
  wider.ip_ranges = {{Ip("10.0.0.1"), Ip("10.0.0.9")}};
  ASSERT_TRUE(pools_.Update(wider, Mode::kDo).ok());
  EXPECT_EQ(Get().addresses.total, 9);
  EXPECT_EQ(Get().addresses.used, 1);
  ASSERT_TRUE(pools_.Lend("b", "pools/customers", false).ok());
  EXPECT_EQ(AddressOf("b"), "10.0.0.2");

  pools_.Return("a");
  EXPECT_TRUE(pools_.Update(without, Mode::kDo).ok());
  EXPECT_EQ(AddressOf("b"), "10.0.0.2");
}

TEST_F(PoolsTest, LeasesAreListedByPoolAndInPages) {
  User alice = Alice();
  alice.address = Ip("192.0.2.7");
  ASSERT_TRUE(pools_.Claim("a", alice).ok());
  for (const char* session : {"b", "c", "d"}) {
    ASSERT_TRUE(pools_.Lend(session, "pools/customers", false).ok());
  }
  const auto page = pools_.ListLeases("pools/customers", {"", 2});
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].name, "b");
  EXPECT_TRUE(page->more);
  const auto rest = pools_.ListLeases("pools/customers", {"c", 2});
  ASSERT_EQ(rest->items.size(), 1u);
  EXPECT_EQ(rest->items[0].name, "d");
  EXPECT_FALSE(rest->more);
  EXPECT_EQ(pools_.ListLeases("", {})->items.size(), 4u);
  EXPECT_TRUE(HasReason(pools_.ListLeases("pools/none", {}).status(), Reason::kPoolNotFound));
}

// Whatever sessions, users and operators do, in whatever order: nobody has what another has, what
// is counted is what is held, and in the end everything is back.
TEST(PoolsPropertyTest, EverythingIsHeldOnceAndFreedOnce) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand random(seed);
    const auto below = [&random](size_t n) { return random() % n; };
    Pools pools;
    ASSERT_TRUE(pools.Create(Customers()).ok());
    std::vector<User> users;
    for (uint32_t i = 0; i < 3; ++i) {
      User& user = users.emplace_back();
      user.name = absl::StrCat("users/u", i);
      user.address = IpAddress::FromV4(Ip("10.0.0.1").v4() + i);  // the last one is no pool's
      if (i == 0) user.interface_id = Ip("::a");
    }
    std::set<size_t> owners;
    for (int step = 0; step < 300; ++step) {
      const std::string session = absl::StrCat("s", below(6));
      const size_t who = below(users.size());
      switch (below(5)) {
        case 0:
        case 1: (void)pools.Lend(session, "pools/customers", below(2) == 0); break;
        case 2: pools.Return(session); break;
        case 3:
          if (owners.contains(who)) (void)pools.Claim(session, users[who]);
          break;
        default:
          if (owners.insert(who).second) {
            pools.SetAside(users[who]);
          } else {
            owners.erase(who);
            pools.PutBack(users[who]);
          }
      }
      std::set<IpAddress> held;
      int in_pool = 0;
      const Page<Lease> leases = *pools.ListLeases("", {});
      for (const Lease& lease : leases.items) {
        if (lease.address.is_set()) {
          ASSERT_TRUE(held.insert(lease.address).second) << lease.address.ToString();
          if (lease.address != Ip("10.0.0.3")) ++in_pool;
        }
        if (lease.interface_id.is_set()) {
          ASSERT_TRUE(held.insert(lease.interface_id).second);
        }
        if (lease.prefix.address.is_set()) {
          ASSERT_TRUE(held.insert(lease.prefix.address).second);
        }
      }
      ASSERT_EQ(pools.Get("pools/customers")->addresses.used, in_pool);
    }
    for (int i = 0; i < 6; ++i) pools.Return(absl::StrCat("s", i));
    for (const size_t who : owners) pools.PutBack(users[who]);
    const Pool pool = *pools.Get("pools/customers");
    ASSERT_EQ(pool.addresses.used + pool.interface_ids.used + pool.prefixes.used, 0);
    ASSERT_EQ(pool.addresses.set_aside + pool.interface_ids.set_aside, 0);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(pools.Lend(absl::StrCat("s", i), "pools/customers", true).ok());
    }
    ASSERT_TRUE(pools.Lend("s2", "pools/customers", false).ok());
    ASSERT_FALSE(pools.Lend("s3", "pools/customers", false).ok());
  }
}

}  // namespace
}  // namespace l2tp::control
