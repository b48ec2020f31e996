// The plugin's end of the socket to the controller: keeps the latest news of each kind until it is
// sent, reconnects, and asks for secrets. Knows pppd's timer and log, and nothing else of
// pppd.

#ifndef L2TP_PLUGIN_CONTROLLER_LINK_H_
#define L2TP_PLUGIN_CONTROLLER_LINK_H_

#include <stddef.h>
#include <stdint.h>

#include "plugin/plugin_protocol.h"

// News of one kind replace older ones that could not be sent yet.
enum link_kind {
  LINK_PHASE,
  LINK_LCP,
  LINK_AUTH_OF_PEER,
  LINK_AUTH_OF_US,
  LINK_CCP,
  LINK_IPV4,
  LINK_IPV6,
  LINK_ECHO,
  LINK_EXIT,
  LINK_KIND_COUNT
};

struct link_identity {
  uint64_t instance;
  uint32_t tunnel_id;
  uint32_t session_id;
};

// The socket to connect to; nothing is sent before. `identity` is asked when a message is made.
// Returns 0 if the path is too long.
int link_configure(const char* path, struct link_identity (*identity)(void));
int link_is_configured(void);

// Connects, if that has not been done, and says HELLO. Like all of these it does not wait: what
// does not work now is tried again by a timer.
void link_start(const char* plugin_version, const char* pppd_version);

// `message` begins with a l2tp_plugin_header, which is filled in here.
void link_tell(enum link_kind kind, uint16_t type, void* message, size_t size);

// The same for what is worth nothing later: it is sent now, or lost.
void link_tell_or_lose(uint16_t type, void* message, size_t size);

// The same for the last message there is: waits up to a quarter of a second for room.
void link_tell_last(enum link_kind kind, uint16_t type, void* message, size_t size);

// The one call that waits: sends `request`, which begins with a l2tp_plugin_header that is filled
// in here, and takes the answer of that type and size. 1, or 0 when none came within `seconds`, or
// no controller within 3 s. The caller wipes what may be secret.
int link_ask(uint16_t type, void* request, size_t request_size, uint16_t reply_type, void* reply,
             size_t reply_size, int seconds);

// For a child process: it must not talk in our name.
void link_forget(void);

#endif  // L2TP_PLUGIN_CONTROLLER_LINK_H_
