// The daemon's UDP sockets: control::DatagramPort.

#ifndef L2TP_SERVER_NET_UDP_PORT_H_
#define L2TP_SERVER_NET_UDP_PORT_H_

#include <asio/io_context.hpp>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/endpoint.h"
#include "server/control/ports.h"
#include "server/net/udp_socket.h"

namespace l2tp::net {

struct UdpOptions {
  // Where peers find us. An address that is not set means 0.0.0.0; port 0 any free one.
  std::vector<Endpoint> listen = {Endpoint{IpAddress::FromV4(0), 1701}};
  // For each listener, in octets: a storm of SCCRQs has to fit.
  int receive_buffer = 4 << 20;
};

// Listeners and one socket a tunnel, all in one event loop and on its thread. Every datagram goes
// to the sink, data messages included: in the short time before the kernel takes a tunnel's socket
// over they may arrive here. Afterwards the kernel keeps them and still gives us the control
// messages.
//
//   asio::io_context io;
//   auto port = UdpPort::Open(io, {});
//   Controller controller(**port, ...);
//   (*port)->Start(controller);
class UdpPort final : public control::DatagramPort {
 public:
  // Binds the listeners. KERNEL_REQUEST_FAILED with the errno, and a message that names address and
  // port, when one cannot be: in use (another program's socket is never shared), or not ours.
  static absl::StatusOr<std::unique_ptr<UdpPort>> Open(asio::io_context& io,
                                                       const UdpOptions& options);

  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;
  // Sends what is queued and closes everything. Not from inside the sink.
  ~UdpPort() override;

  // Begins to read; `sink` must outlive this. What arrived since Open() is waiting in the kernel.
  void Start(control::DatagramSink& sink);

  void Send(const Path& path, Bytes datagram) override;
  absl::StatusOr<control::SocketId> Open(const Endpoint& local, const Endpoint& remote,
                                         const control::SocketOptions& options) override;
  absl::StatusOr<Path> Connect(control::SocketId socket, const Endpoint& remote) override;
  void SendOn(control::SocketId socket, const Endpoint& remote, Bytes datagram) override;
  int PathMtu(control::SocketId socket) override;
  int Descriptor(control::SocketId socket) override;
  void Close(control::SocketId socket) override;

  const UdpCounters& counters() const { return shared_.counters; }
  // The listeners' endpoints, in the order of the options.
  std::vector<Endpoint> listening() const;

 private:
  explicit UdpPort(asio::io_context& io) : io_(io) {}
  absl::Status Listen(Endpoint local, const UdpOptions& options);
  UdpSocket* ListenerFor(const Path& path);
  UdpSocket* Find(control::SocketId socket);

  asio::io_context& io_;
  UdpShared shared_;
  std::vector<std::shared_ptr<UdpSocket>> listeners_;
  absl::flat_hash_map<control::SocketId, std::shared_ptr<UdpSocket>> sockets_;
  uint64_t next_id_ = 1;
};

}  // namespace l2tp::net

#endif  // L2TP_SERVER_NET_UDP_PORT_H_
