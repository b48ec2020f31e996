// Metrics of the daemon as a whole.

#ifndef L2TP_SERVER_METRICS_SYSTEM_METRICS_H_
#define L2TP_SERVER_METRICS_SYSTEM_METRICS_H_

#include <cstdint>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "server/control/specs.h"
#include "server/history/event_history.h"

namespace l2tp::metrics {

// One thread.
class SystemMetrics {
 public:
  // Not owned; must outlive this.
  explicit SystemMetrics(prometheus::Registry* registry);

  // `waiting_calls`: pieces of work of the API that wait for the loop.
  void Set(const control::SystemInfo& system, int waiting_calls);
  void Set(const history::Totals& history);

 private:
  static void Raise(prometheus::Counter* counter, double total);
  static void Raise(prometheus::Counter* counter, int64_t total) {
    Raise(counter, static_cast<double>(total));
  }

  prometheus::Family<prometheus::Gauge>& info_;
  prometheus::Gauge& start_time_;
  prometheus::Gauge& watchers_;
  prometheus::Gauge& waiting_calls_;
  prometheus::Gauge& half_open_;
  prometheus::Counter& events_;
  prometheus::Counter& retransmits_;
  prometheus::Counter& duplicates_;
  prometheus::Counter& window_full_;
  prometheus::Counter& malformed_;
  prometheus::Counter& unknown_tunnel_;
  prometheus::Counter& foreign_source_;
  prometheus::Counter& dropped_sccrq_;
  prometheus::Counter& displaced_;
  prometheus::Counter& lost_ties_;
  prometheus::Counter& refused_tunnels_;
  prometheus::Counter& refused_sessions_;
  prometheus::Gauge& pppds_queued_;
  prometheus::Gauge& pppds_starting_;
  prometheus::Gauge& pppds_running_;
  prometheus::Counter& pppds_forked_;
  prometheus::Counter& pppds_executed_;
  prometheus::Counter& history_written_;
  prometheus::Counter& history_left_out_;
  prometheus::Counter& history_damaged_;
  prometheus::Gauge& history_octets_;
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_SYSTEM_METRICS_H_
