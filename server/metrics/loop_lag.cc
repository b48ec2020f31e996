#include "server/metrics/loop_lag.h"

#include <chrono>

namespace l2tp::metrics {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(250);

}  // namespace

LoopLag::LoopLag(asio::io_context& io, prometheus::Registry* registry)
    : timer_(io),
      lag_(prometheus::BuildHistogram()
               .Name("l2tp_loop_lag_seconds")
               .Help("By how much the loop was late, four times a second")
               .Register(*registry)
               .Add({},
                    prometheus::Histogram::BucketBoundaries{0.0001, 0.0005, 0.001, 0.0025, 0.005,
                                                            0.01, 0.025, 0.05, 0.1, 0.5, 1, 5})) {
  Wait();
}

void LoopLag::Wait() {
  timer_.expires_after(kInterval);
  timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    const std::chrono::duration<double> late = std::chrono::steady_clock::now() - timer_.expiry();
    lag_.Observe(late.count());
    Wait();
  });
}

}  // namespace l2tp::metrics
