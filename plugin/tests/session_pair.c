#define _GNU_SOURCE
#include "plugin/tests/session_pair.h"

#include <arpa/inet.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int open_udp(uint16_t* port) {
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr*)&address, sizeof(address)) < 0) return -1;
  if (getsockname(fd, (struct sockaddr*)&address, &size) < 0) return -1;
  *port = ntohs(address.sin_port);
  return fd;
}

// With session ids 0 this makes the tunnel, otherwise a session in it.
static int open_pppox(int udp, uint16_t remote_port, uint16_t tunnel, uint16_t peer_tunnel,
                      uint16_t session, uint16_t peer_session) {
  struct sockaddr_pppol2tp address;
  memset(&address, 0, sizeof(address));
  address.sa_family = AF_PPPOX;
  address.sa_protocol = PX_PROTO_OL2TP;
  address.pppol2tp.fd = udp;
  address.pppol2tp.addr = loopback(remote_port);
  address.pppol2tp.s_tunnel = tunnel;
  address.pppol2tp.d_tunnel = peer_tunnel;
  address.pppol2tp.s_session = session;
  address.pppol2tp.d_session = peer_session;
  const int fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof(address)) < 0) return -1;
  return fd;
}

int session_pair_open(struct session_pair* pair) {
  static uint16_t opened;
  uint16_t tunnels[2], sessions[2];
  for (int end = 0; end < 2; ++end) {
    pair->tunnel_id[end] = tunnels[end] = (uint16_t)(101 + end + 2 * opened);
    pair->session_id[end] = sessions[end] = (uint16_t)(201 + end + 2 * opened);
  }
  ++opened;
  uint16_t ports[2];
  for (int end = 0; end < 2; ++end) {
    pair->udp[end] = open_udp(&ports[end]);
    if (pair->udp[end] < 0) return -1;
  }
  for (int end = 0; end < 2; ++end) {
    const int other = 1 - end;
    const struct sockaddr_in remote = loopback(ports[other]);
    if (connect(pair->udp[end], (const struct sockaddr*)&remote, sizeof(remote)) < 0) return -1;
    pair->tunnel[end] =
        open_pppox(pair->udp[end], ports[other], tunnels[end], tunnels[other], 0, 0);
    if (pair->tunnel[end] < 0) return -1;
    pair->session[end] = open_pppox(pair->udp[end], ports[other], tunnels[end], tunnels[other],
                                    sessions[end], sessions[other]);
    if (pair->session[end] < 0) return -1;
  }
  return 0;
}
