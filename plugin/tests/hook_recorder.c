// A third party's plugin on top of pppol2tp.so, ours or the stock one: writes down each call of its
// hooks to the file named by the option hook_recorder_file. For tests.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

EXPORTED void plugin_init(void);
EXPORTED const char pppd_version[] = L2TP_PLUGIN_PPPD_VERSION;

// As openl2tp.so does it: by undefined symbols, so the transport has to be loaded before.
extern void (*pppol2tp_send_accm_hook)(int tunnel_id, int session_id, uint32_t send_accm,
                                       uint32_t recv_accm);
extern void (*pppol2tp_ip_updown_hook)(int tunnel_id, int session_id, int up);

static char file[256];

static void record(const char* line) {
  const int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write(fd, line, strlen(line)) < 0) warn("hook_recorder: %m");
  close(fd);
}

static void on_accm(int tunnel_id, int session_id, uint32_t send_accm, uint32_t recv_accm) {
  char line[128];
  snprintf(line, sizeof(line), "accm tunnel=%d session=%d send=%08x recv=%08x\n", tunnel_id,
           session_id, send_accm, recv_accm);
  record(line);
}

static void on_up_or_down(int tunnel_id, int session_id, int up) {
  char line[128];
  snprintf(line, sizeof(line), "ip tunnel=%d session=%d up=%d\n", tunnel_id, session_id, up);
  record(line);
}

static option_t options[] = {{.name = "hook_recorder_file",
                              .type = o_string,
                              .addr = file,
                              .description = "where to write the calls",
                              .flags = OPT_PRIO | OPT_STATIC,
                              .addr2 = NULL,
                              .upper_limit = sizeof(file)},
                             {.name = NULL}};

void plugin_init(void) {
  compat_add_options(options);
  pppol2tp_send_accm_hook = on_accm;
  pppol2tp_ip_updown_hook = on_up_or_down;
}
