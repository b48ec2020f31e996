// Plays a pppd for the supervisor's tests. It is given pppd's command line; after the word `play`
// stand commands, done in order:
//
//   connect              to the socket named by pppol2tp_events_socket
//   hello [hello-as=N]   HELLO, as the instance it was given or as another
//   lcp ipv4 ipv6 ipv4-down ipv6-down
//   phase=N echo=UNANSWERED ccp ccp-down statistics
//   auth=USER            the peer logged in
//   report=STATUS        EXIT
//   repeat               sends the last news once more (a HELLO is none)
//   own-secret           asks, waits for the answer, prints "secret=..."
//   login=USER           likewise, by PAP with the password "hush"; prints "verdict=..."
//   ask-login=USER       does not wait for the answer
//   admit=USER           likewise; prints "admitted=..."
//   garbage              octets that are no message
//   print=TEXT flood=LINES fds args environment group
//   ignore-term wait     wait: until TERM, then exit 5
//   exit=STATUS signal=NUMBER
//
// It ends with status 0 when there is nothing left to do. With `pppol2tp_events_zygote FD` it is a
// zygote, by the plugin's own code, and the pppds that it forks play what they are asked for.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin/plugin_protocol.h"
#include "plugin/zygote.h"

extern char** environ;

static const char* socket_path = "";
static uint64_t instance;
static int connection = -1;
static uint32_t sequence;
static char last_message[L2TP_PLUGIN_MAX_MESSAGE_SIZE];
static size_t last_size;
static volatile sig_atomic_t terminated;

static void on_term(int signal) {
  (void)signal;
  terminated = 1;
}

static void die(const char* what) {
  fprintf(stderr, "fake_pppd: %s: %s\n", what, strerror(errno));
  exit(100);
}

static void transmit(const void* message, size_t size) {
  if (send(connection, message, size, MSG_NOSIGNAL) != (ssize_t)size) die("send");
}

// News, which may be repeated.
static void tell(const void* message, size_t size) {
  memcpy(last_message, message, size);
  last_size = size;
  transmit(message, size);
}

static struct l2tp_plugin_header header(uint16_t type, size_t size) {
  return (struct l2tp_plugin_header){
      .magic = L2TP_PLUGIN_MAGIC,
      .version = L2TP_PLUGIN_VERSION,
      .type = type,
      .size = (uint32_t)size,
      .sequence = ++sequence,
      .instance = instance,
      .tunnel_id = 11,
      .session_id = 22,
  };
}

static void do_connect(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, socket_path, sizeof(address.sun_path) - 1);
  connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(connection, (struct sockaddr*)&address, sizeof(address)) != 0) die("connect");
}

static void hello(uint64_t as) {
  struct l2tp_plugin_hello message = {
      .pid = (uint32_t)getpid(), .plugin_version = "test", .pppd_version = "fake"};
  message.header = header(L2TP_PLUGIN_HELLO, sizeof(message));
  message.header.instance = as;
  transmit(&message, sizeof(message));
}

static void lcp(void) {
  struct l2tp_plugin_lcp_up message = {
      .send_accm = 0xa0000, .receive_accm = 0, .mru = 1460, .peer_mru = 1400};
  message.header = header(L2TP_PLUGIN_LCP_UP, sizeof(message));
  tell(&message, sizeof(message));
}

static void auth(const char* user) {
  struct l2tp_plugin_auth message = {
      .succeeded = 1, .we_are_authenticator = 1, .method = L2TP_PLUGIN_METHOD_CHAP_MD5};
  strncpy(message.user, user, sizeof(message.user) - 1);
  message.header = header(L2TP_PLUGIN_AUTH, sizeof(message));
  tell(&message, sizeof(message));
}

static void ipv4(void) {
  struct l2tp_plugin_ipv4_up message = {.interface_name = "ppp7",
                                        .interface_index = 9,
                                        .local = 0x0a000001,
                                        .remote = 0x0a000002,
                                        .dns = {0x08080808, 0}};
  message.header = header(L2TP_PLUGIN_IPV4_UP, sizeof(message));
  tell(&message, sizeof(message));
}

static void ipv6(void) {
  struct l2tp_plugin_ipv6_up message = {.interface_name = "ppp7"};
  message.local[0] = message.remote[0] = 0xfe;
  message.local[1] = message.remote[1] = 0x80;
  message.local[15] = 1;
  message.remote[15] = 2;
  message.header = header(L2TP_PLUGIN_IPV6_UP, sizeof(message));
  tell(&message, sizeof(message));
}

static void header_only(uint16_t type) {
  struct l2tp_plugin_header message = header(type, sizeof(message));
  tell(&message, sizeof(message));
}

static void phase(int number) {
  struct l2tp_plugin_phase message = {.phase = (uint8_t)number};
  message.header = header(L2TP_PLUGIN_PHASE, sizeof(message));
  tell(&message, sizeof(message));
}

static void echo(int unanswered) {
  struct l2tp_plugin_echo message = {.unanswered = (uint32_t)unanswered, .limit = 4};
  message.header = header(L2TP_PLUGIN_ECHO, sizeof(message));
  tell(&message, sizeof(message));
}

static void ccp(void) {
  struct l2tp_plugin_ccp_up message = {
      .send_method = 18, .receive_method = 18, .send_key_bits = 128, .receive_key_bits = 128};
  message.header = header(L2TP_PLUGIN_CCP_UP, sizeof(message));
  tell(&message, sizeof(message));
}

static void statistics(void) {
  struct l2tp_plugin_statistics message = {.connect_seconds = 30, .bytes_in = 500};
  message.header = header(L2TP_PLUGIN_STATISTICS, sizeof(message));
  tell(&message, sizeof(message));
}

static void report(int status) {
  struct l2tp_plugin_exit message = {
      .status = status, .connect_seconds = 60, .bytes_in = 1000, .bytes_out = 2000};
  message.header = header(L2TP_PLUGIN_EXIT, sizeof(message));
  tell(&message, sizeof(message));
}

static void await_reply(void* reply, size_t size, uint32_t asked) {
  if (recv(connection, reply, size, 0) != (ssize_t)size) die("no answer");
  if (((struct l2tp_plugin_header*)reply)->sequence != asked) die("another answer");
}

static void ask_secret(void) {
  struct l2tp_plugin_secret_request message;
  struct l2tp_plugin_secret_reply reply;
  message.header = header(L2TP_PLUGIN_SECRET_REQUEST, sizeof(message));
  transmit(&message, sizeof(message));
  await_reply(&reply, sizeof(reply), message.header.sequence);
  if (reply.found) {
    printf("secret=%.*s\n", (int)reply.secret_size, reply.secret);
  } else {
    printf("no secret\n");
  }
}

static void login(const char* user, int wait) {
  struct l2tp_plugin_login_request message = {
      .method = L2TP_PLUGIN_METHOD_PAP, .response_size = 4, .response = "hush"};
  struct l2tp_plugin_login_reply reply;
  strncpy(message.user, user, sizeof(message.user) - 1);
  message.header = header(L2TP_PLUGIN_LOGIN_REQUEST, sizeof(message));
  transmit(&message, sizeof(message));
  if (!wait) return;
  await_reply(&reply, sizeof(reply), message.header.sequence);
  printf("verdict=%d %.*s\n", reply.verdict, (int)reply.secret_size, reply.secret);
}

static void admit(const char* user) {
  struct l2tp_plugin_admit_request message = {.user = ""};
  struct l2tp_plugin_admit_reply reply;
  strncpy(message.user, user, sizeof(message.user) - 1);
  message.header = header(L2TP_PLUGIN_ADMIT_REQUEST, sizeof(message));
  transmit(&message, sizeof(message));
  await_reply(&reply, sizeof(reply), message.header.sequence);
  printf("admitted=%d %s\n", reply.admitted, reply.message);
}

static void print_descriptors(void) {
  DIR* folder = opendir("/proc/self/fd");
  struct dirent* entry;
  char line[256] = "fds=";
  while ((entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder)) continue;
    strcat(strcat(line, entry->d_name), ",");
  }
  closedir(folder);
  printf("%s\n", line);
}

static void wait_for_term(void) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, &before);
  while (!terminated) sigsuspend(&before);
  exit(5);
}

static const char* value_of(const char* command, const char* name) {
  const size_t size = strlen(name);
  return strncmp(command, name, size) == 0 && command[size] == '=' ? command + size + 1 : NULL;
}

static void play(const char* command, int argc, char** argv) {
  const char* value;
  if (strcmp(command, "connect") == 0) {
    do_connect();
  } else if (strcmp(command, "hello") == 0) {
    hello(instance);
  } else if ((value = value_of(command, "hello-as")) != NULL) {
    hello(strtoull(value, NULL, 10));
  } else if (strcmp(command, "lcp") == 0) {
    lcp();
  } else if ((value = value_of(command, "auth")) != NULL) {
    auth(value);
  } else if (strcmp(command, "ipv4") == 0) {
    ipv4();
  } else if (strcmp(command, "ipv6") == 0) {
    ipv6();
  } else if (strcmp(command, "ipv4-down") == 0) {
    header_only(L2TP_PLUGIN_IPV4_DOWN);
  } else if (strcmp(command, "ipv6-down") == 0) {
    header_only(L2TP_PLUGIN_IPV6_DOWN);
  } else if ((value = value_of(command, "phase")) != NULL) {
    phase(atoi(value));
  } else if ((value = value_of(command, "echo")) != NULL) {
    echo(atoi(value));
  } else if (strcmp(command, "ccp") == 0) {
    ccp();
  } else if (strcmp(command, "ccp-down") == 0) {
    header_only(L2TP_PLUGIN_CCP_DOWN);
  } else if (strcmp(command, "statistics") == 0) {
    statistics();
  } else if ((value = value_of(command, "report")) != NULL) {
    report(atoi(value));
  } else if (strcmp(command, "repeat") == 0) {
    transmit(last_message, last_size);
  } else if (strcmp(command, "own-secret") == 0) {
    ask_secret();
  } else if ((value = value_of(command, "login")) != NULL) {
    login(value, 1);
  } else if ((value = value_of(command, "ask-login")) != NULL) {
    login(value, 0);
  } else if ((value = value_of(command, "admit")) != NULL) {
    admit(value);
  } else if (strcmp(command, "garbage") == 0) {
    char garbage[] = "garbage";
    transmit(garbage, sizeof(garbage));
  } else if ((value = value_of(command, "print")) != NULL) {
    printf("%s\n", value);
  } else if ((value = value_of(command, "flood")) != NULL) {
    for (int i = atoi(value); i > 0; --i) printf("line number %d of a flood\n", i);
  } else if (strcmp(command, "fds") == 0) {
    print_descriptors();
  } else if (strcmp(command, "args") == 0) {
    for (int i = 0; i < argc; ++i) printf("arg=%s\n", argv[i]);
  } else if (strcmp(command, "environment") == 0) {
    for (char** entry = environ; *entry != NULL; ++entry) printf("env=%s\n", *entry);
  } else if (strcmp(command, "group") == 0) {
    printf("leads-its-group=%d\n", getpgrp() == getpid());
  } else if (strcmp(command, "ignore-term") == 0) {
    signal(SIGTERM, SIG_IGN);
  } else if (strcmp(command, "wait") == 0) {
    fflush(stdout);
    wait_for_term();
  } else if ((value = value_of(command, "exit")) != NULL) {
    exit(atoi(value));
  } else if ((value = value_of(command, "signal")) != NULL) {
    fflush(stdout);
    raise(atoi(value));
  } else {
    fprintf(stderr, "fake_pppd: cannot play %s\n", command);
    exit(101);
  }
}

static int perform(int argc, char** argv) {
  struct sigaction action = {.sa_handler = on_term};
  int i;
  sigaction(SIGTERM, &action, NULL);
  signal(SIGHUP, SIG_IGN);  // always comes with a TERM
  for (i = 0; i < argc && strcmp(argv[i], "play") != 0; ++i) {
    if (i + 1 == argc) break;
    if (strcmp(argv[i], "pppol2tp_events_socket") == 0) socket_path = argv[i + 1];
    if (strcmp(argv[i], "pppol2tp_events_instance") == 0) {
      instance = strtoull(argv[i + 1], NULL, 10);
    }
  }
  for (++i; i < argc; ++i) {
    play(argv[i], argc, argv);
    fflush(stdout);
  }
  return 0;
}

// What plugin/zygote.c wants of pppd.
int parse_args(int argc, char** argv);
int int_option(char* text, int* value);
void option_error(char* format, ...);

int int_option(char* text, int* value) {
  *value = atoi(text);
  return 1;
}

__attribute__((format(printf, 1, 2))) void option_error(char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
}

static int word_count;
static char** words;

int parse_args(int argc, char** argv) {
  word_count = argc;
  words = argv;
  return 1;
}

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (strcmp(argv[i], "pppol2tp_events_zygote") == 0 && !zygote_run(&argv[i + 1])) return 2;
  }
  if (words == NULL) parse_args(argc - 1, argv + 1);
  return perform(word_count, words);
}
