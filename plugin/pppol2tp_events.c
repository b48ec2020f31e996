// Tells the controller what happens in a pppd, and asks it for secrets: pppol2tp_events.so.
// README.md has the options and the protocol. Loaded after our pppol2tp.so or the ppp package's.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <syslog.h>

#include "plugin/controller_link.h"
#include "plugin/hangup.h"
#include "plugin/logins.h"
#include "plugin/reports.h"
#include "plugin/zygote.h"

EXPORTED void plugin_init(void);
EXPORTED const char pppd_version[] = L2TP_PLUGIN_PPPD_VERSION;

static uint64_t instance;
static char instance_text[24];
static char socket_path[108];
static bool no_syslog;
static int statistics_interval;

// ---- Who we are ------------------------------------------------------------------------------

static uint32_t id_from_transport(const char* symbol) {
  const int* id = dlsym(RTLD_DEFAULT, symbol);
  return id == NULL ? 0 : (uint32_t)*id;
}

static struct link_identity identify(void) {
  return (struct link_identity){
      .instance = instance,
      .tunnel_id = id_from_transport("pppol2tp_tunnel_id"),
      .session_id = id_from_transport("pppol2tp_session_id"),
  };
}

// ---- Options ---------------------------------------------------------------------------------

static int set_socket(char** argv) {
  if (**argv != '/' || !link_configure(*argv, identify)) {
    compat_option_error(
        "pppol2tp_events_socket: \"%v\" is not an absolute path of less than 108 "
        "octets",
        *argv);
    return 0;
  }
  strlcpy(socket_path, *argv, sizeof(socket_path));
  return 1;
}

static int set_instance(char** argv) {
  char* end;
  errno = 0;
  const unsigned long long value = strtoull(*argv, &end, 10);
  if (!isdigit((unsigned char)**argv) || *end != '\0' || errno != 0) {
    compat_option_error("pppol2tp_events_instance: \"%v\" is not a number of 64 bits", *argv);
    return 0;
  }
  instance = value;
  strlcpy(instance_text, *argv, sizeof(instance_text));
  return 1;
}

static int take_over_auth(char** argv) {
  (void)argv;
  logins_take_over();
  return 1;
}

static int set_no_syslog(char** argv) {
  (void)argv;
  no_syslog = 1;
  setlogmask(LOG_MASK(LOG_EMERG));
  return 1;
}

static void on_phase(void* context, int phase_now) {
  (void)context;
  // pppd's `debug` lifts the mask that nosyslog put on.
  if (no_syslog) setlogmask(LOG_MASK(LOG_EMERG));
  // The first phase comes when all options have been read.
  if (phase_now != PHASE_SERIALCONN) return;
  reports_send_statistics_every(statistics_interval);
  logins_note_others();
}

static option_t options[] = {{.name = "pppol2tp_events_socket",
                              .type = o_special,
                              .addr = COMPAT_FUNCTION(set_socket),
                              .description = "Unix socket of the controller",
                              .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
                              .addr2 = socket_path},
                             {.name = "pppol2tp_events_instance",
                              .type = o_special,
                              .addr = COMPAT_FUNCTION(set_instance),
                              .description = "number by which the controller knows this pppd",
                              .flags = OPT_PRIO | OPT_PRIV | OPT_A2STRVAL | OPT_STATIC,
                              .addr2 = instance_text},
                             {.name = "pppol2tp_events_auth",
                              .type = o_special_noarg,
                              .addr = COMPAT_FUNCTION(take_over_auth),
                              .description = "get secrets from the controller, not from files",
                              .flags = OPT_PRIV},
                             {.name = "pppol2tp_events_statistics",
                              .type = o_int,
                              .addr = &statistics_interval,
                              .description = "seconds between statistics to the controller",
                              .flags = OPT_PRIO | OPT_PRIV | OPT_LLIMIT,
                              .lower_limit = 0},
                             {.name = "pppol2tp_events_nosyslog",
                              .type = o_special_noarg,
                              .addr = COMPAT_FUNCTION(set_no_syslog),
                              .description = "keep pppd's messages out of syslog",
                              .flags = OPT_PRIV},
                             {.name = "pppol2tp_events_zygote",
                              .type = o_special,
                              .addr = COMPAT_FUNCTION(zygote_run),
                              .description = "wait at this socket, and fork pppds",
                              .flags = OPT_PRIV},
                             {.name = NULL}};

void plugin_init(void) {
  static bool initialised;
  if (initialised) return;  // the same file, loaded by a second `plugin` option
  initialised = 1;
  compat_add_options(options);
  compat_on_phase(on_phase);
  reports_begin();
  hangup_begin();
}
