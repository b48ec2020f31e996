#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include "plugin/controller_link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// pppd 2.4.9 tells plugins nothing about descriptors, so a controller that went away is noticed
// when something is sent, or by looking this often.
#define LOOK_SECONDS 10
#define RETRY_FULL_MICROSECONDS 200000
#define BACK_OFF_FIRST_SECONDS 1
#define BACK_OFF_LAST_SECONDS 16
#define CONNECT_WAIT_MILLISECONDS 3000
#define ASK_RETRY_MILLISECONDS 100
#define EXIT_WAIT_MILLISECONDS 250

struct news {
  size_t size;  // 0: there are none yet
  int pending;
  uint32_t sequence;
  char octets[sizeof(struct l2tp_plugin_auth)];  // no news are longer
};
static_assert(sizeof(struct l2tp_plugin_exit) <= sizeof(struct l2tp_plugin_auth), "room");

static struct sockaddr_un address;
static struct link_identity (*identity)(void);
static struct l2tp_plugin_hello hello;
static int connection = -1;
static int started;
static int retry_is_set;
static int back_off = BACK_OFF_FIRST_SECONDS;
static uint32_t last_sequence;
static struct news news[LINK_KIND_COUNT];

int link_configure(const char* path, struct link_identity (*who)(void)) {
  if (strlen(path) >= sizeof(address.sun_path)) return 0;
  address.sun_family = AF_UNIX;
  strcpy(address.sun_path, path);
  identity = who;
  return 1;
}

int link_is_configured(void) { return identity != NULL; }

static void disconnect(void) {
  if (connection >= 0) close(connection);
  connection = -1;
}

static void fill_header(struct l2tp_plugin_header* header, uint16_t type, size_t size) {
  const struct link_identity who = identity();
  header->magic = L2TP_PLUGIN_MAGIC;
  header->version = L2TP_PLUGIN_VERSION;
  header->type = type;
  header->size = (uint32_t)size;
  header->sequence = ++last_sequence;
  header->instance = who.instance;
  header->tunnel_id = who.tunnel_id;
  header->session_id = who.session_id;
}

// 1: sent; 0: no room now; -1: the connection is gone, and closed.
static int transmit(const void* octets, size_t size) {
  for (;;) {
    const ssize_t sent = send(connection, octets, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == (ssize_t)size) return 1;
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return 0;
    disconnect();
    return -1;
  }
}

// Whether the one who listens is root, or the user we are: anybody else has put a socket of his own
// in the controller's place, and could let in whom he likes.
static int listener_is_trusted(void) {
  static int told;
  struct ucred peer;
  socklen_t size = sizeof(peer);
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return 0;
  if (peer.uid == 0 || peer.uid == geteuid()) return 1;
  if (!told) {
    warn("pppol2tp_events: %s belongs to user %d, not to the controller: nothing is sent",
         address.sun_path, (int)peer.uid);
  }
  told = 1;
  return 0;
}

// A new connection starts with HELLO and all that is true at the moment.
static int try_connect(void) {
  if (connection >= 0) return 1;
  connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connection < 0) return 0;
  if (connect(connection, (const struct sockaddr*)&address, sizeof(address)) < 0 ||
      !listener_is_trusted()) {
    disconnect();
    return 0;
  }
  fill_header(&hello.header, L2TP_PLUGIN_HELLO, sizeof(hello));
  hello.pid = (uint32_t)getpid();
  if (transmit(&hello, sizeof(hello)) != 1) {
    disconnect();
    return 0;
  }
  back_off = BACK_OFF_FIRST_SECONDS;
  for (int i = 0; i < LINK_KIND_COUNT; ++i) news[i].pending = news[i].size != 0;
  return 1;
}

static struct news* oldest_pending(void) {
  struct news* oldest = NULL;
  for (struct news* n = news; n < news + LINK_KIND_COUNT; ++n) {
    if (n->pending && (oldest == NULL || n->sequence < oldest->sequence)) oldest = n;
  }
  return oldest;
}

// Sends what is pending, in the order in which it happened. 1 if nothing is left.
static int flush(void) {
  if (connection < 0) return 0;
  for (struct news* next; (next = oldest_pending()) != NULL; next->pending = 0) {
    if (transmit(next->octets, next->size) != 1) return 0;
  }
  return 1;
}

static void on_retry(void* argument);

// Sends what can be sent. The rest is tried again soon, once for a connection that just broke:
// further attempts are left to the slower timer.
static void send_pending(void) {
  if (connection < 0 || flush() || retry_is_set) return;
  retry_is_set = 1;
  if (connection >= 0) {
    compat_timer(on_retry, 0, RETRY_FULL_MICROSECONDS);
  } else {
    compat_timer(on_retry, BACK_OFF_FIRST_SECONDS, 0);
  }
}

static void on_retry(void* argument) {
  (void)argument;
  retry_is_set = 0;
  if (!started) return;
  try_connect();
  send_pending();
}

// Notices that the controller hung up, and throws away answers that came too late.
static void look(void) {
  char octets[L2TP_PLUGIN_MAX_MESSAGE_SIZE];
  while (connection >= 0) {
    const ssize_t size = recv(connection, octets, sizeof(octets), MSG_DONTWAIT);
    if (size > 0) {
      explicit_bzero(octets, (size_t)size);
    } else if (size < 0 && errno == EINTR) {
      continue;
    } else if (size < 0 && errno == EAGAIN) {
      return;
    } else {
      disconnect();
    }
  }
}

// Runs as long as pppd does.
static void on_timer(void* argument) {
  (void)argument;
  if (!started) return;
  look();
  try_connect();
  send_pending();
  if (connection >= 0) {
    compat_timer(on_timer, LOOK_SECONDS, 0);
    return;
  }
  compat_timer(on_timer, back_off, 0);
  back_off = back_off * 2 > BACK_OFF_LAST_SECONDS ? BACK_OFF_LAST_SECONDS : back_off * 2;
}

void link_start(const char* plugin_version, const char* pppd_version_text) {
  if (started || !link_is_configured()) return;
  started = 1;
  strlcpy(hello.plugin_version, plugin_version, sizeof(hello.plugin_version));
  strlcpy(hello.pppd_version, pppd_version_text, sizeof(hello.pppd_version));
  on_timer(NULL);
}

static void keep(enum link_kind kind, uint16_t type, void* message, size_t size) {
  fill_header(message, type, size);
  memcpy(news[kind].octets, message, size);
  news[kind].size = size;
  news[kind].sequence = last_sequence;
  news[kind].pending = 1;
}

void link_tell(enum link_kind kind, uint16_t type, void* message, size_t size) {
  if (!started) return;
  keep(kind, type, message, size);
  send_pending();  // while the controller is away only the timers connect
}

void link_tell_or_lose(uint16_t type, void* message, size_t size) {
  if (!started || !flush()) return;  // state goes first
  fill_header(message, type, size);
  transmit(message, size);
}

void link_tell_last(enum link_kind kind, uint16_t type, void* message, size_t size) {
  if (!started) return;
  keep(kind, type, message, size);
  try_connect();
  if (flush() || connection < 0) return;
  struct pollfd room = {.fd = connection, .events = POLLOUT};
  poll(&room, 1, EXIT_WAIT_MILLISECONDS);
  flush();
}

static int64_t now_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits for the answer to `request`; others are late and wiped. 0: none came.
static int await_reply(const struct l2tp_plugin_header* request, uint16_t type, void* reply,
                       size_t reply_size, int64_t deadline) {
  char octets[L2TP_PLUGIN_MAX_MESSAGE_SIZE];
  for (;;) {
    const int64_t left = deadline - now_milliseconds();
    if (left <= 0) return 0;
    struct pollfd answer = {.fd = connection, .events = POLLIN};
    if (poll(&answer, 1, (int)left) <= 0) continue;

    const ssize_t size = recv(connection, octets, sizeof(octets), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) {
      disconnect();
      return 0;
    }
    struct l2tp_plugin_header header;
    memcpy(&header, octets, sizeof(header));
    const int good = size == (ssize_t)reply_size && header.magic == L2TP_PLUGIN_MAGIC &&
                     header.version == L2TP_PLUGIN_VERSION && header.type == type &&
                     header.sequence == request->sequence && header.instance == request->instance;
    if (good) memcpy(reply, octets, reply_size);
    explicit_bzero(octets, sizeof(octets));
    if (good) return 1;
  }
}

int link_ask(uint16_t type, void* request, size_t request_size, uint16_t reply_type, void* reply,
             size_t reply_size, int seconds) {
  if (!started) return 0;
  const int64_t start = now_milliseconds();
  // A controller that is just being restarted is worth more than one attempt.
  for (;;) {
    if (try_connect()) {
      flush();
      if (connection >= 0) {
        fill_header(request, type, request_size);
        if (transmit(request, request_size) == 1 &&
            await_reply(request, reply_type, reply, reply_size, start + seconds * 1000)) {
          return 1;
        }
      }
    }
    if (now_milliseconds() >= start + CONNECT_WAIT_MILLISECONDS) return 0;
    poll(NULL, 0, ASK_RETRY_MILLISECONDS);
  }
}

void link_forget(void) {
  disconnect();
  started = 0;
}
