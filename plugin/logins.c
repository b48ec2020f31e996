// Who may log in: pppd's hooks for secrets and logins, answered with the controller's words.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include "plugin/logins.h"

#include <stdio.h>
#include <sys/random.h>

#include "plugin/controller_link.h"
#include "plugin/reports.h"

#define SECRET_WAIT_SECONDS 3
#define LOGIN_WAIT_SECONDS 15  // the controller may have to ask others

// Why a login came to nothing: for the log, and for the report of the end.
static void note(const char* format, const char* first, const char* second) {
  char text[L2TP_PLUGIN_REASON_SIZE];
  slprintf(text, sizeof(text), (char*)format, first, second);
  warn("pppol2tp_events: %s", text);
  reports_set_reason(text);
}

static void note_no_answer(const char* what, const char* name) {
  note("no answer when asking the controller for %s %q", what, name);
}

// 1 if there is one.
static int own_secret(const char* name, char secret[L2TP_PLUGIN_SECRET_SIZE]) {
  struct l2tp_plugin_secret_request request;
  struct l2tp_plugin_secret_reply reply;
  memset(&request, 0, sizeof(request));
  reports_set_reason("");
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
    note("no secret for our name %q", name, "");
  }
  explicit_bzero(&reply, sizeof(reply));
  return found;
}

// The verdict on a login; `secret` is the one to check it against, and `octets` the name that goes
// with it. `request` holds all but the name.
static int ask_login(struct l2tp_plugin_login_request* request, const char* name,
                     char secret[L2TP_PLUGIN_SECRET_SIZE], char octets[L2TP_PLUGIN_NAME_SIZE]) {
  struct l2tp_plugin_login_reply reply;
  reports_set_claimed_name(name);
  strlcpy(request->user, name, sizeof(request->user));
  strlcpy(octets, name, L2TP_PLUGIN_NAME_SIZE);
  reports_set_reason("");
  secret[0] = '\0';
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
                &reply, sizeof(reply), LOGIN_WAIT_SECONDS)) {
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

// A plugin that was loaded after us (radius.so) decides in our place. We still tell who tried.
static __typeof__(pap_auth_hook) others_pap_login;
static __typeof__(chap_verify_hook) others_chap_login;

static int note_pap_login(char* name, char* given, char** message, struct wordlist** addresses,
                          struct wordlist** further_options) {
  reports_set_claimed_name(name);
  return others_pap_login(name, given, message, addresses, further_options);
}

static int note_chap_login(char* name, char* our_name_to_peer, int id,
                           struct chap_digest_type* digest, unsigned char* challenge,
                           unsigned char* response, char* message, int message_space) {
  reports_set_claimed_name(name);
  return others_chap_login(name, our_name_to_peer, id, digest, challenge, response, message,
                           message_space);
}

void logins_note_others(void) {
  if (pap_auth_hook != NULL && pap_auth_hook != check_pap_login &&
      pap_auth_hook != note_pap_login) {
    others_pap_login = pap_auth_hook;
    pap_auth_hook = note_pap_login;
  }
  if (chap_verify_hook != NULL && chap_verify_hook != check_chap_login &&
      chap_verify_hook != note_chap_login) {
    others_chap_login = chap_verify_hook;
    chap_verify_hook = note_chap_login;
  }
}

void logins_take_over(void) {
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
}
