// One random history of several daemons, from one seed.

#ifndef L2TP_TESTS_SIM_SCENARIO_H_
#define L2TP_TESTS_SIM_SCENARIO_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/base/time.h"
#include "tests/sim/invariants.h"
#include "tests/support/agenda.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/findings.h"
#include "tests/support/rude_peer.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_daemon.h"
#include "tests/support/sim_world.h"
#include "tests/support/trace.h"
#include "tests/support/wire_monitor.h"

namespace l2tp::testing {

struct ScenarioResult {
  std::vector<std::string> findings;  // empty: all is well
  uint64_t digest = 0;                // of everything that happened
  // What it was worth.
  int64_t steps = 0;
  Duration simulated;
  int64_t datagrams = 0;  // of our daemons
  int64_t unjudged = 0;   // of these; see WireMonitor
  int64_t tunnels = 0;    // that were established, counted at each end
  int64_t sessions = 0;
  int64_t deaths = 0;       // of daemons, by a signal
  int64_t resumptions = 0;  // of watchers, with a token
};

// Daemons that dial each other, a peer without manners, bad links, failing kernels and pppds, and
// an operator without patience. Then everything heals, and is deleted in the end.
//
// Every purpose has random numbers of its own; see SeededRandom::For.
class Scenario {
 public:
  Scenario(uint64_t seed, bool verbose);

  ScenarioResult Run();

 private:
  enum class Phase { kChaos, kCalm, kClosing, kOver };

  // What there is.
  void AddDaemons();
  SimDaemonOptions DrawDaemon(int number);
  FakeNetwork::Quality DrawQuality(SeededRandom* random) const;

  // Phases.
  bool RunFor(Duration duration);
  void Calm();
  void CloseAll();
  void CheckIdle();

  // Steps.
  bool Step(Instant end);
  void CheckAfterStep();
  void CheckNowAndThen();
  void ReadAsTheyLike();
  void Expect(const SimDaemon& daemon, const std::string& fault);

  // The story; each of these puts itself on the agenda again as long as the chaos lasts.
  void Operate();
  void BreakLinks();
  void BreakDaemons();
  void StartLater(SimDaemon* daemon);
  void BeRude();
  void ScheduleAgain(Duration delay, void (Scenario::*what)());

  // The operator.
  void CreateTunnel(SimDaemon* daemon, const std::string& id);
  void ChangeMind(SimDaemon* daemon);
  void CreateSession(SimDaemon* daemon, const std::string& tunnel);
  void DeleteTunnel(SimDaemon* daemon, const std::string& name, bool force);
  void DeleteSession(SimDaemon* daemon);
  void Restart(SimDaemon* daemon);
  void Look(SimDaemon* daemon);
  SimDaemon* AnyRunning(SeededRandom* random);
  IpAddress AnyMachine(SeededRandom* random) const;
  std::string AnyTunnelId();
  std::string AnyTunnel(SimDaemon* daemon);
  std::string AnyTunnelForCalls(SimDaemon* daemon);
  std::string AnySession(SimDaemon* daemon);

  const uint64_t seed_;
  SimClock clock_;
  Agenda agenda_;
  Trace trace_;
  Findings findings_;
  FakeNetwork network_;
  SeededRandom settings_;
  SeededRandom operator_;
  SeededRandom link_faults_;
  SeededRandom daemon_faults_;
  SeededRandom rude_times_;
  SeededRandom watchers_;
  bool corrupting_ = false;
  std::string secret_;
  std::unique_ptr<WireMonitor> wire_;
  std::vector<std::unique_ptr<SimDaemon>> daemons_;
  std::unique_ptr<RudePeer> rude_;
  std::vector<IpAddress> machines_;
  Deadlines deadlines_;
  Phase phase_ = Phase::kChaos;
  ScenarioResult result_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SIM_SCENARIO_H_
