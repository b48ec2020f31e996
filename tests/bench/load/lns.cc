#include "tests/bench/load/lns.h"

#include <algorithm>
#include <utility>

namespace l2tp::load {
namespace {

constexpr Duration kStopTimeout = Duration::Seconds(8);

}  // namespace

Lns::Lns(LnsPlan plan, const World& world) : Station(world, this), plan_(std::move(plan)) {
  // Whoever measures with us does not want to be slowed down.
  constexpr int kNoLimit = 1'000'000;
  engine_.set_half_open_limits({.total = kNoLimit, .per_address = kNoLimit});
}

protocol::Admission Lns::Admit(const Path&, absl::string_view) {
  protocol::Admission admission;
  admission.admitted = !stopping_;
  admission.refusal = MakeResult(wire::StopCcnResult::kShuttingDown);
  admission.params.host_name = plan_.host_name;
  admission.params.vendor_name = "l2tp-load";
  admission.params.secret = plan_.secret;
  return admission;
}

void Lns::HandleEffect(Instant now, protocol::Effect& effect) {
  if (const auto* accepted = std::get_if<protocol::TunnelAccepted>(&effect)) {
    HandleAccepted(now, *accepted);
  } else if (const auto* established = std::get_if<protocol::TunnelEstablished>(&effect)) {
    HandleEstablished(now, *established);
  } else if (const auto* closed = std::get_if<protocol::TunnelClosed>(&effect)) {
    HandleTunnelClosed(*closed);
  } else if (const auto* released = std::get_if<protocol::TunnelReleased>(&effect)) {
    tunnels_.erase(released->tunnel);
  } else if (const auto* requested = std::get_if<protocol::SessionRequested>(&effect)) {
    HandleRequested(now, *requested);
  } else if (const auto* up = std::get_if<protocol::SessionEstablished>(&effect)) {
    if (Call* call = FindCall(up->session)) BeginPpp(now, *call);
  } else if (std::holds_alternative<protocol::TunnelDrained>(effect)) {
    if (stopping_ && undrained_ > 0) --undrained_;
  } else if (const auto* refused = std::get_if<protocol::TunnelRefused>(&effect)) {
    world_.tally->Try(Phase::kTunnel);
    protocol::Closure closure;
    closure.kind = protocol::Closure::Kind::kProtocolError;
    closure.result = refused->result;
    world_.tally->Fail(Phase::kTunnel, CauseOf(closure, /*tunnel=*/true));
  }
}

// ---- Tunnels -----------------------------------------------------------------------------------

void Lns::HandleAccepted(Instant now, const protocol::TunnelAccepted& accepted) {
  world_.tally->Try(Phase::kTunnel);
  TunnelState& state = tunnels_[accepted.tunnel];
  const protocol::Tunnel* const tunnel = engine_.FindTunnel(accepted.tunnel);
  if (tunnel != nullptr) state.id = tunnel->id();
  state.path = accepted.path;
  state.began = now;
}

void Lns::HandleEstablished(Instant now, const protocol::TunnelEstablished& established) {
  TunnelState& state = tunnels_.at(established.tunnel);
  state.established = true;
  state.peer_id = established.peer.peer_tunnel_id;
  state.path = established.path;
  world_.tally->Pass(Phase::kTunnel, now - state.began);
}

void Lns::HandleTunnelClosed(const protocol::TunnelClosed& closed) {
  const auto state = tunnels_.find(closed.tunnel);
  if (state == tunnels_.end() || state->second.established) return;
  world_.tally->Fail(Phase::kTunnel, CauseOf(closed.closure, /*tunnel=*/true));
}

void Lns::Stop() {
  const Instant now = Now();
  stopping_ = true;
  stop_deadline_ = now + kStopTimeout;
  std::vector<TunnelHandle> handles;
  for (const auto& [handle, state] : tunnels_) handles.push_back(handle);
  std::sort(handles.begin(), handles.end());  // the same in every run
  for (const TunnelHandle handle : handles) {
    const protocol::Tunnel* const tunnel = engine_.FindTunnel(handle);
    if (tunnel == nullptr || !tunnel->alive()) continue;
    ++undrained_;
    CloseTunnel(now, handle);
  }
  Settle(now);
}

bool Lns::Advance(Instant now) {
  done_ = stopping_ && (undrained_ == 0 || now >= stop_deadline_);
  return false;
}

std::optional<Instant> Lns::NextAdvance() const {
  return stopping_ && !done_ ? std::optional(stop_deadline_) : std::nullopt;
}

// ---- Calls -------------------------------------------------------------------------------------

void Lns::HandleRequested(Instant now, const protocol::SessionRequested& requested) {
  // A peer that is LNS itself and wants an outgoing call.
  if (requested.side != protocol::CallSide::kLns) return CloseCall(now, requested.session);
  CallPlan plan = plan_.call;
  const auto offset = TakeAddress();
  if (!offset.has_value()) {
    world_.tally->Try(Phase::kSetUp);
    world_.tally->Try(Phase::kCall);
    world_.tally->Fail(Phase::kCall, "no address is free");
    return CloseCall(now, requested.session);
  }
  plan.ppp.remote = IpAddress::FromV4(plan_.first_address.v4() + *offset);
  Call& call = AddCall(now, requested.session, requested.tunnel, requested.session_id, plan);
  call.peer_id = requested.peer_session_id;
  call.number = *offset;
  engine_.AcceptSession(now, requested.session);
}

std::optional<uint32_t> Lns::TakeAddress() {
  if (next_address_ < plan_.addresses) return next_address_++;
  if (free_addresses_.empty()) return std::nullopt;
  const uint32_t offset = free_addresses_.front();
  free_addresses_.pop_front();
  return offset;
}

void Lns::HandleUp(Instant, Call&) { peak_ = std::max(peak_, up_count()); }

bool Lns::MayEnd(const Call& call, const protocol::Closure& closure) const {
  if (stopping_) return true;
  using Kind = protocol::Closure::Kind;
  const bool by_peer = closure.kind == Kind::kPeer ||
                       (closure.kind == Kind::kTunnel && closure.tunnel_kind == Kind::kPeer);
  return call.up && by_peer;
}

void Lns::HandleEnd(Instant, const Call& call, bool) {
  free_addresses_.push_back(static_cast<uint32_t>(call.number));
}

}  // namespace l2tp::load
