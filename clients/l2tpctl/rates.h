// How fast counters grow.

#ifndef L2TP_CLIENTS_L2TPCTL_RATES_H_
#define L2TP_CLIENTS_L2TPCTL_RATES_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "l2tp/v1/session.pb.h"

namespace l2tp::ctl {

// Seen from the daemon.
struct Rates {
  double rx_bps = 0;  // bit/s
  double tx_bps = 0;
  double rx_pps = 0;  // packets/s
  double tx_pps = 0;

  double total_bps() const { return rx_bps + tx_bps; }
  void Add(const Rates& other);
};

// Rates of calls, each from its counters at two times.
class RateMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What `session` has sent and received a second since it was last told of. nullopt the first time
  // for a call, a later call of the same session being another one.
  std::optional<Rates> Update(const v1::Session& session, Time now);
  // Forgets calls that were not told of since this was called last.
  void ForgetOthers();

 private:
  struct Known {
    v1::SessionCounters counters;
    Time time;
    bool fresh = true;
  };
  std::map<std::string, Known> known_;
};

// Three digits: "0", "999", "12.3k", "1.05M", "940G".
std::string FormatRate(double rate);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_RATES_H_
