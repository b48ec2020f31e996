// The data path of the real kernel together with the daemon's sockets: who gets which datagram.
// Part of kernel_contract_real.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <cstdlib>
#include <memory>
#include <optional>

#include "server/kernel/kernel_data_path.h"
#include "server/net/udp_port.h"
#include "tests/contract/recording_sink.h"
#include "tests/contract/run_loop.h"

namespace l2tp::testing {
namespace {

const Endpoint kAnyPort = {IpAddress::FromV4(0x7f000001), 0};

// A tunnel with a session, from "us" with the kernel's help to a "peer" that only has a UDP socket.
class KernelDataRealTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kTunnel = 0x0c01;
  static constexpr uint32_t kSession = 0x0501;

  void SetUp() override {
    us_->Start(our_sink_);
    peer_->Start(peer_sink_);
    const Endpoint remote = peer_->listening()[0];
    auto socket = us_->Open({}, remote, {});
    ASSERT_TRUE(socket.ok()) << socket.status();
    socket_ = *socket;
    auto path = us_->Connect(socket_, remote);
    ASSERT_TRUE(path.ok()) << path.status();
    path_ = *path;

    std::optional<absl::Status> created;
    kernel_->CreateTunnel({TunnelId(kTunnel), TunnelId(0x0c02), us_->Descriptor(socket_)},
                          [&](absl::Status status) { created = status; });
    ASSERT_TRUE(RunUntil([&] { return created.has_value(); }));
    ASSERT_TRUE(created->ok()) << *created;

    std::optional<absl::StatusOr<UniqueFd>> session;
    kernel_->CreateSession({.tunnel_id = TunnelId(kTunnel),
                            .peer_tunnel_id = TunnelId(0x0c02),
                            .session_id = SessionId(kSession),
                            .peer_session_id = SessionId(0x0502),
                            .path = path_,
                            .reorder_timeout = {}},
                           [&](auto fd) { session.emplace(std::move(fd)); });
    ASSERT_TRUE(RunUntil([&] { return session.has_value(); }));
    ASSERT_TRUE(session->ok()) << session->status();
    pppox_ = **std::move(session);
  }

  void TearDown() override {
    bool deleted = false;
    pppox_.Reset();
    kernel_->DeleteTunnel(TunnelId(kTunnel), [&](absl::Status) { deleted = true; });
    EXPECT_TRUE(RunUntil([&] { return deleted; }));
    us_->Close(socket_);
    // The id is the same in each test; let the kernel forget it.
    EXPECT_TRUE(RunUntil([&] { return TunnelIsGone(); }));
  }

  bool TunnelIsGone() {
    std::optional<bool> gone;
    kernel_->ListTunnels([&](auto ids) {
      gone = ids.ok() && std::find(ids->begin(), ids->end(), TunnelId(kTunnel)) == ids->end();
    });
    EXPECT_TRUE(RunUntil([&] { return gone.has_value(); }));
    return gone.value_or(true);
  }

  bool RunUntil(const std::function<bool()>& done) { return RunLoopUntil(io_, done); }
  void FromPeer(const char* hex) {
    peer_->Send({peer_->listening()[0], path_.local}, *FromHex(hex));
  }
  events::Counters Counters() {
    std::optional<events::Counters> result;
    kernel_->GetCounters(TunnelId(kTunnel), SessionId(kSession),
                         [&](auto counters) { result = counters.value_or(events::Counters()); });
    EXPECT_TRUE(RunUntil([&] { return result.has_value(); }));
    return *result;
  }

  asio::io_context io_;
  RecordingSink our_sink_;
  RecordingSink peer_sink_;
  std::unique_ptr<net::UdpPort> us_ = *net::UdpPort::Open(io_, {.listen = {kAnyPort}});
  std::unique_ptr<net::UdpPort> peer_ = *net::UdpPort::Open(io_, {.listen = {kAnyPort}});
  std::unique_ptr<kernel::KernelDataPath> kernel_ =
      *kernel::KernelDataPath::Open([this](auto f) { asio::post(io_, std::move(f)); });
  control::SocketId socket_;
  Path path_;
  UniqueFd pppox_;
};

TEST_F(KernelDataRealTest, ControlMessagesStillReachUsOnTheTunnelsSocket) {
  FromPeer("c802000c0c01000000010001");  // ZLB: T, L and S bits, length 12
  FromPeer("c80200140c01000000010001800800000006000a");

  ASSERT_TRUE(RunUntil([&] { return our_sink_.received.size() == 2; }));
  EXPECT_EQ(our_sink_.received[0].path, path_);
  EXPECT_EQ(our_sink_.received[1].data.size(), 20u);
}

TEST_F(KernelDataRealTest, ControlMessagesGoOutOnTheTunnelsSocket) {
  us_->SendOn(socket_, path_.remote, *FromHex("c802000c0c02000000010001"));
  ASSERT_TRUE(RunUntil([&] { return peer_sink_.received.size() == 1; }));
  EXPECT_EQ(peer_sink_.received[0].path.remote, path_.local);
}

TEST_F(KernelDataRealTest, DataOfTheSessionStaysInTheKernelAndIsCounted) {
  FromPeer("00020c010501ff03c021010100040000");
  ASSERT_TRUE(RunUntil([&] { return Counters().rx_packets == 1; }));
  EXPECT_TRUE(our_sink_.received.empty());

  // No PPP unit is attached, so the frame is on the PPPoX socket.
  char frame[64];
  EXPECT_GT(recv(pppox_.get(), frame, sizeof(frame), MSG_DONTWAIT), 0);
}

TEST_F(KernelDataRealTest, DataOfUnknownSessionsReachesUs) {
  FromPeer("00020c010999ff03c021010100040000");
  ASSERT_TRUE(RunUntil([&] { return our_sink_.received.size() == 1; }));
}

TEST_F(KernelDataRealTest, FramesWrittenToThePppoxSocketReachThePeerWithItsIds) {
  const Bytes frame = *FromHex("c02101010004");
  ASSERT_EQ(send(pppox_.get(), frame.data(), frame.size(), 0), 6);

  ASSERT_TRUE(RunUntil([&] { return peer_sink_.received.size() == 1; }));
  EXPECT_EQ(ToHex(AsBytes(peer_sink_.received[0].data)), "00020c020502ff03c02101010004");
  EXPECT_EQ(Counters().tx_packets, 1);
}

TEST_F(KernelDataRealTest, ClosingTheTunnelsSocketRemovesTheTunnel) {
  us_->Close(socket_);
  EXPECT_TRUE(RunUntil([&] { return TunnelIsGone(); }));
}

// Datagrams that the kernel has no room for wait until it has. The lab makes the loopback interface
// slow for this; elsewhere the room never runs out.
TEST(UdpRealTest, DatagramsWaitForRoomInTheKernel) {
  constexpr size_t kDatagrams = 500;
  asio::io_context io;
  RecordingSink sink;
  auto us = *net::UdpPort::Open(io, {.listen = {kAnyPort}});
  auto peer = *net::UdpPort::Open(io, {.listen = {kAnyPort}});
  peer->Start(sink);
  const Endpoint remote = peer->listening()[0];
  const auto socket = us->Open({}, remote, {});
  ASSERT_TRUE(socket.ok());
  const int small = 1;  // the kernel makes its minimum of it
  ASSERT_EQ(setsockopt(us->Descriptor(*socket), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);

  for (size_t i = 0; i < kDatagrams; ++i) us->SendOn(*socket, remote, Bytes(1000));
  io.poll();
  if (std::getenv("L2TP_SLOW_LOOPBACK") != nullptr) {
    EXPECT_LT(us->counters().sent, kDatagrams);
  }

  EXPECT_TRUE(RunLoopUntil(io, [&] { return sink.received.size() == kDatagrams; }))
      << sink.received.size();
  EXPECT_EQ(us->counters().sent, kDatagrams);
  EXPECT_EQ(us->counters().send_errors, 0u);
}

}  // namespace
}  // namespace l2tp::testing
