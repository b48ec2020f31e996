#include "server/kernel/l2tp_requests.h"

#include <gtest/gtest.h>
#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <linux/genetlink.h>
#include <linux/l2tp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <cstring>

namespace l2tp::kernel {
namespace {

constexpr int kFamily = 28;

// A request taken apart again.
struct Parsed {
  explicit Parsed(NetlinkMessage built) : message(std::move(built)) {
    header = nlmsg_hdr(message.get());
    command = genlmsg_hdr(header)->cmd;
    EXPECT_EQ(header->nlmsg_type, kFamily);
    EXPECT_EQ(genlmsg_hdr(header)->version, L2TP_GENL_VERSION);
    EXPECT_EQ(genlmsg_parse(header, 0, attributes, L2TP_ATTR_MAX, nullptr), 0);
  }
  uint32_t U32(int type) const { return nla_get_u32(attributes[type]); }
  uint16_t U16(int type) const { return nla_get_u16(attributes[type]); }
  uint8_t U8(int type) const { return nla_get_u8(attributes[type]); }
  bool Has(int type) const { return attributes[type] != nullptr; }

  NetlinkMessage message;
  nlmsghdr* header;
  uint8_t command;
  nlattr* attributes[L2TP_ATTR_MAX + 1];
};

Bytes BytesOf(nl_msg* message) {
  const auto* begin = reinterpret_cast<const uint8_t*>(nlmsg_hdr(message));
  return Bytes(begin, begin + nlmsg_hdr(message)->nlmsg_len);
}

// What the kernel answers, to be filled.
NetlinkMessage Answer(uint8_t command) {
  NetlinkMessage message(nlmsg_alloc());
  genlmsg_put(message.get(), 1, 1, kFamily, 0, 0, command, L2TP_GENL_VERSION);
  return message;
}

TEST(L2tpRequestsTest, TunnelCreateHandsOverTheSocket) {
  const Parsed request(TunnelCreateRequest(
      kFamily, {.tunnel_id = TunnelId(1), .peer_tunnel_id = TunnelId(2), .socket = 33}));

  EXPECT_EQ(request.command, L2TP_CMD_TUNNEL_CREATE);
  EXPECT_EQ(request.header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
  EXPECT_EQ(request.U32(L2TP_ATTR_CONN_ID), 1u);
  EXPECT_EQ(request.U32(L2TP_ATTR_PEER_CONN_ID), 2u);
  EXPECT_EQ(request.U8(L2TP_ATTR_PROTO_VERSION), 2);
  EXPECT_EQ(request.U16(L2TP_ATTR_ENCAP_TYPE), L2TP_ENCAPTYPE_UDP);
  EXPECT_EQ(request.U32(L2TP_ATTR_FD), 33u);
}

TEST(L2tpRequestsTest, TunnelListIsADump) {
  const Parsed request(TunnelListRequest(kFamily));
  EXPECT_EQ(request.command, L2TP_CMD_TUNNEL_GET);
  EXPECT_EQ(request.header->nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
}

TEST(L2tpRequestsTest, DeletionsAndQueriesNameTheirObject) {
  const Parsed tunnel(TunnelDeleteRequest(kFamily, TunnelId(1)));
  EXPECT_EQ(tunnel.command, L2TP_CMD_TUNNEL_DELETE);
  EXPECT_EQ(tunnel.U32(L2TP_ATTR_CONN_ID), 1u);

  const Parsed session(SessionDeleteRequest(kFamily, TunnelId(1), SessionId(5)));
  EXPECT_EQ(session.command, L2TP_CMD_SESSION_DELETE);
  EXPECT_EQ(session.U32(L2TP_ATTR_CONN_ID), 1u);
  EXPECT_EQ(session.U32(L2TP_ATTR_SESSION_ID), 5u);

  const Parsed one(TunnelGetRequest(kFamily, TunnelId(1)));
  EXPECT_EQ(one.command, L2TP_CMD_TUNNEL_GET);
  EXPECT_EQ(one.header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
  EXPECT_EQ(one.U32(L2TP_ATTR_CONN_ID), 1u);

  const Parsed sequencing(RequireSequencingRequest(kFamily, TunnelId(1), SessionId(5)));
  EXPECT_EQ(sequencing.command, L2TP_CMD_SESSION_MODIFY);
  EXPECT_EQ(sequencing.U32(L2TP_ATTR_SESSION_ID), 5u);
  EXPECT_EQ(sequencing.U8(L2TP_ATTR_SEND_SEQ), 1);
  EXPECT_EQ(sequencing.U8(L2TP_ATTR_RECV_SEQ), 1);

  const Parsed query(SessionGetRequest(kFamily, TunnelId(1), SessionId(5)));
  EXPECT_EQ(query.command, L2TP_CMD_SESSION_GET);
  EXPECT_EQ(query.header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
  EXPECT_EQ(query.U32(L2TP_ATTR_SESSION_ID), 5u);
}

control::KernelSession Session() {
  return {.tunnel_id = TunnelId(1),
          .peer_tunnel_id = TunnelId(2),
          .session_id = SessionId(5),
          .peer_session_id = SessionId(6),
          .path = {},
          .reorder_timeout = {}};
}

TEST(L2tpRequestsTest, SessionCreateAsksForPpp) {
  const Parsed request(SessionCreateRequest(kFamily, Session()));

  EXPECT_EQ(request.command, L2TP_CMD_SESSION_CREATE);
  EXPECT_EQ(request.U32(L2TP_ATTR_CONN_ID), 1u);
  EXPECT_EQ(request.U32(L2TP_ATTR_SESSION_ID), 5u);
  EXPECT_EQ(request.U32(L2TP_ATTR_PEER_SESSION_ID), 6u);
  EXPECT_EQ(request.U16(L2TP_ATTR_PW_TYPE), L2TP_PWTYPE_PPP);
  EXPECT_EQ(request.U8(L2TP_ATTR_SEND_SEQ), 0);
  EXPECT_EQ(request.U8(L2TP_ATTR_RECV_SEQ), 0);
  EXPECT_EQ(request.U8(L2TP_ATTR_LNS_MODE), 0);
  EXPECT_FALSE(request.Has(L2TP_ATTR_RECV_TIMEOUT));
}

TEST(L2tpRequestsTest, SessionCreateCarriesEachOption) {
  auto session = Session();
  session.send_sequence = true;
  EXPECT_EQ(Parsed(SessionCreateRequest(kFamily, session)).U8(L2TP_ATTR_SEND_SEQ), 1);
  session = Session();
  session.receive_sequence = true;
  EXPECT_EQ(Parsed(SessionCreateRequest(kFamily, session)).U8(L2TP_ATTR_RECV_SEQ), 1);
  session = Session();
  session.lns_mode = true;
  EXPECT_EQ(Parsed(SessionCreateRequest(kFamily, session)).U8(L2TP_ATTR_LNS_MODE), 1);
}

TEST(L2tpRequestsTest, ReorderTimeIsRoundedUpToMilliseconds) {
  auto session = Session();
  session.reorder_timeout = Duration::Nanoseconds(1);
  const Parsed request(SessionCreateRequest(kFamily, session));
  EXPECT_EQ(nla_get_u64(request.attributes[L2TP_ATTR_RECV_TIMEOUT]), 1u);
}

TEST(L2tpRequestsTest, TunnelIdIsReadFromAnAnswer) {
  NetlinkMessage answer = Answer(L2TP_CMD_TUNNEL_GET);
  nla_put_u32(answer.get(), L2TP_ATTR_CONN_ID, 77);
  EXPECT_EQ(ParseTunnelId(BytesOf(answer.get())), TunnelId(77));
}

TEST(L2tpRequestsTest, CountersAreReadFromAnAnswer) {
  NetlinkMessage answer = Answer(L2TP_CMD_SESSION_GET);
  nlattr* stats = nla_nest_start(answer.get(), L2TP_ATTR_STATS);
  const int types[] = {L2TP_ATTR_TX_PACKETS,      L2TP_ATTR_TX_BYTES,      L2TP_ATTR_TX_ERRORS,
                       L2TP_ATTR_RX_PACKETS,      L2TP_ATTR_RX_BYTES,      L2TP_ATTR_RX_ERRORS,
                       L2TP_ATTR_RX_SEQ_DISCARDS, L2TP_ATTR_RX_OOS_PACKETS};
  for (uint64_t value = 1; int type : types) nla_put_u64(answer.get(), type, value++);
  nla_nest_end(answer.get(), stats);

  const auto counters = ParseCounters(BytesOf(answer.get()));

  ASSERT_TRUE(counters.has_value());
  EXPECT_EQ(counters->tx_packets, 1);
  EXPECT_EQ(counters->tx_bytes, 2);
  EXPECT_EQ(counters->tx_errors, 3);
  EXPECT_EQ(counters->rx_packets, 4);
  EXPECT_EQ(counters->rx_bytes, 5);
  EXPECT_EQ(counters->rx_errors, 6);
  EXPECT_EQ(counters->rx_sequence_discards, 7);
  EXPECT_EQ(counters->rx_out_of_sequence, 8);
}

TEST(L2tpRequestsTest, AnswersThatDoNotSayGiveNothing) {
  const Bytes empty = BytesOf(Answer(L2TP_CMD_SESSION_GET).get());
  EXPECT_FALSE(ParseTunnelId(empty).has_value());
  EXPECT_FALSE(ParseCounters(empty).has_value());
  EXPECT_FALSE(ParseTunnelId({}).has_value());
  for (size_t size = 0; size < empty.size(); ++size) {
    EXPECT_FALSE(ParseCounters(ByteSpan(empty).subspan(0, size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace l2tp::kernel
