#include "server/api/grpc_log.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>

#include "server/api/audit.h"
#include "server/base/quote.h"

namespace l2tp::api {
namespace {

void Log(gpr_log_func_args* message) {
  static std::mutex mutex;
  static LineLimit limit(20, Duration::Seconds(10));
  std::optional<int> suppressed;
  {
    std::lock_guard lock(mutex);
    suppressed = limit.Admit(SteadyNow());
  }
  if (!suppressed.has_value()) return;
  const auto level = message->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                     : message->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                                  : spdlog::level::debug;
  spdlog::log(level, "api grpc={} suppressed={}", Quoted(message->message), *suppressed);
}

}  // namespace

void TakeOverGrpcLog() { gpr_set_log_function(Log); }

}  // namespace l2tp::api
