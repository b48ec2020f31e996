// Asks a daemon how things are, with the kernel's counters of the moment.

#ifndef L2TP_CLIENTS_L2TPCTL_SAMPLER_H_
#define L2TP_CLIENTS_L2TPCTL_SAMPLER_H_

#include <functional>
#include <string>

#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/rates.h"
#include "clients/l2tpctl/top_view.h"

namespace l2tp::ctl {

// ListSessions has counters as they were last asked for, which is no way to see a rate: each
// established session is asked for by GetSession, some at a time.
class Sampler {
 public:
  // `tunnel` is its name, or "tunnels/-" for all.
  Sampler(Context* context, std::string tunnel, bool with_tunnels);

  // How things are now, and rates since the last time. Gives up as soon as `cancelled`, which is
  // called ten times a second, is true: CANCELLED.
  grpc::Status Take(Sample* sample, const std::function<bool()>& cancelled);

 private:
  grpc::Status List(Sample* sample);
  grpc::Status AskForCounters(Sample* sample, const std::function<bool()>& cancelled);

  Context* const context_;
  const std::string tunnel_;
  const bool with_tunnels_;
  RateMeter meter_;
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_SAMPLER_H_
