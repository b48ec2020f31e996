#include "server/main/daemon.h"

#include <grp.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/asio_executor.h"
#include "server/api/grpc_log.h"
#include "server/api/past_events.h"
#include "server/api/server.h"
#include "server/auth/authenticator_client.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"
#include "server/kernel/kernel_data_path.h"
#include "server/kernel/kernel_probe.h"
#include "server/main/event_logger.h"
#include "server/main/loop.h"
#include "server/main/os_random.h"
#include "server/metrics/exposition.h"
#include "server/metrics/latencies.h"
#include "server/metrics/loop_lag.h"
#include "server/metrics/measured_kernel.h"
#include "server/net/udp_port.h"
#include "server/ppp/pppd_supervisor.h"

namespace l2tp {
namespace {

// How long peers get to acknowledge StopCCN, and pppds to end, when the daemon is stopped.
constexpr Duration kShutdownPatience = Duration::Seconds(8);
constexpr Duration kApiPatience = Duration::Seconds(2);

std::string MachineName() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

// The log, at a level of its own.
std::shared_ptr<spdlog::logger> AlwaysLogger() {
  auto logger = spdlog::default_logger()->clone("audit");
  logger->set_level(spdlog::level::info);
  return logger;
}

// The supervisor wants its sink before the controller can exist, because the controller wants the
// supervisor. Filled in right after both are made.
class LateSink final : public control::PppSink {
 public:
  void set_target(control::PppSink* target) { target_ = target; }
  void OnPppEvent(control::PppId ppp, const control::PppEvent& event) override {
    target_->OnPppEvent(ppp, event);
  }
  std::optional<std::string> SecretFor(control::PppId ppp) override {
    return target_->SecretFor(ppp);
  }
  void OnPeerLogin(control::PppId ppp, const control::PeerLogin& login,
                   absl::AnyInvocable<void(control::LoginAnswer)> answer) override {
    target_->OnPeerLogin(ppp, login, std::move(answer));
  }
  control::PeerAdmission Admit(control::PppId ppp, absl::string_view user) override {
    return target_->Admit(ppp, user);
  }

 private:
  control::PppSink* target_ = nullptr;
};

// The folder of the sockets: ours, and open to the members of `group` (empty: none), who may use
// the API's socket in it.
absl::Status MakeRunDir(const std::string& path, const std::string& group) {
  const auto failed = [&path](absl::string_view what) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot ", what, " the directory ", path, ": ", std::strerror(errno)));
  };
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return failed("make");
  // Secrets go through a socket in it: nobody else may be able to put another one there.
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) return failed("look at");
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() ||
      (found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "run_dir ", path, " must be a directory of ours that nobody else can write to"));
  }
  if (group.empty()) return absl::OkStatus();
  const ::group* entry = ::getgrnam(group.c_str());
  if (entry == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("api_group: there is no group ", group));
  }
  if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) return failed("give away");
  return absl::OkStatus();
}

}  // namespace

class Daemon::Impl {
 public:
  explicit Impl(config::Config config) : config_(std::move(config)), alarm_(io_), signals_(io_) {}

  ~Impl() {
    if (api_ != nullptr) api_->Shutdown(Duration());
  }

  absl::Status Start() {
    L2TP_RETURN_IF_ERROR(kernel::CheckKernel());
    L2TP_RETURN_IF_ERROR(MakeRunDir(config_.run_dir, config_.api_group));
    L2TP_ASSIGN_OR_RETURN(udp_, net::UdpPort::Open(io_, {.listen = config_.listen}));
    kernel::OnRequest on_request;
    if (config_.metrics_listen.has_value()) {
      registry_ = std::make_shared<prometheus::Registry>();
      netlink_requests_ = std::make_unique<metrics::NetlinkRequests>(registry_.get());
      pppd_starts_ = std::make_unique<metrics::PppdStarts>(registry_.get());
      on_request = [to = netlink_requests_.get()](auto request, auto took, bool failed) {
        to->Take(request, took, failed);
      };
    }
    L2TP_ASSIGN_OR_RETURN(kernel_, kernel::KernelDataPath::Open(
                                       [this](auto work) { asio::post(io_, std::move(work)); },
                                       std::move(on_request)));
    L2TP_RETURN_IF_ERROR(StartPpp());
    if (registry_ != nullptr) {
      measured_kernel_ =
          std::make_unique<metrics::MeasuredKernel>(kernel_.get(), &clock_, registry_.get());
    }
    MakeController();
    // Before the history: what is configured is in the configuration, and need not be kept each
    // time.
    L2TP_RETURN_IF_ERROR(TakeUpConfiguration());
    L2TP_RETURN_IF_ERROR(OpenHistory());
    L2TP_RETURN_IF_ERROR(TakeUpCalls());
    // The API last: nobody can be waiting for an answer when something else cannot be started.
    L2TP_RETURN_IF_ERROR(StartMetrics());
    L2TP_RETURN_IF_ERROR(StartApi());
    udp_->Start(*controller_);
    return absl::OkStatus();
  }

  void Run() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    AwaitSignal();
    api_->SetServing(true);
    sd_notify(0, "READY=1");
    spdlog::info("ready host_name={} version={}", host_name(), L2TP_VERSION);
    FeedWatchdog();
    io_.run();
    sd_notify(0, "STOPPING=1");
    spdlog::info("stopped");
  }

 private:
  std::string host_name() const {
    return config_.host_name.empty() ? MachineName() : config_.host_name;
  }

  absl::Status StartPpp() {
    ppp::Settings settings;
    settings.pppd_path = config_.pppd_path;
    if (!config_.pppd_plugin_dir.empty()) settings.plugin_dir = config_.pppd_plugin_dir;
    settings.without_scripts = settings.plugin_dir + "/without_scripts.so";
    settings.zygote = config_.pppd_zygote;
    settings.max_starts = config_.max_pppd_starts;
    settings.start_timeout = config_.pppd_start_timeout;
    settings.phase_timeout = config_.pppd_phase_timeout;
    settings.event_socket = absl::StrCat(config_.run_dir, "/ppp.sock");
    settings.radius_folder = absl::StrCat(config_.run_dir, "/radius");
    ppp_ = std::make_unique<ppp::PppdSupervisor>(io_, settings, &sink_);
    if (pppd_starts_ != nullptr) {
      ppp_->set_on_started(
          [to = pppd_starts_.get()](bool forked, Duration took) { to->Take(forked, took); });
    }
    return ppp_->Open();
  }

  void MakeController() {
    control::ControllerOptions options;
    options.host_name = host_name();
    options.version = L2TP_VERSION;
    options.pppd_path = config_.pppd_path;
    options.listeners = udp_->listening();
    options.max_tunnels = config_.max_tunnels;
    options.max_sessions = config_.max_sessions;
    options.closed_retention = config_.closed_retention;
    options.max_closed = config_.max_closed;
    options.half_open_limits = {.total = config_.max_half_open_tunnels,
                                .per_address = config_.max_half_open_tunnels_per_address};
    options.debug_log = [](const std::string& line) { spdlog::info("{}", line); };
    options.event_limits.max_subscriptions = static_cast<size_t>(config_.api.max_watchers);
    control::Ports ports;
    ports.clock = &clock_;
    ports.alarm = &alarm_;
    ports.datagrams = udp_.get();
    ports.kernel = kernel_.get();
    if (measured_kernel_ != nullptr) ports.kernel = measured_kernel_.get();
    ports.ppp = ppp_.get();
    authenticator_ = std::make_unique<auth::AuthenticatorClient>(
        [this](auto work) { asio::post(io_, std::move(work)); });
    ports.authenticator = authenticator_.get();
    ports.random = &random_;
    controller_ = std::make_unique<control::Controller>(options, ports);
    sink_.set_target(controller_.get());
    alarm_.OnRing([this] { controller_->HandleTimeout(); });
    event_logger_ = std::make_unique<EventLogger>(io_, controller_.get());
  }

  // Before anything can happen.
  absl::Status OpenHistory() {
    const config::EventHistorySettings& settings = config_.event_history;
    if (settings.directory.empty()) return absl::OkStatus();
    history::EventHistory::Options options;
    options.store = {.directory = settings.directory,
                     .keep = settings.keep,
                     .max_size = settings.max_size,
                     .run = controller_->run(),
                     .start = clock_.WallNow()};
    options.to_record = api::ToRecord;
    options.now = [this] { return clock_.WallNow(); };
    auto history = history::EventHistory::Open(options);
    if (!history.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("event_history.directory: ", std::string(history.status().message())));
    }
    history_ = *std::move(history);
    controller_->OnEvent(
        [history = history_.get()](const events::EventPtr& event) { history->Append(event); });
    return absl::OkStatus();
  }

  absl::Status TakeUpConfiguration() {
    for (const control::Pool& pool : config_.pools) {
      L2TP_RETURN_IF_ERROR(controller_->CreatePool(pool).status());
    }
    for (const control::Profile& profile : config_.profiles) {
      L2TP_RETURN_IF_ERROR(controller_->CreateProfile(profile).status());
    }
    for (const control::User& user : config_.users) {
      L2TP_RETURN_IF_ERROR(controller_->CreateUser(user).status());
    }
    for (const control::Peer& peer : config_.peers) {
      L2TP_RETURN_IF_ERROR(controller_->CreatePeer(peer).status());
    }
    return absl::OkStatus();
  }

  absl::Status TakeUpCalls() {
    for (const control::TunnelSpec& tunnel : config_.tunnels) {
      L2TP_RETURN_IF_ERROR(controller_->CreateTunnel(tunnel).status());
    }
    for (const control::SessionSpec& session : config_.sessions) {
      L2TP_RETURN_IF_ERROR(controller_->CreateSession(session).status());
    }
    return absl::OkStatus();
  }

  absl::Status StartApi() {
    api::ServerOptions options;
    options.listen_addresses = config_.api_listen;
    options.socket_group = config_.api_group;
    const config::ApiSettings& api = config_.api;
    if (!api.certificate_file.empty()) {
      options.tls = {.certificate = api.certificate_file,
                     .key = api.key_file,
                     .client_ca = api.client_ca_file};
    }
    options.plaintext_loopback = api.plaintext_loopback;
    options.roles = api.roles;
    options.anonymous_role = api.anonymous_role;
    options.connection_limits.max_message_size = api.max_message_size;
    options.connection_limits.max_concurrent_streams = api.max_streams_per_connection;
    options.unix_limits = {.max_callers = api.max_callers,
                           .max_connections_per_caller = api.max_connections_per_caller};
    // Written whatever log_level is.
    options.audit = [log = AlwaysLogger()](const std::string& line) { log->info("{}", line); };
    options.history = history_.get();
    api::TakeOverGrpcLog();
    api_ = std::make_unique<api::Server>(options, controller_.get(), &executor_);
    L2TP_RETURN_IF_ERROR(api_->Start());
    for (const std::string& address : api_->addresses()) {
      spdlog::info("api address={}", address);
    }
    return absl::OkStatus();
  }

  absl::Status StartMetrics() {
    if (registry_ == nullptr) return absl::OkStatus();
    loop_lag_ = std::make_unique<metrics::LoopLag>(io_, registry_.get());
    L2TP_ASSIGN_OR_RETURN(
        exposition_,
        metrics::Exposition::Open(
            *config_.metrics_listen, registry_, controller_.get(),
            [this](auto work) { return executor_.Post(std::move(work)); },
            [this] { return executor_.waiting(); },
            [this] { return history_ == nullptr ? history::Totals() : history_->totals(); }));
    spdlog::info("metrics address={}", config_.metrics_listen->ToString());
    return absl::OkStatus();
  }

  void AwaitSignal() {
    signals_.async_wait([this](const asio::error_code& error, int signal) {
      if (error) return;
      if (finishing_) std::_Exit(1);  // a third time: somebody is in a hurry
      if (stopping_) {
        spdlog::warn("stop reason=\"second signal\" signal={}", signal);
        AwaitSignal();
        return Finish(Duration());
      }
      stopping_ = true;
      spdlog::info("stop signal={}", signal);
      sd_notify(0, "STOPPING=1");
      AwaitSignal();
      controller_->Shutdown(kShutdownPatience,
                            [this] { asio::post(io_, [this] { Finish(kApiPatience); }); });
    });
  }

  // Every tunnel is closed. The API ends last, so that watchers see the end of everything; its
  // shutdown waits for calls that the loop answers, so it waits on a thread of its own.
  void Finish(Duration api_patience) {
    if (std::exchange(finishing_, true)) return;
    api_closer_ = std::thread([this, api_patience] {
      api_->Shutdown(api_patience);
      asio::post(io_, [this] { io_.stop(); });
    });
  }

  void FeedWatchdog() {
    uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return;
    sd_notify(0, "WATCHDOG=1");
    watchdog_.expires_after(std::chrono::microseconds(microseconds / 3));
    watchdog_.async_wait([this](const asio::error_code& error) {
      if (!error) FeedWatchdog();
    });
  }

 public:
  void Join() {
    if (api_closer_.joinable()) api_closer_.join();
  }

 private:
  // Torn down in reverse order: the loop and what it reads from outlive what they serve.
  const config::Config config_;
  asio::io_context io_{1};
  SystemClock clock_;
  LoopAlarm alarm_;
  OsRandom random_;
  LateSink sink_;
  api::AsioExecutor executor_{&io_};
  std::unique_ptr<net::UdpPort> udp_;
  // Set if metrics are wanted, as are those below.
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<metrics::NetlinkRequests> netlink_requests_;
  std::unique_ptr<metrics::PppdStarts> pppd_starts_;
  std::unique_ptr<kernel::KernelDataPath> kernel_;
  std::unique_ptr<metrics::MeasuredKernel> measured_kernel_;
  std::unique_ptr<ppp::PppdSupervisor> ppp_;
  std::unique_ptr<auth::AuthenticatorClient> authenticator_;
  std::unique_ptr<history::EventHistory> history_;  // if it is wanted; the controller adds to it
  std::unique_ptr<control::Controller> controller_;
  std::unique_ptr<EventLogger> event_logger_;
  std::unique_ptr<api::Server> api_;
  std::unique_ptr<metrics::LoopLag> loop_lag_;
  std::unique_ptr<metrics::Exposition> exposition_;
  asio::signal_set signals_;
  asio::steady_timer watchdog_{io_};
  bool stopping_ = false;
  bool finishing_ = false;
  std::thread api_closer_;
};

Daemon::Daemon(config::Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Daemon::~Daemon() = default;
absl::Status Daemon::Start() { return impl_->Start(); }
void Daemon::Run() {
  impl_->Run();
  impl_->Join();
}

}  // namespace l2tp
