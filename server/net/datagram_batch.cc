#include "server/net/datagram_batch.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace l2tp::net {
namespace {

struct alignas(cmsghdr) SendControl {
  char octets[CMSG_SPACE(sizeof(in6_pktinfo))];
};

template <typename Info>
size_t PutPacketInfo(int level, int type, const Info& info, SendControl* control) {
  cmsghdr header = {};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof(info));
  std::memset(control->octets, 0, sizeof(control->octets));
  std::memcpy(control->octets, &header, sizeof(header));
  std::memcpy(control->octets + CMSG_LEN(0), &info, sizeof(info));
  return CMSG_SPACE(sizeof(info));
}

// Writes the source address; the interface is left to routing, since the one a request came in by
// need not be the way back. Returns the octets used.
size_t PutSource(const IpAddress& source, SendControl* control) {
  if (!source.is_set() || source.is_unspecified()) return 0;
  if (source.is_v6()) {
    in6_pktinfo info = {};
    std::memcpy(&info.ipi6_addr, source.octets().data(), sizeof(info.ipi6_addr));
    return PutPacketInfo(IPPROTO_IPV6, IPV6_PKTINFO, info, control);
  }
  in_pktinfo info = {};
  info.ipi_spec_dst.s_addr = htonl(source.v4());
  return PutPacketInfo(IPPROTO_IP, IP_PKTINFO, info, control);
}

IpAddress LocalAddress(const msghdr& header) {
  // CMSG_NXTHDR wants a mutable header, though it does not change it.
  auto* mutable_header = const_cast<msghdr*>(&header);
  for (cmsghdr* control = CMSG_FIRSTHDR(mutable_header); control != nullptr;
       control = CMSG_NXTHDR(mutable_header, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof(info));
      return FromInAddr(info.ipi_spec_dst);
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof(info));
      return FromIn6Addr(info.ipi6_addr);
    }
  }
  return IpAddress();
}

}  // namespace

ReceiveBatch::ReceiveBatch() : octets_(kMaxDatagrams * kMaxOctets) {
  for (size_t i = 0; i < kMaxDatagrams; ++i) {
    vectors_[i] = {.iov_base = &octets_[i * kMaxOctets], .iov_len = kMaxOctets};
    headers_[i] = {};
  }
}

int ReceiveBatch::Receive(int fd) {
  for (size_t i = 0; i < kMaxDatagrams; ++i) {
    // The kernel overwrites the lengths each time.
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &remotes_[i];
    header.msg_namelen = sizeof(remotes_[i]);
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].octets;
    header.msg_controllen = sizeof(controls_[i].octets);
  }
  return recvmmsg(fd, headers_.data(), kMaxDatagrams, MSG_DONTWAIT, nullptr);
}

std::optional<ReceivedDatagram> ReceiveBatch::Get(size_t index) const {
  const msghdr& header = headers_[index].msg_hdr;
  auto remote = FromSocketAddress(remotes_[index]);
  if (!remote.has_value() || header.msg_namelen == 0) return std::nullopt;
  return ReceivedDatagram{
      .remote = *remote,
      .local = LocalAddress(header),
      .data = ByteSpan(&octets_[index * kMaxOctets], headers_[index].msg_len),
      .truncated = (header.msg_flags & MSG_TRUNC) != 0,
  };
}

int SendBatch(int fd, const std::deque<OutgoingDatagram>& queue) {
  const size_t count = std::min(queue.size(), kMaxSendBatch);
  std::array<mmsghdr, kMaxSendBatch> headers;
  std::array<iovec, kMaxSendBatch> vectors;
  std::array<SocketAddress, kMaxSendBatch> remotes;
  std::array<SendControl, kMaxSendBatch> controls;
  for (size_t i = 0; i < count; ++i) {
    const OutgoingDatagram& datagram = queue[i];
    vectors[i] = {.iov_base = const_cast<uint8_t*>(datagram.data.data()),
                  .iov_len = datagram.data.size()};
    headers[i] = {};
    msghdr& header = headers[i].msg_hdr;
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    if (datagram.remote.has_value()) {
      remotes[i] = ToSocketAddress(*datagram.remote);
      header.msg_name = remotes[i].get();
      header.msg_namelen = remotes[i].length;
    }
    if (const size_t used = PutSource(datagram.source, &controls[i]); used > 0) {
      header.msg_control = controls[i].octets;
      header.msg_controllen = used;
    }
  }
  return sendmmsg(fd, headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace l2tp::net
