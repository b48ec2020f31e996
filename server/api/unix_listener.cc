#include "server/api/unix_listener.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/unix_socket.h"
#include "server/base/status_macros.h"

namespace l2tp::api {
namespace {

constexpr int kBacklog = 128;
// How long nothing is accepted when descriptors or memory have run out.
constexpr int kRestMilliseconds = 100;

// Bits for umask() that leave `mode` of a socket, which is made with 0777.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mode) : previous_(::umask(~mode & 0777)) {}
  ~ScopedUmask() { ::umask(previous_); }

 private:
  const mode_t previous_;
};

}  // namespace

absl::Status UnixListener::Listen(const std::string& path, mode_t mode, const std::string& group) {
  L2TP_RETURN_IF_ERROR(PrepareUnixSocket(path));
  const auto failed = [&path] {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on unix:", path, ": ", std::strerror(errno)));
  };
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return failed();
  {
    const ScopedUmask mask(mode);
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      return failed();
    }
  }
  // From here on it is removed when something fails. Nobody can connect before it is as it shall
  // be.
  const int descriptor = socket.get();
  listening_.push_back({std::move(socket), path});
  if (!group.empty()) L2TP_RETURN_IF_ERROR(SetSocketGroup(path, group));
  if (::listen(descriptor, kBacklog) != 0) return failed();
  return absl::OkStatus();
}

absl::Status UnixListener::Start() {
  stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_.valid()) {
    return absl::UnavailableError(absl::StrCat("eventfd: ", std::strerror(errno)));
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void UnixListener::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof(one));
    thread_.join();
  }
  for (const Listening& listening : listening_) ::unlink(listening.path.c_str());
  listening_.clear();
  connections_.clear();
}

bool UnixListener::AcceptOn(int socket) {
  UniqueFd connection(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.valid()) {
    return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
  }
  const absl::StatusOr<PeerCredentials> peer = ReadPeerCredentials(connection.get());
  UniqueFd watched = connection.Duplicate();
  if (!peer.ok() || !watched.valid()) {
    if (const auto suppressed = failures_.Admit(SteadyNow())) {
      spdlog::warn("api connection=refused reason=\"{}\" suppressed={}",
                   peer.ok() ? "no descriptor is left" : std::string(peer.status().message()),
                   *suppressed);
    }
    return true;
  }
  if (auto on_close = accept_(std::move(connection), *peer)) {
    connections_.push_back({std::move(watched), std::move(on_close)});
  }
  return true;
}

void UnixListener::Run() {
  bool resting = false;
  std::vector<pollfd> polled;
  while (true) {
    polled.assign(1, {stop_.get(), POLLIN, 0});
    for (const Listening& listening : listening_) {
      polled.push_back({listening.socket.get(), static_cast<int16_t>(resting ? 0 : POLLIN), 0});
    }
    // gRPC shuts a connection down before it closes its own descriptor, so the end is seen whoever
    // brings it about.
    for (const Connection& connection : connections_) {
      polled.push_back({connection.watched.get(), POLLRDHUP, 0});
    }
    if (::poll(polled.data(), polled.size(), resting ? kRestMilliseconds : -1) < 0) continue;
    resting = false;
    if (polled[0].revents != 0) return;
    const size_t first = 1 + listening_.size();
    for (size_t i = polled.size(); i-- > first;) {
      if (polled[i].revents == 0) continue;
      std::swap(connections_[i - first], connections_.back());
      Connection ended = std::move(connections_.back());
      connections_.pop_back();
      ended.on_close();
    }
    for (size_t i = 1; i < first; ++i) {
      if (polled[i].revents != 0) resting |= !AcceptOn(polled[i].fd);
    }
  }
}

}  // namespace l2tp::api
