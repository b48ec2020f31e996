#include "server/kernel/l2tp_requests.h"

#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <linux/l2tp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace l2tp::kernel {
namespace {

constexpr uint8_t kProtocolVersion = 2;

// nla_put fails only for lack of room, and a fresh message has a page of it.
NetlinkMessage NewRequest(int family, uint8_t command, int flags) {
  NetlinkMessage message(nlmsg_alloc());
  if (message == nullptr ||
      genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_REQUEST | flags,
                  command, L2TP_GENL_VERSION) == nullptr) {
    std::abort();  // out of memory
  }
  return message;
}

void PutIds(nl_msg* message, TunnelId tunnel, SessionId session) {
  nla_put_u32(message, L2TP_ATTR_CONN_ID, tunnel.value());
  nla_put_u32(message, L2TP_ATTR_SESSION_ID, session.value());
}

template <size_t N>
bool ParseMessage(ByteSpan message, std::array<nlattr*, N>* attributes, Bytes* copy) {
  nlmsghdr header = {};
  if (message.size() < NLMSG_HDRLEN + GENL_HDRLEN) return false;
  std::memcpy(&header, message.data(), sizeof(header));
  if (header.nlmsg_len > message.size()) return false;
  copy->assign(message.begin(), message.end());
  return genlmsg_parse(reinterpret_cast<nlmsghdr*>(copy->data()), 0, attributes->data(), N - 1,
                       nullptr) == 0;
}

int64_t Counter(const nlattr* attribute) {
  if (attribute == nullptr || nla_len(attribute) < 8) return 0;
  return static_cast<int64_t>(nla_get_u64(attribute));
}

}  // namespace

NetlinkMessage TunnelCreateRequest(int family, const control::KernelTunnel& tunnel) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_TUNNEL_CREATE, NLM_F_ACK);
  nla_put_u32(message.get(), L2TP_ATTR_CONN_ID, tunnel.tunnel_id.value());
  nla_put_u32(message.get(), L2TP_ATTR_PEER_CONN_ID, tunnel.peer_tunnel_id.value());
  nla_put_u8(message.get(), L2TP_ATTR_PROTO_VERSION, kProtocolVersion);
  nla_put_u16(message.get(), L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
  nla_put_u32(message.get(), L2TP_ATTR_FD, static_cast<uint32_t>(tunnel.socket));
  return message;
}

NetlinkMessage TunnelDeleteRequest(int family, TunnelId tunnel) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_TUNNEL_DELETE, NLM_F_ACK);
  nla_put_u32(message.get(), L2TP_ATTR_CONN_ID, tunnel.value());
  return message;
}

NetlinkMessage TunnelListRequest(int family) {
  return NewRequest(family, L2TP_CMD_TUNNEL_GET, NLM_F_DUMP);
}

NetlinkMessage TunnelGetRequest(int family, TunnelId tunnel) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_TUNNEL_GET, NLM_F_ACK);
  nla_put_u32(message.get(), L2TP_ATTR_CONN_ID, tunnel.value());
  return message;
}

NetlinkMessage SessionCreateRequest(int family, const control::KernelSession& session) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_SESSION_CREATE, NLM_F_ACK);
  PutIds(message.get(), session.tunnel_id, session.session_id);
  nla_put_u32(message.get(), L2TP_ATTR_PEER_SESSION_ID, session.peer_session_id.value());
  nla_put_u16(message.get(), L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_PPP);
  nla_put_u8(message.get(), L2TP_ATTR_SEND_SEQ, session.send_sequence ? 1 : 0);
  nla_put_u8(message.get(), L2TP_ATTR_RECV_SEQ, session.receive_sequence ? 1 : 0);
  nla_put_u8(message.get(), L2TP_ATTR_LNS_MODE, session.lns_mode ? 1 : 0);
  if (session.reorder_timeout > Duration()) {
    const Duration rounded = session.reorder_timeout + Duration::Nanoseconds(999'999);
    nla_put_u64(message.get(), L2TP_ATTR_RECV_TIMEOUT,
                static_cast<uint64_t>(rounded.milliseconds()));
  }
  return message;
}

NetlinkMessage RequireSequencingRequest(int family, TunnelId tunnel, SessionId session) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_SESSION_MODIFY, NLM_F_ACK);
  PutIds(message.get(), tunnel, session);
  nla_put_u8(message.get(), L2TP_ATTR_SEND_SEQ, 1);
  nla_put_u8(message.get(), L2TP_ATTR_RECV_SEQ, 1);
  return message;
}

NetlinkMessage SessionDeleteRequest(int family, TunnelId tunnel, SessionId session) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_SESSION_DELETE, NLM_F_ACK);
  PutIds(message.get(), tunnel, session);
  return message;
}

NetlinkMessage SessionGetRequest(int family, TunnelId tunnel, SessionId session) {
  NetlinkMessage message = NewRequest(family, L2TP_CMD_SESSION_GET, NLM_F_ACK);
  PutIds(message.get(), tunnel, session);
  return message;
}

std::optional<TunnelId> ParseTunnelId(ByteSpan message) {
  std::array<nlattr*, L2TP_ATTR_MAX + 1> attributes;
  Bytes copy;
  if (!ParseMessage(message, &attributes, &copy)) return std::nullopt;
  const nlattr* id = attributes[L2TP_ATTR_CONN_ID];
  if (id == nullptr || nla_len(id) < 4) return std::nullopt;
  return TunnelId(nla_get_u32(id));
}

std::optional<events::Counters> ParseCounters(ByteSpan message) {
  std::array<nlattr*, L2TP_ATTR_MAX + 1> attributes;
  Bytes copy;
  if (!ParseMessage(message, &attributes, &copy)) return std::nullopt;
  if (attributes[L2TP_ATTR_STATS] == nullptr) return std::nullopt;
  std::array<nlattr*, L2TP_ATTR_STATS_MAX + 1> stats;
  if (nla_parse_nested(stats.data(), L2TP_ATTR_STATS_MAX, attributes[L2TP_ATTR_STATS], nullptr) <
      0) {
    return std::nullopt;
  }
  return events::Counters{
      .tx_packets = Counter(stats[L2TP_ATTR_TX_PACKETS]),
      .tx_bytes = Counter(stats[L2TP_ATTR_TX_BYTES]),
      .tx_errors = Counter(stats[L2TP_ATTR_TX_ERRORS]),
      .rx_packets = Counter(stats[L2TP_ATTR_RX_PACKETS]),
      .rx_bytes = Counter(stats[L2TP_ATTR_RX_BYTES]),
      .rx_errors = Counter(stats[L2TP_ATTR_RX_ERRORS]),
      .rx_sequence_discards = Counter(stats[L2TP_ATTR_RX_SEQ_DISCARDS]),
      .rx_out_of_sequence = Counter(stats[L2TP_ATTR_RX_OOS_PACKETS]),
  };
}

}  // namespace l2tp::kernel
