// Starting one child process with exactly the descriptors it is meant to have.

#ifndef L2TP_SERVER_PPP_SPAWN_H_
#define L2TP_SERVER_PPP_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/unique_fd.h"

namespace l2tp::ppp {

struct Child {
  pid_t pid = 0;
  UniqueFd pidfd;   // readable when the child has ended
  UniqueFd output;  // what it writes to standard output and error; non-blocking
};

// Runs `path` with `argv` (argv[0] included) in a process group of its own, with default signal
// handling, a small environment in the C locale that loads the library `preload` first (empty:
// none), and these descriptors only: 0 is /dev/null,
// 1 and 2 are a pipe to us, 3 and up are `inherited` in their order. Not by fork(): gRPC has
// threads.
//
// The child's end of the pipe does not block either: a daemon that is busy must not make pppd
// miss LCP echoes. pppd stops logging then, and nothing worse.
absl::StatusOr<Child> Spawn(const std::string& path, const std::vector<std::string>& argv,
                            const std::vector<int>& inherited, const std::string& preload = "");

// A child that somebody else has forked for us (CLONE_PARENT) and that nobody has waited for.
absl::StatusOr<Child> WatchChild(pid_t pid, UniqueFd output);

// How a child ended.
struct Ending {
  int status = -1;  // exit status; -1: ended by `signal`
  int signal = 0;
};

// Waits for the child behind `pidfd` and removes it from the process table.
Ending Reap(int pidfd);

// False when the process is gone already.
bool SendSignal(int pidfd, int signal);

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_SPAWN_H_
