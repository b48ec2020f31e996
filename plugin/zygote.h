// A pppd that waits, and forks others.

#ifndef L2TP_PLUGIN_ZYGOTE_H_
#define L2TP_PLUGIN_ZYGOTE_H_

// The option `pppol2tp_events_zygote FD`. Waits for requests on FD, a SEQPACKET socket, and forks a
// pppd for each. Returns in these pppds, after pppd has read the options of the request: 1, or 0
// when they were wrong. Never returns in the zygote, which exits when the other end is closed.
int zygote_run(char** argv);

#endif  // L2TP_PLUGIN_ZYGOTE_H_
