// The ground that kernel_contract.h stands on: a kernel port in its world, and the port's
// operations, waited for.

#ifndef L2TP_TESTS_CONTRACT_KERNEL_WORLD_H_
#define L2TP_TESTS_CONTRACT_KERNEL_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"

namespace l2tp::testing {

// A kernel port and what is around it.
class KernelWorld {
 public:
  // A UDP socket that is connected, and where to.
  struct TunnelSocket {
    int fd = -1;  // owned by the world
    Path path;
  };

  virtual ~KernelWorld() = default;
  virtual control::KernelPort& port() = 0;
  virtual TunnelSocket NewSocket() = 0;
  virtual TunnelSocket NewIpv6Socket() = 0;
  // Lets work be done and completions be called until `done`; false when that takes too long.
  virtual bool RunUntil(const std::function<bool()>& done) = 0;
};

class KernelContract : public ::testing::TestWithParam<std::unique_ptr<KernelWorld> (*)()> {
 protected:
  KernelContract() : world_(GetParam()()) {}

  // Ids are never used twice, unless a test is about just that: kernels need a moment to let go.
  static TunnelId NewTunnelId() {
    static uint32_t next = 100;
    return TunnelId(next++);
  }

  KernelWorld& world() { return *world_; }
  control::KernelPort& port() { return world_->port(); }

  control::KernelTunnel NewTunnel() {
    const TunnelId id = NewTunnelId();
    const KernelWorld::TunnelSocket socket = world_->NewSocket();
    paths_[id.value()] = socket.path;
    return {.tunnel_id = id, .peer_tunnel_id = TunnelId(7), .socket = socket.fd};
  }
  control::KernelSession SessionIn(const control::KernelTunnel& tunnel, uint32_t id) {
    return {.tunnel_id = tunnel.tunnel_id,
            .peer_tunnel_id = tunnel.peer_tunnel_id,
            .session_id = SessionId(id),
            .peer_session_id = SessionId(id + 1000),
            .path = paths_[tunnel.tunnel_id.value()],
            .reorder_timeout = {}};
  }

  // The operations, waited for.
  absl::Status Create(const control::KernelTunnel& tunnel) {
    std::optional<absl::Status> result;
    port().CreateTunnel(tunnel, [&result](absl::Status status) { result = std::move(status); });
    return Wait(&result);
  }
  absl::StatusOr<UniqueFd> Create(const control::KernelSession& session) {
    std::optional<absl::StatusOr<UniqueFd>> result;
    port().CreateSession(session, [&result](auto fd) { result.emplace(std::move(fd)); });
    return Wait(&result);
  }
  absl::Status Delete(TunnelId tunnel) {
    std::optional<absl::Status> result;
    port().DeleteTunnel(tunnel, [&result](absl::Status status) { result = std::move(status); });
    return Wait(&result);
  }
  absl::Status Delete(TunnelId tunnel, SessionId session) {
    std::optional<absl::Status> result;
    port().DeleteSession(tunnel, session,
                         [&result](absl::Status status) { result = std::move(status); });
    return Wait(&result);
  }
  absl::Status RequireSequencing(TunnelId tunnel, SessionId session) {
    std::optional<absl::Status> result;
    port().RequireSequencing(tunnel, session,
                             [&result](absl::Status status) { result = std::move(status); });
    return Wait(&result);
  }
  absl::StatusOr<events::Counters> Counters(TunnelId tunnel, SessionId session) {
    std::optional<absl::StatusOr<events::Counters>> result;
    port().GetCounters(tunnel, session, [&result](auto counters) { result.emplace(counters); });
    return Wait(&result);
  }
  absl::StatusOr<int64_t> ReceivedPackets(TunnelId tunnel) {
    std::optional<absl::StatusOr<int64_t>> result;
    port().GetReceivedPackets(tunnel, [&result](auto packets) { result.emplace(packets); });
    return Wait(&result);
  }
  std::vector<TunnelId> Tunnels() {
    std::optional<absl::StatusOr<std::vector<TunnelId>>> result;
    port().ListTunnels([&result](auto tunnels) { result.emplace(std::move(tunnels)); });
    auto tunnels = Wait(&result);
    EXPECT_TRUE(tunnels.ok()) << tunnels.status();
    return tunnels.ok() ? *tunnels : std::vector<TunnelId>();
  }

  // For what kernels do in the background.
  bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
    }
    return false;
  }
  bool SessionIsGone(TunnelId tunnel, SessionId session) {
    return Eventually([&] { return absl::IsNotFound(Counters(tunnel, session).status()); });
  }

  bool RunUntil(const std::function<bool()>& done) { return world_->RunUntil(done); }

 private:
  template <typename T>
  T Wait(std::optional<T>* result) {
    EXPECT_FALSE(result->has_value()) << "called from inside the call that started it";
    if (!world_->RunUntil([result] { return result->has_value(); })) {
      return absl::DeadlineExceededError("no completion");
    }
    return *std::move(*result);
  }

  std::unique_ptr<KernelWorld> world_;
  std::map<uint32_t, Path> paths_;
};

inline std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const auto info = GetErrorInfo(status);
  if (!info.has_value()) return "";
  for (const auto& [name, value] : info->metadata) {
    if (name == key) return value;
  }
  return "";
}

// KERNEL_REQUEST_FAILED with this operation and errno.
MATCHER_P2(RequestFailed, operation, error, "") {
  *result_listener << arg;
  return HasReason(arg, Reason::kKernelRequestFailed) &&
         MetadataOf(arg, "operation") == operation &&
         MetadataOf(arg, "errno") == absl::StrCat(error);
}
MATCHER(Succeeded, "") {
  *result_listener << arg;
  return arg.ok();
}

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_CONTRACT_KERNEL_WORLD_H_
