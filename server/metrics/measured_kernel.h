// How long the kernel takes.

#ifndef L2TP_SERVER_METRICS_MEASURED_KERNEL_H_
#define L2TP_SERVER_METRICS_MEASURED_KERNEL_H_

#include <utility>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/control/ports.h"

namespace l2tp::metrics {

// Passes everything on to another port, and takes the time until its answers, waiting in its queue
// included. Loop thread.
class MeasuredKernel final : public control::KernelPort {
 public:
  // None is owned; all must outlive this.
  MeasuredKernel(control::KernelPort* kernel, control::Clock* clock,
                 prometheus::Registry* registry);

  void CreateTunnel(const control::KernelTunnel& tunnel, control::Done done) override;
  void DeleteTunnel(TunnelId tunnel, control::Done done) override;
  void CreateSession(const control::KernelSession& session,
                     control::Completion<UniqueFd> done) override;
  void RequireSequencing(TunnelId tunnel, SessionId session, control::Done done) override;
  void DeleteSession(TunnelId tunnel, SessionId session, control::Done done) override;
  void GetCounters(TunnelId tunnel, SessionId session,
                   control::Completion<events::Counters> done) override;
  void GetReceivedPackets(TunnelId tunnel, control::Completion<int64_t> done) override;
  void ListTunnels(control::Completion<std::vector<TunnelId>> done) override;

 private:
  struct Operation {
    prometheus::Histogram& seconds;
    prometheus::Counter& failures;
  };
  Operation Make(const char* name);
  template <typename Callback>
  auto Measure(Operation* operation, Callback done);

  control::KernelPort* const kernel_;
  control::Clock* const clock_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& failures_;
  Operation create_tunnel_;
  Operation delete_tunnel_;
  Operation create_session_;
  Operation change_session_;
  Operation delete_session_;
  Operation get_counters_;
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_MEASURED_KERNEL_H_
