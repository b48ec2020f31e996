#include "server/control/address_pool.h"

#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

TEST(AddressPoolTest, GivesEachAddressOnceAndThenNone) {
  AddressPool pool(Ip("192.0.2.1"), Ip("192.0.2.3"));
  EXPECT_EQ(pool.size(), 3);
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.1"));
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.2"));
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.3"));
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  EXPECT_EQ(pool.used(), 3);
}

TEST(AddressPoolTest, ReturnedAddressesComeLastAndInTheOrderOfReturn) {
  AddressPool pool(Ip("192.0.2.1"), Ip("192.0.2.3"));
  pool.Acquire();
  pool.Acquire();
  pool.Release(Ip("192.0.2.2"));
  pool.Release(Ip("192.0.2.1"));
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.3"));
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.2"));
  EXPECT_EQ(pool.Acquire(), Ip("192.0.2.1"));
}

TEST(AddressPoolTest, ReleasingTwiceOrWhatWasNeverGivenChangesNothing) {
  AddressPool pool(Ip("255.255.255.254"), Ip("255.255.255.255"));
  pool.Acquire();
  pool.Release(Ip("255.255.255.254"));
  pool.Release(Ip("255.255.255.254"));
  pool.Release(Ip("10.0.0.1"));
  pool.Release(IpAddress());
  EXPECT_EQ(pool.used(), 0);
  EXPECT_EQ(pool.Acquire(), Ip("255.255.255.255"));
  EXPECT_EQ(pool.Acquire(), Ip("255.255.255.254"));
  EXPECT_EQ(pool.Acquire(), std::nullopt);
}

}  // namespace
}  // namespace l2tp::control
