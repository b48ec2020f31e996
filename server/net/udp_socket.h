// One UDP socket in the event loop.

#ifndef L2TP_SERVER_NET_UDP_SOCKET_H_
#define L2TP_SERVER_NET_UDP_SOCKET_H_

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/endpoint.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "server/net/datagram_batch.h"

namespace l2tp::net {

// What happened to datagrams since the start. Nothing of it is an error of the daemon's.
struct UdpCounters {
  uint64_t received = 0;      // given to the sink
  uint64_t sent = 0;          // taken by the kernel
  uint64_t send_errors = 0;   // refused by the kernel, or without a way to go
  uint64_t send_dropped = 0;  // given up because too many were waiting already
  uint64_t truncated = 0;     // received, longer than any control message may sensibly be; dropped
  uint64_t unreachable = 0;   // ICMP said that a peer, or its port, cannot be reached
};

// What the sockets of one port have in common.
struct UdpShared {
  ReceiveBatch batch;
  UdpCounters counters;
  control::DatagramSink* sink = nullptr;  // not owned; nullptr: nobody listens yet
};

// Reads in batches and in turns, so that a busy socket cannot starve the loop; writes what has been
// queued at the end of the loop turn. Loop thread only.
//
// Held by shared_ptr because the loop may still have an event for a socket that has been closed.
class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  // Whether other sockets may be bound to the same address and port already. Either way, others may
  // be bound there later.
  enum class Binding { kExclusive, kShared };

  // More than this many datagrams waiting for the kernel means that nothing gets out.
  static constexpr size_t kMaxQueued = 4096;
  // Batches read in one turn before others have theirs.
  static constexpr int kBatchesPerTurn = 4;

  // `local.address` must be set; port 0: any free one. `shared` must outlive the socket's last
  // turn: call Close() before it goes.
  static absl::StatusOr<std::shared_ptr<UdpSocket>> Bind(asio::io_context& io, UdpShared& shared,
                                                         const Endpoint& local, Binding binding,
                                                         const control::SocketOptions& options);

  UdpSocket(asio::io_context& io, UdpShared& shared) : io_(io), shared_(shared), descriptor_(io) {}

  // Best effort; the kernel grants up to net.core.rmem_max without CAP_NET_ADMIN.
  void SetReceiveBuffer(int octets);

  // Once; the sink must have been set.
  void StartReceiving();

  // Fixes the far end and gives the resulting path.
  absl::StatusOr<Path> Connect(const Endpoint& remote);

  // Of the way to the far end, as far as the kernel knows; 0: there is none so far.
  int PathMtu();

  // `source` unset: the kernel chooses.
  void Send(const Endpoint& remote, const IpAddress& source, Bytes data);

  // Sends what is queued, as far as that goes without waiting, and closes the descriptor.
  void Close();

  const Endpoint& local() const { return local_; }
  int descriptor() { return descriptor_.native_handle(); }

 private:
  absl::Status Adopt(UniqueFd fd);
  bool ReadLocal();
  void WaitReadable();
  void OnReadable();
  bool ReceiveOnce();
  void ScheduleFlush();
  void Flush();
  bool SendOnce();
  void WaitWritable();
  void DropFront();

  asio::io_context& io_;
  UdpShared& shared_;
  asio::posix::stream_descriptor descriptor_;
  Endpoint local_;
  std::optional<Endpoint> connected_to_;
  std::deque<OutgoingDatagram> queue_;
  bool flush_scheduled_ = false;  // a Flush is posted or the kernel will tell when it has room
  bool retried_refusal_ = false;  // the front has had its second chance
};

}  // namespace l2tp::net

#endif  // L2TP_SERVER_NET_UDP_SOCKET_H_
