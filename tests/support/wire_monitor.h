// Watches what daemons send, and says when they break the rules of the transport (RFC 2661
// section 5.8).

#ifndef L2TP_TESTS_SUPPORT_WIRE_MONITOR_H_
#define L2TP_TESTS_SUPPORT_WIRE_MONITOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/time.h"
#include "server/control/ports.h"
#include "server/wire/header.h"
#include "server/wire/message.h"
#include "tests/support/findings.h"

namespace l2tp::testing {

// Decodes every datagram of the simulated network. Per tunnel and sender it holds:
//
// - Nr acknowledges only messages that have reached the sender of the Nr, and never goes back;
// - Ns leaves out no number, and a ZLB carries the next one;
// - no more messages are unacknowledged than the peer's Receive Window Size allows.
//
// What has reached a daemon, by error or malice of others too, is counted as received: a rule is
// broken only if no honest reading of what was delivered explains what was sent.
class WireMonitor {
 public:
  // Neither is owned. `secret` un-hides AVPs; "" when there is none.
  WireMonitor(const control::Clock* clock, Findings* findings, std::string secret)
      : clock_(clock), findings_(findings), secret_(std::move(secret)) {}

  // From now on the machine with this address is held to the rules.
  void Watch(const IpAddress& machine, const std::string& name) { names_[machine] = name; }
  // Its daemon has died, and all its tunnels with it.
  void Forget(const IpAddress& machine);

  // `path.local` is the sender, or the receiver.
  void OnSent(const Path& path, ByteSpan datagram);
  void OnDelivered(const Path& path, ByteSpan datagram);

  // When the last datagram for this tunnel of a machine came from its peer; nullopt: none has.
  std::optional<Instant> LastHeard(const IpAddress& machine, TunnelId id) const;
  // Datagrams of the machines watched, and those among them that no rule was held against.
  int64_t checked_count() const { return checked_count_; }
  int64_t unjudged_count() const { return unjudged_count_; }

 private:
  // One tunnel as its owner sees it.
  struct Flow {
    uint16_t local_port = 0;
    Endpoint remote;
    bool dialled = false;
    std::set<TunnelId> peer_ids;     // 0 before the peer has told one
    std::optional<uint16_t> window;  // the peer's; nullopt: it has told none
    uint32_t sent_end = 0;           // one more than the highest Ns sent
    uint32_t acknowledged = 0;       // the peer has got all below this
    std::set<uint32_t> delivered;    // every Ns that has reached the owner
    uint32_t received_end = 0;       // and all below this
    uint32_t last_nr = 0;
    std::optional<Instant> heard;
    // Another tunnel has the same ends and the same id of the peer: some messages may be of either.
    // Such a tunnel is not judged.
    bool mixed_up = false;
  };
  using FlowKey = std::pair<IpAddress, TunnelId>;  // the owner, and the id it has assigned
  using Caller = std::tuple<IpAddress, IpAddress, uint16_t, TunnelId>;  // machine, remote, its id

  wire::Message Decode(ByteSpan body) const;
  void NoteNewTunnel(const Path& path, TunnelId peer_id, const wire::Message& message);
  std::vector<Flow*> Candidates(const Path& path, TunnelId peer_id, TunnelId own_id);
  std::string Fault(const Flow& flow, const wire::ControlHeader& header, bool empty) const;
  static void Deliver(const wire::ControlHeader& header, bool empty, Flow* flow);

  const control::Clock* const clock_;
  Findings* const findings_;
  const std::string secret_;
  std::map<IpAddress, std::string> names_;
  std::map<FlowKey, Flow> flows_;
  std::map<std::pair<IpAddress, TunnelId>, std::set<TunnelId>> by_peer_id_;  // to the owner's ids
  std::map<Caller, uint16_t> offered_windows_;                               // by SCCRQ
  int64_t checked_count_ = 0;
  int64_t unjudged_count_ = 0;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_WIRE_MONITOR_H_
