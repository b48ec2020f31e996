#include "server/metrics/measured_kernel.h"

namespace l2tp::metrics {
namespace {

const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace

MeasuredKernel::MeasuredKernel(control::KernelPort* kernel, control::Clock* clock,
                               prometheus::Registry* registry)
    : kernel_(kernel),
      clock_(clock),
      seconds_(prometheus::BuildHistogram()
                   .Name("l2tp_kernel_request_seconds")
                   .Help("Time until the kernel had done what was asked of it")
                   .Register(*registry)),
      failures_(prometheus::BuildCounter()
                    .Name("l2tp_kernel_request_failures_total")
                    .Help("Requests that the kernel refused")
                    .Register(*registry)),
      create_tunnel_(Make("create_tunnel")),
      delete_tunnel_(Make("delete_tunnel")),
      create_session_(Make("create_session")),
      change_session_(Make("change_session")),
      delete_session_(Make("delete_session")),
      get_counters_(Make("get_counters")) {}

MeasuredKernel::Operation MeasuredKernel::Make(const char* name) {
  return {seconds_.Add(
              {{"operation", name}},
              prometheus::Histogram::BucketBoundaries{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                      0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5}),
          failures_.Add({{"operation", name}})};
}

template <typename Callback>
auto MeasuredKernel::Measure(Operation* operation, Callback done) {
  return [this, operation, began = clock_->Now(), done = std::move(done)](auto result) mutable {
    operation->seconds.Observe(static_cast<double>((clock_->Now() - began).nanoseconds()) / 1e9);
    if (!StatusOf(result).ok()) operation->failures.Increment();
    done(std::move(result));
  };
}

void MeasuredKernel::CreateTunnel(const control::KernelTunnel& tunnel, control::Done done) {
  kernel_->CreateTunnel(tunnel, Measure(&create_tunnel_, std::move(done)));
}
void MeasuredKernel::DeleteTunnel(TunnelId tunnel, control::Done done) {
  kernel_->DeleteTunnel(tunnel, Measure(&delete_tunnel_, std::move(done)));
}
void MeasuredKernel::CreateSession(const control::KernelSession& session,
                                   control::Completion<UniqueFd> done) {
  kernel_->CreateSession(session, Measure(&create_session_, std::move(done)));
}
void MeasuredKernel::RequireSequencing(TunnelId tunnel, SessionId session, control::Done done) {
  kernel_->RequireSequencing(tunnel, session, Measure(&change_session_, std::move(done)));
}
void MeasuredKernel::DeleteSession(TunnelId tunnel, SessionId session, control::Done done) {
  kernel_->DeleteSession(tunnel, session, Measure(&delete_session_, std::move(done)));
}
void MeasuredKernel::GetCounters(TunnelId tunnel, SessionId session,
                                 control::Completion<events::Counters> done) {
  kernel_->GetCounters(tunnel, session, Measure(&get_counters_, std::move(done)));
}
void MeasuredKernel::GetReceivedPackets(TunnelId tunnel, control::Completion<int64_t> done) {
  kernel_->GetReceivedPackets(tunnel, Measure(&get_counters_, std::move(done)));
}
void MeasuredKernel::ListTunnels(control::Completion<std::vector<TunnelId>> done) {
  kernel_->ListTunnels(std::move(done));
}

}  // namespace l2tp::metrics
