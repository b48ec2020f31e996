// An L2TP data path in memory, for tests of everything above control::KernelPort.

#ifndef L2TP_TESTS_SUPPORT_FAKE_KERNEL_H_
#define L2TP_TESTS_SUPPORT_FAKE_KERNEL_H_

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/base/ids.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "server/events/resources.h"

namespace l2tp::testing {

// Behaves like KernelDataPath (tests/contract holds both to it), but work is done, and completions
// are called, only by RunPending(). Sessions' sockets are real descriptors; closing the last copy
// of one removes its session, as in the kernel.
//
//   FakeKernel kernel;
//   kernel.FailNext(FakeKernel::Op::kCreateSession, MakeError(...));
//   controller.DoSomething();
//   kernel.RunPending();
//   EXPECT_THAT(kernel.KernelSessions(), IsEmpty());
//
// Destroying it drops what is pending.
class FakeKernel final : public control::KernelPort {
 public:
  enum class Op {
    kCreateTunnel,
    kDeleteTunnel,
    kCreateSession,
    kRequireSequencing,
    kDeleteSession,
    kGetCounters,
    kGetReceivedPackets,
    kListTunnels,
  };

  // ---- Story ----

  // Does what has been asked for, in order, and calls completions; what these ask for too. Gives
  // the number of operations done.
  size_t RunPending();
  bool has_pending() const { return !pending_.empty(); }
  // The first operation that waits; nullopt: none does. Held ones do not count.
  std::optional<Op> NextPending() const;
  // Does that one only. False when there is none.
  bool RunOne();
  // The process that asked has died: nothing of what it asked for is done or told to anybody.
  void DropPending() { pending_.clear(); }

  // The next operation of this kind fails, without effect. Several are used up in order.
  void FailNext(Op op, absl::Status status);

  // Operations of this kind wait, whatever RunPending() does, and others overtake them.
  void Hold(Op op) { held_.insert(op); }
  void Release(Op op) { held_.erase(op); }

  // What is in the kernel, ordered by id.
  std::vector<control::KernelTunnel> KernelTunnels();
  std::vector<control::KernelSession> KernelSessions();

  // How often an operation has been asked for.
  int calls(Op op) const;

  // What GetCounters will tell; the session must exist.
  void SetCounters(TunnelId tunnel, SessionId session, const events::Counters& counters);

  // Somebody else's tunnel, or one that a former daemon left.
  void AddForeignTunnel(TunnelId tunnel);
  // Somebody else deletes a session.
  void LoseSession(TunnelId tunnel, SessionId session);
  // The tunnel's UDP socket is closed: the kernel removes the tunnel.
  void SocketClosed(int socket);

  // ---- control::KernelPort ----

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
  using SessionKey = std::pair<TunnelId, SessionId>;
  struct Session {
    control::KernelSession asked;
    events::Counters counters;
    UniqueFd far_end;  // of the descriptor that was given out
  };
  struct Pending {
    Op op;
    absl::AnyInvocable<void()> run;
  };

  void Push(Op op, absl::AnyInvocable<void()> run);
  absl::Status TakeFailure(Op op);
  void RemoveTunnel(TunnelId tunnel);
  void RemoveClosedSessions();

  absl::Status TryCreateTunnel(const control::KernelTunnel& tunnel);
  absl::StatusOr<UniqueFd> TryCreateSession(const control::KernelSession& session);
  absl::StatusOr<events::Counters> TryGetCounters(TunnelId tunnel, SessionId session);

  std::map<TunnelId, control::KernelTunnel> tunnels_;
  std::map<SessionKey, Session> sessions_;
  std::set<int> used_sockets_;
  std::list<Pending> pending_;
  std::set<Op> held_;
  std::map<Op, std::vector<absl::Status>> failures_;
  std::map<Op, int> calls_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_FAKE_KERNEL_H_
