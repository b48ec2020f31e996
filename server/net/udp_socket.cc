#include "server/net/udp_socket.h"

#include <linux/udp.h>
#include <sys/socket.h>

#include <asio/post.hpp>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::net {

using control::PathMtuDiscovery;
using control::SocketOptions;

namespace {

absl::string_view Hint(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; another L2TP daemon may be running (xl2tpd, openl2tpd, accel-pppd): see ss -ulpn";
    case EADDRNOTAVAIL: return "; no interface of this machine has the address";
    case EACCES: return "; ports below 1024 need CAP_NET_BIND_SERVICE";
    case ENETUNREACH: return "; there is no route to it";
    case EAFNOSUPPORT: return "; the kernel does not have this address family";
    default: return "";
  }
}

absl::Status SocketError(absl::string_view operation, const Endpoint& endpoint, int error) {
  return MakeError(Reason::kKernelRequestFailed,
                   absl::StrCat("cannot ", operation, " a UDP socket to ", endpoint.ToString(),
                                ": ", std::generic_category().message(error), Hint(error)),
                   {{"operation", std::string(operation)}, {"errno", absl::StrCat(error)}});
}

bool SetOption(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

// RFC 2474: the code point is the upper six bits of the old TOS octet; the lower two are for ECN.
constexpr int kDscpShift = 2;

std::optional<int> DiscoveryOption(PathMtuDiscovery discovery) {
  static_assert(IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT && IP_PMTUDISC_WANT == IPV6_PMTUDISC_WANT &&
                IP_PMTUDISC_DO == IPV6_PMTUDISC_DO && IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE);
  switch (discovery) {
    case PathMtuDiscovery::kSystem: return std::nullopt;
    case PathMtuDiscovery::kDont: return IP_PMTUDISC_DONT;
    case PathMtuDiscovery::kWant: return IP_PMTUDISC_WANT;
    case PathMtuDiscovery::kDo: return IP_PMTUDISC_DO;
    case PathMtuDiscovery::kProbe: return IP_PMTUDISC_PROBE;
  }
  return std::nullopt;
}

// The kernel's data path takes all of these from the socket.
absl::Status ApplyOptions(int fd, bool v6, const Endpoint& local, const SocketOptions& options) {
  if (!options.device.empty() && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options.device.data(),
                                            static_cast<socklen_t>(options.device.size())) < 0) {
    const int error = errno;
    return MakeError(Reason::kKernelRequestFailed,
                     absl::StrCat("cannot bind a UDP socket to the device ", options.device, ": ",
                                  std::generic_category().message(error)),
                     {{"operation", "bind to device"}, {"errno", absl::StrCat(error)}});
  }
  const int ip = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (options.dscp != 0 &&
      !SetOption(fd, ip, v6 ? IPV6_TCLASS : IP_TOS, options.dscp << kDscpShift)) {
    return SocketError("mark", local, errno);
  }
  const std::optional<int> discovery = DiscoveryOption(options.path_mtu_discovery);
  if (discovery.has_value() &&
      !SetOption(fd, ip, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, *discovery)) {
    return SocketError("set path MTU discovery of", local, errno);
  }
  if (options.udp_checksums) return absl::OkStatus();
  // Over IPv6 a datagram without is dropped unless its socket takes it (RFC 6935).
  const bool off = v6 ? SetOption(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1) &&
                            SetOption(fd, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
                      : SetOption(fd, SOL_SOCKET, SO_NO_CHECK, 1);
  return off ? absl::OkStatus() : SocketError("switch off checksums of", local, errno);
}

// What an ICMP message made of an earlier datagram; it says nothing about the present one.
bool IsIcmpError(int error) {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
         error == EHOSTDOWN || error == ENOPROTOOPT || error == EPROTO;
}

}  // namespace

absl::StatusOr<std::shared_ptr<UdpSocket>> UdpSocket::Bind(asio::io_context& io, UdpShared& shared,
                                                           const Endpoint& local, Binding binding,
                                                           const SocketOptions& options) {
  const bool v6 = local.address.is_v6();
  UniqueFd fd(socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return SocketError("open", local, errno);
  // IPv4 has sockets of its own.
  bool ready = v6 ? SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
                        SetOption(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                  : SetOption(fd.get(), IPPROTO_IP, IP_PKTINFO, 1);
  if (ready && binding == Binding::kShared) {
    ready = SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (!ready) return SocketError("prepare", local, errno);
  // Before bind(): an address of a VRF is ours only for who is in it.
  if (absl::Status set = ApplyOptions(fd.get(), v6, local, options); !set.ok()) return set;

  const SocketAddress address = ToSocketAddress(local);
  if (bind(fd.get(), address.get(), address.length) < 0) return SocketError("bind", local, errno);
  // An exclusive one shares from now on: with the sockets of tunnels. Had it done so before, it
  // would have shared with another daemon's too, and the two would have robbed each other of
  // datagrams.
  if (!SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return SocketError("share", local, errno);

  auto result = std::make_shared<UdpSocket>(io, shared);
  absl::Status adopted = result->Adopt(std::move(fd));
  if (!adopted.ok()) return adopted;
  return result;
}

absl::Status UdpSocket::Adopt(UniqueFd fd) {
  std::error_code error;
  descriptor_.assign(fd.get(), error);
  if (error) return SocketError("register", local_, error.value());
  fd.Release();
  if (!ReadLocal()) return SocketError("name", local_, errno);
  return absl::OkStatus();
}

bool UdpSocket::ReadLocal() {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (getsockname(descriptor(), address.get(), &address.length) < 0) return false;
  local_ = FromSocketAddress(address.storage).value_or(Endpoint());
  return true;
}

void UdpSocket::SetReceiveBuffer(int octets) {
  if (!SetOption(descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, octets)) {
    (void)SetOption(descriptor(), SOL_SOCKET, SO_RCVBUF, octets);
  }
}

absl::StatusOr<Path> UdpSocket::Connect(const Endpoint& remote) {
  if (remote.address.is_v6() != local_.address.is_v6() || !remote.address.is_set()) {
    return SocketError("connect", remote, EAFNOSUPPORT);
  }
  const SocketAddress address = ToSocketAddress(remote);
  if (connect(descriptor(), address.get(), address.length) < 0 || !ReadLocal()) {
    return SocketError("connect", remote, errno);
  }
  connected_to_ = remote;
  return Path{local_, remote};
}

int UdpSocket::PathMtu() {
  const bool v6 = local_.address.is_v6();
  int octets = 0;
  socklen_t size = sizeof(octets);
  const int failed = v6 ? getsockopt(descriptor(), IPPROTO_IPV6, IPV6_MTU, &octets, &size)
                        : getsockopt(descriptor(), IPPROTO_IP, IP_MTU, &octets, &size);
  return failed == 0 ? octets : 0;
}

// ---- Receiving -------------------------------------------------------------------------------

void UdpSocket::StartReceiving() { WaitReadable(); }

void UdpSocket::WaitReadable() {
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [weak = weak_from_this()](const std::error_code& error) {
                           auto self = weak.lock();
                           if (!error && self != nullptr) self->OnReadable();
                         });
}

void UdpSocket::OnReadable() {
  for (int i = 0; i < kBatchesPerTurn && ReceiveOnce(); ++i) {
  }
  if (descriptor_.is_open()) WaitReadable();
}

// Reads a batch; false when there is no more for now.
bool UdpSocket::ReceiveOnce() {
  if (!descriptor_.is_open()) return false;
  const int count = shared_.batch.Receive(descriptor());
  if (count < 0) {
    if (IsIcmpError(errno)) ++shared_.counters.unreachable;
    return errno != EAGAIN;
  }
  for (int i = 0; i < count; ++i) {
    const auto datagram = shared_.batch.Get(static_cast<size_t>(i));
    if (!datagram.has_value()) continue;
    if (datagram->truncated) {
      ++shared_.counters.truncated;
      continue;
    }
    ++shared_.counters.received;
    const IpAddress& local = datagram->local.is_set() ? datagram->local : local_.address;
    shared_.sink->OnDatagram(Path{{local, local_.port}, datagram->remote}, datagram->data);
    // The sink may have closed this socket; what came with the datagram is delivered all the same.
  }
  return static_cast<size_t>(count) == ReceiveBatch::kMaxDatagrams;
}

// ---- Sending ---------------------------------------------------------------------------------

void UdpSocket::Send(const Endpoint& remote, const IpAddress& source, Bytes data) {
  if (!descriptor_.is_open() || remote.address.is_v6() != local_.address.is_v6()) {
    ++shared_.counters.send_errors;
    return;
  }
  if (queue_.size() >= kMaxQueued) {
    ++shared_.counters.send_dropped;
    return;
  }
  OutgoingDatagram datagram = {.remote = remote, .source = source, .data = std::move(data)};
  if (connected_to_ == remote) datagram.remote.reset();
  queue_.push_back(std::move(datagram));
  if (!flush_scheduled_) {
    ScheduleFlush();
  } else if (queue_.size() == kMaxSendBatch) {
    Flush();
  }
}

void UdpSocket::ScheduleFlush() {
  flush_scheduled_ = true;
  asio::post(io_, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self == nullptr) return;
    self->flush_scheduled_ = false;
    self->Flush();
  });
}

void UdpSocket::Flush() {
  while (!queue_.empty() && SendOnce()) {
  }
  if (!queue_.empty() && !flush_scheduled_) WaitWritable();
}

// Sends a batch; false when the kernel has no room for now.
bool UdpSocket::SendOnce() {
  const int count = SendBatch(descriptor(), queue_);
  if (count > 0) {
    shared_.counters.sent += static_cast<uint64_t>(count);
    queue_.erase(queue_.begin(), queue_.begin() + count);
    retried_refusal_ = false;
    return true;
  }
  const int error = errno;
  if (error == EINTR) return true;
  if (error == EAGAIN || error == ENOBUFS) return false;
  if (IsIcmpError(error)) {
    ++shared_.counters.unreachable;
    // The report on an earlier datagram has cost this one its turn.
    if (!std::exchange(retried_refusal_, true)) return true;
  }
  ++shared_.counters.send_errors;
  DropFront();
  return true;
}

void UdpSocket::DropFront() {
  queue_.pop_front();
  retried_refusal_ = false;
}

void UdpSocket::WaitWritable() {
  flush_scheduled_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [weak = weak_from_this()](const std::error_code& error) {
                           auto self = weak.lock();
                           if (error || self == nullptr) return;
                           self->flush_scheduled_ = false;
                           self->Flush();
                         });
}

void UdpSocket::Close() {
  if (!descriptor_.is_open()) return;
  while (!queue_.empty() && SendOnce()) {
  }
  shared_.counters.send_dropped += queue_.size();
  queue_.clear();
  std::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace l2tp::net
