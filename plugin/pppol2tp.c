// pppd over an L2TP session of the kernel: pppol2tp.so. Takes the place of the plugin of that
// name in the ppp package: same options, same hooks, same exported names. README.md tells what
// they do and what is different.
//
// pppd gets a PPPoL2TP socket (`pppol2tp FD`) that is connected to a session already. The kernel
// keeps the data; pppd only sees control frames.

#define _GNU_SOURCE
#include "plugin/placement.h"
#include "plugin/pppd_compat.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_PPPOL2TP
#define SOL_PPPOL2TP 273
#endif

// Exported names, as the stock plugin has them. Other plugins (openl2tp.so, pppol2tp_events.so)
// link to them. The hooks are called with numbers in host order.
EXPORTED void plugin_init(void);
EXPORTED const char pppd_version[] = L2TP_PLUGIN_PPPD_VERSION;
EXPORTED int pppol2tp_tunnel_id;
EXPORTED int pppol2tp_session_id;
EXPORTED void (*pppol2tp_send_accm_hook)(int tunnel_id, int session_id, uint32_t send_accm,
                                         uint32_t recv_accm);
EXPORTED void (*pppol2tp_ip_updown_hook)(int tunnel_id, int session_id, int up);
EXPORTED struct channel pppol2tp_channel;

// pppd's own channel; the_channel is another once a device has been chosen.
extern struct channel tty_channel __attribute__((weak));

static int session_fd = -1;
static char session_fd_text[16];
static bool lns_mode;
static bool keep_settings;
static int hold_fd = -1;
static bool send_sequence;
static bool receive_sequence;
static int reorder_timeout;
static int listen_seconds;
static int debug_mask;
static char interface_name[IFNAMSIZ];
static char tunnel_id_text[16];
static char session_id_text[16];
static bool ipv4_is_up;
static bool ipv6_is_up;

// ---- What the socket is ----------------------------------------------------------------------

union session_address {
  struct sockaddr_pppol2tp v2;
  struct sockaddr_pppol2tpin6 v2_in6;
  struct sockaddr_pppol2tpv3 v3;
  struct sockaddr_pppol2tpv3in6 v3_in6;
};

// Says what is wrong with `fd`, once. 1 if nothing is.
static int check_socket(int fd) {
  int domain = 0, protocol = 0;
  socklen_t size = sizeof(domain);
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0) {
    if (errno == EBADF) {
      compat_option_error("pppol2tp: descriptor %d is not open", fd);
    } else {
      compat_option_error("pppol2tp: descriptor %d is not a socket", fd);
    }
    return 0;
  }
  if (domain != AF_PPPOX) {
    compat_option_error("pppol2tp: descriptor %d is a socket of address family %d, not a PPPoX one",
                        fd, domain);
    return 0;
  }
  size = sizeof(protocol);
  if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) < 0 || protocol != PX_PROTO_OL2TP) {
    compat_option_error("pppol2tp: descriptor %d is a PPPoX socket of protocol %d, not PPPoL2TP",
                        fd, protocol);
    return 0;
  }
  union session_address address;
  size = sizeof(address);
  if (getsockname(fd, (struct sockaddr*)&address, &size) < 0) {
    if (errno == ENOTCONN) {
      compat_option_error("pppol2tp: socket %d is not connected to a session", fd);
    } else {
      compat_option_error("pppol2tp: cannot tell the session of socket %d: %m", fd);
    }
    return 0;
  }
  return 1;
}

// The ids of the session, ours. The kernel tells the layout of the address by its size only.
static int read_session_ids(uint32_t* tunnel_id, uint32_t* session_id) {
  union session_address address;
  socklen_t size = sizeof(address);
  if (getsockname(session_fd, (struct sockaddr*)&address, &size) < 0) return 0;
  if (size == sizeof(address.v2)) {
    *tunnel_id = address.v2.pppol2tp.s_tunnel;
    *session_id = address.v2.pppol2tp.s_session;
  } else if (size == sizeof(address.v2_in6)) {
    *tunnel_id = address.v2_in6.pppol2tp.s_tunnel;
    *session_id = address.v2_in6.pppol2tp.s_session;
  } else if (size == sizeof(address.v3)) {
    *tunnel_id = address.v3.pppol2tp.s_tunnel;
    *session_id = address.v3.pppol2tp.s_session;
  } else if (size == sizeof(address.v3_in6)) {
    *tunnel_id = address.v3_in6.pppol2tp.s_tunnel;
    *session_id = address.v3_in6.pppol2tp.s_session;
  } else {
    return 0;
  }
  return 1;
}

// ---- Options ---------------------------------------------------------------------------------

static int set_session_fd(char** argv) {
  int fd;
  if (session_fd >= 0) {
    compat_option_error("pppol2tp: given twice, with descriptor %d and with %s", session_fd, *argv);
    return 0;
  }
  if (&tty_channel != NULL && the_channel != &tty_channel) {
    compat_option_error("pppol2tp: another device has been given already");
    return 0;
  }
  if (!compat_int_option(*argv, &fd)) return 0;
  if (!check_socket(fd)) return 0;

  // Scripts have no business with it.
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  session_fd = fd;
  strlcpy(session_fd_text, *argv, sizeof(session_fd_text));

  compat_no_modem();
  // The kernel's L2TP strips address and control by itself and takes both forms of the protocol
  // field, so we let the peer compress, but do not ask it to.
  lcp_wantoptions[0].neg_accompression = 0;
  lcp_allowoptions[0].neg_accompression = 1;
  lcp_wantoptions[0].neg_pcompression = 0;
  lcp_allowoptions[0].neg_pcompression = 1;
  ccp_wantoptions[0].deflate = 0;
  ccp_allowoptions[0].deflate = 0;
  ccp_wantoptions[0].bsd_compress = 0;
  ccp_allowoptions[0].bsd_compress = 0;
  ipcp_wantoptions[0].neg_vj = 0;
  ipcp_allowoptions[0].neg_vj = 0;

  the_channel = &pppol2tp_channel;
  return 1;
}

// Ids of L2TPv3 have 32 bits and do not fit pppd's int options. They become negative as the int
// that the hooks get; the bits are right.
static int set_id(const char* option, const char* text, int* id, char* kept, size_t kept_size) {
  char* end;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 0);
  if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value > UINT32_MAX) {
    compat_option_error("%s: \"%s\" is not a number from 0 to 4294967295", option, text);
    return 0;
  }
  *id = (int)(uint32_t)value;
  strlcpy(kept, text, kept_size);
  return 1;
}

static int set_tunnel_id(char** argv) {
  return set_id("pppol2tp_tunnel_id", *argv, &pppol2tp_tunnel_id, tunnel_id_text,
                sizeof(tunnel_id_text));
}

static int set_session_id(char** argv) {
  return set_id("pppol2tp_session_id", *argv, &pppol2tp_session_id, session_id_text,
                sizeof(session_id_text));
}

// pppd renames the interface right when it makes it, and checks that it worked; all we do is to
// keep names away from it that it would cut off or the kernel would refuse.
static int set_interface_name(char** argv) {
  const char* name = *argv;
  const size_t size = strlen(name);
  if (size == 0 || size >= IFNAMSIZ) {
    compat_option_error("pppol2tp_ifname: \"%s\" has %d characters, possible are 1 to %d", name,
                        (int)size, IFNAMSIZ - 1);
    return 0;
  }
  for (size_t i = 0; i < size; ++i) {
    const unsigned char c = (unsigned char)name[i];
    if (c == '/' || c == ':' || c == '%' || !isgraph(c)) {
      compat_option_error("pppol2tp_ifname: \"%v\" has a character no interface name can have",
                          name);
      return 0;
    }
  }
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    compat_option_error("pppol2tp_ifname: \"%s\" is no interface name", name);
    return 0;
  }
  memcpy(interface_name, name, size + 1);
  return 1;
}

static int set_namespace(char** argv) { return placement_set_namespace(*argv); }
static int set_vrf(char** argv) { return placement_set_vrf(*argv); }

static option_t options[] = {
    {.name = "pppol2tp",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_session_fd),
     .description = "descriptor of a connected PPPoL2TP socket",
     .flags = OPT_DEVNAM | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = session_fd_text},
    {.name = "pppol2tp_lns_mode",
     .type = o_bool,
     .addr = &lns_mode,
     .description = "we are the LNS: our use of sequence numbers holds, not the peer's",
     .flags = OPT_PRIO | 1},
    {.name = "pppol2tp_send_seq",
     .type = o_bool,
     .addr = &send_sequence,
     .description = "put sequence numbers into data messages",
     .flags = OPT_PRIO | 1},
    {.name = "pppol2tp_recv_seq",
     .type = o_bool,
     .addr = &receive_sequence,
     .description = "drop data messages without sequence numbers",
     .flags = OPT_PRIO | 1},
    {.name = "pppol2tp_keep_settings",
     .type = o_bool,
     .addr = &keep_settings,
     .description = "leave LNS mode, sequence numbers and reordering as they are",
     .flags = OPT_PRIO | 1},
    {.name = "pppol2tp_hold",
     .type = o_int,
     .addr = &hold_fd,
     .description = "descriptor of a pipe: PPP begins when an octet comes from it",
     .flags = OPT_PRIO | OPT_LLIMIT,
     .lower_limit = 0},
    {.name = "pppol2tp_reorderto",
     .type = o_int,
     .addr = &reorder_timeout,
     .description = "milliseconds to wait for data messages out of order; 0: none",
     .flags = OPT_PRIO | OPT_LLIMIT,
     .lower_limit = 0},
    {.name = "pppol2tp_debug_mask",
     .type = o_int,
     .addr = &debug_mask,
     .description = "what to log: 1 debug, 2 control, 4 the kernel's transport, 8 data",
     .flags = OPT_PRIO},
    {.name = "pppol2tp_ifname",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_interface_name),
     .description = "name for the interface, instead of pppN",
     .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = interface_name},
    {.name = "pppol2tp_netns",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_namespace),
     .description = "network namespace that the interface, pppd and its scripts go to",
     .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = placement_namespace},
    {.name = "pppol2tp_vrf",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_vrf),
     .description = "VRF device that the interface is put into",
     .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = placement_vrf},
    {.name = "pppol2tp_tunnel_id",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_tunnel_id),
     .description = "our id of the tunnel, for hooks",
     .flags = OPT_PRIO | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = tunnel_id_text},
    {.name = "pppol2tp_session_id",
     .type = o_special,
     .addr = COMPAT_FUNCTION(set_session_id),
     .description = "our id of the session, for hooks",
     .flags = OPT_PRIO | OPT_A2STRVAL | OPT_STATIC,
     .addr2 = session_id_text},
    {.name = "pppol2tp_listen_time",
     .type = o_int,
     .addr = &listen_seconds,
     .description = "seconds to wait for the peer's first frame before sending one; 0: none",
     .flags = OPT_PRIO | OPT_LIMITS,
     .lower_limit = 0,
     .upper_limit = 60},
    {.name = NULL}};

// ---- The channel -----------------------------------------------------------------------------

static void check_id(const char* option, int* id, uint32_t actual) {
  if (*id == 0) {
    *id = (int)actual;
  } else if ((uint32_t)*id != actual) {
    compat_option_error("%s is %u, but socket %d belongs to %u", option, (unsigned)*id, session_fd,
                        (unsigned)actual);
    die(EXIT_OPTION_ERROR);
  }
}

// All options are known now.
static void check_options_pppol2tp(void) {
  // A second plugin of the kind takes the option `pppol2tp` away from us, and then our channel for
  // its own: the name is the same.
  if (session_fd < 0) {
    compat_option_error("another pppol2tp plugin has been loaded besides this one");
    die(EXIT_OPTION_ERROR);
  }
  uint32_t tunnel_id, session_id;
  if (read_session_ids(&tunnel_id, &session_id)) {
    check_id("pppol2tp_tunnel_id", &pppol2tp_tunnel_id, tunnel_id);
    check_id("pppol2tp_session_id", &pppol2tp_session_id, session_id);
  }
  if (interface_name[0] != '\0') {
    if (req_ifname[0] != '\0' && strcmp(req_ifname, interface_name) != 0) {
      compat_option_error("ifname %s and pppol2tp_ifname %s contradict each other", req_ifname,
                          interface_name);
      die(EXIT_OPTION_ERROR);
    }
    memcpy(req_ifname, interface_name, sizeof(interface_name));
  }
  if (persist) {
    // The session ends with its socket, and there is no second one.
    warn("pppol2tp: persist is not possible and is ignored");
    persist = 0;
  }
}

static void set_socket_option(int option, const char* name, int value) {
  if (setsockopt(session_fd, SOL_PPPOL2TP, option, &value, sizeof(value)) < 0) {
    fatal("pppol2tp: cannot set %s to %d: %m", name, value);
  }
}

// Sets what is off as well: the session may have been made with other values. Unless whoever made
// it looks after them: the peer may ask for sequence numbers before or after pppd comes here.
static int connect_pppol2tp(void) {
  if (session_fd < 0) fatal("pppol2tp: no descriptor was given, or its session has ended");
  if (!keep_settings) {
    set_socket_option(PPPOL2TP_SO_LNSMODE, "LNS mode", lns_mode);
    set_socket_option(PPPOL2TP_SO_SENDSEQ, "sending of sequence numbers", send_sequence);
    set_socket_option(PPPOL2TP_SO_RECVSEQ, "demand for sequence numbers", receive_sequence);
    set_socket_option(PPPOL2TP_SO_REORDERTO, "reorder timeout", reorder_timeout);
  }
  if (debug_mask != 0) set_socket_option(PPPOL2TP_SO_DEBUG, "debug mask", debug_mask);
  if (debug_mask & (PPPOL2TP_MSG_DEBUG | PPPOL2TP_MSG_CONTROL)) {
    info("pppol2tp: tunnel %u session %u lns_mode %d send_seq %d recv_seq %d reorderto %d",
         (unsigned)pppol2tp_tunnel_id, (unsigned)pppol2tp_session_id, lns_mode, send_sequence,
         receive_sequence, reorder_timeout);
  }
  // An LNS is ready before its LAC is, and pppd would wait 3 s before it repeated the LCP request
  // that the LAC was not there to hear. pppd takes milliseconds.
  if (listen_seconds > 0) listen_time = listen_seconds * 1000;
  return session_fd;
}

// The call is not established yet, and until it is nothing may be said in it (RFC 2661
// section 5.0). What comes in meanwhile waits in the channel: the first LCP request is not lost.
static int establish_when_told(int fd) {
  const int ppp_fd = compat_establish(fd);
  if (ppp_fd < 0) return ppp_fd;
  placement_move_interface();
  if (hold_fd < 0) return ppp_fd;
  fcntl(hold_fd, F_SETFD, FD_CLOEXEC);
  struct pollfd pipe = {.fd = hold_fd, .events = POLLIN};
  char octet = 0;
  ssize_t size = -1;
  while (size < 0) {
    // A second is how late a signal can be seen that came just before poll().
    if (poll(&pipe, 1, 1000) > 0) {
      size = read(hold_fd, &octet, 1);
      if (size < 0 && errno != EINTR && errno != EAGAIN) {
        fatal("pppol2tp: cannot read from descriptor %d: %m", hold_fd);
      }
    }
    // By a signal, or because whoever started us is gone: there will be no call.
    if (compat_asked_to_end() || size == 0) die(EXIT_USER_REQUEST);
  }
  close(hold_fd);
  hold_fd = -1;
  return ppp_fd;
}

// The last copy of the descriptor ends the kernel's session.
static void disconnect_pppol2tp(void) {
  if (session_fd >= 0) close(session_fd);
  session_fd = -1;
}

// No send_config and recv_config: L2TP has no characters to escape, the MRU of the socket is of no
// effect in the kernel, and pppd itself sets the interface's MTU to the least of the mtu option,
// our MRU and the peer's.
EXPORTED struct channel pppol2tp_channel = {
    .options = options,
    .check_options = check_options_pppol2tp,
    .connect = connect_pppol2tp,
    .disconnect = disconnect_pppol2tp,
    .establish_ppp = establish_when_told,
    .disestablish_ppp = compat_disestablish,
};

// ---- Hooks -----------------------------------------------------------------------------------

// LCP is up when the authentication phase begins, whether or not there is anything to do in it.
// Unlike in the frames themselves, an option that was left out or rejected shows here as such: its
// default then holds (RFC 1662: escape everything).
static void on_phase(void* context, int phase_now) {
  (void)context;
  if (phase_now != PHASE_AUTHENTICATE || pppol2tp_send_accm_hook == NULL) return;
  const lcp_options* ours = &lcp_gotoptions[0];
  const lcp_options* peers = &lcp_hisoptions[0];
  const uint32_t send_accm = peers->neg_asyncmap ? peers->asyncmap : 0xffffffff;
  const uint32_t recv_accm = ours->neg_asyncmap ? ours->asyncmap : 0xffffffff;
  if (debug_mask & PPPOL2TP_MSG_CONTROL) {
    info("pppol2tp: ACCM send %x receive %x", send_accm, recv_accm);
  }
  pppol2tp_send_accm_hook(pppol2tp_tunnel_id, pppol2tp_session_id, send_accm, recv_accm);
}

static void tell_up_or_down(bool* is_up, bool up) {
  if (*is_up == up) return;
  *is_up = up;
  if (pppol2tp_ip_updown_hook != NULL) {
    pppol2tp_ip_updown_hook(pppol2tp_tunnel_id, pppol2tp_session_id, up);
  }
}

static void on_ipv4_up(void* context, int argument) {
  (void)context, (void)argument;
  tell_up_or_down(&ipv4_is_up, 1);
}
static void on_ipv4_down(void* context, int argument) {
  (void)context, (void)argument;
  tell_up_or_down(&ipv4_is_up, 0);
}
static void on_ipv6_up(void* context, int argument) {
  (void)context, (void)argument;
  tell_up_or_down(&ipv6_is_up, 1);
}
static void on_ipv6_down(void* context, int argument) {
  (void)context, (void)argument;
  tell_up_or_down(&ipv6_is_up, 0);
}

void plugin_init(void) {
  static bool initialised;
  if (initialised) return;  // the same file, loaded by a second `plugin` option
  initialised = 1;

  // Two of us would share some of their names and not others (whoever came first wins).
  if (dlsym(RTLD_DEFAULT, "pppol2tp_channel") != (void*)&pppol2tp_channel) {
    fatal("another pppol2tp plugin has been loaded already");
  }
  if (!compat_kernel_has_ppp()) fatal("the kernel has no PPP (module ppp_generic)");

  compat_add_options(options);
  compat_on_phase(on_phase);
  compat_on_ip_up(on_ipv4_up);
  compat_on_ip_down(on_ipv4_down);
  compat_on_ipv6_up(on_ipv6_up);
  compat_on_ipv6_down(on_ipv6_down);
}
