// Who may log in: pppd's hooks for secrets, answered with the controller's.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include "plugin/logins.h"

#include <stdio.h>
#include <sys/random.h>

#include "plugin/controller_link.h"
#include "plugin/reports.h"

// 1 if there is one.
static int secret_of(uint8_t kind, const char* name, char secret[L2TP_PLUGIN_SECRET_SIZE]) {
  char failure[L2TP_PLUGIN_REASON_SIZE];
  const int answer = link_ask_secret(kind, name, secret);
  reports_set_reason("");
  if (answer == 1) return 1;
  slprintf(failure, sizeof(failure), "%s for %s %q",
           answer == 0 ? "no secret" : "no answer when asking the controller",
           kind == L2TP_PLUGIN_SECRET_OWN ? "our name" : "the peer's name", name);
  warn("pppol2tp_events: %s", failure);
  reports_set_reason(failure);
  return 0;
}

// pppd asks with `secret` NULL whether there is one at all: before LCP starts, to know whether it
// may agree to log in.
static int own_pap_secret(char* name, char* secret) {
  if (secret == NULL) return 1;
  return secret_of(L2TP_PLUGIN_SECRET_OWN, name, secret);
}

static int own_chap_secret(char* name, char* secret) {
  if (secret == NULL) return 1;
  return secret_of(L2TP_PLUGIN_SECRET_OWN, name, secret) ? 0 : -1;
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
  char secret[L2TP_PLUGIN_SECRET_SIZE];
  char printable[4 * L2TP_PLUGIN_SECRET_SIZE];
  (void)addresses, (void)further_options;
  reports_set_claimed_name(name);
  int ok = secret_of(L2TP_PLUGIN_SECRET_PEER, name, secret);
  if (ok) {
    slprintf(printable, sizeof(printable), "%v", secret);
    ok = is_same_text(given, printable);
  }
  explicit_bzero(secret, sizeof(secret));
  explicit_bzero(printable, sizeof(printable));
  *message = ok ? "Login ok" : "Login incorrect";
  return ok;
}

// An unknown user is checked against a secret nobody knows: the peer cannot tell it from a wrong
// password, neither by the answer nor by its form (MS-CHAPv2 has one of its own).
static int check_chap_login(char* name, char* our_name_to_peer, int id,
                            struct chap_digest_type* digest, unsigned char* challenge,
                            unsigned char* response, char* message, int message_space) {
  char secret[L2TP_PLUGIN_SECRET_SIZE];
  (void)our_name_to_peer;
  reports_set_claimed_name(name);
  const int found = secret_of(L2TP_PLUGIN_SECRET_PEER, name, secret);
  int size = 32;
  if (found) {
    size = (int)strlen(secret);
  } else if (getrandom(secret, (size_t)size, 0) != size) {
    return 0;
  }
  const int ok = digest->verify_response(id, name, (unsigned char*)secret, size, challenge,
                                         response, message, message_space);
  explicit_bzero(secret, sizeof(secret));
  return ok && found;
}

// Who has logged in may have the address we have set for it, or any it likes if we have set none.
// pppd's own rule, without an entry in a secrets file, is: none at all.
static int is_address_allowed(u_int32_t address) {
  const ipcp_options* wanted = &ipcp_wantoptions[0];
  return wanted->accept_remote || wanted->hisaddr == 0 || wanted->hisaddr == address;
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
