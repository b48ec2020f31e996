#include "server/ppp/pppd_supervisor.h"

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/ppp/output_lines.h"
#include "server/ppp/plugin_message.h"
#include "server/ppp/pppd_arguments.h"
#include "server/ppp/progress.h"
#include "server/ppp/spawn.h"
#include "spdlog/spdlog.h"

namespace l2tp::ppp {
namespace {

using control::PppExit;
using control::PppId;
using control::PppSpec;

using Clock = std::chrono::steady_clock;

constexpr size_t kReadSize = 4096;
constexpr int kReadsPerTurn = 4;
constexpr int kReadsAtEnd = 64;  // more than a pipe holds
// For each pppd. One that talks more is heard, but not written down.
constexpr int kLinesPerSecond = 50;

template <typename... T>
struct Overloaded : T... {
  using T::operator()...;
};
template <typename... T>
Overloaded(T...) -> Overloaded<T...>;

}  // namespace

struct PppdSupervisor::Process {
  Process(asio::io_context& io, PppId ppp, const PppSpec& spec, const Settings& settings)
      : id(ppp),
        name(spec.name),
        debug(spec.debug),
        scripts(spec.scripts),
        exit_watch(io),
        output(io),
        step_timer(io),
        kill_timer(io),
        progress({settings.start_timeout, settings.phase_timeout, settings.end_timeout}) {}

  const PppId id;
  const std::string name;
  const bool debug;
  const bool scripts;
  const Clock::time_point asked = Clock::now();

  // Until it is started.
  std::vector<std::string> options;
  UniqueFd pppox;
  UniqueFd hold_there;  // pppd's end of `hold`

  // What pppd's radius plugin reads, at each login and each record.
  std::shared_ptr<const RadiusConfig> radius;

  bool starting = false;                      // counts in starting_
  bool forked = false;                        // by the zygote
  pid_t pid = 0;                              // 0: not started, or ended
  asio::posix::stream_descriptor exit_watch;  // pidfd
  asio::posix::stream_descriptor output;
  asio::steady_timer step_timer;
  asio::steady_timer kill_timer;
  Progress progress;
  std::string stalled;  // where, when it is ended for that
  UniqueFd hold;        // our end of the pipe that pppd waits for; closed once it has begun
  bool stopping = false;

  OutputLines lines;
  LastWords last_words;
  Clock::time_point second_began;
  int lines_this_second = 0;

  std::optional<ExitReport> report;
  NewsFilter news;
};

PppdSupervisor::PppdSupervisor(asio::io_context& io, Settings settings, control::PppSink* sink)
    : io_(io),
      settings_(std::move(settings)),
      sink_(sink),
      radius_files_(settings_.radius_folder),
      zygote_(io, settings_),
      plugins_(io, this) {}

PppdSupervisor::~PppdSupervisor() {
  for (auto& [id, process] : processes_) {
    process->radius.reset();  // others may still have the process
    if (process->pid == 0) continue;
    SendSignal(process->exit_watch.native_handle(), SIGKILL);
    Reap(process->exit_watch.native_handle());
  }
}

absl::Status PppdSupervisor::Open() {
  // The dynamic linker would take it for two.
  if (settings_.without_scripts.find_first_of(" :") != std::string::npos) {
    return MakeError(
        Reason::kPppdUnusable,
        absl::StrCat(settings_.without_scripts, " may have neither a space nor a colon"),
        {{"path", settings_.without_scripts}});
  }
  for (const std::string& path :
       {settings_.pppd_path, absl::StrCat(settings_.plugin_dir, "/pppol2tp.so"),
        absl::StrCat(settings_.plugin_dir, "/pppol2tp_events.so"), settings_.without_scripts}) {
    if (path.empty()) continue;
    const int mode = path == settings_.pppd_path ? X_OK : R_OK;
    if (access(path.c_str(), mode) != 0) {
      return MakeError(Reason::kPppdUnusable,
                       absl::StrCat("cannot use ", path, ": ", strerror(errno)), {{"path", path}});
    }
  }
  L2TP_RETURN_IF_ERROR(plugins_.Listen(settings_.event_socket));
  if (settings_.zygote) zygote_.Start();
  return absl::OkStatus();
}

PppId PppdSupervisor::Start(const PppSpec& spec, UniqueFd pppox) {
  const PppId id(++last_id_);
  auto process = std::make_shared<Process>(io_, id, spec, settings_);
  processes_.emplace(id, process);
  int hold[2];
  if (pipe2(hold, O_CLOEXEC | O_NONBLOCK) != 0) {
    ReportFailedStart(process,
                      absl::InternalError(absl::StrCat("cannot make a pipe: ", strerror(errno))));
    return id;
  }
  process->hold_there = UniqueFd(hold[0]);
  process->hold = UniqueFd(hold[1]);
  process->pppox = std::move(pppox);
  if (spec.radius.has_value()) {
    auto radius = radius_files_.Configure(*spec.radius);
    if (!radius.ok()) {
      ReportFailedStart(process, radius.status());
      return id;
    }
    process->radius = *std::move(radius);
  }
  process->options =
      PppdOptions(settings_, spec, id, process->radius == nullptr ? "" : process->radius->path());
  queue_.push_back(process);
  StartWaiting();
  return id;
}

void PppdSupervisor::StartWaiting() {
  while (!queue_.empty() && starting_ < settings_.max_starts) {
    const ProcessPtr process = std::move(queue_.front());
    queue_.pop_front();
    process->starting = true;
    ++starting_;
    Launch(process);
  }
}

void PppdSupervisor::Launch(const ProcessPtr& process) {
  static_assert(kPppoxDescriptor == 3 && kHoldDescriptor == 4);
  // What the zygote forks finds no scripts.
  if (!settings_.zygote || process->scripts || !zygote_.ready()) return Execute(process);
  zygote_.Fork(process->options, {process->pppox.get(), process->hold_there.get()},
               [this, alive = std::weak_ptr<bool>(alive_), process](absl::StatusOr<Child> child) {
                 if (alive.expired()) return;
                 if (!child.ok()) {
                   spdlog::warn("ppp not forked name={} why={}", process->name,
                                Quoted(child.status().message()));
                   return Execute(process);
                 }
                 ++forked_;
                 process->forked = true;
                 Adopt(process, *std::move(child));
               });
}

void PppdSupervisor::Execute(const ProcessPtr& process) {
  std::vector<std::string> arguments = PppdPlugins(settings_);
  arguments.insert(arguments.begin(), "pppd");
  arguments.insert(arguments.end(), process->options.begin(), process->options.end());
  auto child =
      Spawn(settings_.pppd_path, arguments, {process->pppox.get(), process->hold_there.get()},
            process->scripts ? "" : settings_.without_scripts);
  if (!child.ok()) return ReportFailedStart(process, child.status());
  ++executed_;
  Adopt(process, *std::move(child));
}

void PppdSupervisor::Adopt(const ProcessPtr& process, Child child) {
  asio::error_code error;
  process->exit_watch.assign(child.pidfd.get(), error);
  if (!error) {
    child.pidfd.Release();
    process->output.assign(child.output.get(), error);
    if (!error) child.output.Release();
  }
  if (error) {
    const int pidfd =
        process->exit_watch.is_open() ? process->exit_watch.native_handle() : child.pidfd.get();
    SendSignal(pidfd, SIGKILL);
    Reap(pidfd);
    return ReportFailedStart(
        process, absl::InternalError(absl::StrCat("cannot watch pppd: ", error.message())));
  }
  process->pid = child.pid;
  ids_by_pid_[child.pid] = process->id;
  process->options.clear();
  process->pppox.Reset();
  process->hold_there.Reset();
  spdlog::info("ppp started name={} pid={} ppp={}", process->name, process->pid,
               process->id.value());
  WaitForExit(process);
  WaitForOutput(process);
  LimitStep(process);
  if (process->stopping) Terminate(process);
}

void PppdSupervisor::LimitStep(const ProcessPtr& process) {
  process->step_timer.cancel();
  const Duration limit = process->progress.limit();
  // While it is being ended, the grace period counts.
  if (limit == Duration() || process->pid == 0 || process->stopping || !process->stalled.empty()) {
    return;
  }
  process->step_timer.expires_after(std::chrono::nanoseconds(limit.nanoseconds()));
  process->step_timer.async_wait(
      [this, alive = std::weak_ptr<bool>(alive_), process](const asio::error_code& error) {
        if (error || alive.expired() || !process->exit_watch.is_open()) return;
        OnStalled(process);
      });
}

void PppdSupervisor::OnStalled(const ProcessPtr& process) {
  const Progress& progress = process->progress;
  const int64_t seconds = progress.limit().seconds();
  process->stalled = progress.starting()
                         ? absl::StrCat("pppd did not get going within ", seconds, " s")
                         : absl::StrCat("pppd was ", progress.where(), " for ", seconds, " s");
  spdlog::warn("ppp stalled name={} pid={} why={}", process->name, process->pid,
               Quoted(process->stalled));
  // One that never spoke, or was about to end anyway, has nothing to tell its peer.
  if (!progress.starting() && !progress.ending()) return Terminate(process);
  SendSignal(process->exit_watch.native_handle(), SIGKILL);
}

void PppdSupervisor::EndStart(Process& process) {
  if (!std::exchange(process.starting, false)) return;
  --starting_;
}

void PppdSupervisor::ReportFailedStart(const ProcessPtr& process, const absl::Status& status) {
  if (!status.ok()) {
    spdlog::error("ppp not started name={} why={}", process->name, Quoted(status.message()));
  }
  PppExit exit;
  exit.message = std::string(status.message());
  asio::post(io_, [this, alive = std::weak_ptr<bool>(alive_), process, exit] {
    if (!alive.expired()) Finish(process, exit);
  });
}

void PppdSupervisor::WaitForExit(const ProcessPtr& process) {
  process->exit_watch.async_wait(
      asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<bool>(alive_), process](const asio::error_code& error) {
        if (!error && !alive.expired()) OnExit(process);
      });
}

void PppdSupervisor::WaitForOutput(const ProcessPtr& process) {
  process->output.async_wait(
      asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<bool>(alive_), process](const asio::error_code& error) {
        if (error || alive.expired() || !process->output.is_open()) return;
        ReadOutput(*process, kReadsPerTurn);
        if (process->output.is_open()) WaitForOutput(process);
      });
}

void PppdSupervisor::ReadOutput(Process& process, int reads) {
  const auto log = [&](absl::string_view line) { LogLine(process, line); };
  char buffer[kReadSize];
  for (int i = 0; i < reads; ++i) {
    const ssize_t size = read(process.output.native_handle(), buffer, sizeof(buffer));
    if (size > 0) {
      process.lines.Append(absl::string_view(buffer, static_cast<size_t>(size)), log);
      continue;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    asio::error_code ignored;  // the other end is closed
    process.output.close(ignored);
    return;
  }
}

void PppdSupervisor::LogLine(Process& process, absl::string_view line) {
  process.last_words.Add(line);
  const Clock::time_point now = Clock::now();
  if (now - process.second_began > std::chrono::seconds(1)) {
    if (process.lines_this_second > kLinesPerSecond) {
      spdlog::warn("ppp name={} lines_left_out={}", process.name,
                   process.lines_this_second - kLinesPerSecond);
    }
    process.second_began = now;
    process.lines_this_second = 0;
  }
  if (++process.lines_this_second > kLinesPerSecond) return;
  spdlog::log(process.debug ? spdlog::level::info : spdlog::level::debug,
              "ppp name={} pid={} said={}", process.name, process.pid, Quoted(line));
}

void PppdSupervisor::Begin(PppId ppp) {
  const auto found = processes_.find(ppp);
  if (found == processes_.end() || !found->second->hold.valid()) return;
  const char octet = 1;
  // Cannot fail: the pipe is empty. A pppd that is gone does not mind.
  static_cast<void>(!write(found->second->hold.get(), &octet, 1));
  found->second->hold.Reset();
  if (found->second->progress.Begin()) LimitStep(found->second);
}

void PppdSupervisor::Stop(PppId ppp) {
  const auto found = processes_.find(ppp);
  if (found == processes_.end() || found->second->stopping) return;
  const ProcessPtr process = found->second;
  process->stopping = true;
  if (process->pid != 0) {
    SendSignal(process->exit_watch.native_handle(), SIGHUP);
    return Terminate(process);
  }
  // Not started so far: it need not be. One that the zygote was asked for is ended when it is
  // there.
  if (std::erase(queue_, process) > 0) ReportFailedStart(process, absl::OkStatus());
}

void PppdSupervisor::Terminate(const ProcessPtr& process) {
  SendSignal(process->exit_watch.native_handle(), SIGTERM);
  process->step_timer.cancel();
  process->kill_timer.expires_after(std::chrono::nanoseconds(settings_.grace.nanoseconds()));
  process->kill_timer.async_wait(
      [this, alive = std::weak_ptr<bool>(alive_), process](const asio::error_code& error) {
        if (error || alive.expired() || !process->exit_watch.is_open()) return;
        spdlog::warn("ppp killed name={} pid={} why=\"still there {} ms after TERM\"",
                     process->name, process->pid, settings_.grace.milliseconds());
        SendSignal(process->exit_watch.native_handle(), SIGKILL);
      });
}

void PppdSupervisor::StopAll() {
  std::vector<PppId> ids;
  ids.reserve(processes_.size());
  for (const auto& [id, process] : processes_) ids.push_back(id);
  for (const PppId id : ids) Stop(id);
}

int64_t PppdSupervisor::Pid(PppId ppp) const {
  const auto found = processes_.find(ppp);
  return found == processes_.end() ? 0 : found->second->pid;
}

control::PppCounts PppdSupervisor::Counts() const {
  control::PppCounts counts;
  counts.queued = static_cast<int>(queue_.size());
  counts.starting = starting_;
  counts.running = static_cast<int>(processes_.size()) - counts.queued - counts.starting;
  counts.forked = forked_;
  counts.executed = executed_;
  return counts;
}

std::optional<PppId> PppdSupervisor::FindProcess(pid_t pid) {
  // A new pppd may connect before the zygote's answer, which is older, has been looked at.
  zygote_.TakeAnswers();
  const auto found = ids_by_pid_.find(pid);
  if (found == ids_by_pid_.end()) return std::nullopt;
  return found->second;
}

void PppdSupervisor::OnPluginMessage(PppId ppp, const PluginMessage& message) {
  const auto found = processes_.find(ppp);
  if (found == processes_.end()) return;
  const ProcessPtr process = found->second;
  if (process->starting) {
    EndStart(*process);
    if (on_started_) {
      on_started_(process->forked,
                  Duration::Nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                            Clock::now() - process->asked)
                                            .count()));
    }
    StartWaiting();
  }
  if (!process->news.IsNew(message)) return;
  if (process->progress.Take(message.body)) LimitStep(process);

  std::visit(
      Overloaded{
          [&](const Hello& hello) {
            spdlog::debug("ppp plugin name={} pid={} plugin={} pppd={}", process->name,
                          process->pid, Quoted(hello.plugin_version), Quoted(hello.pppd_version));
          },
          [&](const ExitReport& report) { process->report = report; },
          [&](const SecretRequest&) { AnswerSecret(*process, message.sequence); },
          [&](const control::PeerLogin& login) { AnswerLogin(*process, message.sequence, login); },
          [&](const AdmitRequest& request) {
            Answer(ppp, EncodeAdmitReply(message.sequence, ppp, sink_->Admit(ppp, request.user)));
          },
          [&](const auto& event) { sink_->OnPppEvent(ppp, event); },
      },
      message.body);
}

void PppdSupervisor::AnswerSecret(const Process& process, uint32_t sequence) {
  std::optional<std::string> secret = sink_->SecretFor(process.id);
  Answer(process.id, EncodeSecretReply(sequence, process.id, secret));
  if (secret.has_value()) WipeSecret(*secret);
}

void PppdSupervisor::AnswerLogin(const Process& process, uint32_t sequence,
                                 const control::PeerLogin& login) {
  // The answer may come when the process is gone, or even we are.
  sink_->OnPeerLogin(process.id, login,
                     [this, alive = std::weak_ptr<bool>(alive_), id = process.id,
                      sequence](control::LoginAnswer answer) {
                       if (alive.expired()) return;
                       Answer(id, EncodeLoginReply(sequence, id, answer));
                       WipeSecret(answer.secret);
                     });
}

void PppdSupervisor::Answer(PppId ppp, Bytes reply) {
  const auto process = processes_.find(ppp);
  if (!plugins_.Send(ppp, reply) && process != processes_.end()) {
    spdlog::warn("ppp answer not delivered name={} pid={}", process->second->name,
                 process->second->pid);
  }
  WipeSecret(reply);
}

void PppdSupervisor::OnExit(const ProcessPtr& process) {
  const Ending ending = Reap(process->exit_watch.native_handle());
  plugins_.DrainAndForget(process->id);
  if (process->output.is_open()) ReadOutput(*process, kReadsAtEnd);
  process->lines.Finish([&](absl::string_view line) { LogLine(*process, line); });

  PppExit exit;
  exit.status = ending.status;
  exit.signal = ending.signal;
  exit.stopped_by_us = process->stopping;
  exit.message = process->last_words.Text();
  if (process->report.has_value()) {
    // The plugin knows better: pppd 2.4.9 exits with 16 (hangup) after many an end that was none.
    if (ending.signal == 0) exit.status = process->report->status;
    if (!process->report->reason.empty()) exit.message = process->report->reason;
    exit.counters = process->report->counters;
  }
  if (!process->stalled.empty()) {
    exit.message = process->stalled;
    exit.stalled = !process->progress.starting();
    if (process->progress.starting()) {
      exit.status = -1;
      exit.signal = 0;
    }
  }
  spdlog::info("ppp ended name={} pid={} status={} signal={} stopped={} said={}", process->name,
               process->pid, exit.status, exit.signal, exit.stopped_by_us, Quoted(exit.message));
  Finish(process, exit);
}

void PppdSupervisor::Finish(const ProcessPtr& process, const PppExit& exit) {
  EndStart(*process);
  ids_by_pid_.erase(process->pid);
  process->pid = 0;
  process->step_timer.cancel();
  process->kill_timer.cancel();
  asio::error_code ignored;
  process->exit_watch.close(ignored);
  process->output.close(ignored);
  process->radius.reset();
  // Before the sink is told: it may start the next pppd right away.
  processes_.erase(process->id);
  PppExit last = exit;
  last.stopped_by_us = process->stopping;
  sink_->OnPppEvent(process->id, last);
  StartWaiting();
}

}  // namespace l2tp::ppp
