#include "server/net/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace l2tp::net {
namespace {

TEST(SocketAddressTest, EndpointsGoThereAndBack) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::"}) {
    const Endpoint endpoint = {*IpAddress::Parse(text), 1701};
    EXPECT_EQ(FromSocketAddress(ToSocketAddress(endpoint).storage), endpoint) << text;
  }
}

TEST(SocketAddressTest, LengthIsThatOfTheFamily) {
  EXPECT_EQ(ToSocketAddress({IpAddress::FromV4(1), 1}).length, sizeof(sockaddr_in));
  EXPECT_EQ(ToSocketAddress({IpAddress::FromV6({}), 1}).length, sizeof(sockaddr_in6));
}

TEST(SocketAddressTest, OtherFamiliesAreNoEndpoints) {
  sockaddr_storage storage = {};
  storage.ss_family = AF_UNIX;
  EXPECT_FALSE(FromSocketAddress(storage).has_value());
}

TEST(SocketAddressTest, UnspecifiedAddressHasTheFamilyAskedFor) {
  EXPECT_EQ(UnspecifiedLike(*IpAddress::Parse("192.0.2.1")).ToString(), "0.0.0.0");
  EXPECT_EQ(UnspecifiedLike(*IpAddress::Parse("2001:db8::1")).ToString(), "::");
}

}  // namespace
}  // namespace l2tp::net
