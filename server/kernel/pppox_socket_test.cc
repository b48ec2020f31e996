#include "server/kernel/pppox_socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <arpa/inet.h>
#include <linux/if_pppox.h>

#include <cstring>

namespace l2tp::kernel {
namespace {

control::KernelSession SessionTo(const char* address) {
  return {.tunnel_id = TunnelId(0x1111),
          .peer_tunnel_id = TunnelId(0x2222),
          .session_id = SessionId(0x3333),
          .peer_session_id = SessionId(0x4444),
          .path = {{}, {*IpAddress::Parse(address), 1701}},
          .reorder_timeout = {}};
}

TEST(PppoxAddressTest, Ipv4VariantHasAllIdsAndTheFarEnd) {
  const Bytes bytes = PppoxAddress(SessionTo("192.0.2.1"));

  sockaddr_pppol2tp address;
  ASSERT_EQ(bytes.size(), sizeof(address));
  std::memcpy(&address, bytes.data(), sizeof(address));
  EXPECT_EQ(+address.sa_family, AF_PPPOX);
  EXPECT_EQ(+address.sa_protocol, static_cast<unsigned>(PX_PROTO_OL2TP));
  EXPECT_EQ(+address.pppol2tp.fd, -1);
  EXPECT_EQ(+address.pppol2tp.s_tunnel, 0x1111);
  EXPECT_EQ(+address.pppol2tp.d_tunnel, 0x2222);
  EXPECT_EQ(+address.pppol2tp.s_session, 0x3333);
  EXPECT_EQ(+address.pppol2tp.d_session, 0x4444);
  EXPECT_EQ(+address.pppol2tp.addr.sin_family, AF_INET);
  EXPECT_EQ(ntohs(address.pppol2tp.addr.sin_port), 1701);
  EXPECT_EQ(ntohl(address.pppol2tp.addr.sin_addr.s_addr), 0xc0000201u);
}

TEST(PppoxAddressTest, Ipv6VariantHasAllIdsAndTheFarEnd) {
  const Bytes bytes = PppoxAddress(SessionTo("2001:db8::1"));

  sockaddr_pppol2tpin6 address;
  ASSERT_EQ(bytes.size(), sizeof(address));
  std::memcpy(&address, bytes.data(), sizeof(address));
  EXPECT_EQ(+address.sa_family, AF_PPPOX);
  EXPECT_EQ(+address.pppol2tp.fd, -1);
  EXPECT_EQ(+address.pppol2tp.s_tunnel, 0x1111);
  EXPECT_EQ(+address.pppol2tp.d_tunnel, 0x2222);
  EXPECT_EQ(+address.pppol2tp.s_session, 0x3333);
  EXPECT_EQ(+address.pppol2tp.d_session, 0x4444);
  EXPECT_EQ(+address.pppol2tp.addr.sin6_family, AF_INET6);
  EXPECT_EQ(ntohs(address.pppol2tp.addr.sin6_port), 1701);
  EXPECT_EQ(address.pppol2tp.addr.sin6_addr.s6_addr[15], 1);
}

// The kernel tells variants apart by their length alone.
TEST(PppoxAddressTest, NoVariantHasTheLengthOfAnother) {
  EXPECT_NE(sizeof(sockaddr_pppol2tp), sizeof(sockaddr_pppol2tpin6));
  EXPECT_NE(PppoxAddress(SessionTo("192.0.2.1")).size(), sizeof(sockaddr_pppol2tpv3));
  EXPECT_NE(PppoxAddress(SessionTo("2001:db8::1")).size(), sizeof(sockaddr_pppol2tpv3in6));
}

}  // namespace
}  // namespace l2tp::kernel
