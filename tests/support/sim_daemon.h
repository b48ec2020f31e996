// A daemon that can be killed and started again, on a kernel that outlives it and takes its time,
// with pppds that come up, crash and hang.

#ifndef L2TP_TESTS_SUPPORT_SIM_DAEMON_H_
#define L2TP_TESTS_SUPPORT_SIM_DAEMON_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/control/controller.h"
#include "tests/support/agenda.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/fake_ppp.h"
#include "tests/support/findings.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_world.h"
#include "tests/support/trace.h"
#include "tests/support/watch_model.h"

namespace l2tp::testing {

// What a daemon has in its configuration, and how its world behaves.
struct SimDaemonOptions {
  std::string name;
  IpAddress address;
  control::Profile profile;
  control::Pool pool;
  std::vector<control::User> users;
  std::vector<control::Peer> peers;
  control::ControllerOptions controller;
  // While it is faulty: how many operations of the kernel, in a hundred, fail, or take long.
  int kernel_failures = 4;
  int kernel_delays = 10;
};

// What daemons share. Not owned.
struct SimSurroundings {
  uint64_t seed = 0;
  SimClock* clock = nullptr;
  Agenda* agenda = nullptr;
  Trace* trace = nullptr;
  Findings* findings = nullptr;
};

class SimDaemon {
 public:
  // The longest that a kernel operation, and the end of a pppd, take here.
  static constexpr Duration kSlowestKernel = Duration::Seconds(3);
  static constexpr Duration kSlowestExit = Duration::Seconds(5);
  // By then nothing in the kernel is left of a daemon that was killed.
  static constexpr Duration kLeftoverLife = Duration::Seconds(4);

  SimDaemon(const SimSurroundings& surroundings, FakeDatagramPort* port, SimDaemonOptions options);

  // A new run with the same configuration. Only while it does not run.
  void Start();
  // As by SIGKILL: its state is lost; the kernel's objects, and pppds, go later.
  void Kill();
  // As by SIGTERM: it says goodbye, and dies when that is done, or has lasted too long.
  void Stop();
  // Called when it has died, in either way.
  void OnDeath(std::function<void()> on_death) { on_death_ = std::move(on_death); }
  bool running() const { return controller_ != nullptr; }

  // Rings when it is due. False when it is not.
  bool RingAlarm();
  // After each step: the kernel takes up what has been asked of it, and all events are recorded.
  // True when something has changed that can be seen through the API or in the kernel.
  bool Settle();

  // Faults: kernel operations and pppds fail by themselves as long as it is on.
  void set_faulty(bool on) { faulty_ = on; }
  // Some pppd that runs crashes.
  void CrashPppd();

  // For a deletion: counts the answer that is owed, and takes it off when it is given.
  control::Done Owed();
  int owed_answers() const { return owed_answers_; }

  const std::string& name() const { return options_.name; }
  const IpAddress& address() const { return options_.address; }
  const SimDaemonOptions& options() const { return options_; }
  control::Controller* controller() { return controller_.get(); }
  FakeDatagramPort& port() { return port_; }
  FakeKernel& kernel() { return kernel_; }
  const FakePpp& ppp() const { return *ppp_; }
  const SimAlarm& alarm() const { return alarm_; }
  // Subscribers: one that never leaves, and one that comes and goes.
  WatchModel& steady_watcher() { return steady_; }
  WatchModel& fickle_watcher() { return fickle_; }
  // Tunnels in the kernel that a former run has left there.
  const std::set<TunnelId>& leftovers();
  // Deletions of tunnels that the kernel has refused: these go with their sockets.
  int failed_tunnel_deletions() const { return failed_tunnel_deletions_; }
  int64_t kernel_operations() const { return kernel_operations_; }
  // How often it was woken since it was started, other than by datagrams.
  int64_t alarms() const { return alarms_; }

 private:
  // `work` is forgotten when the daemon dies before.
  void Later(Duration delay, absl::AnyInvocable<void()> work);
  void Record(absl::string_view what) { surroundings_.trace->Add(name(), what); }
  void Configure();
  void WorkInKernel();
  void OnPppStarted(control::PppId ppp);
  void OnPppStopped(control::PppId ppp);
  void OnSocketClosed(int descriptor);

  const SimSurroundings surroundings_;
  const SimDaemonOptions options_;
  FakeDatagramPort& port_;
  FakeKernel kernel_;
  SimAlarm alarm_;
  SeededRandom ids_;
  SeededRandom kernel_fate_;
  SeededRandom ppp_fate_;
  std::unique_ptr<FakePpp> ppp_;
  std::unique_ptr<control::Controller> controller_;
  WatchModel steady_;
  WatchModel fickle_;
  std::set<TunnelId> leftovers_;
  std::function<void()> on_death_;
  int64_t run_ = 0;
  bool stopping_ = false;
  bool faulty_ = false;
  bool kernel_busy_ = false;
  int owed_answers_ = 0;
  int failed_tunnel_deletions_ = 0;
  int64_t kernel_operations_ = 0;
  int64_t seen_operations_ = 0;
  int64_t alarms_ = 0;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_SIM_DAEMON_H_
