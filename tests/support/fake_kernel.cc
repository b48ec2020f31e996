#include "tests/support/fake_kernel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::testing {
namespace {

using control::Completion;
using control::Done;
using control::KernelSession;
using control::KernelTunnel;

absl::Status Failed(const char* operation, int error) {
  return MakeError(Reason::kKernelRequestFailed,
                   absl::StrCat("fake kernel: ", operation, ": errno ", error),
                   {{"operation", operation}, {"errno", absl::StrCat(error)}});
}

absl::Status NotFound(Reason reason, const char* operation) {
  return MakeError(reason, absl::StrCat("fake kernel: ", operation, ": no such object"),
                   {{"operation", operation}, {"errno", absl::StrCat(ENODEV)}});
}

template <typename Id>
bool ValidId(Id id) {
  return id.value() >= 1 && id.value() <= 0xffff;
}

bool FarEndClosed(const UniqueFd& fd) {
  pollfd entry = {.fd = fd.get(), .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1 && (entry.revents & POLLHUP) != 0;
}

}  // namespace

// ---- Story -----------------------------------------------------------------------------------

size_t FakeKernel::RunPending() {
  size_t count = 0;
  while (RunOne()) ++count;
  return count;
}

std::optional<FakeKernel::Op> FakeKernel::NextPending() const {
  for (const Pending& pending : pending_) {
    if (!held_.contains(pending.op)) return pending.op;
  }
  return std::nullopt;
}

bool FakeKernel::RunOne() {
  auto next = std::find_if(pending_.begin(), pending_.end(),
                           [this](const Pending& p) { return !held_.contains(p.op); });
  if (next == pending_.end()) return false;
  auto run = std::move(next->run);
  pending_.erase(next);
  RemoveClosedSessions();
  run();
  return true;
}

void FakeKernel::FailNext(Op op, absl::Status status) {
  failures_[op].push_back(std::move(status));
}

absl::Status FakeKernel::TakeFailure(Op op) {
  auto found = failures_.find(op);
  if (found == failures_.end() || found->second.empty()) return absl::OkStatus();
  absl::Status status = std::move(found->second.front());
  found->second.erase(found->second.begin());
  return status;
}

std::vector<KernelTunnel> FakeKernel::KernelTunnels() {
  std::vector<KernelTunnel> result;
  for (const auto& [id, tunnel] : tunnels_) result.push_back(tunnel);
  return result;
}

std::vector<KernelSession> FakeKernel::KernelSessions() {
  RemoveClosedSessions();
  std::vector<KernelSession> result;
  for (const auto& [key, session] : sessions_) result.push_back(session.asked);
  return result;
}

int FakeKernel::calls(Op op) const {
  auto found = calls_.find(op);
  return found == calls_.end() ? 0 : found->second;
}

void FakeKernel::SetCounters(TunnelId tunnel, SessionId session, const events::Counters& counters) {
  sessions_.at({tunnel, session}).counters = counters;
}

void FakeKernel::AddForeignTunnel(TunnelId tunnel) {
  tunnels_[tunnel] = KernelTunnel{.tunnel_id = tunnel, .peer_tunnel_id = tunnel, .socket = -1};
}

void FakeKernel::LoseSession(TunnelId tunnel, SessionId session) {
  sessions_.erase({tunnel, session});
}

void FakeKernel::SocketClosed(int socket) {
  used_sockets_.erase(socket);
  for (const KernelTunnel& tunnel : KernelTunnels()) {
    if (tunnel.socket == socket) RemoveTunnel(tunnel.tunnel_id);
  }
}

void FakeKernel::RemoveTunnel(TunnelId tunnel) {
  tunnels_.erase(tunnel);
  std::erase_if(sessions_, [tunnel](const auto& entry) { return entry.first.first == tunnel; });
}

void FakeKernel::RemoveClosedSessions() {
  std::erase_if(sessions_, [](const auto& entry) { return FarEndClosed(entry.second.far_end); });
}

// ---- control::KernelPort ---------------------------------------------------------------------

void FakeKernel::Push(Op op, absl::AnyInvocable<void()> run) {
  ++calls_[op];
  pending_.push_back(Pending{op, std::move(run)});
}

void FakeKernel::CreateTunnel(const KernelTunnel& tunnel, Done done) {
  Push(Op::kCreateTunnel,
       [this, tunnel, done = std::move(done)]() mutable { done(TryCreateTunnel(tunnel)); });
}

absl::Status FakeKernel::TryCreateTunnel(const KernelTunnel& tunnel) {
  constexpr char kOperation[] = "TUNNEL_CREATE";
  L2TP_RETURN_IF_ERROR(TakeFailure(Op::kCreateTunnel));
  if (!ValidId(tunnel.tunnel_id) || !ValidId(tunnel.peer_tunnel_id)) {
    return Failed(kOperation, EINVAL);
  }
  if (tunnel.socket < 0) return Failed(kOperation, EBADF);
  if (tunnels_.contains(tunnel.tunnel_id)) return Failed(kOperation, EEXIST);
  // A socket that carried a tunnel once can never carry another one.
  if (!used_sockets_.insert(tunnel.socket).second) return Failed(kOperation, EBUSY);
  tunnels_[tunnel.tunnel_id] = tunnel;
  return absl::OkStatus();
}

void FakeKernel::DeleteTunnel(TunnelId tunnel, Done done) {
  Push(Op::kDeleteTunnel, [this, tunnel, done = std::move(done)]() mutable {
    absl::Status status = TakeFailure(Op::kDeleteTunnel);
    if (status.ok()) RemoveTunnel(tunnel);
    done(std::move(status));
  });
}

void FakeKernel::CreateSession(const KernelSession& session, Completion<UniqueFd> done) {
  Push(Op::kCreateSession,
       [this, session, done = std::move(done)]() mutable { done(TryCreateSession(session)); });
}

absl::StatusOr<UniqueFd> FakeKernel::TryCreateSession(const KernelSession& session) {
  constexpr char kOperation[] = "SESSION_CREATE";
  L2TP_RETURN_IF_ERROR(TakeFailure(Op::kCreateSession));
  if (!ValidId(session.tunnel_id) || !ValidId(session.peer_tunnel_id) ||
      !ValidId(session.session_id) || !ValidId(session.peer_session_id)) {
    return Failed(kOperation, EINVAL);
  }
  if (!tunnels_.contains(session.tunnel_id)) return NotFound(Reason::kTunnelNotFound, kOperation);
  const SessionKey key(session.tunnel_id, session.session_id);
  if (sessions_.contains(key)) return Failed(kOperation, EEXIST);

  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
    return Failed(kOperation, errno);
  }
  sessions_[key] = Session{.asked = session, .counters = {}, .far_end = UniqueFd(ends[0])};
  return UniqueFd(ends[1]);
}

void FakeKernel::RequireSequencing(TunnelId tunnel, SessionId session, Done done) {
  Push(Op::kRequireSequencing, [this, tunnel, session, done = std::move(done)]() mutable {
    absl::Status status = TakeFailure(Op::kRequireSequencing);
    const auto found = sessions_.find({tunnel, session});
    if (status.ok() && found == sessions_.end()) {
      status = NotFound(Reason::kSessionNotFound, "SESSION_MODIFY");
    }
    if (status.ok())
      found->second.asked.send_sequence = found->second.asked.receive_sequence = true;
    done(std::move(status));
  });
}

void FakeKernel::DeleteSession(TunnelId tunnel, SessionId session, Done done) {
  Push(Op::kDeleteSession, [this, tunnel, session, done = std::move(done)]() mutable {
    absl::Status status = TakeFailure(Op::kDeleteSession);
    if (status.ok()) sessions_.erase({tunnel, session});
    done(std::move(status));
  });
}

void FakeKernel::GetCounters(TunnelId tunnel, SessionId session,
                             Completion<events::Counters> done) {
  Push(Op::kGetCounters, [this, tunnel, session, done = std::move(done)]() mutable {
    done(TryGetCounters(tunnel, session));
  });
}

absl::StatusOr<events::Counters> FakeKernel::TryGetCounters(TunnelId tunnel, SessionId session) {
  L2TP_RETURN_IF_ERROR(TakeFailure(Op::kGetCounters));
  auto found = sessions_.find({tunnel, session});
  if (found == sessions_.end()) return NotFound(Reason::kSessionNotFound, "SESSION_GET");
  return found->second.counters;
}

void FakeKernel::GetReceivedPackets(TunnelId tunnel, Completion<int64_t> done) {
  Push(Op::kGetReceivedPackets, [this, tunnel, done = std::move(done)]() mutable {
    absl::Status status = TakeFailure(Op::kGetReceivedPackets);
    if (status.ok() && !tunnels_.contains(tunnel)) {
      status = NotFound(Reason::kTunnelNotFound, "TUNNEL_GET");
    }
    if (!status.ok()) return done(std::move(status));
    int64_t packets = 0;
    for (const auto& [key, session] : sessions_) {
      if (key.first == tunnel) packets += session.counters.rx_packets;
    }
    done(packets);
  });
}

void FakeKernel::ListTunnels(Completion<std::vector<TunnelId>> done) {
  Push(Op::kListTunnels, [this, done = std::move(done)]() mutable {
    absl::Status status = TakeFailure(Op::kListTunnels);
    if (!status.ok()) return done(std::move(status));
    std::vector<TunnelId> ids;
    for (const auto& [id, tunnel] : tunnels_) ids.push_back(id);
    done(std::move(ids));
  });
}

}  // namespace l2tp::testing
