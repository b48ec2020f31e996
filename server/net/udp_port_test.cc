// What the contract (tests/contract/datagram_contract.h) does not say: sockets as the kernel has
// them. On the loopback interface, whose addresses are all of 127.0.0.0/8.

#include "server/net/udp_port.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>

#include "server/base/error.h"
#include "tests/contract/run_loop.h"

namespace l2tp::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Endpoint At(const char* address, uint16_t port) { return {*IpAddress::Parse(address), port}; }

struct Sink final : control::DatagramSink {
  void OnDatagram(const Path& path, ByteSpan datagram) override {
    paths.push_back(path);
    sizes.push_back(datagram.size());
  }
  std::vector<Path> paths;
  std::vector<size_t> sizes;
};

class UdpPortTest : public ::testing::Test {
 protected:
  std::unique_ptr<UdpPort> Listen(std::vector<Endpoint> endpoints) {
    auto port = UdpPort::Open(io_, {.listen = std::move(endpoints)});
    EXPECT_TRUE(port.ok()) << port.status();
    return *std::move(port);
  }
  bool Receives(const Sink& sink, size_t count) {
    return testing::RunLoopUntil(io_, [&] { return sink.paths.size() >= count; });
  }

  asio::io_context io_;
  Sink sink_;
  Sink other_sink_;
};

TEST_F(UdpPortTest, WildcardListenerAnswersFromTheAddressThatWasAsked) {
  auto lns = Listen({At("0.0.0.0", 0)});
  auto lac = Listen({At("127.0.0.9", 0)});
  lns->Start(sink_);
  lac->Start(other_sink_);
  const Endpoint asked = At("127.0.0.5", lns->listening()[0].port);

  lac->Send({lac->listening()[0], asked}, {1});
  ASSERT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(sink_.paths[0].local, asked);

  lns->Send(sink_.paths[0], {2});
  ASSERT_TRUE(Receives(other_sink_, 1));
  EXPECT_EQ(other_sink_.paths[0].remote, asked);
}

TEST_F(UdpPortTest, Ipv6WildcardListenerTellsTheLocalAddress) {
  auto port = Listen({At("::", 0), At("::1", 0)});
  port->Start(sink_);
  const Endpoint asked = At("::1", port->listening()[0].port);

  port->Send({port->listening()[1], asked}, {1});

  ASSERT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(sink_.paths[0], (Path{asked, port->listening()[1]}));
}

TEST_F(UdpPortTest, SendsThroughTheListenerOfThePath) {
  auto peer = Listen({At("127.0.0.1", 0)});
  auto port = Listen({At("0.0.0.0", 0), At("127.0.0.2", 0), At("127.0.0.3", 0)});
  peer->Start(sink_);
  port->Start(other_sink_);
  const Endpoint second = port->listening()[2];

  port->Send({second, peer->listening()[0]}, {1});

  ASSERT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(sink_.paths[0].remote, second);
}

TEST_F(UdpPortTest, AddressWithoutListenerIsCountedAsAnError) {
  auto port = Listen({At("127.0.0.1", 0)});
  port->Send({At("127.0.0.2", 1701), At("127.0.0.1", 9)}, {1});
  port->Send({At("::1", 1701), At("::1", 9)}, {1});
  EXPECT_EQ(port->counters().send_errors, 2u);
}

TEST_F(UdpPortTest, OverlappingListenersOfOnePortAreFine) {
  auto first = Listen({At("0.0.0.0", 0)});
  const uint16_t number = first->listening()[0].port;
  first.reset();
  auto port = Listen({At("0.0.0.0", number), At("127.0.0.1", number)});
  EXPECT_EQ(port->listening().size(), 2u);
}

TEST_F(UdpPortTest, PortOfAnotherProgramIsRefusedEvenIfThatOneWouldShare) {
  // xl2tpd binds with SO_REUSEADDR; our listeners have it from the time they are bound.
  auto other = Listen({At("127.0.0.1", 0)});

  const auto port = UdpPort::Open(io_, {.listen = other->listening()});

  EXPECT_TRUE(HasReason(port.status(), Reason::kKernelRequestFailed));
  EXPECT_THAT(
      std::string(port.status().message()),
      AllOf(HasSubstr(other->listening()[0].ToString()), HasSubstr("in use"), HasSubstr("xl2tpd")));
}

TEST_F(UdpPortTest, AddressOfAnotherMachineIsRefused) {
  const auto port = UdpPort::Open(io_, {.listen = {At("203.0.113.77", 0)}});
  EXPECT_THAT(std::string(port.status().message()),
              AllOf(HasSubstr("203.0.113.77:0"), HasSubstr("no interface")));
}

int Option(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(getsockopt(fd, level, option, &value, &size), 0) << strerror(errno);
  return value;
}

TEST_F(UdpPortTest, OptionsAreSetOnTheSocketOfIpv4) {
  auto port = Listen({At("127.0.0.1", 0)});
  control::SocketOptions options;
  options.udp_checksums = false;
  options.dscp = 46;
  options.path_mtu_discovery = control::PathMtuDiscovery::kProbe;
  options.device = "lo";
  const auto socket = port->Open({}, port->listening()[0], options);
  ASSERT_TRUE(socket.ok()) << socket.status();
  const int fd = port->Descriptor(*socket);

  EXPECT_EQ(Option(fd, SOL_SOCKET, SO_NO_CHECK), 1);
  EXPECT_EQ(Option(fd, IPPROTO_IP, IP_TOS), 0xb8);
  EXPECT_EQ(Option(fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_PROBE);
  char device[16] = {};
  socklen_t size = sizeof(device);
  ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size), 0);
  EXPECT_STREQ(device, "lo");
}

TEST_F(UdpPortTest, OptionsAreSetOnTheSocketOfIpv6) {
  auto port = Listen({At("::1", 0)});
  control::SocketOptions options;
  options.udp_checksums = false;
  options.dscp = 10;
  options.path_mtu_discovery = control::PathMtuDiscovery::kDont;
  const auto socket = port->Open({}, port->listening()[0], options);
  ASSERT_TRUE(socket.ok()) << socket.status();
  const int fd = port->Descriptor(*socket);

  EXPECT_EQ(Option(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX), 1);
  EXPECT_EQ(Option(fd, IPPROTO_UDP, UDP_NO_CHECK6_RX), 1);
  EXPECT_EQ(Option(fd, IPPROTO_IPV6, IPV6_TCLASS), 0x28);
  EXPECT_EQ(Option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_DONT);
}

TEST_F(UdpPortTest, DeviceThatIsNotThereIsNamed) {
  auto port = Listen({At("127.0.0.1", 0)});
  control::SocketOptions options;
  options.device = "no-such-vrf";
  const auto socket = port->Open({}, port->listening()[0], options);
  EXPECT_TRUE(HasReason(socket.status(), Reason::kKernelRequestFailed));
  EXPECT_EQ(socket.status().message(),
            "cannot bind a UDP socket to the device no-such-vrf: No such device");
}

TEST_F(UdpPortTest, DescriptorsAreNonBlockingCloseOnExecAndChecksummed) {
  auto port = Listen({At("127.0.0.1", 0)});
  const auto socket = port->Open({}, port->listening()[0], {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  const int fd = port->Descriptor(*socket);

  EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
  int no_checksum = -1;
  socklen_t size = sizeof(no_checksum);
  ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &no_checksum, &size), 0);
  EXPECT_EQ(no_checksum, 0);
}

// The kernel has some 28,000 ports to choose from: among 600 sockets that would all share, two of
// the same port are as good as certain.
TEST_F(UdpPortTest, APortThatTheKernelChoosesIsNobodyElses) {
  constexpr int kSockets = 600;
  auto port = Listen({At("127.0.0.1", 0)});
  std::set<uint16_t> ports = {port->listening()[0].port};
  for (int i = 0; i < kSockets; ++i) {
    const auto socket = port->Open(At("0.0.0.0", 0), At("127.0.0.1", 1701), {});
    ASSERT_TRUE(socket.ok()) << socket.status();
    const auto path = port->Connect(*socket, At("127.0.0.1", 1701));
    ASSERT_TRUE(path.ok()) << path.status();
    ports.insert(path->local.port);
  }
  EXPECT_EQ(ports.size(), 1u + kSockets);
}

TEST_F(UdpPortTest, FamiliesDoNotMix) {
  auto port = Listen({At("127.0.0.1", 0)});
  const auto socket = port->Open({}, At("127.0.0.1", 9), {});
  ASSERT_TRUE(socket.ok());
  EXPECT_FALSE(port->Connect(*socket, At("::1", 9)).ok());
  port->SendOn(*socket, At("::1", 9), {1});
  EXPECT_EQ(port->counters().send_errors, 1u);
}

TEST_F(UdpPortTest, OversizedDatagramIsDroppedAndCounted) {
  auto port = Listen({At("127.0.0.1", 0)});
  port->Start(sink_);
  const Path to_self = {port->listening()[0], port->listening()[0]};

  port->Send(to_self, Bytes(ReceiveBatch::kMaxOctets + 1));
  port->Send(to_self, Bytes(ReceiveBatch::kMaxOctets));

  ASSERT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(sink_.sizes[0], ReceiveBatch::kMaxOctets);
  EXPECT_EQ(port->counters().truncated, 1u);
  EXPECT_EQ(port->counters().received, 1u);
}

TEST_F(UdpPortTest, DatagramTheKernelRefusesDoesNotHoldUpTheNext) {
  auto port = Listen({At("127.0.0.1", 0)});
  port->Start(sink_);
  const Path to_self = {port->listening()[0], port->listening()[0]};

  port->Send(to_self, Bytes(70'000));  // no UDP datagram is that long
  port->Send(to_self, {1});

  ASSERT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(port->counters().send_errors, 1u);
  EXPECT_EQ(port->counters().sent, 1u);
}

TEST_F(UdpPortTest, PortUnreachableIsCountedAndCostsTheNextDatagramNothing) {
  auto port = Listen({At("127.0.0.1", 0)});
  port->Start(sink_);
  Endpoint gone;
  {
    auto peer = Listen({At("127.0.0.2", 0)});
    gone = peer->listening()[0];
  }
  const auto socket = port->Open({}, gone, {});
  ASSERT_TRUE(socket.ok());
  const auto path = port->Connect(*socket, gone);
  ASSERT_TRUE(path.ok());

  port->SendOn(*socket, gone, {1});
  ASSERT_TRUE(testing::RunLoopUntil(io_, [&] { return port->counters().unreachable == 1; }));

  // The peer comes back, and hears us.
  auto peer = Listen({gone});
  peer->Start(other_sink_);
  port->SendOn(*socket, gone, {2});
  EXPECT_TRUE(Receives(other_sink_, 1));
  EXPECT_EQ(port->counters().send_errors, 0u);
}

TEST_F(UdpPortTest, DatagramThatGotTheReportOnAnEarlierOneIsSentAgain) {
  auto port = Listen({At("127.0.0.1", 0)});  // not started, so that reading does not get the report
  Endpoint gone;
  {
    auto peer = Listen({At("127.0.0.2", 0)});
    gone = peer->listening()[0];
  }
  const auto socket = port->Open({}, gone, {});
  ASSERT_TRUE(socket.ok());
  ASSERT_TRUE(port->Connect(*socket, gone).ok());
  port->SendOn(*socket, gone, {1});
  ASSERT_TRUE(testing::RunLoopUntil(io_, [&] { return port->counters().sent == 1; }));

  auto peer = Listen({gone});
  peer->Start(sink_);
  port->SendOn(*socket, gone, {2});

  EXPECT_TRUE(Receives(sink_, 1));
  EXPECT_EQ(port->counters().unreachable, 1u);
  EXPECT_EQ(port->counters().send_errors, 0u);
}

TEST_F(UdpPortTest, FloodOnOneSocketLeavesTheLoopItsTurns) {
  auto port = Listen({At("127.0.0.1", 0)});
  auto peer = Listen({At("127.0.0.2", 0)});
  const size_t kBound = ReceiveBatch::kMaxDatagrams * UdpSocket::kBatchesPerTurn;
  const size_t kFlood = 4 * kBound;
  for (size_t i = 0; i < kFlood; ++i) {
    peer->Send({peer->listening()[0], port->listening()[0]}, {1});
  }
  ASSERT_TRUE(testing::RunLoopUntil(io_, [&] { return peer->counters().sent == kFlood; }));

  port->Start(sink_);
  size_t largest_turn = 0;
  size_t before = 0;
  ASSERT_TRUE(testing::RunLoopUntil(io_, [&] {
    largest_turn = std::max(largest_turn, sink_.paths.size() - before);
    before = sink_.paths.size();
    return before == kFlood;
  }));
  EXPECT_LE(largest_turn, kBound);
}

TEST_F(UdpPortTest, DestructionSendsWhatIsQueuedAndForgetsItsEvents) {
  auto peer = Listen({At("127.0.0.1", 0)});
  auto port = Listen({At("127.0.0.2", 0)});
  peer->Start(sink_);
  port->Start(other_sink_);
  const Path path = {port->listening()[0], peer->listening()[0]};
  peer->Send({path.remote, path.local}, {1});
  port->Send(path, {1});
  io_.poll();  // events for `port` may be waiting
  port->Send(path, {2});
  port.reset();

  EXPECT_TRUE(Receives(sink_, 2));
}

TEST_F(UdpPortTest, NothingIsReadBeforeStart) {
  auto peer = Listen({At("127.0.0.1", 0)});
  auto port = Listen({At("127.0.0.2", 0)});
  peer->Send({peer->listening()[0], port->listening()[0]}, {1});
  ASSERT_TRUE(testing::RunLoopUntil(io_, [&] { return peer->counters().sent == 1; }));
  EXPECT_EQ(port->counters().received, 0u);

  port->Start(sink_);
  EXPECT_TRUE(Receives(sink_, 1));
}

}  // namespace
}  // namespace l2tp::net
