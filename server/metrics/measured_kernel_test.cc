#include "server/metrics/measured_kernel.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "tests/support/fake_kernel.h"

namespace l2tp::metrics {
namespace {

using ::testing::HasSubstr;

class SetClock final : public control::Clock {
 public:
  Instant Now() const override { return now; }
  WallTime WallNow() const override { return {}; }
  Instant now;
};

TEST(MeasuredKernelTest, TakesTheTimeAndCountsWhatWasRefused) {
  testing::FakeKernel kernel;
  SetClock clock;
  prometheus::Registry registry;
  MeasuredKernel measured(&kernel, &clock, &registry);
  absl::Status last = absl::UnknownError("not called");
  const auto done = [&last](const absl::Status& status) { last = status; };

  kernel.FailNext(testing::FakeKernel::Op::kDeleteTunnel, absl::InternalError("no"));
  measured.DeleteTunnel(TunnelId(7), done);
  clock.now = clock.now + Duration::Milliseconds(30);
  kernel.RunPending();
  EXPECT_TRUE(absl::IsInternal(last));

  const std::string page = prometheus::TextSerializer().Serialize(registry.Collect());
  EXPECT_THAT(page, HasSubstr("l2tp_kernel_request_seconds_sum{operation=\"delete_tunnel\"} 0.03"));
  EXPECT_THAT(page, HasSubstr("l2tp_kernel_request_failures_total{operation=\"delete_tunnel\"} 1"));
}

TEST(MeasuredKernelTest, AnswersArePassedOn) {
  testing::FakeKernel kernel;
  SetClock clock;
  prometheus::Registry registry;
  MeasuredKernel measured(&kernel, &clock, &registry);
  kernel.AddForeignTunnel(TunnelId(9));
  size_t count = 0;
  measured.ListTunnels([&count](const auto& tunnels) { count = tunnels->size(); });
  kernel.RunPending();
  EXPECT_EQ(count, 1u);
}

}  // namespace
}  // namespace l2tp::metrics
