// Logins with secrets from the controller (option pppol2tp_events_auth).

#ifndef L2TP_PLUGIN_LOGINS_H_
#define L2TP_PLUGIN_LOGINS_H_

// Takes pppd's authentication hooks: from now on secrets come from the controller, in both
// directions, and from no file.
void logins_take_over(void);

// When all options have been read: if another plugin has taken the hooks for the peer's login, who
// tries to log in is told all the same.
void logins_note_others(void);

#endif  // L2TP_PLUGIN_LOGINS_H_
