// Where a pppd is on its way, and for how long it may be there.

#ifndef L2TP_SERVER_PPP_PROGRESS_H_
#define L2TP_SERVER_PPP_PROGRESS_H_

#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/ppp/plugin_message.h"

namespace l2tp::ppp {

// How long a pppd may take; 0: for ever.
struct ProgressLimits {
  Duration start;  // until its plugin's first word
  Duration phase;  // for each phase of PPP, and from the call's being up until the first of them
  Duration end;    // from the beginning of its end
};

// A pppd that works leaves each step by itself, whatever its peer does: its own limits see to that.
// One that does not will not, and has to be ended. Only waiting for the call, which L2TP limits,
// and carrying traffic may last.
class Progress {
 public:
  explicit Progress(const ProgressLimits& limits) : limits_(limits) {}

  // The call is up. This and the next: true when it has come to another step, for which the time
  // begins anew.
  bool Begin();
  // The plugin says this.
  bool Take(const PluginMessageBody& news);

  // For how long it may be where it is; 0: for ever.
  Duration limit() const;
  // Its plugin has not spoken so far.
  bool starting() const { return step_ == Step::kStarting; }
  bool ending() const { return step_ == Step::kEnding; }
  // For people: "in LCP".
  absl::string_view where() const;

 private:
  enum class Step {
    kStarting,
    kHeld,  // until Begin()
    kBeforeLcp,
    kLcp,
    kLogin,
    kNetwork,  // no network protocol is up
    kRunning,
    kEnding,
  };

  Step StepOf(const PluginMessageBody& news);
  bool Go(Step step);

  const ProgressLimits limits_;
  Step step_ = Step::kStarting;
  bool begun_ = false;
  bool ipv4_ = false;  // is up
  bool ipv6_ = false;
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PROGRESS_H_
