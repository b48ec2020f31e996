// Tells the controller what happens in a pppd, and asks it for secrets: pppol2tp_events.so.
// README.md has the options and the protocol. Loaded after our pppol2tp.so or the ppp package's.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <syslog.h>

#include "plugin/controller_link.h"

#define DEFAULT_MRU 1500  // of PPP, when none was negotiated
#define SECRET_WAIT_SECONDS 3
#define LOGIN_WAIT_SECONDS 15  // the controller may have to ask others

EXPORTED void plugin_init(void);
EXPORTED const char pppd_version[] = COMPAT_PPPD_VERSION;

static uint64_t instance;
static char instance_text[24];
static char socket_path[108];
static bool no_syslog;
static char failure[L2TP_PLUGIN_REASON_SIZE];
// Who tried to log in to us; pppd remembers only those who succeeded.
static char claimed_name[L2TP_PLUGIN_NAME_SIZE];
static bool auth_failure_told;
static int status_at_disconnect = -1;

// ---- Who we are ------------------------------------------------------------------------------

static uint32_t id_from_transport(const char* symbol) {
  const int* id = dlsym(RTLD_DEFAULT, symbol);
  return id == NULL ? 0 : (uint32_t)*id;
}

static struct link_identity identify(void) {
  return (struct link_identity){
      .instance = instance,
      .tunnel_id = id_from_transport("pppol2tp_tunnel_id"),
      .session_id = id_from_transport("pppol2tp_session_id"),
  };
}

// ---- Reports ---------------------------------------------------------------------------------

static int larger(int a, int b) { return a > b ? a : b; }

static void tell_lcp_up(void) {
  const lcp_options* ours = &lcp_gotoptions[0];
  const lcp_options* wanted = &lcp_wantoptions[0];
  const lcp_options* peers = &lcp_hisoptions[0];
  struct l2tp_plugin_lcp_up message;
  memset(&message, 0, sizeof(message));
  message.send_accm = peers->neg_asyncmap ? peers->asyncmap : 0xffffffff;
  message.receive_accm = ours->neg_asyncmap ? ours->asyncmap : 0xffffffff;
  // As pppd does it: we accept what we asked for even when less was agreed on.
  message.mru = (uint32_t)(ours->neg_mru ? larger(wanted->mru, ours->mru) : DEFAULT_MRU);
  message.peer_mru = (uint32_t)(peers->neg_mru ? peers->mru : DEFAULT_MRU);
  link_tell(LINK_LCP, L2TP_PLUGIN_LCP_UP, &message, sizeof(message));
}

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

static void on_phase(void* context, int phase_now) {
  (void)context;
  // pppd's `debug` lifts the mask that nosyslog put on.
  if (no_syslog) setlogmask(LOG_MASK(LOG_EMERG));
  link_start(L2TP_PLUGIN_RELEASE, COMPAT_PPPD_VERSION);
  if (phase_now == PHASE_AUTHENTICATE) {  // LCP is up, even if nobody has to log in
    auth_failure_told = 0;
    tell_lcp_up();
  } else if (phase_now == PHASE_TERMINATE) {
    tell_auth_failure();
  } else if (phase_now == PHASE_DISCONNECT) {
    status_at_disconnect = compat_exit_status();
  }
}

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
  link_tell(LINK_IPV4, L2TP_PLUGIN_IPV4_UP, &message, sizeof(message));
}

static void on_ipv4_down(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_header message;
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
  link_tell(LINK_IPV6, L2TP_PLUGIN_IPV6_UP, &message, sizeof(message));
}

static void on_ipv6_down(void* context, int argument) {
  (void)context, (void)argument;
  struct l2tp_plugin_header message;
  link_tell(LINK_IPV6, L2TP_PLUGIN_IPV6_DOWN, &message, sizeof(message));
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
  link_start(L2TP_PLUGIN_RELEASE, COMPAT_PPPD_VERSION);
  struct pppd_stats stats;
  struct l2tp_plugin_exit message;
  memset(&message, 0, sizeof(message));
  compat_link_stats(&stats, &message.connect_seconds);
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

// ---- Authentication (option pppol2tp_events_auth) --------------------------------------------

static void note_no_answer(const char* what, const char* name) {
  slprintf(failure, sizeof(failure), "no answer when asking the controller for %s %q", what, name);
  warn("pppol2tp_events: %s", failure);
}

// 1 if there is one.
static int own_secret(const char* name, char secret[L2TP_PLUGIN_SECRET_SIZE]) {
  struct l2tp_plugin_secret_request request;
  struct l2tp_plugin_secret_reply reply;
  memset(&request, 0, sizeof(request));
  failure[0] = '\0';
  if (!link_ask(L2TP_PLUGIN_SECRET_REQUEST, &request, sizeof(request), L2TP_PLUGIN_SECRET_REPLY,
                &reply, sizeof(reply), SECRET_WAIT_SECONDS)) {
    note_no_answer("our secret as", name);
    return 0;
  }
  const int found = reply.found == 1 && reply.secret_size < sizeof(reply.secret);
  if (found) {
    memcpy(secret, reply.secret, reply.secret_size);
    secret[reply.secret_size] = '\0';
  } else {
    slprintf(failure, sizeof(failure), "no secret for our name %q", name);
    warn("pppol2tp_events: %s", failure);
  }
  explicit_bzero(&reply, sizeof(reply));
  return found;
}

// The verdict on a login; `secret` is the one to check it against, and `octets` the name that goes
// with it. `request` holds all but the name.
static int ask_login(struct l2tp_plugin_login_request* request, const char* name,
                     char secret[L2TP_PLUGIN_SECRET_SIZE], char octets[L2TP_PLUGIN_NAME_SIZE]) {
  struct l2tp_plugin_login_reply reply;
  strlcpy(claimed_name, name, sizeof(claimed_name));
  strlcpy(request->user, name, sizeof(request->user));
  strlcpy(octets, name, L2TP_PLUGIN_NAME_SIZE);
  failure[0] = secret[0] = '\0';
  const int answered = link_ask(L2TP_PLUGIN_LOGIN_REQUEST, request, sizeof(*request),
                                L2TP_PLUGIN_LOGIN_REPLY, &reply, sizeof(reply), LOGIN_WAIT_SECONDS);
  explicit_bzero(request, sizeof(*request));
  if (!answered) {
    note_no_answer("the login of", name);
    return L2TP_PLUGIN_LOGIN_REFUSED;
  }
  if (reply.secret_size < sizeof(reply.secret)) {
    memcpy(secret, reply.secret, reply.secret_size);
    secret[reply.secret_size] = '\0';
  } else {
    reply.verdict = L2TP_PLUGIN_LOGIN_REFUSED;
  }
  explicit_bzero(reply.secret, sizeof(reply.secret));
  reply.name[sizeof(reply.name) - 1] = '\0';
  if (reply.name[0] != '\0') strlcpy(octets, reply.name, L2TP_PLUGIN_NAME_SIZE);
  return reply.verdict;
}

// Who has proved that it is `name` may come in, with the addresses the controller gives it; or
// `refusal` says why not.
static int is_admitted(const char* name, char refusal[L2TP_PLUGIN_MESSAGE_SIZE]) {
  static const uint8_t none[8];
  struct l2tp_plugin_admit_request request;
  struct l2tp_plugin_admit_reply reply;
  memset(&request, 0, sizeof(request));
  strlcpy(request.user, name, sizeof(request.user));
  refusal[0] = '\0';
  if (!link_ask(L2TP_PLUGIN_ADMIT_REQUEST, &request, sizeof(request), L2TP_PLUGIN_ADMIT_REPLY,
                &reply, sizeof(reply), SECRET_WAIT_SECONDS)) {
    note_no_answer("the admission of", name);
    return 0;
  }
  if (reply.admitted != 1) {
    reply.message[sizeof(reply.message) - 1] = '\0';
    strlcpy(refusal, reply.message, sizeof(reply.message));
    return 0;
  }
  if (reply.peer_address != 0) {
    ipcp_wantoptions[0].hisaddr = htonl(reply.peer_address);
    ipcp_wantoptions[0].accept_remote = 0;
  }
  if (reply.dns[0] != 0) {
    ipcp_allowoptions[0].dnsaddr[0] = htonl(reply.dns[0]);
    ipcp_allowoptions[0].dnsaddr[1] = htonl(reply.dns[reply.dns[1] != 0]);
  }
  compat_limit_time(reply.session_timeout, reply.idle_timeout);
  if (memcmp(reply.peer_interface_id, none, sizeof(none)) != 0) {
    memcpy(&ipv6cp_wantoptions[0].hisid, reply.peer_interface_id, sizeof(none));
    ipv6cp_wantoptions[0].opt_remote = 1;
    ipv6cp_wantoptions[0].accept_remote = 0;
  }
  return 1;
}

// pppd asks with `secret` NULL whether there is one at all: before LCP starts, to know whether it
// may agree to log in.
static int own_pap_secret(char* name, char* secret) {
  if (secret == NULL) return 1;
  return own_secret(name, secret);
}

static int own_chap_secret(char* name, char* secret) {
  if (secret == NULL) return 1;
  return own_secret(name, secret) ? 0 : -1;
}

static int have_secrets(void) { return 1; }

// Takes the same time whatever the difference is.
static int is_same_text(const char* a, const char* b) {
  const size_t size = strlen(a);
  unsigned char difference = size != strlen(b);
  for (size_t i = 0; i < size && b[i] != '\0'; ++i) difference |= (unsigned char)(a[i] ^ b[i]);
  return difference == 0;
}

// pppd has made both texts printable ("M-|" for an octet above 127) before it gives them to us.
// So we do the same to the secret, or passwords in other scripts could never match.
static int check_pap_login(char* name, char* given, char** message, struct wordlist** addresses,
                           struct wordlist** further_options) {
  static char refusal[L2TP_PLUGIN_MESSAGE_SIZE];
  struct l2tp_plugin_login_request request;
  char secret[L2TP_PLUGIN_SECRET_SIZE];
  char octets[L2TP_PLUGIN_NAME_SIZE];
  char printable[4 * L2TP_PLUGIN_SECRET_SIZE];
  (void)addresses, (void)further_options;
  memset(&request, 0, sizeof(request));
  request.method = L2TP_PLUGIN_METHOD_PAP;
  request.response_size = (uint8_t)strlen(given);
  memcpy(request.response, given, request.response_size);
  const int verdict = ask_login(&request, name, secret, octets);
  int ok = verdict == L2TP_PLUGIN_LOGIN_ACCEPTED;
  if (verdict == L2TP_PLUGIN_LOGIN_CHECK) {
    slprintf(printable, sizeof(printable), "%v", secret);
    ok = is_same_text(given, printable);
    explicit_bzero(printable, sizeof(printable));
  }
  explicit_bzero(secret, sizeof(secret));
  refusal[0] = '\0';
  ok = ok && is_admitted(name, refusal);
  *message = ok ? "Login ok" : refusal[0] != '\0' ? refusal : "Login incorrect";
  return ok;
}

static uint8_t method_of_digest(const struct chap_digest_type* digest) {
  return digest->code == CHAP_MICROSOFT_V2 ? L2TP_PLUGIN_METHOD_MSCHAP_V2
                                           : L2TP_PLUGIN_METHOD_CHAP_MD5;
}

// A user who is not let in is checked against a secret nobody knows: the peer cannot tell it from a
// wrong password, neither by the answer nor by its form (MS-CHAPv2 has one of its own).
static int check_chap_login(char* name, char* our_name_to_peer, int id,
                            struct chap_digest_type* digest, unsigned char* challenge,
                            unsigned char* response, char* message, int message_space) {
  struct l2tp_plugin_login_request request;
  char secret[L2TP_PLUGIN_SECRET_SIZE];
  char octets[L2TP_PLUGIN_NAME_SIZE];
  char refusal[L2TP_PLUGIN_MESSAGE_SIZE];
  (void)our_name_to_peer;
  memset(&request, 0, sizeof(request));
  request.method = method_of_digest(digest);
  request.chap_id = (uint8_t)id;
  if (challenge[0] <= sizeof(request.challenge)) {
    request.challenge_size = challenge[0];
    memcpy(request.challenge, challenge + 1, challenge[0]);
  }
  request.response_size = response[0];
  memcpy(request.response, response + 1, response[0]);
  const int verdict = ask_login(&request, name, secret, octets);
  int size = 32;
  int ok = verdict == L2TP_PLUGIN_LOGIN_ACCEPTED;
  if (verdict == L2TP_PLUGIN_LOGIN_CHECK) {
    size = (int)strlen(secret);
  } else if (!ok && getrandom(secret, (size_t)size, 0) != size) {
    return 0;
  }
  if (ok) {
    strlcpy(message, "Access granted", (size_t)message_space);
  } else {
    ok = digest->verify_response(id, octets, (unsigned char*)secret, size, challenge, response,
                                 message, message_space) &&
         verdict == L2TP_PLUGIN_LOGIN_CHECK;
  }
  explicit_bzero(secret, sizeof(secret));
  if (!ok || is_admitted(name, refusal)) return ok;
  // The success that is in `message` by now must not go out.
  if (digest->code == CHAP_MICROSOFT_V2) {
    slprintf(message, message_space, "E=691 R=0 C=%0.*B V=3 M=%s", (int)challenge[0], challenge + 1,
             refusal);
  } else {
    strlcpy(message, refusal, (size_t)message_space);
  }
  return 0;
}

// Who has logged in may have the address we have set for it, or any it likes if we have set none.
// pppd's own rule, without an entry in a secrets file, is: none at all.
static int is_address_allowed(u_int32_t address) {
  const ipcp_options* wanted = &ipcp_wantoptions[0];
  return wanted->accept_remote || wanted->hisaddr == 0 || wanted->hisaddr == address;
}

static int take_over_auth(char** argv) {
  (void)argv;
  pap_passwd_hook = own_pap_secret;
  chap_passwd_hook = own_chap_secret;
  pap_check_hook = have_secrets;
  pap_auth_hook = check_pap_login;
  chap_check_hook = have_secrets;
  chap_verify_hook = check_chap_login;
  allowed_address_hook = is_address_allowed;
  // With require-pap, a peer that refuses to log in at all would otherwise be looked up as "" in
  // /etc/ppp/pap-secrets, where Debian ships an entry that lets it in. This option of pppd's
  // switches that off, and all else it does is behind the hooks above.
  uselogin = 1;
  return 1;
}

// ---- Options ---------------------------------------------------------------------------------

static int set_socket(char** argv) {
  if (**argv != '/' || !link_configure(*argv, identify)) {
    compat_option_error(
        "pppol2tp_events_socket: \"%v\" is not an absolute path of less than 108 "
        "octets",
        *argv);
    return 0;
  }
  strlcpy(socket_path, *argv, sizeof(socket_path));
  return 1;
}

static int set_instance(char** argv) {
  char* end;
  errno = 0;
  const unsigned long long value = strtoull(*argv, &end, 10);
  if (!isdigit((unsigned char)**argv) || *end != '\0' || errno != 0) {
    compat_option_error("pppol2tp_events_instance: \"%v\" is not a number of 64 bits", *argv);
    return 0;
  }
  instance = value;
  strlcpy(instance_text, *argv, sizeof(instance_text));
  return 1;
}

static int set_no_syslog(char** argv) {
  (void)argv;
  no_syslog = 1;
  setlogmask(LOG_MASK(LOG_EMERG));
  return 1;
}

static option_t options[] = {{.name = "pppol2tp_events_socket",
                              .type = o_special,
                              .addr = COMPAT_FUNCTION(set_socket),
                              .description = "Unix socket of the controller",
                              .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
                              .addr2 = socket_path},
                             {.name = "pppol2tp_events_instance",
                              .type = o_special,
                              .addr = COMPAT_FUNCTION(set_instance),
                              .description = "number by which the controller knows this pppd",
                              .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
                              .addr2 = instance_text},
                             {.name = "pppol2tp_events_auth",
                              .type = o_special_noarg,
                              .addr = COMPAT_FUNCTION(take_over_auth),
                              .description = "get secrets from the controller, not from files",
                              .flags = OPT_PRIV},
                             {.name = "pppol2tp_events_nosyslog",
                              .type = o_special_noarg,
                              .addr = COMPAT_FUNCTION(set_no_syslog),
                              .description = "keep pppd's messages out of syslog",
                              .flags = OPT_PRIV},
                             {.name = NULL}};

void plugin_init(void) {
  static bool initialised;
  if (initialised) return;  // the same file, loaded by a second `plugin` option
  initialised = 1;
  compat_add_options(options);
  compat_on_phase(on_phase);
  compat_on_auth_up(on_auth_up);
  compat_on_ip_up(on_ipv4_up);
  compat_on_ip_down(on_ipv4_down);
  compat_on_ipv6_up(on_ipv6_up);
  compat_on_ipv6_down(on_ipv6_down);
  compat_on_exit(on_pppd_exit);
  compat_on_fork(on_fork);
}
