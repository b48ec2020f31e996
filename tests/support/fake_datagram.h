// UDP in memory: one port that records, and a network that joins several of them.

#ifndef L2TP_TESTS_SUPPORT_FAKE_DATAGRAM_H_
#define L2TP_TESTS_SUPPORT_FAKE_DATAGRAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/control/ports.h"
#include "tests/support/seeded_random.h"

namespace l2tp::testing {

struct SentDatagram {
  Path path;                                // with the source that a peer will see
  std::optional<control::SocketId> socket;  // nullopt: through the listener
  Bytes data;
};

// A machine with one address, a listener and any number of tunnel sockets.
//
//   FakeDatagramPort port(*IpAddress::Parse("192.0.2.1"));
//   port.Start(controller);
//   port.Deliver(path, sccrq);
//   ASSERT_EQ(port.TakeSent().size(), 1u);
class FakeDatagramPort final : public control::DatagramPort {
 public:
  explicit FakeDatagramPort(const IpAddress& address, uint16_t listener_port = 1701)
      : listener_{address, listener_port} {}

  // ---- Story ----

  void Start(control::DatagramSink& sink) {
    sink_ = &sink;
    crashed_ = false;
  }

  // Gives a datagram to the sink, whatever sockets there are. Not from inside the sink.
  void Deliver(const Path& path, ByteSpan datagram);

  // What has been sent, oldest first, and is not on its way through a FakeNetwork.
  const std::vector<SentDatagram>& sent() const { return sent_; }
  std::vector<SentDatagram> TakeSent() { return std::exchange(sent_, {}); }

  // The next Open, or Connect, fails.
  void FailNextOpen(absl::Status status) { next_open_ = std::move(status); }
  void FailNextConnect(absl::Status status) { next_connect_ = std::move(status); }

  const Endpoint& listener() const { return listener_; }
  // The endpoints of the open tunnel sockets, in order of their ids.
  std::vector<Endpoint> sockets() const;
  // With what each was opened, in the same order.
  std::vector<control::SocketOptions> socket_options() const;
  // Of every path. 0: not known.
  void SetPathMtu(int octets) { path_mtu_ = octets; }
  // Whether a datagram to this endpoint would be read here.
  bool Reads(const Endpoint& local) const;

  // Hands datagrams on instead of recording them.
  void OnSent(std::function<void(const SentDatagram&)> on_sent) { on_sent_ = std::move(on_sent); }
  // The process has died: its sockets are closed, and nobody reads any more until Start().
  void Crash();
  // Called with the descriptor of a socket that is closed; see FakeKernel::SocketClosed.
  void OnClosed(std::function<void(int)> on_closed) { on_closed_ = std::move(on_closed); }

  // ---- control::DatagramPort ----

  void Send(const Path& path, Bytes datagram) override;
  absl::StatusOr<control::SocketId> Open(const Endpoint& local, const Endpoint& remote,
                                         const control::SocketOptions& options) override;
  absl::StatusOr<Path> Connect(control::SocketId socket, const Endpoint& remote) override;
  void SendOn(control::SocketId socket, const Endpoint& remote, Bytes datagram) override;
  int PathMtu(control::SocketId socket) override;
  // A number that is no real descriptor.
  int Descriptor(control::SocketId socket) override;
  void Close(control::SocketId socket) override;

 private:
  void Emit(SentDatagram datagram);

  Endpoint listener_;
  control::DatagramSink* sink_ = nullptr;
  bool crashed_ = false;
  struct Socket {
    Endpoint local;
    control::SocketOptions options;
    bool connected = false;
  };
  std::map<control::SocketId, Socket> sockets_;
  int path_mtu_ = 1500;
  std::vector<SentDatagram> sent_;
  std::function<void(const SentDatagram&)> on_sent_;
  std::function<void(int)> on_closed_;
  absl::Status next_open_;
  absl::Status next_connect_;
  uint64_t next_id_ = 1;
  uint16_t next_port_ = 40000;
};

// Joins machines by address, with faults drawn from a seed: the same seed and the same calls give
// the same deliveries. Each direction between two machines has draws of its own. Has no time of its
// own; drive it from a world that owns the clock:
//
//   FakeNetwork network(clock, seed);
//   FakeDatagramPort& lac = network.AddNode(*IpAddress::Parse("192.0.2.1"));
//   ...
//   clock.AdvanceTo(*network.NextEvent());
//   network.DeliverDue();
class FakeNetwork {
 public:
  // How datagrams fare in one direction between two machines. Different delays reorder.
  struct Quality {
    double loss = 0;       // 0..1
    double duplicate = 0;  // 0..1
    double corrupt = 0;    // 0..1: some bits are turned over
    Duration min_delay = Duration::Milliseconds(1);
    Duration max_delay = Duration::Milliseconds(1);
  };
  // `path.local` is the sender.
  using Matcher = std::function<bool(const Path& path, ByteSpan datagram)>;
  using Observer = std::function<void(const Path& path, ByteSpan datagram)>;

  // `clock` must outlive this.
  FakeNetwork(const control::Clock& clock, uint64_t seed) : clock_(clock), seed_(seed) {}

  // The address must be new. The port lives as long as the network.
  FakeDatagramPort& AddNode(const IpAddress& address, uint16_t listener_port = 1701);

  void SetQuality(const Quality& quality) { quality_ = quality; }
  void SetQuality(const IpAddress& from, const IpAddress& to, const Quality& quality) {
    DirectionOf(from, to).quality = quality;
  }
  // The default again.
  void ResetQuality(const IpAddress& from, const IpAddress& to) {
    DirectionOf(from, to).quality.reset();
  }
  // The next datagram that `matcher` takes is lost. Several are used up in any order.
  void DropNext(Matcher matcher) { drops_.push_back(std::move(matcher)); }

  // Sees every datagram that is sent, whatever becomes of it; `path.local` is the sender.
  void OnSent(Observer observer) { on_sent_ = std::move(observer); }
  // Sees every datagram just before somebody reads it; `path.local` is the receiver.
  void OnDelivered(Observer observer) { on_delivered_ = std::move(observer); }

  // When the next datagram arrives; nullopt when none is on its way.
  std::optional<Instant> NextEvent() const;
  // Delivers what has arrived by now, in order of time and then of sending. Gives how many
  // datagrams that was.
  size_t DeliverDue();
  // The same for the first of them only. False when nothing has arrived.
  bool DeliverOne();

  // Datagrams so far.
  uint64_t delivered() const { return delivered_; }
  uint64_t lost() const { return lost_; }
  uint64_t unread() const { return unread_; }  // arrived where no socket was

 private:
  struct Arrival {
    Path path;  // as the receiver sees it
    Bytes data;
  };

  // One direction between two machines.
  struct Direction {
    SeededRandom fate;
    SeededRandom corruption;
    std::optional<Quality> quality;
  };

  void Carry(const SentDatagram& datagram);
  Direction& DirectionOf(const IpAddress& from, const IpAddress& to);
  bool DroppedByStory(const SentDatagram& datagram);
  static void Corrupt(SeededRandom* random, Bytes* datagram);

  const control::Clock& clock_;
  const uint64_t seed_;
  Quality quality_;
  std::map<std::pair<IpAddress, IpAddress>, Direction> directions_;
  Observer on_sent_;
  Observer on_delivered_;
  std::map<IpAddress, std::unique_ptr<FakeDatagramPort>> nodes_;
  std::deque<Matcher> drops_;
  std::map<std::pair<Instant, uint64_t>, Arrival> arrivals_;
  uint64_t next_arrival_ = 0;
  uint64_t delivered_ = 0;
  uint64_t lost_ = 0;
  uint64_t unread_ = 0;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_FAKE_DATAGRAM_H_
