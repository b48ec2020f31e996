// A PPP unit is made in the network namespace of its channel, which is the L2TP session, and stays
// there; only its interface can be moved (Linux 4.4 and later). Packets go across by themselves.
//
// pppd configures the interface through two sockets that it opens at start, and through others that
// it opens when it needs them. So the process follows the interface, and the two are replaced.

#define _GNU_SOURCE
#include "plugin/placement.h"

#include "plugin/pppd_compat.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOLDER "/run/netns/"
#define MAX_NAMESPACE 64

char placement_namespace[MAX_NAMESPACE + 1];
char placement_vrf[IFNAMSIZ];

static int set_name(const char* option, const char* name, char* kept, size_t size) {
  const size_t length = strlen(name);
  bool good = length > 0 && length < size && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
  for (size_t i = 0; good && i < length; ++i) {
    good = isgraph((unsigned char)name[i]) && name[i] != '/' && name[i] != ':' && name[i] != '%';
  }
  if (!good) {
    compat_option_error("%s: \"%v\" can be no name", option, name);
    return 0;
  }
  memcpy(kept, name, length + 1);
  return 1;
}

int placement_set_namespace(const char* name) {
  return set_name("pppol2tp_netns", name, placement_namespace, sizeof(placement_namespace));
}

int placement_set_vrf(const char* name) {
  return set_name("pppol2tp_vrf", name, placement_vrf, sizeof(placement_vrf));
}

// Changes one attribute, a number, of the interface `index` in this process's network namespace.
// Gives 0 or an errno.
static int change_interface(unsigned index, unsigned short attribute, uint32_t value) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg interface;
    struct rtattr attribute;
    uint32_t value;
  } request = {
      .header = {.nlmsg_len = sizeof(request),
                 .nlmsg_type = RTM_NEWLINK,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .interface = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index},
      .attribute = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = attribute},
      .value = value,
  };
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[512];
  } reply;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return errno;
  int result = 0;
  // The kernel does it, and answers, before send() returns.
  if (send(fd, &request, sizeof(request), 0) < 0) {
    result = errno;
  } else if (recv(fd, &reply, sizeof(reply), 0) < (ssize_t)offsetof(__typeof__(reply), rest) ||
             reply.header.nlmsg_type != NLMSG_ERROR) {
    result = EPROTO;
  } else {
    result = -reply.error.error;
  }
  close(fd);
  return result;
}

// pppd's sockets for requests about interfaces belong to the namespace they were opened in.
static void replace_sockets(void) {
  struct rlimit limit = {.rlim_cur = 1024};
  getrlimit(RLIMIT_NOFILE, &limit);
  // pppd opens its own at start, when there is little else.
  const int end = limit.rlim_cur < 256 ? (int)limit.rlim_cur : 256;
  for (int fd = 0; fd < end; ++fd) {
    int domain = 0, type = 0;
    socklen_t size = sizeof(domain);
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0) continue;
    size = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_DGRAM) continue;
    if (domain != AF_INET && domain != AF_INET6) continue;
    const int fresh = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fresh < 0 || dup3(fresh, fd, O_CLOEXEC) < 0) {
      fatal("pppol2tp: cannot open a socket in network namespace %s: %m", placement_namespace);
    }
    close(fresh);
  }
}

static void enter_namespace(const char* interface) {
  char path[sizeof(FOLDER) + MAX_NAMESPACE];
  slprintf(path, sizeof(path), "%s%s", FOLDER, placement_namespace);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fatal("pppol2tp: no network namespace %s: %m", placement_namespace);
  errno = change_interface(if_nametoindex(interface), IFLA_NET_NS_FD, (uint32_t)fd);
  if (errno != 0) {
    fatal("pppol2tp: cannot move %s to network namespace %s: %m", interface, placement_namespace);
  }
  if (setns(fd, CLONE_NEWNET) < 0) {
    fatal("pppol2tp: cannot enter network namespace %s: %m", placement_namespace);
  }
  close(fd);
  replace_sockets();
}

void placement_move_interface(void) {
  if (placement_namespace[0] == '\0' && placement_vrf[0] == '\0') return;
  char interface[IFNAMSIZ];
  if (req_ifname[0] != '\0') {
    slprintf(interface, sizeof(interface), "%s", req_ifname);
  } else {
    slprintf(interface, sizeof(interface), "ppp%d", compat_interface_unit());
  }
  if (placement_namespace[0] != '\0') enter_namespace(interface);
  if (placement_vrf[0] == '\0') return;
  const unsigned vrf = if_nametoindex(placement_vrf);
  if (vrf == 0) fatal("pppol2tp: no VRF device %s: %m", placement_vrf);
  errno = change_interface(if_nametoindex(interface), IFLA_MASTER, vrf);
  if (errno != 0) fatal("pppol2tp: cannot put %s into VRF %s: %m", interface, placement_vrf);
}
