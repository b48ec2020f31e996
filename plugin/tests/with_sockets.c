// Runs commands with sockets that only a program can open, at descriptor 7:
//
//   with_sockets pair COMMAND_A COMMAND_B   each with one end of an L2TP session (session_pair.h)
//   with_sockets sequenced COMMAND_A COMMAND_B   likewise, and both ends send and demand sequence
//                                           numbers to begin with
//   with_sockets KIND COMMAND               KIND: udp, pppoe, unconnected (PPPoL2TP), file, closed
//
// With a session, USR1 makes it send end A a Configure-Request out of the blue, as a peer does that
// has been restarted. Commands are given to /bin/sh. The exit status is that of the first command.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/tests/session_pair.h"

#ifndef SOL_PPPOL2TP
#define SOL_PPPOL2TP 273
#endif

#define AT 7

static void fail(const char* what) {
  fprintf(stderr, "with_sockets: %s: %s\n", what, strerror(errno));
  exit(125);
}

static pid_t run(const char* command, int fd) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  close(AT);
  if (fd >= 0 && dup2(fd, AT) < 0) fail("dup2");
  execl("/bin/sh", "sh", "-c", command, NULL);
  fail("sh");
  return 0;
}

static volatile sig_atomic_t asked_to_renegotiate;

static void on_usr1(int signal_number) {
  (void)signal_number;
  asked_to_renegotiate = 1;
}

// An L2TP data message (version 2, no options) with LCP Configure-Request: ACCM 000a0000.
static void send_configure_request(const struct session_pair* pair) {
  const unsigned tunnel = pair->tunnel_id[0], session = pair->session_id[0];
  unsigned char message[] = {0,    2,    0,    0,    0, 0,   // header: flags, version, ids
                             0xff, 0x03, 0xc0, 0x21,         // address, control, protocol
                             1,    99,   0,    10,           // Configure-Request 99, 10 octets
                             2,    6,    0,    0x0a, 0, 0};  // ACCM
  message[2] = (unsigned char)(tunnel >> 8);
  message[3] = (unsigned char)tunnel;
  message[4] = (unsigned char)(session >> 8);
  message[5] = (unsigned char)session;
  if (send(pair->udp[1], message, sizeof(message), 0) < 0) fail("send");
}

static int open_kind(const char* kind) {
  if (strcmp(kind, "udp") == 0) return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (strcmp(kind, "pppoe") == 0) {
    return socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC, PX_PROTO_OE);
  }
  if (strcmp(kind, "unconnected") == 0) {
    return socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
  }
  if (strcmp(kind, "file") == 0) return open("/dev/null", O_RDWR | O_CLOEXEC);
  errno = EINVAL;
  return -1;
}

static int status_of(pid_t pid, const struct session_pair* pair) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    if (asked_to_renegotiate) send_configure_request(pair);
    asked_to_renegotiate = 0;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char** argv) {
  if (argc == 4) {
    struct session_pair pair;
    if (session_pair_open(&pair) < 0) fail("cannot make a session");
    for (int end = 0; end < 2 && strcmp(argv[1], "sequenced") == 0; ++end) {
      const int on = 1;
      setsockopt(pair.session[end], SOL_PPPOL2TP, PPPOL2TP_SO_SENDSEQ, &on, sizeof(on));
      setsockopt(pair.session[end], SOL_PPPOL2TP, PPPOL2TP_SO_RECVSEQ, &on, sizeof(on));
    }
    const struct sigaction action = {.sa_handler = on_usr1};
    sigaction(SIGUSR1, &action, NULL);
    const pid_t a = run(argv[2], pair.session[0]);
    const pid_t b = run(argv[3], pair.session[1]);
    // The last copy of its socket ends a session: the commands are to have it.
    close(pair.session[0]);
    close(pair.session[1]);
    const int status = status_of(a, &pair);
    status_of(b, &pair);
    return status;
  }
  if (argc == 3) {
    int fd = -1;
    if (strcmp(argv[1], "closed") != 0 && (fd = open_kind(argv[1])) < 0) fail(argv[1]);
    return status_of(run(argv[2], fd), NULL);
  }
  errno = EINVAL;
  fail("arguments");
}
