#include "server/control/users.h"

#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/control/login_name.h"

namespace l2tp::control {
namespace {

User MakeUser(const char* id, const char* login = "", const char* profile = "") {
  User user;
  user.name = std::string("users/") + id;
  user.login = login;
  user.password = "x";
  user.profile = profile;
  return user;
}

// Name of the user that `login` is with `profile`, "elsewhere" or "".
std::string Who(const Users& users, const char* login, const char* profile = "") {
  bool elsewhere = false;
  const User* user = users.Find(login, profile, &elsewhere);
  return user != nullptr ? user->name : elsewhere ? "elsewhere" : "";
}

TEST(LoginNameTest, IsSpeltAsPppdDoesAndTwiceIsOnce) {
  EXPECT_EQ(SpellLogin("alice@example.net"), "alice@example.net");
  EXPECT_EQ(SpellLogin("\xe9"), "M-i");
  EXPECT_EQ(SpellLogin("\x01\x7f\x80\xff"), "^A^?M-^@M-^?");
  EXPECT_EQ(SpellLogin("\xc3\xa9"), "M-CM-)");
  EXPECT_EQ(SpellLogin(SpellLogin("Ren\xc3\xa9")), SpellLogin("Ren\xc3\xa9"));
}

TEST(UsersTest, LoginIsTheIdUnlessItIsGiven) {
  Users users;
  EXPECT_EQ(users.Create(MakeUser("alice"))->login, "alice");
  ASSERT_TRUE(users.Create(MakeUser("bob", "bob@example.net")).ok());
  EXPECT_EQ(Who(users, "alice"), "users/alice");
  EXPECT_EQ(Who(users, "bob@example.net"), "users/bob");
  EXPECT_EQ(Who(users, "bob"), "");
  EXPECT_EQ(Who(users, "Alice"), "");
}

TEST(UsersTest, NameWithOtherOctetsIsFoundAsPppdSpellsIt) {
  Users users;
  ASSERT_TRUE(users.Create(MakeUser("rene", "Ren\xc3\xa9")).ok());
  ASSERT_TRUE(users.Create(MakeUser("latin", "M-i")).ok());  // the octet 0xe9 alone
  EXPECT_EQ(Who(users, "RenM-CM-)"), "users/rene");
  EXPECT_EQ(Who(users, "M-i"), "users/latin");
  EXPECT_EQ(GetErrorInfo(users.Create(MakeUser("same", "\xe9")).status())->metadata.front().second,
            "login");
}

TEST(UsersTest, UserOfTheProfileGoesBeforeOneOfAny) {
  Users users;
  ASSERT_TRUE(users.Create(MakeUser("a", "alice", "profiles/one")).ok());
  EXPECT_EQ(Who(users, "alice", "profiles/one"), "users/a");
  EXPECT_EQ(Who(users, "alice", "profiles/two"), "elsewhere");
  EXPECT_EQ(Who(users, "alice"), "elsewhere");
  ASSERT_TRUE(users.Create(MakeUser("b", "alice")).ok());
  EXPECT_EQ(Who(users, "alice", "profiles/one"), "users/a");
  EXPECT_EQ(Who(users, "alice", "profiles/two"), "users/b");
  EXPECT_EQ(users.AnyOfProfile("profiles/one"), "users/a");
  EXPECT_EQ(users.AnyOfProfile("profiles/two"), "");
}

TEST(UsersTest, WhatIsOnesOwnIsNobodyElses) {
  Users users;
  User alice = MakeUser("alice");
  alice.address = *IpAddress::Parse("10.0.0.7");
  alice.prefix = *IpPrefix::Parse("2001:db8:0:7::/64");
  ASSERT_TRUE(users.Create(alice).ok());
  EXPECT_TRUE(users.any_with_address());
  User bob = MakeUser("bob");
  bob.prefix = alice.prefix;
  EXPECT_EQ(GetErrorInfo(users.Create(bob).status())->metadata.front().second, "ipv6_prefix");
  ASSERT_TRUE(users.Delete("users/alice").ok());
  EXPECT_FALSE(users.any_with_address());
  EXPECT_TRUE(users.Create(bob).ok());
  EXPECT_TRUE(HasReason(users.Create(bob).status(), Reason::kUserExists));
  EXPECT_TRUE(HasReason(users.Delete("users/alice"), Reason::kUserNotFound));
  EXPECT_TRUE(HasReason(users.Get("users/alice").status(), Reason::kUserNotFound));
}

TEST(UsersTest, SessionsCountAlsoForAUserThatIsCreatedAgain) {
  Users users;
  ASSERT_TRUE(users.Create(MakeUser("alice")).ok());
  users.Enter("users/alice");
  ASSERT_TRUE(users.Delete("users/alice").ok());
  ASSERT_TRUE(users.Create(MakeUser("alice")).ok());
  EXPECT_EQ(users.Get("users/alice")->session_count, 1);
  users.Leave("users/alice");
  users.Leave("users/alice");
  EXPECT_EQ(users.List({}).items.at(0).session_count, 0);
}

}  // namespace
}  // namespace l2tp::control
