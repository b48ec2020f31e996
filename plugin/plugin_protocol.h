// What a pppd's pppol2tp_events.so and the controller say to each other. README.md has the rules;
// this file has the octets. Included by C (the plugin) and C++ (server/ppp).
//
// Transport: a Unix SEQPACKET socket, one message a packet. Both ends run on one host, so numbers
// are in the host's byte order, IPv4 addresses and ACCMs included. Texts are padded with NUL and
// always hold at least one. What is reserved is sent as 0 and ignored.
//
// A change that an older end could misread gets a new L2TP_PLUGIN_VERSION.

#ifndef L2TP_PLUGIN_PLUGIN_PROTOCOL_H_
#define L2TP_PLUGIN_PLUGIN_PROTOCOL_H_

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define L2TP_PLUGIN_MAGIC 0x4c325450u  // "L2TP" when read as a number
#define L2TP_PLUGIN_VERSION 2

#define L2TP_PLUGIN_NAME_SIZE 256      // user names, with the NUL; pppd's own limit
#define L2TP_PLUGIN_SECRET_SIZE 256    // as above
#define L2TP_PLUGIN_INTERFACE_SIZE 16  // IFNAMSIZ
#define L2TP_PLUGIN_RELEASE_SIZE 32    // "2.4.9"
#define L2TP_PLUGIN_REASON_SIZE 128    // free text
#define L2TP_PLUGIN_CHALLENGE_SIZE 64  // pppd's own limit
#define L2TP_PLUGIN_MESSAGE_SIZE 128   // what a peer is told
#define L2TP_PLUGIN_MAX_MESSAGE_SIZE 1024

// l2tp_plugin_header.type
enum {
  L2TP_PLUGIN_HELLO = 1,           // plugin -> controller, the first of a connection
  L2TP_PLUGIN_LCP_UP = 2,          // plugin -> controller
  L2TP_PLUGIN_AUTH = 3,            // plugin -> controller
  L2TP_PLUGIN_IPV4_UP = 4,         // plugin -> controller
  L2TP_PLUGIN_IPV4_DOWN = 5,       // plugin -> controller; a header alone
  L2TP_PLUGIN_IPV6_UP = 6,         // plugin -> controller
  L2TP_PLUGIN_IPV6_DOWN = 7,       // plugin -> controller; a header alone
  L2TP_PLUGIN_EXIT = 8,            // plugin -> controller, the last of a pppd
  L2TP_PLUGIN_SECRET_REQUEST = 9,  // plugin -> controller
  L2TP_PLUGIN_SECRET_REPLY = 10,   // controller -> plugin
  L2TP_PLUGIN_PHASE = 11,          // plugin -> controller
  L2TP_PLUGIN_CCP_UP = 12,         // plugin -> controller
  L2TP_PLUGIN_CCP_DOWN = 13,       // plugin -> controller; a header alone
  L2TP_PLUGIN_ECHO = 14,           // plugin -> controller
  L2TP_PLUGIN_STATISTICS = 15,     // plugin -> controller
  L2TP_PLUGIN_LOGIN_REQUEST = 16,  // plugin -> controller
  L2TP_PLUGIN_LOGIN_REPLY = 17,    // controller -> plugin
  L2TP_PLUGIN_ADMIT_REQUEST = 18,  // plugin -> controller
  L2TP_PLUGIN_ADMIT_REPLY = 19     // controller -> plugin
};

// l2tp_plugin_auth.method; in l2tp_plugin_lcp_up UNKNOWN is "none"
enum {
  L2TP_PLUGIN_METHOD_UNKNOWN = 0,
  L2TP_PLUGIN_METHOD_PAP = 1,
  L2TP_PLUGIN_METHOD_CHAP_MD5 = 2,
  L2TP_PLUGIN_METHOD_MSCHAP_V1 = 3,
  L2TP_PLUGIN_METHOD_MSCHAP_V2 = 4,
  L2TP_PLUGIN_METHOD_EAP = 5,
  L2TP_PLUGIN_METHOD_LAST = L2TP_PLUGIN_METHOD_EAP
};

// l2tp_plugin_phase.phase, as RFC 1661 section 3.2 has them; its Dead is before and after these
enum {
  L2TP_PLUGIN_PHASE_ESTABLISH = 1,
  L2TP_PLUGIN_PHASE_AUTHENTICATE = 2,  // LCP is up, even if nobody has to log in
  L2TP_PLUGIN_PHASE_NETWORK = 3,
  L2TP_PLUGIN_PHASE_TERMINATE = 4,
  L2TP_PLUGIN_PHASE_LAST = L2TP_PLUGIN_PHASE_TERMINATE
};

// l2tp_plugin_login_reply.verdict
enum {
  L2TP_PLUGIN_LOGIN_REFUSED = 0,  // whatever the peer proves
  L2TP_PLUGIN_LOGIN_CHECK = 1,    // against `secret`
  L2TP_PLUGIN_LOGIN_ACCEPTED = 2  // it has been checked
};

struct l2tp_plugin_header {
  uint32_t magic;
  uint16_t version;
  uint16_t type;
  uint32_t size;       // octets of the whole message
  uint32_t sequence;   // of this piece of news; the same when it is sent again
  uint64_t instance;   // option pppol2tp_events_instance
  uint32_t tunnel_id;  // as pppol2tp.so knows them; 0: it does not
  uint32_t session_id;
};

struct l2tp_plugin_hello {
  struct l2tp_plugin_header header;
  uint32_t pid;
  uint32_t reserved;
  char plugin_version[L2TP_PLUGIN_RELEASE_SIZE];
  char pppd_version[L2TP_PLUGIN_RELEASE_SIZE];
};

struct l2tp_plugin_lcp_up {
  struct l2tp_plugin_header header;
  uint32_t send_accm;     // what we escape when sending
  uint32_t receive_accm;  // what the peer escapes
  uint32_t mru;           // octets we accept
  uint32_t peer_mru;      // octets the peer accepts
  uint32_t magic;         // Magic-Numbers; 0: not negotiated
  uint32_t peer_magic;
  // Bit n is LCP option n (RFC 1661 section 6): what we asked for first, what of it the peer took,
  // and what the peer asked for and got.
  uint32_t asked_options;
  uint32_t agreed_options;
  uint32_t peer_options;
  uint8_t auth_of_peer;  // how the peer has to log in to us
  uint8_t auth_of_us;    // how we have to log in to the peer
  uint8_t reserved[2];
};

struct l2tp_plugin_phase {
  struct l2tp_plugin_header header;
  uint8_t phase;
  uint8_t reserved[7];
};

struct l2tp_plugin_auth {
  struct l2tp_plugin_header header;
  uint8_t succeeded;             // 0 or 1
  uint8_t we_are_authenticator;  // 1: the peer logged in to us; 0: we logged in to the peer
  uint8_t method;
  uint8_t reserved[5];
  char user[L2TP_PLUGIN_NAME_SIZE];  // who logged in; "" when not known
};

struct l2tp_plugin_ipv4_up {
  struct l2tp_plugin_header header;
  char interface_name[L2TP_PLUGIN_INTERFACE_SIZE];
  uint32_t interface_index;  // 0: not known
  uint32_t local;
  uint32_t remote;  // 0: the peer has none
  uint32_t dns[2];  // given by the peer; 0: none
  uint32_t reserved;
};

struct l2tp_plugin_ipv6_up {
  struct l2tp_plugin_header header;
  char interface_name[L2TP_PLUGIN_INTERFACE_SIZE];
  uint32_t interface_index;  // 0: not known
  uint32_t reserved;
  uint8_t local[16];  // link-local addresses, network order
  uint8_t remote[16];
};

// What CCP agreed on, a method a direction: the number of its CCP option (RFC 1962; 18 is MPPE), 0:
// none. Keys and state are MPPE's.
struct l2tp_plugin_ccp_up {
  struct l2tp_plugin_header header;
  uint8_t send_method;
  uint8_t receive_method;
  uint8_t send_key_bits;  // 0, 40, 56, 128
  uint8_t receive_key_bits;
  uint8_t send_stateful;  // 0 or 1: keys change every 256 packets, not with each
  uint8_t receive_stateful;
  uint8_t reserved[2];
};

// LCP Echo-Requests of ours.
struct l2tp_plugin_echo {
  struct l2tp_plugin_header header;
  uint32_t unanswered;  // in a row, when the next one was due; 0: answered again
  uint32_t limit;       // with so many pppd ends the link; 0: never
};

// PPP's octets and packets since a network protocol came up first.
struct l2tp_plugin_statistics {
  struct l2tp_plugin_header header;
  uint32_t reserved;
  uint32_t connect_seconds;
  uint64_t bytes_in;
  uint64_t bytes_out;
  uint64_t packets_in;
  uint64_t packets_out;
};

struct l2tp_plugin_exit {
  struct l2tp_plugin_header header;
  int32_t status;            // pppd's exit status, 0-255
  uint32_t connect_seconds;  // these five are 0 when the link never was up
  uint64_t bytes_in;
  uint64_t bytes_out;
  uint64_t packets_in;
  uint64_t packets_out;
  char reason[L2TP_PLUGIN_REASON_SIZE];  // what the plugin knows beyond the status; often ""
};

// Asks for our own secret, under the name that pppd was given.
struct l2tp_plugin_secret_request {
  struct l2tp_plugin_header header;
};

// `header.sequence` is that of the request.
struct l2tp_plugin_secret_reply {
  struct l2tp_plugin_header header;
  uint8_t found;  // 0: no such user
  uint8_t reserved[3];
  uint32_t secret_size;  // 0..255
  char secret[L2TP_PLUGIN_SECRET_SIZE];
};

// The peer wants to log in. Names and passwords are as pppd spells them: printable.
struct l2tp_plugin_login_request {
  struct l2tp_plugin_header header;
  uint8_t method;  // PAP, CHAP_MD5, MSCHAP_V2
  uint8_t chap_id;
  uint8_t challenge_size;  // 0..64; 0 with PAP
  uint8_t response_size;   // 0..255; with PAP the password's
  uint32_t reserved;
  char user[L2TP_PLUGIN_NAME_SIZE];
  uint8_t challenge[L2TP_PLUGIN_CHALLENGE_SIZE];
  char response[L2TP_PLUGIN_SECRET_SIZE];
};

// `header.sequence` is that of the request.
struct l2tp_plugin_login_reply {
  struct l2tp_plugin_header header;
  uint8_t verdict;
  uint8_t reserved[3];
  uint32_t secret_size;  // 0..255
  char secret[L2TP_PLUGIN_SECRET_SIZE];
  char name[L2TP_PLUGIN_NAME_SIZE];  // the login's own octets; "": as it was spelt
};

// The peer has proved that it is `user`.
struct l2tp_plugin_admit_request {
  struct l2tp_plugin_header header;
  char user[L2TP_PLUGIN_NAME_SIZE];
};

// `header.sequence` is that of the request.
struct l2tp_plugin_admit_reply {
  struct l2tp_plugin_header header;
  uint8_t admitted;  // 0 or 1
  uint8_t reserved[3];
  uint32_t peer_address;                   // 0: the one pppd was started with
  uint8_t peer_interface_id[8];            // network order; 0: likewise
  uint32_t dns[2];                         // told to the peer; both 0: those pppd was started with
  uint32_t session_timeout;                // seconds; 0: none
  uint32_t idle_timeout;                   // seconds; 0: none
  char message[L2TP_PLUGIN_MESSAGE_SIZE];  // what a peer is told that is not admitted
};

static_assert(sizeof(struct l2tp_plugin_header) == 32, "layout");
static_assert(offsetof(struct l2tp_plugin_header, instance) == 16, "layout");
static_assert(offsetof(struct l2tp_plugin_header, session_id) == 28, "layout");
static_assert(sizeof(struct l2tp_plugin_hello) == 104, "layout");
static_assert(offsetof(struct l2tp_plugin_hello, pppd_version) == 72, "layout");
static_assert(sizeof(struct l2tp_plugin_lcp_up) == 72, "layout");
static_assert(offsetof(struct l2tp_plugin_lcp_up, auth_of_us) == 69, "layout");
static_assert(sizeof(struct l2tp_plugin_phase) == 40, "layout");
static_assert(sizeof(struct l2tp_plugin_ccp_up) == 40, "layout");
static_assert(offsetof(struct l2tp_plugin_ccp_up, receive_stateful) == 37, "layout");
static_assert(sizeof(struct l2tp_plugin_echo) == 40, "layout");
static_assert(sizeof(struct l2tp_plugin_statistics) == 72, "layout");
static_assert(offsetof(struct l2tp_plugin_statistics, bytes_in) == 40, "layout");
static_assert(sizeof(struct l2tp_plugin_auth) == 296, "layout");
static_assert(offsetof(struct l2tp_plugin_auth, user) == 40, "layout");
static_assert(sizeof(struct l2tp_plugin_ipv4_up) == 72, "layout");
static_assert(offsetof(struct l2tp_plugin_ipv4_up, dns) == 60, "layout");
static_assert(sizeof(struct l2tp_plugin_ipv6_up) == 88, "layout");
static_assert(offsetof(struct l2tp_plugin_ipv6_up, local) == 56, "layout");
static_assert(sizeof(struct l2tp_plugin_exit) == 200, "layout");
static_assert(offsetof(struct l2tp_plugin_exit, reason) == 72, "layout");
static_assert(sizeof(struct l2tp_plugin_secret_request) == 32, "layout");
static_assert(sizeof(struct l2tp_plugin_secret_reply) == 296, "layout");
static_assert(sizeof(struct l2tp_plugin_login_request) == 616, "layout");
static_assert(offsetof(struct l2tp_plugin_login_request, response) == 360, "layout");
static_assert(sizeof(struct l2tp_plugin_login_reply) == 552, "layout");
static_assert(sizeof(struct l2tp_plugin_admit_request) == 288, "layout");
static_assert(sizeof(struct l2tp_plugin_admit_reply) == 192, "layout");
static_assert(offsetof(struct l2tp_plugin_admit_reply, message) == 64, "layout");
static_assert(sizeof(struct l2tp_plugin_login_request) <= L2TP_PLUGIN_MAX_MESSAGE_SIZE, "layout");

#endif  // L2TP_PLUGIN_PLUGIN_PROTOCOL_H_
