#include "server/ppp/plugin_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "plugin/plugin_protocol.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "spdlog/spdlog.h"

namespace l2tp::ppp {
namespace {

using control::PppId;

// One loop turn belongs to everybody: what is left is read in the next one.
constexpr int kAcceptsPerTurn = 64;
constexpr int kMessagesPerTurn = 16;
// All that a plugin can have sent before its pppd ended fits into a socket buffer, at 32 octets
// or more each.
constexpr int kMessagesAtEnd = 8192;
constexpr std::chrono::milliseconds kAcceptPause(100);
constexpr int kRefusalsLoggedPerMinute = 5;

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

absl::StatusOr<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a socket path has 1 to ", sizeof(address.sun_path) - 1, " octets: \"", path, "\""));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd NewSocket() {
  return UniqueFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Removes a socket nobody listens on any more.
absl::Status RemoveStale(const sockaddr_un& address) {
  struct stat info;
  if (lstat(address.sun_path, &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode)) {
    return absl::AlreadyExistsError(
        absl::StrCat(address.sun_path, " is there and is not a socket"));
  }
  const UniqueFd probe = NewSocket();
  // A full backlog (EAGAIN) is a sign of life too.
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
      errno == EAGAIN) {
    return absl::AlreadyExistsError(absl::StrCat("another daemon listens on ", address.sun_path));
  }
  unlink(address.sun_path);
  return absl::OkStatus();
}

}  // namespace

struct PluginSocket::Connection {
  Connection(asio::io_context& io, PppId of, pid_t process) : ppp(of), pid(process), socket(io) {}
  const PppId ppp;
  const pid_t pid;
  asio::posix::stream_descriptor socket;
  bool greeted = false;
};

PluginSocket::PluginSocket(asio::io_context& io, Owner* owner)
    : io_(io), owner_(owner), listener_(io), accept_pause_(io) {}

PluginSocket::~PluginSocket() {
  if (listener_.is_open()) unlink(path_.c_str());
}

absl::Status PluginSocket::Listen(const std::string& path) {
  L2TP_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
  L2TP_RETURN_IF_ERROR(RemoveStale(address));

  UniqueFd fd = NewSocket();
  if (!fd.valid()) return SystemError("cannot make a socket");
  // Before bind(): the file is born with this mode, there is no moment at which others may connect.
  if (fchmod(fd.get(), 0600) != 0) return SystemError("cannot set the mode of a socket");
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SystemError(absl::StrCat("cannot bind to ", path));
  }
  if (listen(fd.get(), SOMAXCONN) != 0) {
    return SystemError(absl::StrCat("cannot listen on ", path));
  }
  asio::error_code error;
  listener_.assign(fd.get(), error);
  if (error) return absl::InternalError(absl::StrCat("cannot watch ", path, ": ", error.message()));
  fd.Release();
  path_ = path;
  WaitForConnections();
  return absl::OkStatus();
}

void PluginSocket::WaitForConnections() {
  listener_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& error) {
                         if (error || alive.expired()) return;
                         AcceptAll();
                       });
}

void PluginSocket::AcceptAll() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (AcceptOne()) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The listener stays readable: without a pause the loop would spin.
      accept_pause_.expires_after(kAcceptPause);
      accept_pause_.async_wait(
          [this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& error) {
            if (!error && !alive.expired()) AcceptAll();
          });
      return;
    }
    break;
  }
  WaitForConnections();
}

bool PluginSocket::AcceptOne() {
  UniqueFd fd(accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd.valid()) return errno == ECONNABORTED || errno == EINTR;

  ucred peer = {};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return true;
  const std::optional<PppId> ppp = owner_->FindProcess(peer.pid);
  if (!ppp.has_value()) {
    Refuse("not a pppd of ours", peer.pid);
    return true;
  }
  auto connection = std::make_shared<Connection>(io_, *ppp, peer.pid);
  asio::error_code error;
  connection->socket.assign(fd.get(), error);
  if (error) return true;
  fd.Release();
  // A plugin that lost its connection makes a new one, and says everything again: there is one for
  // each pppd, and what is still unread in the old one is nobody's.
  if (const auto old = connections_.find(*ppp); old != connections_.end()) {
    const std::shared_ptr<Connection> superseded = old->second;
    Drop(*superseded);
  }
  connections_.emplace(*ppp, connection);
  WaitForMessages(connection);
  return true;
}

void PluginSocket::Refuse(absl::string_view why, pid_t pid) {
  const auto now = std::chrono::steady_clock::now();
  if (now - refusals_since_ > std::chrono::minutes(1)) {
    refusals_since_ = now;
    refusals_ = 0;
  }
  if (++refusals_ > kRefusalsLoggedPerMinute) return;
  spdlog::warn("ppp plugin connection refused pid={} why={}{}", pid, Quoted(why),
               refusals_ == kRefusalsLoggedPerMinute ? " (no more of these for a minute)" : "");
}

void PluginSocket::WaitForMessages(const std::shared_ptr<Connection>& connection) {
  connection->socket.async_wait(
      asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<bool>(alive_), connection](const asio::error_code& error) {
        if (error || alive.expired() || !connection->socket.is_open()) return;
        ReadSome(connection, kMessagesPerTurn);
        if (!alive.expired() && connection->socket.is_open()) WaitForMessages(connection);
      });
}

void PluginSocket::ReadSome(const std::shared_ptr<Connection>& connection, int limit) {
  for (int i = 0; i < limit && connection->socket.is_open(); ++i) {
    switch (ReadOne(*connection)) {
      case ReadResult::kMessage: break;
      case ReadResult::kNothing: return;
      case ReadResult::kClosed: Drop(*connection); return;
    }
  }
}

PluginSocket::ReadResult PluginSocket::ReadOne(Connection& connection) {
  uint8_t buffer[L2TP_PLUGIN_MAX_MESSAGE_SIZE];
  // MSG_TRUNC: the size it had, even when that is more than fits.
  const ssize_t size =
      recv(connection.socket.native_handle(), buffer, sizeof(buffer), MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0)
    return errno == EAGAIN || errno == EINTR ? ReadResult::kNothing : ReadResult::kClosed;
  if (size == 0) return ReadResult::kClosed;
  if (static_cast<size_t>(size) > sizeof(buffer)) {
    Refuse(absl::StrCat("message of ", size, " octets"), connection.pid);
    return ReadResult::kClosed;
  }
  return Deliver(connection, ByteSpan(buffer, static_cast<size_t>(size))) ? ReadResult::kMessage
                                                                          : ReadResult::kClosed;
}

bool PluginSocket::Deliver(Connection& connection, ByteSpan octets) {
  const absl::StatusOr<PluginMessage> message = DecodePluginMessage(octets);
  if (!message.ok()) {
    Refuse(message.status().message(), connection.pid);
    return false;
  }
  if (message->instance != connection.ppp) {
    Refuse(absl::StrCat("it calls itself instance ", message->instance.value(), " and is ",
                        connection.ppp.value()),
           connection.pid);
    return false;
  }
  const bool is_hello = std::holds_alternative<Hello>(message->body);
  if (is_hello == connection.greeted) {
    Refuse(is_hello ? "a second HELLO" : "no HELLO", connection.pid);
    return false;
  }
  connection.greeted = true;
  owner_->OnPluginMessage(connection.ppp, *message);
  return true;
}

void PluginSocket::Drop(Connection& connection) {
  asio::error_code ignored;
  connection.socket.close(ignored);
  const auto found = connections_.find(connection.ppp);
  if (found != connections_.end() && found->second.get() == &connection) connections_.erase(found);
}

bool PluginSocket::Send(PppId ppp, ByteSpan message) {
  const auto found = connections_.find(ppp);
  if (found == connections_.end()) return false;
  return send(found->second->socket.native_handle(), message.data(), message.size(),
              MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(message.size());
}

void PluginSocket::DrainAndForget(PppId ppp) {
  // A pppd that lived for a moment only may still stand in the queue of the listener.
  for (int i = 0; i < SOMAXCONN && listener_.is_open() && AcceptOne(); ++i) {
  }
  const auto found = connections_.find(ppp);
  if (found == connections_.end()) return;
  const std::shared_ptr<Connection> connection = found->second;
  ReadSome(connection, kMessagesAtEnd);
  if (connection->socket.is_open()) Drop(*connection);
}

}  // namespace l2tp::ppp
