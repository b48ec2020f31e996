// What must hold in every scenario, whatever happens. Each function gives "" or what is wrong.

#ifndef L2TP_TESTS_SIM_INVARIANTS_H_
#define L2TP_TESTS_SIM_INVARIANTS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/base/time.h"
#include "tests/support/sim_daemon.h"
#include "tests/support/wire_monitor.h"

namespace l2tp::testing {

// What a daemon that runs shows through its API.
struct ApiView {
  explicit ApiView(SimDaemon* daemon);

  std::vector<events::TunnelInfo> tunnels;
  std::vector<events::SessionInfo> sessions;
};

// After every step: a daemon that runs has its next timer set, and not in the past.
std::string AlarmIsNotInThePast(const SimDaemon& daemon, Instant now);

// Everything in the kernel belongs to something that the API shows, or was left by a former run.
std::string KernelHoldsOnlyWhatIsKnown(SimDaemon* daemon, const ApiView& api);

// Tunnel IDs, Session IDs, uids, leased addresses and the paths of tunnels are nobody else's.
std::string IdsAreUniqueAndNotZero(const ApiView& api);

// What is being set up, or has not been heard of, ends within the time that its own settings give;
// what is being torn down ends within the time that the kernel and pppd need.
class Deadlines {
 public:
  std::string Check(const SimDaemon& daemon, const ApiView& api, const WireMonitor& wire,
                    Instant now);

 private:
  std::string CheckTunnel(const SimDaemon& daemon, const events::TunnelInfo& tunnel,
                          const WireMonitor& wire, Instant now);
  std::string CheckSession(const SimDaemon& daemon, const events::SessionInfo& session,
                           Instant now);
  std::string CheckClosing(const std::string& name, const std::string& uid, Instant now);

  std::map<std::string, Instant> closing_since_;  // by uid
  std::map<std::pair<std::string, SessionId>, Instant> connecting_since_;
};

// How long a tunnel whose peer is silent may go on after it was last heard: a HELLO, and all its
// retransmissions.
Duration SilenceLimit(const control::TunnelSettings& settings);
// How long a closed tunnel lives on to answer retransmissions (RFC 2661 section 5.7).
Duration Retention(const control::TunnelSettings& settings);

// When nothing has happened for long: both ends of every tunnel and call between two of our
// daemons know of it, by the same ids.
std::string EndsAgree(const std::vector<SimDaemon*>& daemons);

// When everything is over: no tunnel, session, kernel object, pppd, address, socket or answer.
std::string NothingIsLeft(SimDaemon* daemon);

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SIM_INVARIANTS_H_
