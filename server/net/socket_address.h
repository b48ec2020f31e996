// Endpoint to sockaddr and back.

#ifndef L2TP_SERVER_NET_SOCKET_ADDRESS_H_
#define L2TP_SERVER_NET_SOCKET_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "server/base/endpoint.h"

namespace l2tp::net {

// A sockaddr_in or sockaddr_in6 with room for either.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// `endpoint.address` must be set.
SocketAddress ToSocketAddress(const Endpoint& endpoint);

// nullopt for other families than IPv4 and IPv6.
std::optional<Endpoint> FromSocketAddress(const sockaddr_storage& storage);

IpAddress FromInAddr(const in_addr& address);
IpAddress FromIn6Addr(const in6_addr& address);

// 0.0.0.0 or ::, of the same family as `address`.
IpAddress UnspecifiedLike(const IpAddress& address);

}  // namespace l2tp::net

#endif  // L2TP_SERVER_NET_SOCKET_ADDRESS_H_
