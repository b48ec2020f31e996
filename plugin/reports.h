// What pppol2tp_events.so tells of PPP. Everything here is called from pppd's loop and does not
// wait, but for the last message of all (controller_link.h).

#ifndef L2TP_PLUGIN_REPORTS_H_
#define L2TP_PLUGIN_REPORTS_H_

// From now on what happens in this pppd is told. To be called once.
void reports_begin(void);

// Statistics while a network protocol is up; 0: none.
void reports_send_statistics_every(int seconds);

// What the report of the end gives as the reason; "": nothing beyond the exit status.
void reports_set_reason(const char* reason);

// Who tries to log in to us: told if it fails.
void reports_set_claimed_name(const char* name);

#endif  // L2TP_PLUGIN_REPORTS_H_
