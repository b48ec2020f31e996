#include "server/protocol/engine.h"

#include <algorithm>
#include <utility>

#include "server/base/error.h"

namespace l2tp::protocol {
namespace {

using wire::AvpType;
using wire::Message;
using wire::MessageType;

// On top of the retention that precedes the release of a tunnel.
constexpr Duration kTunnelIdQuarantine = Duration::Seconds(5);

}  // namespace

Engine::Engine(PeerDirectory* directory, RandomSource* random, uint32_t first_call_serial_number)
    : directory_(directory), tunnel_ids_(kTunnelIdQuarantine), gate_(random->NextU64()) {
  services_.random = random;
  services_.effects = &effects_;
  services_.next_call_serial_number = first_call_serial_number;
}

// ---- Datagrams ---------------------------------------------------------------------------------

void Engine::HandleDatagram(Instant now, const Path& path, ByteSpan datagram) {
  if (wire::ClassifyDatagram(datagram) != wire::DatagramKind::kControl) return;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (!header.ok()) {
    ++counters_.malformed;
    return;
  }
  if (!header->tunnel_id) return HandleWithoutTunnelId(now, path, *header, body);
  const auto handle = by_id_.find(header->tunnel_id);
  if (handle == by_id_.end()) {
    ++counters_.unknown_tunnel;
    return;
  }
  Tunnel& tunnel = *Find(handle->second)->tunnel;
  // Until its first answer the peer may choose another port to answer from (section 8.1), but not
  // another address: the 16 bits of our Tunnel ID are all that a stranger would have to guess.
  const Endpoint& known = tunnel.path().remote;
  const bool settled = tunnel.state() != Tunnel::State::kWaitCtlReply;
  if (settled ? path.remote != known : path.remote.address != known.address) {
    ++counters_.foreign_source;
    return;
  }
  const TunnelHandle found = handle->second;
  const int64_t duplicates = tunnel.duplicate_count();
  tunnel.HandleMessage(now, path, *header, body);
  counters_.duplicates += tunnel.duplicate_count() - duplicates;
  Settle(now, found);
}

// SCCRQ, or a StopCCN from a peer that never learnt our Tunnel ID.
void Engine::HandleWithoutTunnelId(Instant now, const Path& path, const wire::ControlHeader& header,
                                   ByteSpan body) {
  const wire::RawMessage raw = wire::SplitAvps(body);
  if (raw.avps.empty()) return;  // a ZLB for nobody
  Admission admission = directory_->Admit(path, raw.HostName().value_or(""));
  std::optional<absl::string_view> secret;
  if (!admission.params.secret.empty()) secret = admission.params.secret;
  const wire::Decoded decoded = DecodeMessage(raw, secret);
  if (decoded.ignore || (decoded.fault.has_value() && decoded.fault->unreadable)) return;
  const Message& message = decoded.message;
  const TunnelId peer_id(message.Get<uint16_t>(AvpType::kAssignedTunnelId).value_or(0));
  if (HandleForExisting(now, path, header, body, {path.remote, peer_id}, message.type())) return;
  if (message.type() != MessageType::kSccrq || header.ns != 0 || !peer_id) return;
  const Sccrq sccrq{path, message, wire::kControlHeaderSize + body.size()};
  if (!admission.admitted) return RefuseSccrq(sccrq, admission.refusal);
  if (decoded.fault.has_value()) {
    return RefuseSccrq(sccrq, wire::MakeResult(wire::StopCcnResult::kGeneralError,
                                               decoded.fault->error, decoded.fault->text));
  }
  HandleSccrq(now, sccrq, std::move(admission));
}

// A message of a tunnel that the peer has opened before. False: it is not one.
bool Engine::HandleForExisting(Instant now, const Path& path, const wire::ControlHeader& header,
                               ByteSpan body, const PeerKey& key, MessageType type) {
  const auto existing = by_peer_.find(key);
  if (existing == by_peer_.end()) return false;
  const TunnelHandle handle = existing->second;
  Tunnel& tunnel = *Find(handle)->tunnel;
  if (type == MessageType::kSccrq && !tunnel.alive()) {
    // The peer starts anew with the Tunnel ID of a tunnel that has ended.
    by_peer_.erase(existing);
    return false;
  }
  // Once the peer has used our Tunnel ID it knows it: whoever leaves it out may be anybody.
  if (type != MessageType::kSccrq && tunnel.state() == Tunnel::State::kEstablished) return true;
  const int64_t duplicates = tunnel.duplicate_count();
  tunnel.HandleMessage(now, path, header, body);
  counters_.duplicates += tunnel.duplicate_count() - duplicates;
  Settle(now, handle);
  return true;
}

void Engine::EndHalfOpen(TunnelHandle handle, Entry* entry) {
  if (!std::exchange(entry->half_open, false)) return;
  gate_.Leave(handle, entry->peer_key->remote.address);
}

void Engine::EndOpening(TunnelHandle handle, Entry* entry) {
  if (!std::exchange(entry->opening, false)) return;
  const auto of_peer = opening_.find(entry->opening_to);
  std::erase(of_peer->second, handle);
  if (of_peer->second.empty()) opening_.erase(of_peer);
}

void Engine::HandleSccrq(Instant now, const Sccrq& sccrq, Admission admission) {
  const Path& path = sccrq.path;
  const Message& message = sccrq.message;
  const TunnelId peer_id(*message.Get<uint16_t>(AvpType::kAssignedTunnelId));
  if (auto refusal = Tunnel::CheckVersion(message)) return RefuseSccrq(sccrq, *refusal);
  if (message.Has(AvpType::kChallenge) && admission.params.secret.empty()) {
    return RefuseSccrq(sccrq,
                       wire::MakeResult(wire::StopCcnResult::kNotAuthorized, wire::ErrorCode::kNone,
                                        "challenged, but no secret is configured"));
  }
  if (!gate_.Admits(now, path.remote, peer_id)) {
    return DropSccrq(sccrq, "many half-open tunnels: an SCCRQ has to come twice");
  }
  if (!WinsTie(now, path.remote.address, message)) {
    ++counters_.lost_ties;
    return;
  }
  const auto id = tunnel_ids_.Allocate(now, services_.random);
  if (!id.has_value()) {
    return RefuseSccrq(
        sccrq, wire::MakeResult(wire::StopCcnResult::kGeneralError,
                                wire::ErrorCode::kInsufficientResources, "no Tunnel ID is free"));
  }
  if (const auto displaced = gate_.Displaced(path.remote.address)) {
    ++counters_.displaced;
    Find(*displaced)->tunnel->Displace(now);
    Settle(now, *displaced);
  }
  const TunnelHandle handle(next_handle_++);
  Entry& entry = tunnels_[handle];
  entry.tunnel = std::make_unique<Tunnel>(handle, TunnelId(*id), path, std::move(admission.params),
                                          &services_);
  entry.peer_key = PeerKey{path.remote, peer_id};
  by_id_[TunnelId(*id)] = handle;
  by_peer_[*entry.peer_key] = handle;
  entry.half_open = true;
  gate_.Enter(handle, path.remote.address);
  entry.tunnel->Accept(now, message, std::move(admission.tag));
  Settle(now, handle);
}

// Section 4.4.3: does an SCCRQ win over those of ours to the same address that nobody has answered?
// Ours that lose are given up without a word. Without a Tie Breaker on either side both live.
bool Engine::WinsTie(Instant now, const IpAddress& source, const Message& sccrq) {
  const auto opening = opening_.find(source);
  if (opening == opening_.end()) return true;
  const auto theirs = sccrq.Get<uint64_t>(AvpType::kTieBreaker);
  bool wins = true;
  const std::vector<TunnelHandle> rivals = opening->second;
  for (const TunnelHandle handle : rivals) {
    Tunnel& tunnel = *Find(handle)->tunnel;
    const auto ours = tunnel.tie_breaker();
    if (!ours.has_value() && !theirs.has_value()) continue;
    // Equal ones both lose.
    if (!theirs.has_value() || (ours.has_value() && *ours <= *theirs)) wins = false;
    if (!ours.has_value() || (theirs.has_value() && *theirs <= *ours)) {
      tunnel.LoseTie(now);
      Settle(now, handle);
    }
  }
  return wins;
}

void Engine::DropSccrq(const Sccrq& sccrq, absl::string_view why) {
  ++counters_.dropped_sccrq;
  TellRefused(sccrq, wire::ResultCode(), why);
}

// One StopCCN and no state: when it is lost, the peer's retransmitted SCCRQ calls for the next one.
// Nobody can make us remember anything with a forged source address, and one datagram brings out
// one that is no longer: words are left out, and what no honest peer sends (an SCCRQ without most
// of what must be in it) has no answer.
void Engine::RefuseSccrq(const Sccrq& sccrq, const wire::ResultCode& result) {
  ++counters_.refused_sccrq;
  const TunnelId peer_id(sccrq.message.Get<uint16_t>(AvpType::kAssignedTunnelId).value_or(0));
  const auto encode = [&](absl::string_view words) {
    Message stop_ccn(MessageType::kStopCcn);
    // Section 4.4.3 wants the id that we assigned; none was, and none may be 0.
    stop_ccn.Add(AvpType::kAssignedTunnelId, uint16_t{1});
    stop_ccn.Add(AvpType::kResultCode,
                 wire::ResultCode{result.result, result.error, std::string(words)});
    return wire::EncodeControl({peer_id, SessionId(), 0, 1}, wire::EncodeBody(stop_ccn));
  };
  const absl::string_view words = result.message;
  Bytes datagram = encode(words);
  if (datagram.size() > sccrq.size) {
    const size_t excess = datagram.size() - sccrq.size;
    datagram = encode(words.substr(0, words.size() - std::min(words.size(), excess)));
  }
  if (datagram.size() > sccrq.size) return TellRefused(sccrq, wire::ResultCode(), words);
  effects_.push_back(Transmit{TunnelHandle(), sccrq.path, std::move(datagram)});
  TellRefused(sccrq, result, words);
}

void Engine::TellRefused(const Sccrq& sccrq, const wire::ResultCode& told, absl::string_view why) {
  effects_.push_back(TunnelRefused{sccrq.path,
                                   sccrq.message.Get<std::string>(AvpType::kHostName).value_or(""),
                                   told, std::string(why)});
}

// ---- Time --------------------------------------------------------------------------------------

void Engine::HandleTimeout(Instant now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const TunnelHandle handle = timers_.begin()->second;
    Entry* entry = Find(handle);
    timers_.erase(timers_.begin());
    entry->armed.reset();
    const int64_t retransmits = entry->tunnel->retransmit_count();
    entry->tunnel->HandleTimeout(now);
    counters_.retransmits += entry->tunnel->retransmit_count() - retransmits;
    Settle(now, handle);
  }
}

std::optional<Instant> Engine::NextTimeout() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void Engine::Settle(Instant now, TunnelHandle handle) {
  Entry* entry = Find(handle);
  Tunnel& tunnel = *entry->tunnel;
  tunnel.Flush(now);
  if (tunnel.state() == Tunnel::State::kEstablished) EndHalfOpen(handle, entry);
  if (tunnel.state() != Tunnel::State::kWaitCtlReply) EndOpening(handle, entry);
  if (tunnel.window_full() != entry->window_full) {
    entry->window_full = !entry->window_full;
    window_full_.Change(now, entry->window_full ? 1 : -1);
  }
  const bool released = tunnel.state() == Tunnel::State::kReleased;
  const std::optional<Instant> next = released ? std::nullopt : tunnel.NextTimeout();
  if (next != entry->armed) {
    if (entry->armed.has_value()) timers_.erase({*entry->armed, handle});
    if (next.has_value()) timers_.insert({*next, handle});
    entry->armed = next;
  }
  if (!released) return;
  tunnel_ids_.Release(now, static_cast<uint16_t>(tunnel.id().value()));
  by_id_.erase(tunnel.id());
  if (entry->peer_key.has_value()) {
    EndHalfOpen(handle, entry);
    const auto by_peer = by_peer_.find(*entry->peer_key);
    if (by_peer != by_peer_.end() && by_peer->second == handle) by_peer_.erase(by_peer);
  }
  tunnels_.erase(handle);
}

// ---- Commands ----------------------------------------------------------------------------------

absl::StatusOr<TunnelHandle> Engine::OpenTunnel(Instant now, const Endpoint& remote,
                                                TunnelParams params) {
  const auto id = tunnel_ids_.Allocate(now, services_.random);
  if (!id.has_value()) {
    return MakeError(Reason::kIdsExhausted, "no Tunnel ID is free", {{"limit", "60000"}});
  }
  const TunnelHandle handle(next_handle_++);
  Entry& entry = tunnels_[handle];
  Path path;
  path.remote = remote;
  entry.tunnel =
      std::make_unique<Tunnel>(handle, TunnelId(*id), path, std::move(params), &services_);
  by_id_[TunnelId(*id)] = handle;
  entry.opening = true;
  entry.opening_to = remote.address;
  opening_[remote.address].push_back(handle);
  entry.tunnel->Open(now);
  Settle(now, handle);
  return handle;
}

void Engine::CloseTunnel(Instant now, TunnelHandle tunnel, Closure closure) {
  Entry* entry = Find(tunnel);
  if (entry == nullptr) return;
  entry->tunnel->Close(now, std::move(closure));
  Settle(now, tunnel);
}

void Engine::QuietChecked(Instant now, TunnelHandle tunnel, bool data_came) {
  Entry* entry = Find(tunnel);
  if (entry == nullptr) return;
  entry->tunnel->QuietChecked(now, data_came);
  Settle(now, tunnel);
}

absl::StatusOr<SessionHandle> Engine::PlaceCall(Instant now, TunnelHandle tunnel, CallInfo call) {
  Entry* entry = Find(tunnel);
  if (entry == nullptr) return MakeError(Reason::kTunnelNotFound, "the tunnel is gone");
  auto session = entry->tunnel->PlaceCall(now, std::move(call));
  Settle(now, tunnel);
  return session;
}

bool Engine::AcceptSession(Instant now, SessionHandle session, const LineInfo& line) {
  Entry* entry = Find(TunnelOf(session));
  if (entry == nullptr || !entry->tunnel->AcceptSession(session, line)) return false;
  Settle(now, TunnelOf(session));
  return true;
}

bool Engine::ConfirmSession(Instant now, SessionHandle session) {
  Entry* entry = Find(TunnelOf(session));
  if (entry == nullptr || !entry->tunnel->ConfirmSession(session)) return false;
  Settle(now, TunnelOf(session));
  return true;
}

void Engine::CloseSession(Instant now, SessionHandle session, Closure closure) {
  Entry* entry = Find(TunnelOf(session));
  if (entry == nullptr) return;
  entry->tunnel->CloseSession(now, session, std::move(closure));
  Settle(now, TunnelOf(session));
}

bool Engine::SendLinkInfo(Instant now, SessionHandle session, const wire::Accm& accm) {
  Entry* entry = Find(TunnelOf(session));
  if (entry == nullptr || !entry->tunnel->SendLinkInfo(session, accm)) return false;
  Settle(now, TunnelOf(session));
  return true;
}

bool Engine::SendCallErrors(Instant now, SessionHandle session, const wire::CallErrors& errors) {
  Entry* entry = Find(TunnelOf(session));
  if (entry == nullptr || !entry->tunnel->SendCallErrors(now, session, errors)) return false;
  Settle(now, TunnelOf(session));
  return true;
}

Engine::Entry* Engine::Find(TunnelHandle handle) {
  const auto entry = tunnels_.find(handle);
  return entry == tunnels_.end() ? nullptr : &entry->second;
}

std::optional<TunnelHandle> Engine::FindHandle(TunnelId tunnel_id) const {
  const auto handle = by_id_.find(tunnel_id);
  if (handle == by_id_.end()) return std::nullopt;
  return handle->second;
}

const Tunnel* Engine::FindTunnel(TunnelHandle tunnel) const {
  const auto entry = tunnels_.find(tunnel);
  return entry == tunnels_.end() ? nullptr : entry->second.tunnel.get();
}

const Session* Engine::FindSession(SessionHandle session) const {
  const auto entry = tunnels_.find(TunnelOf(session));
  return entry == tunnels_.end() ? nullptr : entry->second.tunnel->FindSession(session);
}

}  // namespace l2tp::protocol
