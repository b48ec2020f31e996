// The two ends of an L2TP session of the kernel, over loopback, without a control connection: all
// that two pppds need to talk to each other. For tests.

#ifndef L2TP_PLUGIN_TESTS_SESSION_PAIR_H_
#define L2TP_PLUGIN_TESTS_SESSION_PAIR_H_

#ifdef __cplusplus
extern "C" {
#endif

struct session_pair {
  int session[2];  // connected PPPoL2TP sockets: A and B
  int tunnel[2];   // what keeps the tunnels alive
  int udp[2];
  unsigned tunnel_id[2];   // 101 and 102 the first time a process asks, then others: the kernel
  unsigned session_id[2];  // takes a moment to forget those of a pair that was closed; 201, 202
};

// All descriptors are close-on-exec. 0, or -1 with errno set: EAFNOSUPPORT or EPROTONOSUPPORT when
// the kernel has no PPPoL2TP.
int session_pair_open(struct session_pair* pair);

#ifdef __cplusplus
}
#endif

#endif  // L2TP_PLUGIN_TESTS_SESSION_PAIR_H_
