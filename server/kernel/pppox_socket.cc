#include "server/kernel/pppox_socket.h"

#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <arpa/inet.h>
#include <linux/if_pppox.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace l2tp::kernel {
namespace {

// What both variants have in common. The kernel finds the tunnel by its id; no descriptor needed.
template <typename Address>
void FillCommon(const control::KernelSession& session, Address* address) {
  address->sa_family = AF_PPPOX;
  address->sa_protocol = PX_PROTO_OL2TP;
  address->pppol2tp.pid = 0;
  address->pppol2tp.fd = -1;
  address->pppol2tp.s_tunnel = static_cast<uint16_t>(session.tunnel_id.value());
  address->pppol2tp.s_session = static_cast<uint16_t>(session.session_id.value());
  address->pppol2tp.d_tunnel = static_cast<uint16_t>(session.peer_tunnel_id.value());
  address->pppol2tp.d_session = static_cast<uint16_t>(session.peer_session_id.value());
}

template <typename Address>
Bytes ToBytes(const Address& address) {
  const auto* begin = reinterpret_cast<const uint8_t*>(&address);
  return Bytes(begin, begin + sizeof(address));
}

}  // namespace

Bytes PppoxAddress(const control::KernelSession& session) {
  const Endpoint& remote = session.path.remote;
  if (remote.address.is_v6()) {
    sockaddr_pppol2tpin6 address = {};
    FillCommon(session, &address);
    address.pppol2tp.addr.sin6_family = AF_INET6;
    address.pppol2tp.addr.sin6_port = htons(remote.port);
    std::memcpy(&address.pppol2tp.addr.sin6_addr, remote.address.octets().data(), 16);
    return ToBytes(address);
  }
  sockaddr_pppol2tp address = {};
  FillCommon(session, &address);
  address.pppol2tp.addr.sin_family = AF_INET;
  address.pppol2tp.addr.sin_port = htons(remote.port);
  address.pppol2tp.addr.sin_addr.s_addr = htonl(remote.address.v4());
  return ToBytes(address);
}

UniqueFd ConnectPppox(const control::KernelSession& session, int* error) {
  UniqueFd fd(socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, PX_PROTO_OL2TP));
  if (!fd.valid()) {
    *error = errno;
    return fd;
  }
  const Bytes address = PppoxAddress(session);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(address.data()),
              static_cast<socklen_t>(address.size())) < 0) {
    *error = errno;
    return UniqueFd();
  }
  *error = 0;
  return fd;
}

}  // namespace l2tp::kernel
