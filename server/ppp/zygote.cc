#include "server/ppp/zygote.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "plugin/zygote_protocol.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/ppp/pppd_arguments.h"
#include "spdlog/spdlog.h"

namespace l2tp::ppp {
namespace {

constexpr char kOptionsFile[] = "/etc/ppp/options";
constexpr int kZygoteDescriptor = 3;
constexpr std::chrono::seconds kFirstRestart(1);
constexpr std::chrono::seconds kLastRestart(64);

absl::Status Failure(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

// All 0 when there is no such file.
timespec ModificationTime(const char* path) {
  struct stat info = {};
  if (stat(path, &info) != 0) return {};
  return info.st_mtim;
}

bool Same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

Zygote::Zygote(asio::io_context& io, const Settings& settings)
    : io_(io),
      settings_(settings),
      socket_(io),
      exit_watch_(io),
      restart_(io),
      restart_delay_(kFirstRestart) {}

Zygote::~Zygote() {
  if (!exit_watch_.is_open()) return;
  SendSignal(exit_watch_.native_handle(), SIGKILL);
  Reap(exit_watch_.native_handle());
}

void Zygote::Start() {
  if (const absl::Status status = Launch(); !status.ok()) {
    spdlog::warn("ppp zygote not started why={}", Quoted(status.message()));
    StartLater();
  }
}

absl::Status Zygote::Launch() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Failure("cannot make a pair of sockets");
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);  // blocking
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  // Taken before pppd reads it: a change in between is seen.
  options_read_ = ModificationTime(kOptionsFile);
  std::vector<std::string> arguments = {"pppd", "nodetach"};
  const std::vector<std::string> plugins = PppdPlugins(settings_);
  arguments.insert(arguments.end(), plugins.begin(), plugins.end());
  arguments.insert(arguments.end(), {"pppol2tp_events_zygote", absl::StrCat(kZygoteDescriptor)});
  L2TP_ASSIGN_OR_RETURN(Child child, Spawn(settings_.pppd_path, arguments, {theirs.get()},
                                           settings_.without_scripts));
  asio::error_code error;
  exit_watch_.assign(child.pidfd.get(), error);
  if (!error) {
    child.pidfd.Release();
    socket_.assign(ours.get(), error);
    if (!error) ours.Release();
  }
  if (error) {
    SendSignal(exit_watch_.is_open() ? exit_watch_.native_handle() : child.pidfd.get(), SIGKILL);
    Reap(exit_watch_.is_open() ? exit_watch_.native_handle() : child.pidfd.get());
    exit_watch_.close(error);
    return absl::InternalError("cannot watch it");
  }
  output_ = std::move(child.output);
  spdlog::debug("ppp zygote started pid={}", child.pid);
  WaitForAnswers();
  WaitForExit();
  return absl::OkStatus();
}

bool Zygote::ready() {
  if (ready_ && !Same(options_read_, ModificationTime(kOptionsFile))) {
    spdlog::info("ppp zygote replaced why=\"{} has changed\"", kOptionsFile);
    ready_ = false;
    // It ends when it finds its socket closed for writing, after what it was asked for before.
    asio::error_code ignored;
    shutdown(socket_.native_handle(), SHUT_WR);
    restart_delay_ = std::chrono::seconds(0);
  }
  return ready_;
}

void Zygote::Fork(const std::vector<std::string>& options, const std::vector<int>& inherited,
                  Done done) {
  int ends[2] = {-1, -1};
  absl::Status status;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) status = Failure("cannot make a pipe");
  UniqueFd output(ends[0]);
  const UniqueFd theirs(ends[1]);
  if (status.ok()) {
    std::vector<int> fds = {theirs.get()};
    fds.insert(fds.end(), inherited.begin(), inherited.end());
    status = SendRequest(options, fds);
  }
  if (status.ok()) {
    waiting_.push_back({std::move(output), std::move(done)});
    return;
  }
  asio::post(io_, [status, done = std::move(done)]() mutable { done(status); });
}

absl::Status Zygote::SendRequest(const std::vector<std::string>& options,
                                 const std::vector<int>& fds) {
  if (!ready_) return absl::UnavailableError("there is no zygote");
  l2tp_zygote_request header = {};
  header.magic = L2TP_ZYGOTE_MAGIC;
  header.version = L2TP_ZYGOTE_VERSION;
  header.word_count = static_cast<uint16_t>(options.size());
  std::string octets(reinterpret_cast<const char*>(&header), sizeof(header));
  for (const std::string& option : options) {
    octets += option;
    octets.push_back('\0');
  }
  if (options.size() > L2TP_ZYGOTE_MAX_WORDS || octets.size() > L2TP_ZYGOTE_MAX_MESSAGE_SIZE ||
      fds.size() > L2TP_ZYGOTE_MAX_DESCRIPTORS) {
    return absl::InvalidArgumentError("too many options");
  }
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * L2TP_ZYGOTE_MAX_DESCRIPTORS)] = {};
  iovec part = {.iov_base = octets.data(), .iov_len = octets.size()};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
  const ssize_t sent = sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(octets.size())) return Failure("cannot ask the zygote");
  return absl::OkStatus();
}

void Zygote::WaitForAnswers() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& error) {
                       if (error || alive.expired() || !socket_.is_open()) return;
                       TakeAnswers();
                       if (socket_.is_open()) WaitForAnswers();
                     });
}

void Zygote::TakeAnswers() {
  while (socket_.is_open() && TakeAnswer()) {
  }
}

bool Zygote::TakeAnswer() {
  l2tp_zygote_reply reply = {};
  const ssize_t size = recv(socket_.native_handle(), &reply, sizeof(reply), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size != sizeof(reply) || reply.magic != L2TP_ZYGOTE_MAGIC) {
    End(absl::UnavailableError("the zygote has ended"));
    return false;
  }
  if (reply.process_id == 0 && reply.error == 0) {
    ready_ = true;
    spdlog::debug("ppp zygote waits");
    restart_delay_ = kFirstRestart;
    return true;
  }
  if (waiting_.empty()) {
    End(absl::InternalError("the zygote answers what it was not asked"));
    return false;
  }
  Waiting answered = std::move(waiting_.front());
  waiting_.pop_front();
  if (reply.process_id <= 0) {
    answered.done(
        absl::InternalError(absl::StrCat("the zygote cannot fork: ", strerror(reply.error))));
    return true;
  }
  answered.done(WatchChild(reply.process_id, std::move(answered.output)));
  return true;
}

void Zygote::WaitForExit() {
  exit_watch_.async_wait(
      asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& error) {
        if (error || alive.expired() || !exit_watch_.is_open()) return;
        TakeAnswers();
        const Ending ending = Reap(exit_watch_.native_handle());
        asio::error_code ignored;
        exit_watch_.close(ignored);
        char words[512] = {};
        const ssize_t size = read(output_.get(), words, sizeof(words));
        spdlog::info("ppp zygote ended status={} signal={} said={}", ending.status, ending.signal,
                     Quoted(absl::string_view(words, size > 0 ? static_cast<size_t>(size) : 0)));
        output_.Reset();
        End(absl::UnavailableError("the zygote has ended"));
        StartLater();
      });
}

// No answer will come any more.
void Zygote::End(const absl::Status& why) {
  ready_ = false;
  asio::error_code ignored;
  socket_.close(ignored);
  if (exit_watch_.is_open()) SendSignal(exit_watch_.native_handle(), SIGKILL);
  for (Waiting& waiting : std::exchange(waiting_, {})) waiting.done(why);
}

void Zygote::StartLater() {
  restart_.expires_after(restart_delay_);
  restart_delay_ = std::clamp(restart_delay_ * 2, kFirstRestart, kLastRestart);
  restart_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& error) {
    if (!error && !alive.expired()) Start();
  });
}

}  // namespace l2tp::ppp
