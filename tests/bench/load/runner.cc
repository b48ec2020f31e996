#include "tests/bench/load/runner.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <utility>

#include "absl/strings/str_format.h"
#include "server/base/status_macros.h"

namespace l2tp::load {
namespace {

Duration FromTimeval(const timeval& value) {
  return Duration::Seconds(value.tv_sec) + Duration::Nanoseconds(value.tv_usec * 1000);
}

std::chrono::nanoseconds ToChrono(Duration duration) {
  return std::chrono::nanoseconds(duration.nanoseconds());
}

rusage Usage() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

// One descriptor a tunnel.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Runner::Runner(Options options)
    : options_(std::move(options)),
      alarm_(io_),
      signals_(io_, SIGINT, SIGTERM),
      end_timer_(io_),
      progress_timer_(io_) {}

int Runner::Run() {
  std::signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();
  WaitForSignal();
  if (options_.duration > Duration()) {
    end_timer_.expires_after(ToChrono(options_.duration));
    end_timer_.async_wait([this](const asio::error_code& error) {
      if (error || std::exchange(stopping_, true)) return;
      if (stop_) stop_();
    });
  }
  const Instant began = clock_.Now();
  const rusage before = Usage();  // loading the program is not part of it
  const absl::Status status = options_.answer ? RunAnswer() : RunRounds();
  if (!status.ok()) {
    std::cerr << "l2tp-load: " << std::string(status.message()) << "\n";
    return kCannotStart;
  }
  const rusage after = Usage();
  facts_.answer = options_.answer;
  facts_.elapsed = clock_.Now() - began;
  facts_.user_cpu = FromTimeval(after.ru_utime) - FromTimeval(before.ru_utime);
  facts_.system_cpu = FromTimeval(after.ru_stime) - FromTimeval(before.ru_stime);
  std::cout << (options_.json ? JsonReport(tally_, facts_) : TextReport(tally_, facts_))
            << std::flush;
  return AllWell(tally_) ? kAllWell : kSomeFailed;
}

World Runner::MakeWorld(net::UdpPort* port) {
  return {.clock = &clock_, .alarm = &alarm_, .port = port, .random = &random_, .tally = &tally_};
}

// ---- Load --------------------------------------------------------------------------------------

absl::Status Runner::RunRounds() {
  facts_.peer = options_.lac.target.ToString();
  for (int round = 0; !stopping_ && (options_.rounds == 0 || round < options_.rounds); ++round) {
    if (round > 0) Pause();
    if (stopping_) break;
    L2TP_RETURN_IF_ERROR(RunRound());
  }
  return absl::OkStatus();
}

// Sockets and engine are new in each round: nothing of an abrupt end is left on our side.
absl::Status Runner::RunRound() {
  L2TP_ASSIGN_OR_RETURN(auto port, net::UdpPort::Open(io_, {.listen = {}}));
  Lac lac(options_.lac, MakeWorld(port.get()));
  alarm_.OnRing([&lac] { lac.HandleTimeout(); });
  port->Start(lac);
  lac.Start();
  ShowProgress([&lac] {
    return absl::StrFormat("%d of %d calls placed, %d up, %d failed", lac.placed_count(),
                           lac.total_count(), lac.up_count(), lac.failed_count());
  });
  RunUntil([&lac] { return lac.done(); }, [&lac] { lac.Stop(); });
  Quieten();
  CountDatagrams(port->counters());
  return absl::OkStatus();
}

void Runner::Pause() {
  if (options_.pause == Duration()) return;
  bool over = false;
  asio::steady_timer timer(io_, ToChrono(options_.pause));
  timer.async_wait([&over](const asio::error_code& error) { over = over || !error; });
  RunUntil([&over, this] { return over || stopping_; }, [] {});
}

// ---- Answer ------------------------------------------------------------------------------------

absl::Status Runner::RunAnswer() {
  L2TP_ASSIGN_OR_RETURN(auto port, net::UdpPort::Open(io_, {.listen = {options_.listen}}));
  facts_.peer = port->listening().front().ToString();
  Lns lns(options_.lns, MakeWorld(port.get()));
  alarm_.OnRing([&lns] { lns.HandleTimeout(); });
  port->Start(lns);
  // Whoever has chosen port 0 wants to know.
  std::cerr << "listening on " << facts_.peer << std::endl;
  ShowProgress([&lns] {
    return absl::StrFormat("%d tunnels, %d calls up, %d at most", lns.tunnel_count(),
                           lns.up_count(), lns.peak_count());
  });
  RunUntil([&lns] { return lns.done(); }, [&lns] { lns.Stop(); });
  Quieten();
  CountDatagrams(port->counters());
  return absl::OkStatus();
}

// ---- Loop --------------------------------------------------------------------------------------

void Runner::RunUntil(const std::function<bool()>& done, std::function<void()> stop) {
  stop_ = std::move(stop);
  while (!done() && !abandoned_) io_.run_one();
  stop_ = nullptr;
  if (progress_timer_.cancel() > 0) std::cerr << "\r\x1b[K" << std::flush;
}

// The station is about to go. A ring that is on its way already must not reach it.
void Runner::Quieten() {
  alarm_.Set(std::nullopt);
  alarm_.OnRing([] {});
}

void Runner::WaitForSignal() {
  signals_.async_wait([this](const asio::error_code& error, int) {
    if (error) return;
    if (std::exchange(stopping_, true)) {
      abandoned_ = true;
    } else if (stop_) {
      stop_();
    }
    WaitForSignal();
  });
}

// One line, written over each second, for people only.
void Runner::ShowProgress(std::function<std::string()> line) {
  if (options_.quiet || ::isatty(STDERR_FILENO) == 0) return;
  progress_timer_.expires_after(std::chrono::seconds(1));
  progress_timer_.async_wait([this, line = std::move(line)](const asio::error_code& error) mutable {
    if (error) return;
    std::cerr << "\r" << line() << "\x1b[K" << std::flush;
    ShowProgress(std::move(line));
  });
}

void Runner::CountDatagrams(const net::UdpCounters& counters) {
  facts_.datagrams_sent += static_cast<int64_t>(counters.sent);
  facts_.datagrams_received += static_cast<int64_t>(counters.received);
  facts_.datagrams_dropped +=
      static_cast<int64_t>(counters.send_dropped + counters.send_errors + counters.truncated);
}

}  // namespace l2tp::load
