#include "tests/bench/load/lac.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/wire/header.h"
#include "server/wire/message_type.h"

namespace l2tp::load {
namespace {

// For the acknowledgement of a StopCCN: the longest that retransmission takes by default. Whoever
// ends the run early does not want to wait so long.
constexpr Duration kDownTimeout = Duration::Seconds(47);
constexpr Duration kStopTimeout = Duration::Seconds(8);
constexpr uint32_t kConnectSpeed = 100'000'000;  // bit/s

// Of a message that our engine has made: Message Type is the first AVP, and never hidden.
bool IsIccn(ByteSpan body) {
  ByteReader reader(body);
  (void)reader.ReadBytes(6);  // M, H, Length; Vendor ID; Attribute Type
  return reader.ReadU16() == static_cast<uint16_t>(wire::MessageType::kIccn);
}

}  // namespace

std::string Numbered(absl::string_view text, uint64_t number) {
  return absl::StrReplaceAll(text, {{"%d", absl::StrCat(number)}});
}

Lac::Lac(LacPlan plan, const World& world)
    : Station(world, this),
      plan_(std::move(plan)),
      total_(static_cast<uint64_t>(plan_.tunnels) * static_cast<uint64_t>(plan_.calls)),
      slots_(static_cast<size_t>(plan_.tunnels)) {}

void Lac::Start() {
  started_ = Now();
  Settle(started_);
}

void Lac::Stop() {
  const Instant now = Now();
  BeginDown(now, kStopTimeout);
  Settle(now);
}

protocol::Admission Lac::Admit(const Path&, absl::string_view) {
  protocol::Admission admission;
  admission.refusal = MakeResult(wire::StopCcnResult::kNotAuthorized);
  return admission;
}

// ---- Up ----------------------------------------------------------------------------------------

Instant Lac::DueTime(uint64_t number) const {
  if (plan_.rate <= 0) return started_;
  const double seconds = static_cast<double>(number) / plan_.rate;
  return started_ + Duration::Nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

bool Lac::PlaceDue(Instant now) {
  bool placed = false;
  while (next_call_ < total_ && pending_ < plan_.concurrency && DueTime(next_call_) <= now) {
    Place(now, next_call_++);
    placed = true;
  }
  return placed;
}

// Tunnels take turns, so that all are opened first.
void Lac::Place(Instant now, uint64_t number) {
  const size_t index = static_cast<size_t>(number % slots_.size());
  Slot& slot = slots_[index];
  if (!slot.tunnel && !slot.ended && !OpenTunnel(now, index)) slot.ended = true;
  if (slot.ended) return FailUnplaced(absl::StrCat("no tunnel: ", slot.cause));
  protocol::CallInfo info;
  info.tx_connect_speed = kConnectSpeed;
  const auto session = engine_.PlaceCall(now, slot.tunnel, std::move(info));
  if (!session.ok()) return FailUnplaced("no Session ID is free");
  CallPlan plan = plan_.call;
  plan.ppp.login.user = Numbered(plan.ppp.login.user, number + 1);
  AddCall(now, *session, slot.tunnel, engine_.FindSession(*session)->id(), plan);
  ++pending_;
  if (!tunnels_.at(slot.tunnel).established) slot.waiting.push_back(*session);
}

void Lac::FailUnplaced(absl::string_view cause) {
  world_.tally->Try(Phase::kSetUp);
  world_.tally->Try(Phase::kCall);
  world_.tally->Fail(Phase::kCall, cause);
  ++failed_;
  ++settled_;
}

bool Lac::OpenTunnel(Instant now, size_t index) {
  Slot& slot = slots_[index];
  world_.tally->Try(Phase::kTunnel);
  const auto socket = OpenSocket(index);
  if (!socket.ok()) {
    slot.cause = std::string(socket.status().message());
    world_.tally->Fail(Phase::kTunnel, slot.cause);
    return false;
  }
  protocol::TunnelParams params;
  params.host_name = Numbered(plan_.host_name, index + 1);
  params.vendor_name = "l2tp-load";
  params.secret = plan_.secret;
  params.hide_avps = plan_.hide_avps;
  const auto tunnel = engine_.OpenTunnel(now, plan_.target, std::move(params));
  if (!tunnel.ok()) {
    slot.cause = "no Tunnel ID is free";
    world_.tally->Fail(Phase::kTunnel, slot.cause);
    return false;
  }
  slot.tunnel = *tunnel;
  slot_of_[*tunnel] = index;
  TunnelState& state = tunnels_[*tunnel];
  state.id = engine_.FindTunnel(*tunnel)->id();
  state.socket = *socket;
  state.began = now;
  return true;
}

absl::StatusOr<control::SocketId> Lac::OpenSocket(size_t index) {
  const size_t addresses = std::max<size_t>(plan_.local.size(), 1);
  const size_t turn = index % addresses;
  if (plan_.local_port != 0 && turn < shared_sockets_.size()) return shared_sockets_[turn];
  Endpoint local;
  if (!plan_.local.empty()) local.address = plan_.local[turn];
  local.port = plan_.local_port;
  auto socket = world_.port->Open(local, plan_.target, {});
  if (socket.ok() && plan_.local_port != 0) shared_sockets_.push_back(*socket);
  return socket;
}

// ---- The engine --------------------------------------------------------------------------------

void Lac::HandleEffect(Instant now, protocol::Effect& effect) {
  if (const auto* established = std::get_if<protocol::TunnelEstablished>(&effect)) {
    HandleEstablished(now, *established);
  } else if (const auto* closed = std::get_if<protocol::TunnelClosed>(&effect)) {
    HandleTunnelClosed(*closed);
  } else if (const auto* drained = std::get_if<protocol::TunnelDrained>(&effect)) {
    HandleDrained(now, drained->tunnel);
  } else if (const auto* answered = std::get_if<protocol::SessionAnswered>(&effect)) {
    HandleAnswered(now, *answered);
  } else if (const auto* requested = std::get_if<protocol::SessionRequested>(&effect)) {
    // An incoming call, of a peer that thinks it is the LAC.
    CloseCall(now, requested->session);
  }
}

void Lac::HandleEstablished(Instant now, const protocol::TunnelEstablished& established) {
  TunnelState& state = tunnels_.at(established.tunnel);
  state.established = true;
  state.peer_id = established.peer.peer_tunnel_id;
  state.path = established.path;
  world_.tally->Pass(Phase::kTunnel, now - state.began);
  // The kernel finds a connected socket faster. One that tunnels share stays open to all.
  if (plan_.local_port == 0) {
    (void)world_.port->Connect(state.socket, established.path.remote);
  }
  for (const SessionHandle session :
       std::exchange(slots_[slot_of_.at(established.tunnel)].waiting, {})) {
    Call* const call = FindCall(session);
    if (call != nullptr) call->began = call->phase_began = now;  // its ICRQ goes out now
  }
}

void Lac::HandleAnswered(Instant now, const protocol::SessionAnswered& answered) {
  Call* const call = FindCall(answered.session);
  if (call == nullptr) return;
  call->peer_id = answered.peer_session_id;
  unconfirmed_[{call->tunnel, call->peer_id}] = call->session;
  engine_.ConfirmSession(now, answered.session);
}

// PPP begins when ICCN goes out, and that may wait for the window: an LNS has nothing that could
// take a frame before, and a frame that is lost costs the call three seconds.
void Lac::HandleSent(Instant now, const protocol::Transmit& transmit) {
  if (unconfirmed_.empty()) return;
  ByteSpan body;
  const auto header = wire::ParseControlHeader(transmit.datagram, &body);
  if (!header.ok() || !IsIccn(body)) return;
  const auto unconfirmed = unconfirmed_.find({transmit.tunnel, header->session_id});
  if (unconfirmed == unconfirmed_.end()) return;
  Call* const call = FindCall(unconfirmed->second);
  unconfirmed_.erase(unconfirmed);
  if (call != nullptr) BeginPpp(now, *call);
}

void Lac::HandleTunnelClosed(const protocol::TunnelClosed& closed) {
  Slot& slot = slots_[slot_of_.at(closed.tunnel)];
  const TunnelState& state = tunnels_.at(closed.tunnel);
  slot.ended = true;
  slot.cause = CauseOf(closed.closure, /*tunnel=*/true);
  const bool ours = closed.closure.kind == protocol::Closure::Kind::kLocal;
  if (!state.established && !ours) world_.tally->Fail(Phase::kTunnel, slot.cause);
}

void Lac::HandleUp(Instant now, Call& call) {
  --pending_;
  ++came_up_;
  last_up_ = now;
  if (call.phase != Phase::kPing) ++settled_;
}

void Lac::HandlePinged(Call&) { ++settled_; }

bool Lac::MayEnd(const Call&, const protocol::Closure&) const {
  return stage_ == Stage::kDown || stage_ == Stage::kDone;
}

void Lac::HandleEnd(Instant, const Call& call, bool failed) {
  unconfirmed_.erase({call.tunnel, call.peer_id});
  if (failed) ++failed_;
  if (!call.up) --pending_;
  if (!call.up || call.phase == Phase::kPing) ++settled_;
}

// ---- Stages ------------------------------------------------------------------------------------

bool Lac::Advance(Instant now) {
  switch (stage_) {
    case Stage::kUp:
      if (PlaceDue(now)) return true;
      if (settled_ < total_) return false;
      stage_ = Stage::kHold;
      hold_until_ = now + plan_.hold;
      return true;
    case Stage::kHold:
      if (now < hold_until_) return false;
      BeginDown(now, kDownTimeout);
      return true;
    case Stage::kDown:
      if (undrained_ > 0 && now < down_deadline_) return false;
      Finish();
      return false;
    case Stage::kDone: return false;
  }
  return false;
}

std::optional<Instant> Lac::NextAdvance() const {
  switch (stage_) {
    case Stage::kUp:
      if (next_call_ == total_ || pending_ >= plan_.concurrency) return std::nullopt;
      return DueTime(next_call_);
    case Stage::kHold: return hold_until_;
    case Stage::kDown: return down_deadline_;
    case Stage::kDone: return std::nullopt;
  }
  return std::nullopt;
}

void Lac::BeginDown(Instant now, Duration patience) {
  if (stage_ == Stage::kDown || stage_ == Stage::kDone) return;
  stage_ = Stage::kDown;
  down_began_ = now;
  down_deadline_ = now + patience;
  world_.tally->CountRound(came_up_, last_up_.value_or(started_) - started_);
  if (plan_.teardown == Teardown::kAbrupt) return Finish();
  if (plan_.teardown == Teardown::kCdn) {
    std::vector<SessionHandle> sessions;
    sessions.reserve(calls_.size());
    for (const auto& [session, call] : calls_) sessions.push_back(session);
    std::sort(sessions.begin(), sessions.end());  // the same in every run
    for (const SessionHandle session : sessions) CloseCall(now, session);
  }
  for (const Slot& slot : slots_) {
    if (!slot.tunnel || slot.ended) continue;
    // One that nobody has answered so far has nobody to tell.
    if (tunnels_.at(slot.tunnel).established) {
      ++undrained_;
      world_.tally->Try(Phase::kDown);
    }
    CloseTunnel(now, slot.tunnel);
  }
}

void Lac::HandleDrained(Instant now, TunnelHandle tunnel) {
  // Others broke the protocol, or were never up.
  if (stage_ != Stage::kDown || !tunnels_.at(tunnel).established || undrained_ == 0) return;
  --undrained_;
  world_.tally->Pass(Phase::kDown, now - down_began_);
}

void Lac::Finish() {
  for (size_t i = 0; i < undrained_; ++i) {
    world_.tally->Fail(Phase::kDown, "StopCCN unacknowledged");
  }
  undrained_ = 0;
  stage_ = Stage::kDone;
}

}  // namespace l2tp::load
