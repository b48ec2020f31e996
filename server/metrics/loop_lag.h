// How late the loop is.

#ifndef L2TP_SERVER_METRICS_LOOP_LAG_H_
#define L2TP_SERVER_METRICS_LOOP_LAG_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace l2tp::metrics {

// Four times a second: by how much does the loop miss a time it was to do something? While it does
// one long thing, everything else waits so long.
class LoopLag {
 public:
  // Neither is owned; both must outlive this.
  LoopLag(asio::io_context& io, prometheus::Registry* registry);

 private:
  void Wait();

  asio::steady_timer timer_;
  prometheus::Histogram& lag_;
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_LOOP_LAG_H_
