// How long others take for what the daemon wants of them, as they tell it.

#ifndef L2TP_SERVER_METRICS_LATENCIES_H_
#define L2TP_SERVER_METRICS_LATENCIES_H_

#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/base/time.h"

namespace l2tp::metrics {

// Until a pppd is heard of.
class PppdStarts {
 public:
  // Not owned; must outlive this.
  explicit PppdStarts(prometheus::Registry* registry);

  void Take(bool forked, Duration took);

 private:
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Histogram& forked_;
  prometheus::Histogram& executed_;
};

// The kernel at work on netlink requests. Any thread.
class NetlinkRequests {
 public:
  // Not owned; must outlive this.
  explicit NetlinkRequests(prometheus::Registry* registry);

  // `request`: one of the few that there are, "SESSION_CREATE".
  void Take(absl::string_view request, Duration took, bool failed);

 private:
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& errors_;
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_LATENCIES_H_
