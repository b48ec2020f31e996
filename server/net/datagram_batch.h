// Many datagrams with one system call, and the local address of each (IP_PKTINFO).

#ifndef L2TP_SERVER_NET_DATAGRAM_BATCH_H_
#define L2TP_SERVER_NET_DATAGRAM_BATCH_H_

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/net/socket_address.h"

namespace l2tp::net {

struct ReceivedDatagram {
  Endpoint remote;
  IpAddress local;         // where it was sent to; unset when the socket does not tell
  ByteSpan data;           // valid until the next Receive()
  bool truncated = false;  // it was longer than kMaxOctets
};

// Room for a batch of datagrams, used again and again.
class ReceiveBatch {
 public:
  static constexpr size_t kMaxDatagrams = 32;
  // Control messages are far smaller; jumbo frames fit.
  static constexpr size_t kMaxOctets = 9216;

  ReceiveBatch();

  // Number of datagrams received, or -1 with errno. Never waits.
  int Receive(int fd);
  // The one with `index` below what Receive() returned; nullopt when its sender is no IP address.
  std::optional<ReceivedDatagram> Get(size_t index) const;

 private:
  // One IPv6 packet-info is the largest ancillary message that is asked for.
  struct alignas(cmsghdr) Control {
    char octets[CMSG_SPACE(sizeof(in6_pktinfo))];
  };

  std::vector<uint8_t> octets_;
  std::array<sockaddr_storage, kMaxDatagrams> remotes_;
  std::array<Control, kMaxDatagrams> controls_;
  std::array<iovec, kMaxDatagrams> vectors_;
  std::array<mmsghdr, kMaxDatagrams> headers_;
};

struct OutgoingDatagram {
  std::optional<Endpoint> remote;  // nullopt: where the socket is connected to
  IpAddress source;                // unset or unspecified: the kernel chooses
  Bytes data;
};

constexpr size_t kMaxSendBatch = 64;

// Sends up to kMaxSendBatch datagrams from the front of `queue`. Returns how many went, or -1 with
// errno when not even the first did. Never waits; leaves the queue alone.
int SendBatch(int fd, const std::deque<OutgoingDatagram>& queue);

}  // namespace l2tp::net

#endif  // L2TP_SERVER_NET_DATAGRAM_BATCH_H_
