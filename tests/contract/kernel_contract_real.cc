// The contract of KernelPort, held by the real kernel. Needs root and a kernel with L2TP: run it by
// tests/lab/kernel_test, not on a machine whose tunnels matter.

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "server/kernel/kernel_data_path.h"
#include "server/kernel/kernel_probe.h"
#include "server/net/udp_port.h"
#include "tests/contract/kernel_contract.h"
#include "tests/contract/run_loop.h"

namespace l2tp::testing {
namespace {

struct IgnoringSink final : control::DatagramSink {
  void OnDatagram(const Path&, ByteSpan) override {}
};

// Tunnel sockets are those the daemon has: UdpPort's.
class RealKernelWorld final : public KernelWorld {
 public:
  RealKernelWorld()
      : udp_(*net::UdpPort::Open(
            io_, {.listen = {{*IpAddress::Parse("127.0.0.1"), 0}, {*IpAddress::Parse("::1"), 0}}})),
        kernel_(*kernel::KernelDataPath::Open([this](auto f) { asio::post(io_, std::move(f)); })) {
    udp_->Start(sink_);
  }

  control::KernelPort& port() override { return *kernel_; }
  TunnelSocket NewSocket() override { return SocketTo(udp_->listening()[0]); }
  TunnelSocket NewIpv6Socket() override { return SocketTo(udp_->listening()[1]); }
  bool RunUntil(const std::function<bool()>& done) override { return RunLoopUntil(io_, done); }

 private:
  TunnelSocket SocketTo(const Endpoint& remote) {
    auto socket = udp_->Open({}, remote, {});
    if (!socket.ok()) std::cerr << socket.status() << "\n";
    auto path = udp_->Connect(*socket, remote);
    return {.fd = udp_->Descriptor(*socket), .path = *path};
  }

  asio::io_context io_;
  IgnoringSink sink_;
  std::unique_ptr<net::UdpPort> udp_;
  std::unique_ptr<kernel::KernelDataPath> kernel_;
};

std::unique_ptr<KernelWorld> MakeRealKernelWorld() { return std::make_unique<RealKernelWorld>(); }

INSTANTIATE_TEST_SUITE_P(Real, KernelContract, ::testing::Values(&MakeRealKernelWorld));

TEST(KernelProbeRealTest, FindsNothingMissing) { EXPECT_THAT(kernel::CheckKernel(), Succeeded()); }

// Capabilities belong to a thread.
void DropNetAdmin() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  ASSERT_EQ(syscall(SYS_capget, &header, data), 0);
  data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective &= ~CAP_TO_MASK(CAP_NET_ADMIN);
  ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
}

TEST(KernelProbeRealTest, MissingRightsAreToldApartFromAMissingKernel) {
  absl::Status probed;
  std::optional<absl::Status> created;
  std::thread unprivileged([&] {
    DropNetAdmin();
    probed = kernel::CheckKernel();
    asio::io_context io;
    auto data_path = kernel::KernelDataPath::Open([&io](auto f) { asio::post(io, std::move(f)); });
    ASSERT_THAT(data_path.status(), Succeeded());
    (*data_path)->CreateTunnel({TunnelId(1), TunnelId(2), 0}, [&](absl::Status status) {
      created = std::move(status);
    });
    EXPECT_TRUE(RunLoopUntil(io, [&] { return created.has_value(); }));
  });
  unprivileged.join();

  EXPECT_TRUE(HasReason(probed, Reason::kNoCapability)) << probed;
  EXPECT_TRUE(HasReason(created.value_or(absl::OkStatus()), Reason::kNoCapability));
}

}  // namespace
}  // namespace l2tp::testing
