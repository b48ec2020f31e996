// All that differs between pppd 2.4.9 and 2.5, under names of our own. The plugins use no other
// pppd name that changed; a plugin binary still serves only the version it was compiled for, which
// the build gives as L2TP_PLUGIN_PPPD_VERSION.
//
// Include it first: pppd's headers need these macros, and define `bool` themselves.

#ifndef L2TP_PLUGIN_PPPD_COMPAT_H_
#define L2TP_PLUGIN_PPPD_COMPAT_H_

// What Debian and all others build pppd with; the headers leave out declarations otherwise.
#ifndef INET6
#define INET6 1
#endif
#ifndef HAVE_MULTILINK
#define HAVE_MULTILINK 1
#endif

#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#if defined(__has_include)
#if __has_include(<pppd/pppdconf.h>)
#define PPPD_COMPAT_2_5 1
#endif
#endif

#include <pppd/pppd.h>
#ifdef PPPD_COMPAT_2_5
#include <pppd/chap.h>
#include <pppd/options.h>
#include <pppd/upap.h>
#else
#include <pppd/chap-new.h>
#endif
#include <pppd/fsm.h>

#include <pppd/ccp.h>
#include <pppd/eui64.h>
#include <pppd/ipcp.h>
#include <pppd/ipv6cp.h>
#include <pppd/lcp.h>
#include <pppd/mppe.h>

// For what pppd and other plugins look up. "protected": in here the name is ours even when a plugin
// that was loaded before has exported the same one.
#define EXPORTED __attribute__((visibility("protected")))

// pppd's option tables hold functions as `void *`, which ISO C allows only by way of a number.
#define COMPAT_FUNCTION(function) ((void*)(uintptr_t)(function))

typedef void compat_notify(void* context, int argument);

#ifdef PPPD_COMPAT_2_5

// Symbols that pppd still exports but declares in a private header, all since 2.5.0.
extern bool dryrun;
extern bool persist;
extern bool uselogin;
extern char user[];
extern char req_ifname[];
extern bool multilink;
extern int listen_time;
extern int lcp_echo_fails;
extern struct pppd_stats link_stats;
extern unsigned link_connect_time;
void update_link_stats(int unit);
void die(int exit_status);
static inline int compat_asked_to_end(void) { return ppp_signaled(SIGTERM); }

static inline void compat_add_options(option_t* options) { ppp_add_options(options); }
static inline int compat_int_option(char* text, int* value) { return ppp_int_option(text, value); }
#define compat_option_error ppp_option_error
static inline int compat_kernel_has_ppp(void) { return ppp_check_kernel_support(); }
static inline void compat_no_modem(void) { ppp_set_modem(0); }
static inline int compat_establish(int fd) { return ppp_generic_establish(fd); }
static inline void compat_disestablish(int fd) { ppp_generic_disestablish(fd); }

static inline void compat_on_phase(compat_notify* f) { ppp_add_notify(NF_PHASE_CHANGE, f, NULL); }
static inline void compat_on_exit(compat_notify* f) { ppp_add_notify(NF_EXIT, f, NULL); }
static inline void compat_on_fork(compat_notify* f) { ppp_add_notify(NF_FORK, f, NULL); }
static inline void compat_on_signal(compat_notify* f) { ppp_add_notify(NF_SIGNALED, f, NULL); }
static inline void compat_on_auth_up(compat_notify* f) { ppp_add_notify(NF_AUTH_UP, f, NULL); }
static inline void compat_on_ip_up(compat_notify* f) { ppp_add_notify(NF_IP_UP, f, NULL); }
static inline void compat_on_ip_down(compat_notify* f) { ppp_add_notify(NF_IP_DOWN, f, NULL); }
static inline void compat_on_ipv6_up(compat_notify* f) { ppp_add_notify(NF_IPV6_UP, f, NULL); }
static inline void compat_on_ipv6_down(compat_notify* f) { ppp_add_notify(NF_IPV6_DOWN, f, NULL); }

static inline void compat_timer(void (*f)(void*), int seconds, int microseconds) {
  ppp_timeout(f, NULL, seconds, microseconds);
}

static inline const char* compat_interface_name(void) { return ppp_ifname(); }
static inline int compat_interface_unit(void) { return ppp_ifunit(); }
static inline void compat_peer_name(char* buffer, size_t size) { ppp_peer_authname(buffer, size); }
static inline int compat_exit_status(void) { return (int)ppp_status(); }
// Seconds; 0 leaves the limit that there is.
static inline void compat_limit_time(unsigned connected, unsigned idle) {
  if (connected != 0) ppp_set_max_connect_time(connected);
  if (idle != 0) ppp_set_max_idle_time(idle);
}

#else  // 2.4.9

extern int lcp_echo_fails;  // exported, but in no header

static inline int compat_asked_to_end(void) { return got_sigterm; }
static inline void compat_add_options(option_t* options) { add_options(options); }
static inline int compat_int_option(char* text, int* value) { return int_option(text, value); }
#define compat_option_error option_error
static inline int compat_kernel_has_ppp(void) { return ppp_available(); }
static inline void compat_no_modem(void) { modem = 0; }
static inline int compat_establish(int fd) { return generic_establish_ppp(fd); }
static inline void compat_disestablish(int fd) { generic_disestablish_ppp(fd); }

static inline void compat_on_phase(compat_notify* f) { add_notifier(&phasechange, f, NULL); }
static inline void compat_on_exit(compat_notify* f) { add_notifier(&exitnotify, f, NULL); }
static inline void compat_on_fork(compat_notify* f) { add_notifier(&fork_notifier, f, NULL); }
static inline void compat_on_signal(compat_notify* f) { add_notifier(&sigreceived, f, NULL); }
static inline void compat_on_auth_up(compat_notify* f) { add_notifier(&auth_up_notifier, f, NULL); }
static inline void compat_on_ip_up(compat_notify* f) { add_notifier(&ip_up_notifier, f, NULL); }
static inline void compat_on_ip_down(compat_notify* f) { add_notifier(&ip_down_notifier, f, NULL); }
static inline void compat_on_ipv6_up(compat_notify* f) { add_notifier(&ipv6_up_notifier, f, NULL); }
static inline void compat_on_ipv6_down(compat_notify* f) {
  add_notifier(&ipv6_down_notifier, f, NULL);
}

static inline void compat_timer(void (*f)(void*), int seconds, int microseconds) {
  timeout(f, NULL, seconds, microseconds);
}

static inline const char* compat_interface_name(void) { return ifname; }
static inline int compat_interface_unit(void) { return ifunit; }
static inline void compat_peer_name(char* buffer, size_t size) {
  strlcpy(buffer, peer_authname, size);
}
static inline int compat_exit_status(void) { return status; }
static inline void compat_limit_time(unsigned connected, unsigned idle) {
  if (connected != 0) maxconnect = (int)connected;
  if (idle != 0) idle_time_limit = (int)idle;
}

#endif

// As they are now, while a network protocol is up.
static inline void compat_link_stats(struct pppd_stats* stats, unsigned* seconds) {
  update_link_stats(0);
  *stats = link_stats;
  *seconds = link_connect_time;
}

// As pppd took them when the last network protocol went down: by the time its exit notifiers run
// there is no interface to ask any more, and 2.5's ppp_get_link_stats() would log an error. All are
// 0 when the link never was up. With 2.4.9 octets are modulo 2^32.
static inline void compat_last_link_stats(struct pppd_stats* stats, unsigned* seconds) {
  *stats = link_stats;
  *seconds = link_connect_time;
}

#endif  // L2TP_PLUGIN_PPPD_COMPAT_H_
