// Whether calls that peers place are taken, and the notes of those that are not.

#ifndef L2TP_SERVER_CONTROL_CALL_POLICY_H_
#define L2TP_SERVER_CONTROL_CALL_POLICY_H_

#include <cstddef>
#include <optional>

#include "server/control/environment.h"
#include "server/control/tunnels.h"
#include "server/protocol/effects.h"

namespace l2tp::control {

class CallPolicy {
 public:
  // Not owned; must outlive this.
  explicit CallPolicy(Environment* env) : env_(env) {}

  // Why the call is not taken; nullopt: it is. `tunnel` may be nullptr; there are so many sessions.
  std::optional<wire::ResultCode> WhyNot(const TunnelRecord* tunnel,
                                         const protocol::SessionRequested& requested,
                                         size_t session_count) const;
  // For the events about refusals; no-op without a tunnel.
  void NoteRefusal(const TunnelRecord* tunnel, const protocol::CallInfo& call,
                   const wire::ResultCode& result);

 private:
  Environment* const env_;
};

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_CALL_POLICY_H_
