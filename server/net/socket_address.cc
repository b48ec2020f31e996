#include "server/net/socket_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace l2tp::net {

SocketAddress ToSocketAddress(const Endpoint& endpoint) {
  SocketAddress result;
  if (endpoint.address.is_v6()) {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.octets().data(), sizeof(address.sin6_addr));
    std::memcpy(&result.storage, &address, sizeof(address));
    result.length = sizeof(address);
  } else {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = htonl(endpoint.address.v4());
    std::memcpy(&result.storage, &address, sizeof(address));
    result.length = sizeof(address);
  }
  return result;
}

std::optional<Endpoint> FromSocketAddress(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &storage, sizeof(address));
    return Endpoint{FromInAddr(address.sin_addr), ntohs(address.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address;
    std::memcpy(&address, &storage, sizeof(address));
    return Endpoint{FromIn6Addr(address.sin6_addr), ntohs(address.sin6_port)};
  }
  return std::nullopt;
}

IpAddress FromInAddr(const in_addr& address) { return IpAddress::FromV4(ntohl(address.s_addr)); }

IpAddress FromIn6Addr(const in6_addr& address) {
  std::array<uint8_t, 16> octets;
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::FromV6(octets);
}

IpAddress UnspecifiedLike(const IpAddress& address) {
  return address.is_v6() ? IpAddress::FromV6({}) : IpAddress::FromV4(0);
}

}  // namespace l2tp::net
