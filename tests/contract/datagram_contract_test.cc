// The contract of DatagramPort, held by the fake and by the real one on the loopback interface.

#include <asio/io_context.hpp>
#include <memory>

#include "server/net/udp_port.h"
#include "tests/contract/datagram_contract.h"
#include "tests/contract/run_loop.h"
#include "tests/support/fake_datagram.h"

namespace l2tp::testing {
namespace {

class FakeDatagramWorld final : public DatagramWorld, public control::Clock {
 public:
  FakeDatagramWorld()
      : network_(*this, /*seed=*/1),
        ports_{&network_.AddNode(*IpAddress::Parse("192.0.2.1")),
               &network_.AddNode(*IpAddress::Parse("192.0.2.2"))} {}

  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return {}; }

  control::DatagramPort& port(int machine) override { return *ports_[machine]; }
  Endpoint listener(int machine) override { return ports_[machine]->listener(); }
  void Start(int machine, control::DatagramSink& sink) override { ports_[machine]->Start(sink); }
  bool RunUntil(const std::function<bool()>& done) override {
    while (!done()) {
      const auto next = network_.NextEvent();
      if (!next.has_value()) return false;
      now_ = *next;
      network_.DeliverDue();
    }
    return true;
  }

 private:
  Instant now_;
  FakeNetwork network_;
  FakeDatagramPort* ports_[2];
};

class LoopbackWorld final : public DatagramWorld {
 public:
  LoopbackWorld(const char* first, const char* second)
      : ports_{OpenPort(first), OpenPort(second)} {}

  control::DatagramPort& port(int machine) override { return *ports_[machine]; }
  Endpoint listener(int machine) override { return ports_[machine]->listening()[0]; }
  void Start(int machine, control::DatagramSink& sink) override { ports_[machine]->Start(sink); }
  bool RunUntil(const std::function<bool()>& done) override { return RunLoopUntil(io_, done); }

 private:
  std::unique_ptr<net::UdpPort> OpenPort(const char* address) {
    auto port = net::UdpPort::Open(io_, {.listen = {{*IpAddress::Parse(address), 0}}});
    EXPECT_TRUE(port.ok()) << port.status();
    return *std::move(port);
  }

  asio::io_context io_;
  std::unique_ptr<net::UdpPort> ports_[2];
};

std::unique_ptr<DatagramWorld> MakeFakeWorld() { return std::make_unique<FakeDatagramWorld>(); }
std::unique_ptr<DatagramWorld> MakeIpv4World() {
  return std::make_unique<LoopbackWorld>("127.0.0.1", "127.0.0.2");
}
// The loopback interface has one IPv6 address only; the ports differ.
std::unique_ptr<DatagramWorld> MakeIpv6World() {
  return std::make_unique<LoopbackWorld>("::1", "::1");
}

INSTANTIATE_TEST_SUITE_P(Fake, DatagramContract, ::testing::Values(&MakeFakeWorld));
INSTANTIATE_TEST_SUITE_P(Ipv4, DatagramContract, ::testing::Values(&MakeIpv4World));
INSTANTIATE_TEST_SUITE_P(Ipv6, DatagramContract, ::testing::Values(&MakeIpv6World));

}  // namespace
}  // namespace l2tp::testing
