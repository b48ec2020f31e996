// An end without anybody to wait for: the call that carried PPP is over.

#ifndef L2TP_PLUGIN_HANGUP_H_
#define L2TP_PLUGIN_HANGUP_H_

// From now on HUP means that the link is gone. pppd tells its peer that it ends, in case there is
// one left to hear it, and does not wait for the answer: by itself it would, for `lcp-restart`
// seconds, 3 if nothing else was said, also after the peer's own Terminate-Request. TERM alone
// is as ever. To be called once.
void hangup_begin(void);

#endif  // L2TP_PLUGIN_HANGUP_H_
