#include "plugin/pppd_compat.h"
// pppd's header comes first.
#include "plugin/hangup.h"

static volatile sig_atomic_t hung_up;

// Called from pppd's signal handler.
static void on_signal(void* context, int signal) {
  (void)context;
  if (signal == SIGHUP) hung_up = 1;
}

// RFC 1661, 4.3: the lower layer is down. That takes away pppd's timer; nothing else would finish.
static void end_link(void* argument) {
  (void)argument;
  fsm* lcp = &lcp_fsm[0];
  if (lcp->state != CLOSING && lcp->state != STOPPING) return;
  fsm_lowerdown(lcp);
  lcp->callbacks->finished(lcp);
}

// pppd says TERMINATE for each signal, before its LCP is told to close.
static void on_phase(void* context, int phase_now) {
  (void)context;
  if (phase_now == PHASE_TERMINATE && hung_up) compat_timer(end_link, 0, 0);
}

void hangup_begin(void) {
  compat_on_signal(on_signal);
  compat_on_phase(on_phase);
}
