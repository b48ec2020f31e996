// What the controller and a pppd zygote say to each other. README.md has the rules; this file has
// the octets. Included by C (the plugin) and C++ (server/ppp).
//
// Transport: a pair of Unix SEQPACKET sockets, one message a packet, numbers in host order.

#ifndef L2TP_PLUGIN_ZYGOTE_PROTOCOL_H_
#define L2TP_PLUGIN_ZYGOTE_PROTOCOL_H_

#ifdef __cplusplus
#include <cstdint>
#else
#include <assert.h>
#include <stdint.h>
#endif

#define L2TP_ZYGOTE_MAGIC 0x4c32545au  // "L2TZ" when read as a number
#define L2TP_ZYGOTE_VERSION 1

#define L2TP_ZYGOTE_MAX_WORDS 256
#define L2TP_ZYGOTE_MAX_MESSAGE_SIZE 16384

// Controller -> zygote: fork a pppd. The options follow, each ended by a NUL. The descriptors come
// along: first what the pppd will have as 1 and 2, then what it will have as 3 and so on.
struct l2tp_zygote_request {
  uint32_t magic;
  uint16_t version;
  uint16_t word_count;  // 1 to L2TP_ZYGOTE_MAX_WORDS
};

#define L2TP_ZYGOTE_MIN_DESCRIPTORS 1
#define L2TP_ZYGOTE_MAX_DESCRIPTORS 8

// Zygote -> controller: the answer to each request, in their order, before the new pppd does
// anything. An empty first answer, with process_id 0 and error 0, says that the zygote is ready.
struct l2tp_zygote_reply {
  uint32_t magic;
  int32_t process_id;  // of a child of the controller; 0: there is none
  int32_t error;       // why not: an errno
};

static_assert(sizeof(struct l2tp_zygote_request) == 8, "");
static_assert(sizeof(struct l2tp_zygote_reply) == 12, "");

#endif  // L2TP_PLUGIN_ZYGOTE_PROTOCOL_H_
