// The L2TP data path of the Linux kernel: control::KernelPort by generic netlink and PPPoX sockets.

#ifndef L2TP_SERVER_KERNEL_KERNEL_DATA_PATH_H_
#define L2TP_SERVER_KERNEL_KERNEL_DATA_PATH_H_

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "server/kernel/genl_socket.h"
#include "server/kernel/kernel_error.h"
#include "server/kernel/work_queue.h"

namespace l2tp::kernel {

// Runs a function on the loop thread, soon. Called from any thread, must not block.
using PostToLoop = std::function<void(absl::AnyInvocable<void()>)>;

// Is told of each netlink request ("SESSION_CREATE"), for how long the kernel was at it, and
// whether it failed. Called on the worker thread; must not block.
using OnRequest = std::function<void(absl::string_view request, Duration took, bool failed)>;

// Everything is done by one worker thread that owns the netlink socket; the loop thread only queues
// work. Up to WorkQueue::kMaxBatch requests are in flight; deletions go one by one and are
// overtaken by other work (see work_queue.h), so the order of completions is not that of the calls.
//
//   auto data_path = KernelDataPath::Open([&io](auto f) { asio::post(io, std::move(f)); });
//   (*data_path)->CreateTunnel({.tunnel_id = ..., .socket = fd}, [](absl::Status status) { ... });
//
// Works in the network namespace of the thread that called Open().
class KernelDataPath final : public control::KernelPort {
 public:
  // KERNEL_UNSUPPORTED when the kernel has no L2TP interface; kernel_probe.h says more.
  static absl::StatusOr<std::unique_ptr<KernelDataPath>> Open(PostToLoop post,
                                                              OnRequest on_request = nullptr);

  KernelDataPath(std::unique_ptr<GenlSocket> socket, PostToLoop post,
                 OnRequest on_request = nullptr);

  // Waits for the request the kernel is working on, a matter of milliseconds. Completions of what
  // had not been started are dropped without being called; those already handed to the loop still
  // run and do not need this object.
  ~KernelDataPath() override;

  void CreateTunnel(const control::KernelTunnel& tunnel, control::Done done) override;
  void DeleteTunnel(TunnelId tunnel, control::Done done) override;
  void CreateSession(const control::KernelSession& session,
                     control::Completion<UniqueFd> done) override;
  void RequireSequencing(TunnelId tunnel, SessionId session, control::Done done) override;
  void DeleteSession(TunnelId tunnel, SessionId session, control::Done done) override;
  void GetCounters(TunnelId tunnel, SessionId session,
                   control::Completion<events::Counters> done) override;
  void GetReceivedPackets(TunnelId tunnel, control::Completion<int64_t> done) override;
  void ListTunnels(control::Completion<std::vector<TunnelId>> done) override;

 private:
  void RunWorker();

  // Worker thread.
  void DoCreateTunnel(const control::KernelTunnel& tunnel, control::Done done);
  void DoCreateSession(const control::KernelSession& session, control::Completion<UniqueFd> done);
  void AttachPppox(const control::KernelSession& session, control::Completion<UniqueFd> done);
  void DoGetCounters(TunnelId tunnel, SessionId session,
                     control::Completion<events::Counters> done);
  void DoListTunnels(control::Completion<std::vector<TunnelId>> done);
  void Ask(const Request& request, NetlinkMessage message, GenlSocket::OnOutcome done);
  template <typename Callback, typename Result>
  void Complete(Callback done, Result result);

  const std::unique_ptr<GenlSocket> socket_;  // worker thread
  const PostToLoop post_;
  const OnRequest on_request_;
  WorkQueue queue_;
  std::thread worker_;
};

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_KERNEL_DATA_PATH_H_
