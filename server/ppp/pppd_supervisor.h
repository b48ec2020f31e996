// Runs the pppds: starts them, hears what their plugins report, answers their questions for
// secrets, stops them, and tells how they ended.

#ifndef L2TP_SERVER_PPP_PPPD_SUPERVISOR_H_
#define L2TP_SERVER_PPP_PPPD_SUPERVISOR_H_

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/base/time.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "server/ppp/plugin_socket.h"
#include "server/ppp/radius_files.h"
#include "server/ppp/settings.h"
#include "server/ppp/spawn.h"
#include "server/ppp/zygote.h"

namespace l2tp::ppp {

// All calls are made on the loop thread, and so are those to the sink. Nothing is called from
// inside Start() or Stop().
//
//   PppdSupervisor supervisor(io, settings, &controller);
//   L2TP_RETURN_IF_ERROR(supervisor.Open());
//   PppId ppp = supervisor.Start(spec, std::move(pppox));
//   // io.run(): controller.OnPppEvent(ppp, PppLcpUp), ..., OnPppEvent(ppp, PppExit)
class PppdSupervisor : public control::PppPort, private PluginSocket::Owner {
 public:
  // `sink` is not owned and must outlive this.
  PppdSupervisor(asio::io_context& io, Settings settings, control::PppSink* sink);
  // Ends the pppds that still run, at once (KILL) and without telling the sink. To end them
  // gently, Stop() each and run the loop until running() is 0.
  ~PppdSupervisor() override;

  // Listens for the plugins. PPPD_UNUSABLE when pppd or a plugin is not where the settings say.
  absl::Status Open();

  // Is told of each pppd that is heard of for the first time: whether it was forked or executed,
  // and how long that was after Start(), the wait for its turn included. Loop thread; to be set
  // before the first Start().
  using OnStarted = std::function<void(bool forked, Duration took)>;
  void set_on_started(OnStarted on_started) { on_started_ = std::move(on_started); }

  // Stop() for every pppd.
  void StopAll();
  // How many PppExits are still to come.
  size_t running() const { return processes_.size(); }

  // PppPort:
  control::PppId Start(const control::PppSpec& spec, UniqueFd pppox) override;
  void Begin(control::PppId ppp) override;
  void Stop(control::PppId ppp) override;
  int64_t Pid(control::PppId ppp) const override;
  control::PppCounts Counts() const override;

 private:
  struct Process;
  using ProcessPtr = std::shared_ptr<Process>;

  // PluginSocket::Owner:
  std::optional<control::PppId> FindProcess(pid_t pid) override;
  void OnPluginMessage(control::PppId ppp, const PluginMessage& message) override;

  // Starts those that wait, while there is room.
  void StartWaiting();
  void Launch(const ProcessPtr& process);
  void Execute(const ProcessPtr& process);
  // It is our child from now on.
  void Adopt(const ProcessPtr& process, Child child);
  void EndStart(Process& process);
  void ReportFailedStart(const ProcessPtr& process, const absl::Status& status);
  void Terminate(const ProcessPtr& process);
  // The time for the step it is at begins.
  void LimitStep(const ProcessPtr& process);
  void OnStalled(const ProcessPtr& process);
  void WaitForExit(const ProcessPtr& process);
  void WaitForOutput(const ProcessPtr& process);
  void OnExit(const ProcessPtr& process);
  void ReadOutput(Process& process, int reads);
  void LogLine(Process& process, absl::string_view line);
  void AnswerSecret(const Process& process, uint32_t sequence);
  void AnswerLogin(const Process& process, uint32_t sequence, const control::PeerLogin& login);
  // Sends the answer to a plugin's question, and wipes it.
  void Answer(control::PppId ppp, Bytes reply);
  void Finish(const ProcessPtr& process, const control::PppExit& exit);

  asio::io_context& io_;
  const Settings settings_;
  control::PppSink* const sink_;
  OnStarted on_started_;
  uint64_t last_id_ = 0;
  RadiusFiles radius_files_;
  absl::flat_hash_map<control::PppId, ProcessPtr> processes_;
  absl::flat_hash_map<pid_t, control::PppId> ids_by_pid_;
  std::deque<ProcessPtr> queue_;  // to be started
  int starting_ = 0;              // at most settings_.max_starts
  int64_t forked_ = 0;
  int64_t executed_ = 0;
  Zygote zygote_;
  // Handlers that asio still holds when this is gone find it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  PluginSocket plugins_;  // last: it calls us
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_PPPD_SUPERVISOR_H_
