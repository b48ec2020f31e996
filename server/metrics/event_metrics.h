// Metrics that follow from events.

#ifndef L2TP_SERVER_METRICS_EVENT_METRICS_H_
#define L2TP_SERVER_METRICS_EVENT_METRICS_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/events/subscription.h"

namespace l2tp::metrics {

// To be given an initial state and all events that follow it, of tunnels and sessions only; Reset()
// and another initial state when some were missed. One thread.
class EventMetrics {
 public:
  // Not owned; must outlive this.
  explicit EventMetrics(prometheus::Registry* registry);

  void Take(const events::Item& item);
  // Nothing is known any more.
  void Reset();

 private:
  struct Seen {
    prometheus::Gauge* gauge = nullptr;  // that counts it
    WallTime created;
    WallTime last_step;
  };

  void TakeEvent(const events::Event& event);
  void TakeStep(const events::Event& event, const events::SessionInfo& session, Seen* seen);
  void Count(const events::Resource& resource, Seen* seen);
  prometheus::Gauge* GaugeOf(const events::Resource& resource);
  void CountEnd(const events::SessionInfo& session);
  void CountEnd(const events::TunnelInfo& tunnel);
  static void Observe(prometheus::Histogram* histogram, WallTime from, WallTime until);

  prometheus::Family<prometheus::Gauge>& tunnels_;
  prometheus::Family<prometheus::Gauge>& sessions_;
  prometheus::Family<prometheus::Counter>& tunnel_ends_;
  prometheus::Family<prometheus::Counter>& session_ends_;
  prometheus::Family<prometheus::Counter>& logins_;
  prometheus::Family<prometheus::Counter>& octets_;
  prometheus::Histogram& tunnel_setup_;
  prometheus::Histogram& session_l2tp_;
  prometheus::Histogram& session_lcp_;
  prometheus::Histogram& session_login_;
  prometheus::Histogram& session_address_;
  prometheus::Histogram& session_whole_;
  absl::flat_hash_map<std::string, Seen> seen_;  // by name
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_EVENT_METRICS_H_
