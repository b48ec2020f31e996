#include "server/ppp/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

// glibc 2.36 forgot to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace l2tp::ppp {
namespace {

absl::Status Failure(absl::string_view what, int error) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(error)));
}

// A copy above the numbers the child's descriptors get, so that putting one of them into place
// cannot close another that still waits for its turn.
absl::StatusOr<UniqueFd> CopyHigh(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 16));
  if (!copy.valid()) return Failure("cannot copy a descriptor", errno);
  return copy;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::string& preload) {
  std::vector<std::string> environment = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
  if (!preload.empty()) environment.push_back(absl::StrCat("LD_PRELOAD=", preload));
  return environment;
}

}  // namespace

absl::StatusOr<Child> Spawn(const std::string& path, const std::vector<std::string>& argv,
                            const std::vector<int>& inherited, const std::string& preload) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Failure("cannot make a pipe", errno);
  Child child;
  child.output = UniqueFd(ends[0]);
  UniqueFd write_end(ends[1]);

  absl::StatusOr<UniqueFd> output_source = CopyHigh(write_end.get());
  if (!output_source.ok()) return output_source.status();
  std::vector<UniqueFd> sources;
  for (const int fd : inherited) {
    absl::StatusOr<UniqueFd> source = CopyHigh(fd);
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
  }

  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), output_source->get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), output_source->get(), STDERR_FILENO);
  int next = STDERR_FILENO + 1;
  for (const UniqueFd& source : sources) {
    posix_spawn_file_actions_adddup2(actions.get(), source.get(), next++);
  }
  posix_spawn_file_actions_addclosefrom_np(actions.get(), next);

  const Attributes attributes;
  const std::vector<std::string> environment = Environment(preload);
  const int error = posix_spawn(&child.pid, path.c_str(), actions.get(), attributes.get(),
                                Pointers(argv).data(), Pointers(environment).data());
  if (error != 0) return Failure(absl::StrCat("cannot run ", path), error);

  return WatchChild(child.pid, std::move(child.output));
}

absl::StatusOr<Child> WatchChild(pid_t pid, UniqueFd output) {
  // The child cannot be reaped by anybody but us, so its number cannot have been reused.
  UniqueFd pidfd(pidfd_open(pid, 0));
  if (!pidfd.valid()) {
    const int reason = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return Failure("cannot watch a process", reason);
  }
  return Child{pid, std::move(pidfd), std::move(output)};
}

Ending Reap(int pidfd) {
  siginfo_t info = {};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0) {
    if (errno == EAGAIN) {  // it has not ended yet, and asio made the descriptor non-blocking
      pollfd ended = {.fd = pidfd, .events = POLLIN};
      poll(&ended, 1, -1);
    } else if (errno != EINTR) {
      return Ending();  // not our child: nothing is known of its end
    }
  }
  if (info.si_code == CLD_EXITED) return Ending{.status = info.si_status};
  return Ending{.signal = info.si_status};
}

bool SendSignal(int pidfd, int signal) { return pidfd_send_signal(pidfd, signal, nullptr, 0) == 0; }

}  // namespace l2tp::ppp
