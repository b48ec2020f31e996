// RFC 1661's phases, what the protocols agreed on, and how it ended: from pppd's notifiers and
// state machines to messages.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include "plugin/reports.h"

#include <arpa/inet.h>

#include "plugin/controller_link.h"

#define DEFAULT_MRU 1500  // of PPP, when none was negotiated
#define DEFAULT_ACCM 0xffffffff

static char failure[L2TP_PLUGIN_REASON_SIZE];
// Who tried to log in to us; pppd remembers only those who succeeded.
static char claimed_name[L2TP_PLUGIN_NAME_SIZE];
static bool auth_failure_told;
static int status_at_disconnect = -1;
static uint8_t told_phase;
static bool ipv4_is_up, ipv6_is_up;

void reports_set_reason(const char* reason) { strlcpy(failure, reason, sizeof(failure)); }
void reports_set_claimed_name(const char* name) {
  strlcpy(claimed_name, name, sizeof(claimed_name));
}

// ---- LCP and logging in ----------------------------------------------------------------------

static int larger(int a, int b) { return a > b ? a : b; }

static uint8_t method_of(const lcp_options* options) {
  if (options->neg_eap) return L2TP_PLUGIN_METHOD_EAP;
  if (options->neg_chap) {
    switch (CHAP_DIGEST(options->chap_mdtype)) {
      case CHAP_MD5: return L2TP_PLUGIN_METHOD_CHAP_MD5;
      case CHAP_MICROSOFT: return L2TP_PLUGIN_METHOD_MSCHAP_V1;
      case CHAP_MICROSOFT_V2: return L2TP_PLUGIN_METHOD_MSCHAP_V2;
      default: return L2TP_PLUGIN_METHOD_UNKNOWN;
    }
  }
  return options->neg_upap ? L2TP_PLUGIN_METHOD_PAP : L2TP_PLUGIN_METHOD_UNKNOWN;
}

static uint32_t bit_if(bool wanted, int option) { return wanted ? 1u << option : 0; }

static uint32_t option_bits(const lcp_options* options) {
  return bit_if(options->neg_mru, CI_MRU) | bit_if(options->neg_asyncmap, CI_ASYNCMAP) |
         bit_if(options->neg_eap || options->neg_chap || options->neg_upap, CI_AUTHTYPE) |
         bit_if(options->neg_lqr, CI_QUALITY) | bit_if(options->neg_magicnumber, CI_MAGICNUMBER) |
         bit_if(options->neg_pcompression, CI_PCOMPRESSION) |
         bit_if(options->neg_accompression, CI_ACCOMPRESSION) |
         bit_if(options->neg_cbcp, CI_CALLBACK) | bit_if(options->neg_mrru, CI_MRRU) |
         bit_if(options->neg_ssnhf, CI_SSNHF) | bit_if(options->neg_endpoint, CI_EPDISC);
}

// pppd does not ask for what it would get anyway, and for multilink's only with multilink.
static uint32_t own_option_bits(const lcp_options* options) {
  uint32_t bits = option_bits(options);
  if (options->mru == DEFAULT_MRU) bits &= ~bit_if(1, CI_MRU);
  if (options->asyncmap == DEFAULT_ACCM) bits &= ~bit_if(1, CI_ASYNCMAP);
  if (!multilink) bits &= ~(bit_if(1, CI_MRRU) | bit_if(1, CI_SSNHF) | bit_if(1, CI_EPDISC));
  return bits;
}

static void tell_lcp_up(void) {
  const lcp_options* ours = &lcp_gotoptions[0];
  const lcp_options* wanted = &lcp_wantoptions[0];
  const lcp_options* peers = &lcp_hisoptions[0];
  struct l2tp_plugin_lcp_up message;
  memset(&message, 0, sizeof(message));
  message.send_accm = peers->neg_asyncmap ? peers->asyncmap : DEFAULT_ACCM;
  message.receive_accm = ours->neg_asyncmap ? ours->asyncmap : DEFAULT_ACCM;
  // As pppd does it: we accept what we asked for even when less was agreed on.
  message.mru = (uint32_t)(ours->neg_mru ? larger(wanted->mru, ours->mru) : DEFAULT_MRU);
  message.peer_mru = (uint32_t)(peers->neg_mru ? peers->mru : DEFAULT_MRU);
  message.magic = ours->neg_magicnumber ? ours->magicnumber : 0;
  message.peer_magic = peers->neg_magicnumber ? peers->magicnumber : 0;
  message.asked_options = own_option_bits(wanted);
  message.agreed_options = own_option_bits(ours);
  message.peer_options = option_bits(peers);
  message.auth_of_peer = method_of(ours);
  message.auth_of_us = method_of(peers);
  link_tell(LINK_LCP, L2TP_PLUGIN_LCP_UP, &message, sizeof(message));
}

static void tell_auth_of_peer(bool succeeded) {
  struct l2tp_plugin_auth message;
  memset(&message, 0, sizeof(message));
  message.succeeded = succeeded;
  message.we_are_authenticator = 1;
  message.method = method_of(&lcp_gotoptions[0]);
  if (succeeded) {
    compat_peer_name(message.user, sizeof(message.user));
  } else {
    memcpy(message.user, claimed_name, sizeof(message.user));
  }
  link_tell(LINK_AUTH_OF_PEER, L2TP_PLUGIN_AUTH, &message, sizeof(message));
}

static void tell_auth_of_us(bool succeeded) {
  struct l2tp_plugin_auth message;
  memset(&message, 0, sizeof(message));
  message.succeeded = succeeded;
  message.method = method_of(&lcp_hisoptions[0]);
  strlcpy(message.user, user, sizeof(message.user));
  link_tell(LINK_AUTH_OF_US, L2TP_PLUGIN_AUTH, &message, sizeof(message));
}

// All authentication that was agreed on has succeeded; there may have been none.
static void on_auth_up(void* context, int argument) {
  (void)context, (void)argument;
  if (method_of(&lcp_gotoptions[0]) != L2TP_PLUGIN_METHOD_UNKNOWN) tell_auth_of_peer(1);
  if (method_of(&lcp_hisoptions[0]) != L2TP_PLUGIN_METHOD_UNKNOWN) tell_auth_of_us(1);
}

// pppd has no notifier for failures, but it sets its exit status before it closes the link.
static void tell_auth_failure(void) {
  const int exit_status = compat_exit_status();
  if (auth_failure_told) return;
  if (exit_status == EXIT_PEER_AUTH_FAILED) {
    tell_auth_of_peer(0);
  } else if (exit_status == EXIT_AUTH_TOPEER_FAILED) {
    tell_auth_of_us(0);
  } else {
    return;
  }
  auth_failure_told = 1;
}

// ---- LCP echoes ------------------------------------------------------------------------------

// pppd keeps its count to itself, so we see its Echo-Requests go and the answers come.
static void (*next_snoop_send)(unsigned char* frame, int size);
static void (*next_snoop_receive)(unsigned char* frame, int size);
static uint32_t echoes_waiting;
static uint32_t told_unanswered;

static void tell_echo(uint32_t unanswered) {
  if (unanswered == told_unanswered) return;
  told_unanswered = unanswered;
  struct l2tp_plugin_echo message;
  memset(&message, 0, sizeof(message));
  message.unanswered = unanswered;
  message.limit = (uint32_t)lcp_echo_fails;
  link_tell(LINK_ECHO, L2TP_PLUGIN_ECHO, &message, sizeof(message));
}

// Address, control, protocol (pppd knows no other form), code, id, length, Magic-Number.
static bool is_echo(const unsigned char* frame, int size, int code) {
  return size >= 12 && frame[2] == 0xc0 && frame[3] == 0x21 && frame[4] == code;
}

static void on_frame_sent(unsigned char* frame, int size) {
  if (next_snoop_send != NULL) next_snoop_send(frame, size);
  if (!is_echo(frame, size, ECHOREQ)) return;
  tell_echo(echoes_waiting);
  ++echoes_waiting;
}

static void on_frame_received(unsigned char* frame, int size) {
  if (next_snoop_receive != NULL) next_snoop_receive(frame, size);
  if (!is_echo(frame, size, ECHOREP)) return;
  uint32_t magic;
  memcpy(&magic, frame + 8, sizeof(magic));
  const lcp_options* ours = &lcp_gotoptions[0];
  if (ours->neg_magicnumber && ntohl(magic) == ours->magicnumber) return;  // it is our own
  echoes_waiting = 0;
  tell_echo(0);
}

// ---- Phases ----------------------------------------------------------------------------------

static void tell_phase(uint8_t phase_now) {
  if (phase_now == told_phase) return;
  told_phase = phase_now;
  struct l2tp_plugin_phase message;
  memset(&message, 0, sizeof(message));
  message.phase = phase_now;
  link_tell(LINK_PHASE, L2TP_PLUGIN_PHASE, &message, sizeof(message));
}

// pppd's phases go back again while it closes a link: to NETWORK when the last network protocol is
// down, and to ESTABLISH when LCP is, whoever brought it down.
static bool is_closing;

static void on_closing(void) {
  is_closing = 1;
  tell_auth_failure();
  if (compat_exit_status() == EXIT_PEER_DEAD) tell_echo(echoes_waiting);
  tell_phase(L2TP_PLUGIN_PHASE_TERMINATE);
}

static void on_establishing(void) {
  if (is_closing) return;
  const int lcp_state = lcp_fsm[0].state;
  if (lcp_state == STOPPING || lcp_state == CLOSING) {  // the peer has sent Terminate-Request
    on_closing();
    return;
  }
  echoes_waiting = 0;
  tell_echo(0);
  tell_phase(L2TP_PLUGIN_PHASE_ESTABLISH);
}

static void on_phase(void* context, int phase_now) {
  (void)context;
  link_start(L2TP_PLUGIN_RELEASE, L2TP_PLUGIN_PPPD_VERSION);
  switch (phase_now) {
    case PHASE_SERIALCONN: is_closing = 0; break;
    case PHASE_ESTABLISH: on_establishing(); break;
    case PHASE_AUTHENTICATE:  // LCP is up, even if nobody has to log in
      auth_failure_told = 0;
      tell_lcp_up();
      tell_phase(L2TP_PLUGIN_PHASE_AUTHENTICATE);
      break;
    case PHASE_NETWORK:
      if (!is_closing) tell_phase(L2TP_PLUGIN_PHASE_NETWORK);
      break;
    case PHASE_TERMINATE: on_closing(); break;
    case PHASE_DISCONNECT: status_at_disconnect = compat_exit_status(); break;
    default: break;  // RUNNING: what came up is told by itself
  }
}

// ---- CCP -------------------------------------------------------------------------------------

// pppd has no notifier for it, but its state machine calls what we put in front of pppd's own.
static fsm_callbacks ccp_callbacks;
static void (*pppds_ccp_up)(fsm* machine);
static void (*pppds_ccp_down)(fsm* machine);
static bool ccp_is_up;

static uint8_t compression_method(const ccp_options* options) {
  const bool any = options->deflate || options->bsd_compress || options->predictor_1 ||
                   options->predictor_2 || options->mppe;
  return any ? (uint8_t)options->method : 0;
}

static uint8_t key_bits(const ccp_options* options) {
  if (options->mppe & MPPE_OPT_128) return 128;
  if (options->mppe & MPPE_OPT_56) return 56;
  return options->mppe & MPPE_OPT_40 ? 40 : 0;
}

static void on_ccp_up(fsm* machine) {
  const ccp_options* receive = &ccp_gotoptions[0];
  const ccp_options* send = &ccp_hisoptions[0];
  struct l2tp_plugin_ccp_up message;
  memset(&message, 0, sizeof(message));
  message.send_method = compression_method(send);
  message.receive_method = compression_method(receive);
  message.send_key_bits = key_bits(send);
  message.receive_key_bits = key_bits(receive);
  message.send_stateful = (send->mppe & MPPE_OPT_STATEFUL) != 0;
  message.receive_stateful = (receive->mppe & MPPE_OPT_STATEFUL) != 0;
  ccp_is_up = 1;
  link_tell(LINK_CCP, L2TP_PLUGIN_CCP_UP, &message, sizeof(message));
  if (pppds_ccp_up != NULL) pppds_ccp_up(machine);  // lets IPCP begin, with MPPE
}

// Called again from inside pppd's own: without MPPE it closes LCP, which brings CCP down.
static void on_ccp_down(fsm* machine) {
  struct l2tp_plugin_header message;
  if (ccp_is_up) link_tell(LINK_CCP, L2TP_PLUGIN_CCP_DOWN, &message, sizeof(message));
  ccp_is_up = 0;
  if (pppds_ccp_down != NULL) pppds_ccp_down(machine);
}

static void watch_ccp(void) {
  ccp_callbacks = *ccp_fsm[0].callbacks;
  pppds_ccp_up = ccp_callbacks.up;
  pppds_ccp_down = ccp_callbacks.down;
  ccp_callbacks.up = on_ccp_up;
  ccp_callbacks.down = on_ccp_down;
  ccp_fsm[0].callbacks = &ccp_callbacks;
}

// ---- Network protocols -----------------------------------------------------------------------

static void copy_interface(char name[L2TP_PLUGIN_INTERFACE_SIZE], uint32_t* index) {
  strlcpy(name, compat_interface_name(), L2TP_PLUGIN_INTERFACE_SIZE);
  *index = if_nametoindex(name);
}

static void on_ipv4_up(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_ipv4_up message;
  memset(&message, 0, sizeof(message));
  copy_interface(message.interface_name, &message.interface_index);
  message.local = ntohl(ipcp_gotoptions[0].ouraddr);
  message.remote = ntohl(ipcp_hisoptions[0].hisaddr);
  // pppd has cleared them if it did not ask.
  message.dns[0] = ntohl(ipcp_gotoptions[0].dnsaddr[0]);
  message.dns[1] = ntohl(ipcp_gotoptions[0].dnsaddr[1]);
  ipv4_is_up = 1;
  link_tell(LINK_IPV4, L2TP_PLUGIN_IPV4_UP, &message, sizeof(message));
}

static void on_ipv4_down(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_header message;
  ipv4_is_up = 0;
  link_tell(LINK_IPV4, L2TP_PLUGIN_IPV4_DOWN, &message, sizeof(message));
}

static void link_local(uint8_t address[16], const eui64_t* identifier) {
  memset(address, 0, 16);
  address[0] = 0xfe;
  address[1] = 0x80;
  memcpy(address + 8, identifier, 8);
}

static void on_ipv6_up(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_ipv6_up message;
  memset(&message, 0, sizeof(message));
  copy_interface(message.interface_name, &message.interface_index);
  link_local(message.local, &ipv6cp_gotoptions[0].ourid);
  link_local(message.remote, &ipv6cp_hisoptions[0].hisid);
  ipv6_is_up = 1;
  link_tell(LINK_IPV6, L2TP_PLUGIN_IPV6_UP, &message, sizeof(message));
}

static void on_ipv6_down(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_header message;
  ipv6_is_up = 0;
  link_tell(LINK_IPV6, L2TP_PLUGIN_IPV6_DOWN, &message, sizeof(message));
}

// ---- Statistics and the end ------------------------------------------------------------------

static int statistics_interval;

static void on_statistics_timer(void* argument) {
  (void)argument;
  compat_timer(on_statistics_timer, statistics_interval, 0);
  if (!ipv4_is_up && !ipv6_is_up) return;
  struct pppd_stats stats;
  struct l2tp_plugin_statistics message;
  memset(&message, 0, sizeof(message));
  compat_link_stats(&stats, &message.connect_seconds);
  message.bytes_in = stats.bytes_in;
  message.bytes_out = stats.bytes_out;
  message.packets_in = stats.pkts_in;
  message.packets_out = stats.pkts_out;
  link_tell_or_lose(L2TP_PLUGIN_STATISTICS, &message, sizeof(message));
}

void reports_send_statistics_every(int seconds) {
  const bool runs = statistics_interval > 0;
  statistics_interval = seconds;
  if (!runs && seconds > 0) compat_timer(on_statistics_timer, seconds, 0);
}

// When a timer ended the link (the peer is dead, or did not confirm the end), pppd 2.4.9 reads once
// more from the descriptors it has just closed, takes that for a hangup and forgets its true
// status.
static int true_status(int exit_status) {
  if (exit_status == EXIT_HANGUP && status_at_disconnect >= 0) return status_at_disconnect;
  return exit_status;
}

static void on_pppd_exit(void* context, int exit_status) {
  (void)context;
  if (dryrun) return;
  link_start(L2TP_PLUGIN_RELEASE, L2TP_PLUGIN_PPPD_VERSION);
  struct pppd_stats stats;
  struct l2tp_plugin_exit message;
  memset(&message, 0, sizeof(message));
  compat_last_link_stats(&stats, &message.connect_seconds);
  message.status = true_status(exit_status) & 0xff;
  message.bytes_in = stats.bytes_in;
  message.bytes_out = stats.bytes_out;
  message.packets_in = stats.pkts_in;
  message.packets_out = stats.pkts_out;
  memcpy(message.reason, failure, sizeof(message.reason));
  link_tell_last(LINK_EXIT, L2TP_PLUGIN_EXIT, &message, sizeof(message));
}

static void on_fork(void* context, int argument) {
  (void)context, (void)argument;
  link_forget();
}

void reports_begin(void) {
  compat_on_phase(on_phase);
  compat_on_auth_up(on_auth_up);
  compat_on_ip_up(on_ipv4_up);
  compat_on_ip_down(on_ipv4_down);
  compat_on_ipv6_up(on_ipv6_up);
  compat_on_ipv6_down(on_ipv6_down);
  compat_on_exit(on_pppd_exit);
  compat_on_fork(on_fork);
  watch_ccp();
  next_snoop_send = snoop_send_hook;
  next_snoop_receive = snoop_recv_hook;
  snoop_send_hook = on_frame_sent;
  snoop_recv_hook = on_frame_received;
}
