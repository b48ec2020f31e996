// l2tp-controller: the daemon.

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "server/config/config.h"
#include "server/main/daemon.h"

namespace {

constexpr char kUsage[] =
    "Usage: l2tp-controller [--config FILE] [--check-config]\n"
    "\n"
    "Sets up and supervises PPP-over-L2TP sessions; operated over gRPC (see l2tpctl).\n"
    "\n"
    "  --config FILE    read FILE; without it, built-in defaults and no resources\n"
    "  --check-config   read the configuration, say what is wrong with it, and exit\n"
    "  --version        print the version and exit\n"
    "  --help           print this and exit\n"
    "\n"
    "Exit status: 0 stopped by a signal; 1 could not start, the message says why;\n"
    "2 bad usage; 3 bad configuration.\n";

enum ExitStatus { kOk = 0, kCannotStart = 1, kBadUsage = 2, kBadConfig = 3 };

struct Flags {
  std::string config;
  bool check_config = false;
};

// Nothing to flags->config when the program is to end; `*status` says with what.
bool ParseFlags(int argc, char** argv, Flags* flags, int* status) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view flag = argv[i];
    if (flag == "--config" && i + 1 < argc) {
      flags->config = argv[++i];
    } else if (flag == "--check-config") {
      flags->check_config = true;
    } else if (flag == "--version") {
      std::puts("l2tp-controller " L2TP_VERSION);
      *status = kOk;
      return false;
    } else if (flag == "--help") {
      std::fputs(kUsage, stdout);
      *status = kOk;
      return false;
    } else {
      std::fprintf(stderr, "l2tp-controller: unknown or incomplete option %s\n%s", argv[i], kUsage);
      *status = kBadUsage;
      return false;
    }
  }
  return true;
}

// A core file would hold every secret: ours all of them, a pppd's its session's.
void ForbidCoreFiles() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none = {};  // pppds inherit this, not the other
  ::setrlimit(RLIMIT_CORE, &none);
}

// Each session takes two descriptors, each tunnel one.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void SetUpLog(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("l2tp");
  // The journal stamps lines itself.
  const bool journal = ::getenv("JOURNAL_STREAM") != nullptr;
  logger->set_pattern(journal ? "%l %v" : "%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  int status = kOk;
  if (!ParseFlags(argc, argv, &flags, &status)) return status;
  l2tp::config::Config config;
  if (!flags.config.empty()) {
    auto loaded = l2tp::config::LoadConfig(flags.config);
    if (!loaded.ok()) {
      std::fprintf(stderr, "l2tp-controller: %s\n", std::string(loaded.status().message()).c_str());
      return kBadConfig;
    }
    config = *std::move(loaded);
  }
  if (flags.check_config) return kOk;
  std::signal(SIGPIPE, SIG_IGN);
  ForbidCoreFiles();
  RaiseDescriptorLimit();
  SetUpLog(config.log_level);
  l2tp::Daemon daemon(std::move(config));
  if (absl::Status started = daemon.Start(); !started.ok()) {
    spdlog::error("cannot start: {}", std::string(started.message()));
    return kCannotStart;
  }
  daemon.Run();
  return kOk;
}
