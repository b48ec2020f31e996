// The pppd zygote: README.md, "The zygote".
//
// An exec of pppd costs the kernel a new address space and the dynamic linker the relocation of
// some ten libraries, each time anew. A fork of a pppd that has all that behind it costs neither,
// and the pages that nobody writes to are shared by all.
//
// This runs where pppd parses its command line, before it has opened /dev/ppp, its database or its
// signal handlers: whatever pppd does after its options it does in each child for itself. What it
// has done before is the same for all sessions, but for the seed of its random numbers.

#define _GNU_SOURCE
#include "plugin/pppd_compat.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin/zygote.h"
#include "plugin/zygote_protocol.h"

// Exported by pppd, and declared in a header that 2.5 does not install.
extern int parse_args(int argc, char** argv);

// Where a child's descriptors wait until each of them gets its number.
enum { FIRST_FREE = 32 };

struct request {
  char octets[L2TP_ZYGOTE_MAX_MESSAGE_SIZE];
  char* words[L2TP_ZYGOTE_MAX_WORDS + 1];
  int word_count;
  int descriptors[L2TP_ZYGOTE_MAX_DESCRIPTORS];
  int descriptor_count;
};

// pppd keeps pointers into its options, so this must live as long as the process.
static struct request request;

static void close_descriptors(void) {
  for (int i = 0; i < request.descriptor_count; ++i) close(request.descriptors[i]);
  request.descriptor_count = 0;
}

// The words behind the header. 0 unless there are as many as it says, and nothing else.
static int split_words(size_t size) {
  struct l2tp_zygote_request header;
  if (size < sizeof(header)) return 0;
  memcpy(&header, request.octets, sizeof(header));
  if (header.magic != L2TP_ZYGOTE_MAGIC || header.version != L2TP_ZYGOTE_VERSION) return 0;
  if (header.word_count < 1 || header.word_count > L2TP_ZYGOTE_MAX_WORDS) return 0;
  char* at = request.octets + sizeof(header);
  char* const end = request.octets + size;
  request.word_count = 0;
  while (at < end) {
    char* const nul = memchr(at, '\0', (size_t)(end - at));
    if (nul == NULL || request.word_count == header.word_count) return 0;
    request.words[request.word_count++] = at;
    at = nul + 1;
  }
  request.words[request.word_count] = NULL;
  return request.word_count == header.word_count;
}

// Reads a request. 1; 0 when it is none; -1 when the controller is gone.
static int receive(int socket) {
  union {
    char octets[CMSG_SPACE(sizeof(int) * L2TP_ZYGOTE_MAX_DESCRIPTORS)];
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = request.octets, .iov_len = sizeof(request.octets)};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.octets,
                           .msg_controllen = sizeof(control.octets)};
  ssize_t size;
  do {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return -1;
  request.descriptor_count = 0;
  for (struct cmsghdr* item = CMSG_FIRSTHDR(&message); item != NULL;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    request.descriptor_count = (int)((item->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(request.descriptors, CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0));
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return 0;
  return request.descriptor_count >= L2TP_ZYGOTE_MIN_DESCRIPTORS && split_words((size_t)size);
}

static int answer(int socket, pid_t process, int error) {
  const struct l2tp_zygote_reply reply = {
      .magic = L2TP_ZYGOTE_MAGIC, .process_id = process, .error = error};
  ssize_t sent;
  do {
    sent = send(socket, &reply, sizeof(reply), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)sizeof(reply);
}

// A child of our parent: the controller waits for it like for one it has started itself, and it
// does not matter to it what becomes of us. There is one thread, so nothing of libc's own fork() is
// missed.
static pid_t fork_sibling(void) {
  return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

// Puts the request's descriptors into their places: 1 and 2, 3, 4 and so on.
static int place_descriptors(void) {
  for (int i = 0; i < request.descriptor_count; ++i) {
    const int high = fcntl(request.descriptors[i], F_DUPFD_CLOEXEC, FIRST_FREE);
    if (high < 0) return 0;
    close(request.descriptors[i]);
    request.descriptors[i] = high;
  }
  if (dup2(request.descriptors[0], STDOUT_FILENO) < 0) return 0;
  for (int i = 0; i < request.descriptor_count; ++i) {
    if (dup2(request.descriptors[i], STDERR_FILENO + i) < 0) return 0;
  }
  close_descriptors();
  return 1;
}

// The random numbers of pppd (magic numbers, challenges) are drand48's, and were seeded before we
// were loaded: without this every session would have the same.
static int seed_random_numbers(void) {
  long seed;
  if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) return 0;
  srand48(seed);
  return 1;
}

static int become_pppd(void) {
  setpgid(0, 0);
  prctl(PR_SET_NAME, "pppd");
  if (!place_descriptors()) {
    compat_option_error("pppol2tp_events_zygote: cannot place a descriptor: %m");
    return 0;
  }
  if (!seed_random_numbers()) {
    compat_option_error("pppol2tp_events_zygote: no random numbers: %m");
    return 0;
  }
  return parse_args(request.word_count, request.words);
}

static void wait_until_closed(int pipe) {
  char octet;
  while (read(pipe, &octet, 1) < 0 && errno == EINTR) {
  }
  close(pipe);
}

int zygote_run(char** argv) {
  int socket;
  if (!compat_int_option(*argv, &socket)) return 0;
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  if (!answer(socket, 0, 0)) {
    compat_option_error("pppol2tp_events_zygote: %d is no socket of the controller: %m", socket);
    return 0;
  }
  prctl(PR_SET_NAME, "pppd-zygote");  // for ps and pgrep
  for (;;) {
    const int received = receive(socket);
    if (received < 0) _exit(0);
    pid_t child = 0;
    int error = EBADMSG;
    // The child waits at this pipe until its process id has been told.
    int told[2] = {-1, -1};
    if (received > 0 && pipe2(told, O_CLOEXEC) == 0) {
      child = fork_sibling();
      if (child == 0) {
        close(socket);
        close(told[1]);
        wait_until_closed(told[0]);
        return become_pppd();
      }
    }
    if (received > 0) error = errno;
    close_descriptors();
    const int answered = answer(socket, child > 0 ? child : 0, child > 0 ? 0 : error);
    close(told[0]);
    close(told[1]);
    if (!answered) _exit(0);
  }
}
