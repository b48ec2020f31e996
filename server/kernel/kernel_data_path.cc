#include "server/kernel/kernel_data_path.h"

#include <netinet/in.h>  // before the kernel's own, which then stand back

#include <linux/l2tp.h>
#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/strings/match.h"
#include "server/base/error.h"
#include "server/kernel/kernel_error.h"
#include "server/kernel/l2tp_requests.h"
#include "server/kernel/pppox_socket.h"

namespace l2tp::kernel {
namespace {

using control::Completion;
using control::Done;
using control::KernelSession;
using control::KernelTunnel;
using Outcome = GenlSocket::Outcome;

// RFC 2661 section 3.1: 16 bits, 0 reserved. The kernel would cut off what is above.
template <typename Id>
bool ValidId(Id id) {
  return id.value() >= 1 && id.value() <= 0xffff;
}

absl::Status BadId(const Request& request) {
  return KernelError(request, EINVAL, "L2TPv2 ids are 1 to 65535");
}

absl::Status ToStatus(const Request& request, const Outcome& outcome) {
  if (outcome.error == 0) return absl::OkStatus();
  return KernelError(request, outcome.error, outcome.detail);
}

bool IsGone(int error) { return error == ENODEV || error == ENOENT; }

// For deletions, where "not there" is as good as done.
absl::Status ToDeletionStatus(const Request& request, const Outcome& outcome) {
  if (IsGone(outcome.error)) return absl::OkStatus();
  return ToStatus(request, outcome);
}

bool HasFailed(const Request& request, const Outcome& outcome) {
  return outcome.error != 0 &&
         !(absl::EndsWith(request.operation, "_DELETE") && IsGone(outcome.error));
}

absl::StatusOr<events::Counters> ToCounters(const Request& request, const Outcome& outcome) {
  if (outcome.error != 0) return ToStatus(request, outcome);
  if (!outcome.data.empty()) {
    if (auto counters = ParseCounters(outcome.data.front())) return *counters;
  }
  return KernelError(request, EBADMSG, "no counters in the answer");
}

absl::StatusOr<std::vector<TunnelId>> ToTunnelIds(const Outcome& outcome) {
  if (outcome.error != 0) return ToStatus({"TUNNEL_GET", {}, {}}, outcome);
  std::vector<TunnelId> ids;
  for (const Bytes& message : outcome.data) {
    if (auto id = ParseTunnelId(message)) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KernelDataPath>> KernelDataPath::Open(PostToLoop post,
                                                                     OnRequest on_request) {
  auto socket = GenlSocket::Open(L2TP_GENL_NAME);
  if (absl::IsNotFound(socket.status())) {
    return MakeError(
        Reason::kKernelUnsupported,
        "the kernel has no L2TP netlink interface; try: modprobe l2tp_netlink l2tp_ppp",
        {{"missing", "netlink family l2tp"}});
  }
  if (!socket.ok()) return socket.status();
  return std::make_unique<KernelDataPath>(*std::move(socket), std::move(post),
                                          std::move(on_request));
}

KernelDataPath::KernelDataPath(std::unique_ptr<GenlSocket> socket, PostToLoop post,
                               OnRequest on_request)
    : socket_(std::move(socket)), post_(std::move(post)), on_request_(std::move(on_request)) {
  // Signals are for the loop thread: the worker starts with all of them blocked.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  worker_ = std::thread([this] { RunWorker(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(worker_.native_handle(), "l2tp-kernel");
}

KernelDataPath::~KernelDataPath() {
  queue_.Stop();
  worker_.join();
}

void KernelDataPath::RunWorker() {
  for (auto batch = queue_.PopBatch(); !batch.empty(); batch = queue_.PopBatch()) {
    for (WorkQueue::Work& work : batch) work.run();
    socket_->Finish();
  }
}

// Moves `done` to the loop thread, where it is also destroyed: it may own what only that thread may
// touch.
template <typename Callback, typename Result>
void KernelDataPath::Complete(Callback done, Result result) {
  post_(
      [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void KernelDataPath::Ask(const Request& request, NetlinkMessage message,
                         GenlSocket::OnOutcome done) {
  if (!on_request_) return socket_->Start(std::move(message), std::move(done));
  socket_->Start(std::move(message),
                 [this, request, done = std::move(done)](const Outcome& outcome) mutable {
                   on_request_(request.operation, outcome.took, HasFailed(request, outcome));
                   done(outcome);
                 });
}

void KernelDataPath::CreateTunnel(const KernelTunnel& tunnel, Done done) {
  queue_.Push({.kind = WorkQueue::Kind::kPrompt,
               .tunnel = tunnel.tunnel_id,
               .session = {},
               .run = [this, tunnel, done = std::move(done)]() mutable {
                 DoCreateTunnel(tunnel, std::move(done));
               }});
}

void KernelDataPath::DoCreateTunnel(const KernelTunnel& tunnel, Done done) {
  const Request request = {"TUNNEL_CREATE", tunnel.tunnel_id, {}};
  if (!ValidId(tunnel.tunnel_id) || !ValidId(tunnel.peer_tunnel_id)) {
    return Complete(std::move(done), BadId(request));
  }
  // Without a socket the kernel would make one of its own.
  if (tunnel.socket < 0) return Complete(std::move(done), KernelError(request, EBADF, "no socket"));
  Ask(request, TunnelCreateRequest(socket_->family(), tunnel),
      [this, request, done = std::move(done)](const Outcome& outcome) mutable {
        Complete(std::move(done), ToStatus(request, outcome));
      });
}

void KernelDataPath::DeleteTunnel(TunnelId tunnel, Done done) {
  auto run = [this, tunnel, done = std::move(done)]() mutable {
    const Request request = {"TUNNEL_DELETE", tunnel, {}};
    Ask(request, TunnelDeleteRequest(socket_->family(), tunnel),
        [this, request, done = std::move(done)](const Outcome& outcome) mutable {
          Complete(std::move(done), ToDeletionStatus(request, outcome));
        });
  };
  queue_.Push({WorkQueue::Kind::kDeletion, tunnel, {}, std::move(run)});
}

void KernelDataPath::CreateSession(const KernelSession& session, Completion<UniqueFd> done) {
  queue_.Push({.kind = WorkQueue::Kind::kPrompt,
               .tunnel = session.tunnel_id,
               .session = session.session_id,
               .run = [this, session, done = std::move(done)]() mutable {
                 DoCreateSession(session, std::move(done));
               }});
}

void KernelDataPath::DoCreateSession(const KernelSession& session, Completion<UniqueFd> done) {
  const Request request = {"SESSION_CREATE", session.tunnel_id, session.session_id};
  if (!ValidId(session.tunnel_id) || !ValidId(session.peer_tunnel_id) ||
      !ValidId(session.session_id) || !ValidId(session.peer_session_id)) {
    return Complete(std::move(done), absl::StatusOr<UniqueFd>(BadId(request)));
  }
  Ask(request, SessionCreateRequest(socket_->family(), session),
      [this, request, session, done = std::move(done)](const Outcome& outcome) mutable {
        if (outcome.error == 0) return AttachPppox(session, std::move(done));
        Complete(std::move(done), absl::StatusOr<UniqueFd>(ToStatus(request, outcome)));
      });
}

void KernelDataPath::AttachPppox(const KernelSession& session, Completion<UniqueFd> done) {
  int error = 0;
  UniqueFd fd = ConnectPppox(session, &error);
  if (fd.valid()) return Complete(std::move(done), absl::StatusOr<UniqueFd>(std::move(fd)));

  const Request request = {"PPPOX_CONNECT", session.tunnel_id, session.session_id};
  absl::Status failure = KernelError(request, error, "");
  // Nobody will hold a descriptor whose closing would remove the session, so do it here.
  Ask({"SESSION_DELETE", session.tunnel_id, session.session_id},
      SessionDeleteRequest(socket_->family(), session.tunnel_id, session.session_id),
      [this, failure = std::move(failure), done = std::move(done)](const Outcome&) mutable {
        Complete(std::move(done), absl::StatusOr<UniqueFd>(std::move(failure)));
      });
}

void KernelDataPath::RequireSequencing(TunnelId tunnel, SessionId session, Done done) {
  auto run = [this, tunnel, session, done = std::move(done)]() mutable {
    const Request request = {"SESSION_MODIFY", tunnel, session};
    Ask(request, RequireSequencingRequest(socket_->family(), tunnel, session),
        [this, request, done = std::move(done)](const Outcome& outcome) mutable {
          Complete(std::move(done), ToStatus(request, outcome));
        });
  };
  queue_.Push({WorkQueue::Kind::kPrompt, tunnel, session, std::move(run)});
}

void KernelDataPath::DeleteSession(TunnelId tunnel, SessionId session, Done done) {
  auto run = [this, tunnel, session, done = std::move(done)]() mutable {
    const Request request = {"SESSION_DELETE", tunnel, session};
    Ask(request, SessionDeleteRequest(socket_->family(), tunnel, session),
        [this, request, done = std::move(done)](const Outcome& outcome) mutable {
          Complete(std::move(done), ToDeletionStatus(request, outcome));
        });
  };
  queue_.Push({WorkQueue::Kind::kDeletion, tunnel, session, std::move(run)});
}

void KernelDataPath::GetCounters(TunnelId tunnel, SessionId session,
                                 Completion<events::Counters> done) {
  queue_.Push({WorkQueue::Kind::kPrompt, tunnel, session,
               [this, tunnel, session, done = std::move(done)]() mutable {
                 DoGetCounters(tunnel, session, std::move(done));
               }});
}

void KernelDataPath::DoGetCounters(TunnelId tunnel, SessionId session,
                                   Completion<events::Counters> done) {
  const Request request = {"SESSION_GET", tunnel, session};
  Ask(request, SessionGetRequest(socket_->family(), tunnel, session),
      [this, request, done = std::move(done)](const Outcome& outcome) mutable {
        Complete(std::move(done), ToCounters(request, outcome));
      });
}

void KernelDataPath::GetReceivedPackets(TunnelId tunnel, Completion<int64_t> done) {
  auto run = [this, tunnel, done = std::move(done)]() mutable {
    const Request request = {"TUNNEL_GET", tunnel, {}};
    Ask(request, TunnelGetRequest(socket_->family(), tunnel),
        [this, request, done = std::move(done)](const Outcome& outcome) mutable {
          const auto counters = ToCounters(request, outcome);
          Complete(std::move(done), counters.ok() ? absl::StatusOr<int64_t>(counters->rx_packets)
                                                  : absl::StatusOr<int64_t>(counters.status()));
        });
  };
  queue_.Push({WorkQueue::Kind::kPrompt, tunnel, {}, std::move(run)});
}

void KernelDataPath::ListTunnels(Completion<std::vector<TunnelId>> done) {
  queue_.Push({WorkQueue::Kind::kPrompt, {}, {}, [this, done = std::move(done)]() mutable {
                 DoListTunnels(std::move(done));
               }});
}

void KernelDataPath::DoListTunnels(Completion<std::vector<TunnelId>> done) {
  Ask({"TUNNEL_GET", {}, {}}, TunnelListRequest(socket_->family()),
      [this, done = std::move(done)](const Outcome& outcome) mutable {
        Complete(std::move(done), ToTunnelIds(outcome));
      });
}

}  // namespace l2tp::kernel
