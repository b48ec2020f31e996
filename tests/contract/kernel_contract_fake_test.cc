// The contract of KernelPort, held by the fake.

#include <cerrno>
#include <memory>

#include "tests/contract/kernel_contract.h"
#include "tests/support/fake_kernel.h"

namespace l2tp::testing {
namespace {

class FakeKernelWorld final : public KernelWorld {
 public:
  control::KernelPort& port() override { return kernel_; }
  TunnelSocket NewSocket() override {
    return {
        .fd = next_fd_++,
        .path = {{*IpAddress::Parse("192.0.2.1"), 1701}, {*IpAddress::Parse("192.0.2.2"), 1701}}};
  }
  TunnelSocket NewIpv6Socket() override {
    return {.fd = next_fd_++,
            .path = {{*IpAddress::Parse("2001:db8::1"), 1701},
                     {*IpAddress::Parse("2001:db8::2"), 1701}}};
  }
  bool RunUntil(const std::function<bool()>& done) override {
    kernel_.RunPending();
    return done();
  }

 private:
  FakeKernel kernel_;
  int next_fd_ = 1000;
};

std::unique_ptr<KernelWorld> MakeFakeKernelWorld() { return std::make_unique<FakeKernelWorld>(); }

INSTANTIATE_TEST_SUITE_P(Fake, KernelContract, ::testing::Values(&MakeFakeKernelWorld));

// What only the fake can do.

TEST(FakeKernelTest, StoriedFailureHasNoEffectAndIsUsedUp) {
  FakeKernel kernel;
  const control::KernelTunnel tunnel = {TunnelId(1), TunnelId(2), 1000};
  std::vector<absl::Status> results;
  const auto keep = [&results](absl::Status status) { results.push_back(std::move(status)); };
  kernel.FailNext(FakeKernel::Op::kCreateTunnel, absl::InternalError("story"));

  kernel.CreateTunnel(tunnel, keep);
  kernel.RunPending();
  EXPECT_TRUE(kernel.KernelTunnels().empty());
  kernel.CreateTunnel(tunnel, keep);
  kernel.RunPending();

  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0], absl::InternalError("story"));
  EXPECT_THAT(results[1], Succeeded());
  EXPECT_EQ(kernel.KernelTunnels().size(), 1u);
  EXPECT_EQ(kernel.calls(FakeKernel::Op::kCreateTunnel), 2);
}

TEST(FakeKernelTest, HeldOperationsWaitAndAreOvertaken) {
  FakeKernel kernel;
  bool created = false;
  bool listed = false;
  kernel.Hold(FakeKernel::Op::kCreateTunnel);
  kernel.CreateTunnel({TunnelId(1), TunnelId(2), 1000}, [&](absl::Status) { created = true; });
  kernel.ListTunnels([&](auto) { listed = true; });

  kernel.RunPending();
  EXPECT_FALSE(created);
  EXPECT_TRUE(listed);

  kernel.Release(FakeKernel::Op::kCreateTunnel);
  kernel.RunPending();
  EXPECT_TRUE(created);
}

TEST(FakeKernelTest, ClosingTheTunnelSocketRemovesTheTunnel) {
  FakeKernel kernel;
  kernel.CreateTunnel({TunnelId(1), TunnelId(2), 1000}, [](absl::Status) {});
  kernel.AddForeignTunnel(TunnelId(9));
  kernel.RunPending();

  kernel.SocketClosed(1000);

  ASSERT_EQ(kernel.KernelTunnels().size(), 1u);
  EXPECT_EQ(kernel.KernelTunnels()[0].tunnel_id, TunnelId(9));
}

}  // namespace
}  // namespace l2tp::testing
