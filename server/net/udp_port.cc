#include "server/net/udp_port.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/net/socket_address.h"

namespace l2tp::net {

using control::SocketId;

absl::StatusOr<std::unique_ptr<UdpPort>> UdpPort::Open(asio::io_context& io,
                                                       const UdpOptions& options) {
  std::unique_ptr<UdpPort> port(new UdpPort(io));
  for (const Endpoint& local : options.listen) {
    L2TP_RETURN_IF_ERROR(port->Listen(local, options));
  }
  return port;
}

UdpPort::~UdpPort() {
  for (auto& listener : listeners_) listener->Close();
  for (auto& [id, socket] : sockets_) socket->Close();
}

absl::Status UdpPort::Listen(Endpoint local, const UdpOptions& options) {
  if (!local.address.is_set()) local.address = IpAddress::FromV4(0);
  // Two listeners of our own may overlap: 0.0.0.0:1701 and 192.0.2.1:1701.
  const bool overlaps =
      std::any_of(listeners_.begin(), listeners_.end(), [&local](const auto& other) {
        return other->local().port == local.port &&
               other->local().address.is_v6() == local.address.is_v6();
      });
  using Binding = UdpSocket::Binding;
  L2TP_ASSIGN_OR_RETURN(
      auto socket,
      UdpSocket::Bind(io_, shared_, local, overlaps ? Binding::kShared : Binding::kExclusive, {}));
  socket->SetReceiveBuffer(options.receive_buffer);
  listeners_.push_back(std::move(socket));
  return absl::OkStatus();
}

void UdpPort::Start(control::DatagramSink& sink) {
  shared_.sink = &sink;
  for (auto& listener : listeners_) listener->StartReceiving();
  for (auto& [id, socket] : sockets_) socket->StartReceiving();
}

std::vector<Endpoint> UdpPort::listening() const {
  std::vector<Endpoint> result;
  for (const auto& listener : listeners_) result.push_back(listener->local());
  return result;
}

// The listener bound to just this address, else one that may send from any. Among equals, the one
// with the right port, since the peer answers to where a datagram came from.
UdpSocket* UdpPort::ListenerFor(const Path& path) {
  UdpSocket* best = nullptr;
  int best_score = 0;
  for (const auto& listener : listeners_) {
    const Endpoint& local = listener->local();
    if (local.address.is_v6() != path.remote.address.is_v6()) continue;
    const bool any_source = !path.local.address.is_set() || path.local.address.is_unspecified();
    const bool exact = local.address == path.local.address;
    if (!exact && !any_source && !local.address.is_unspecified()) continue;
    const int score = 1 + (local.port == path.local.port ? 2 : 0) + (exact ? 1 : 0);
    if (score > best_score) {
      best = listener.get();
      best_score = score;
    }
  }
  return best;
}

void UdpPort::Send(const Path& path, Bytes datagram) {
  UdpSocket* listener = ListenerFor(path);
  if (listener == nullptr) {
    ++shared_.counters.send_errors;
    return;
  }
  listener->Send(path.remote, path.local.address, std::move(datagram));
}

absl::StatusOr<SocketId> UdpPort::Open(const Endpoint& local, const Endpoint& remote,
                                       const control::SocketOptions& options) {
  Endpoint bound = local;
  if (!bound.address.is_set()) bound.address = UnspecifiedLike(remote.address);
  // A free port is one that nobody has: the kernel would give one that others share already to a
  // socket that would share it, too.
  using Binding = UdpSocket::Binding;
  L2TP_ASSIGN_OR_RETURN(
      auto socket,
      UdpSocket::Bind(io_, shared_, bound, bound.port == 0 ? Binding::kExclusive : Binding::kShared,
                      options));
  if (shared_.sink != nullptr) socket->StartReceiving();
  const SocketId id(next_id_++);
  sockets_.emplace(id, std::move(socket));
  return id;
}

UdpSocket* UdpPort::Find(SocketId socket) {
  auto found = sockets_.find(socket);
  return found == sockets_.end() ? nullptr : found->second.get();
}

absl::StatusOr<Path> UdpPort::Connect(SocketId socket, const Endpoint& remote) {
  UdpSocket* found = Find(socket);
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("no UDP socket with id ", socket.value()));
  }
  return found->Connect(remote);
}

void UdpPort::SendOn(SocketId socket, const Endpoint& remote, Bytes datagram) {
  UdpSocket* found = Find(socket);
  if (found == nullptr) {
    ++shared_.counters.send_errors;
    return;
  }
  found->Send(remote, IpAddress(), std::move(datagram));
}

int UdpPort::PathMtu(SocketId socket) {
  UdpSocket* found = Find(socket);
  return found == nullptr ? 0 : found->PathMtu();
}

int UdpPort::Descriptor(SocketId socket) {
  UdpSocket* found = Find(socket);
  return found == nullptr ? -1 : found->descriptor();
}

void UdpPort::Close(SocketId socket) {
  auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  // Still held by OnReadable() when the sink closes the very socket it is called from.
  found->second->Close();
  sockets_.erase(found);
}

}  // namespace l2tp::net
