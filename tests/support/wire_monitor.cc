#include "tests/support/wire_monitor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace l2tp::testing {
namespace {

using wire::AvpType;
using wire::ControlHeader;
using wire::Message;
using wire::MessageType;

// When the peer's AVP is missing (section 4.4.3).
constexpr uint16_t kDefaultWindow = 4;

TunnelId AssignedTunnelId(const Message& message) {
  return TunnelId(message.Get<uint16_t>(AvpType::kAssignedTunnelId).value_or(0));
}

uint16_t WindowOf(const Message& message) {
  const auto window = message.Get<uint16_t>(AvpType::kReceiveWindowSize);
  return window.has_value() ? std::max<uint16_t>(*window, 1) : kDefaultWindow;
}

template <typename Map>
void EraseMachine(const IpAddress& machine, Map* map) {
  std::erase_if(*map,
                [&machine](const auto& entry) { return std::get<0>(entry.first) == machine; });
}

}  // namespace

Message WireMonitor::Decode(ByteSpan body) const {
  std::optional<absl::string_view> secret;
  if (!secret_.empty()) secret = secret_;
  return DecodeMessage(wire::SplitAvps(body), secret).message;
}

void WireMonitor::Forget(const IpAddress& machine) {
  EraseMachine(machine, &flows_);
  EraseMachine(machine, &by_peer_id_);
  EraseMachine(machine, &offered_windows_);
}

// ---- What daemons send -------------------------------------------------------------------------

void WireMonitor::OnSent(const Path& path, ByteSpan datagram) {
  const auto name = names_.find(path.local.address);
  if (name == names_.end()) return;
  ++checked_count_;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (!header.ok()) {
    return findings_->Add(name->second, absl::StrCat("sends ", header.status().ToString()));
  }
  const Message message = Decode(body);
  const bool setup = message.type() == MessageType::kSccrq || message.type() == MessageType::kSccrp;
  if (setup) NoteNewTunnel(path, header->tunnel_id, message);

  // A refused SCCRQ leaves no state, so its answer belongs to no tunnel.
  const bool refusal = message.type() == MessageType::kStopCcn && header->ns == 0 &&
                       header->nr == 1 && AssignedTunnelId(message) == TunnelId(1);
  if (refusal) return;
  const std::vector<Flow*> candidates =
      Candidates(path, header->tunnel_id, AssignedTunnelId(message));
  if (candidates.size() > 1) {
    for (Flow* flow : candidates) flow->mixed_up = true;
  }
  std::string fault = "sends a message of a tunnel that it never opened or accepted";
  if (!candidates.empty()) {
    Flow& flow = *candidates.front();
    if (flow.mixed_up) {
      ++unjudged_count_;
      return;
    }
    fault = Fault(flow, *header, body.empty());
    flow.last_nr = header->nr;
    if (!body.empty()) flow.sent_end = std::max<uint32_t>(flow.sent_end, header->ns + 1u);
    if (fault.empty()) return;
  }
  findings_->Add(name->second,
                 absl::StrCat(wire::MessageTypeName(message.type()), " to ", path.remote.ToString(),
                              " tunnel ", header->tunnel_id.value(), " Ns ", header->ns, " Nr ",
                              header->nr, ": ", fault));
}

void WireMonitor::NoteNewTunnel(const Path& path, TunnelId peer_id, const Message& message) {
  const TunnelId own = AssignedTunnelId(message);
  const IpAddress& machine = path.local.address;
  const bool dialled = message.type() == MessageType::kSccrq;
  const auto known = flows_.find({machine, own});
  if (known != flows_.end() && known->second.remote.address == path.remote.address &&
      known->second.dialled == dialled && known->second.peer_ids.contains(peer_id)) {
    return;  // sent again
  }
  Flow flow;
  flow.local_port = path.local.port;
  flow.remote = path.remote;
  flow.dialled = dialled;
  flow.peer_ids = {peer_id};
  if (!flow.dialled) {
    const auto offer =
        offered_windows_.find({machine, path.remote.address, path.remote.port, peer_id});
    if (offer != offered_windows_.end()) {
      flow.window = offer->second;
      Deliver({TunnelId(), SessionId(), 0, 0}, false, &flow);  // the SCCRQ
    }
  }
  flows_[{machine, own}] = std::move(flow);
  by_peer_id_[{machine, peer_id}].insert(own);
}

// The tunnels that a message may be of. Our own id is in the messages that tell it; a peer's may
// stand for several tunnels when the peer is careless, or has not told one yet.
std::vector<WireMonitor::Flow*> WireMonitor::Candidates(const Path& path, TunnelId peer_id,
                                                        TunnelId own_id) {
  std::vector<Flow*> candidates;
  const auto ids = by_peer_id_.find({path.local.address, peer_id});
  if (ids == by_peer_id_.end()) return candidates;
  for (TunnelId own : ids->second) {
    Flow& flow = flows_.at({path.local.address, own});
    if (own_id && own != own_id) continue;
    if (flow.local_port == path.local.port && flow.remote.address == path.remote.address &&
        flow.peer_ids.contains(peer_id)) {
      candidates.push_back(&flow);
    }
  }
  return candidates;
}

// "" when the header fits. Numbers do not wrap in a simulation: 65536 messages are too many.
std::string WireMonitor::Fault(const Flow& flow, const ControlHeader& header, bool empty) const {
  if (header.nr > flow.received_end) {
    return absl::StrCat("acknowledges what never came: of all below Nr only those below ",
                        flow.received_end, " have");
  }
  if (header.nr < flow.last_nr) return absl::StrCat("Nr was ", flow.last_nr, " before");
  if (empty) {
    if (header.ns == flow.sent_end) return "";
    return absl::StrCat("a ZLB has the Ns of the next message, ", flow.sent_end);
  }
  if (header.ns > flow.sent_end) return absl::StrCat("leaves out Ns ", flow.sent_end);
  const uint32_t outstanding =
      std::max<uint32_t>(flow.sent_end, header.ns + 1u) - flow.acknowledged;
  const uint32_t window = flow.window.value_or(kDefaultWindow);
  if (outstanding <= window) return "";
  return absl::StrCat(outstanding, " messages are unacknowledged, the peer's window is ", window);
}

// ---- What reaches them -------------------------------------------------------------------------

void WireMonitor::OnDelivered(const Path& path, ByteSpan datagram) {
  const IpAddress& machine = path.local.address;
  if (!names_.contains(machine)) return;
  if (wire::ClassifyDatagram(datagram) != wire::DatagramKind::kControl) return;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (!header.ok()) return;
  if (!header->tunnel_id) {
    const Message message = Decode(body);
    if (message.type() == MessageType::kSccrq) {
      uint16_t& window = offered_windows_[{machine, path.remote.address, path.remote.port,
                                           AssignedTunnelId(message)}];
      window = std::max(window, WindowOf(message));
    }
    for (auto flow = flows_.lower_bound({machine, TunnelId()});
         flow != flows_.end() && flow->first.first == machine; ++flow) {
      if (!flow->second.dialled && flow->second.remote == path.remote) {
        Deliver(*header, body.empty(), &flow->second);
      }
    }
    return;
  }
  const auto found = flows_.find({machine, header->tunnel_id});
  if (found == flows_.end() || found->second.remote.address != path.remote.address) return;
  Flow& flow = found->second;
  flow.heard = clock_->Now();
  Deliver(*header, body.empty(), &flow);
  if (!flow.dialled || body.empty()) return;
  const Message message = Decode(body);
  if (message.type() != MessageType::kSccrp) return;
  flow.peer_ids.insert(AssignedTunnelId(message));
  by_peer_id_[{machine, AssignedTunnelId(message)}].insert(header->tunnel_id);
  flow.window = std::max(flow.window.value_or(1), WindowOf(message));
}

void WireMonitor::Deliver(const ControlHeader& header, bool empty, Flow* flow) {
  if (header.nr > flow->acknowledged && header.nr <= flow->sent_end) {
    flow->acknowledged = header.nr;
  }
  if (empty) return;
  flow->delivered.insert(header.ns);
  while (flow->delivered.contains(flow->received_end)) ++flow->received_end;
}

std::optional<Instant> WireMonitor::LastHeard(const IpAddress& machine, TunnelId id) const {
  const auto flow = flows_.find({machine, id});
  return flow == flows_.end() ? std::nullopt : flow->second.heard;
}

}  // namespace l2tp::testing
