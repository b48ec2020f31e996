#include "server/control/names.h"

#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

TEST(NamesTest, ResourceIdsAreLowerCaseWordsOfAtMost63Characters) {
  EXPECT_TRUE(IsResourceId("a"));
  EXPECT_TRUE(IsResourceId("lns-1"));
  EXPECT_TRUE(IsResourceId(std::string(63, 'a')));
  for (const std::string& id :
       {std::string(), std::string("1a"), std::string("A"), std::string("a-"), std::string("a_b"),
        std::string("a/b"), std::string("a b"), std::string(64, 'a')}) {
    EXPECT_FALSE(IsResourceId(id)) << id;
  }
}

TEST(NamesTest, NamesBelongToTheirCollection) {
  EXPECT_TRUE(IsName("profiles", "profiles/isp"));
  EXPECT_FALSE(IsName("profiles", "pools/isp"));
  EXPECT_FALSE(IsName("profiles", "profiles"));
  EXPECT_FALSE(IsName("profiles", "profilesisp"));
}

}  // namespace
}  // namespace l2tp::control
