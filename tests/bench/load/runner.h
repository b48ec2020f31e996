// The real world around a Lac or an Lns: event loop, sockets, signals, progress, the report.

#ifndef L2TP_TESTS_BENCH_LOAD_RUNNER_H_
#define L2TP_TESTS_BENCH_LOAD_RUNNER_H_

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "server/main/loop.h"
#include "server/main/os_random.h"
#include "server/net/udp_port.h"
#include "tests/bench/load/options.h"
#include "tests/bench/load/report.h"

namespace l2tp::load {

class Runner {
 public:
  explicit Runner(Options options);

  // All of it. Gives an ExitStatus.
  int Run();

 private:
  absl::Status RunRounds();
  absl::Status RunRound();
  absl::Status RunAnswer();
  // Runs the loop until `done`. `stop` is called at the first signal or when time is over.
  void RunUntil(const std::function<bool()>& done, std::function<void()> stop);
  void Quieten();
  void Pause();
  void WaitForSignal();
  void ShowProgress(std::function<std::string()> line);
  void CountDatagrams(const net::UdpCounters& counters);
  World MakeWorld(net::UdpPort* port);

  const Options options_;
  asio::io_context io_;
  SystemClock clock_;
  LoopAlarm alarm_;
  OsRandom random_;
  Tally tally_;
  RunFacts facts_;
  asio::signal_set signals_;
  asio::steady_timer end_timer_;
  asio::steady_timer progress_timer_;
  bool stopping_ = false;   // no further round
  bool abandoned_ = false;  // a second signal: at once
  std::function<void()> stop_;
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_RUNNER_H_
