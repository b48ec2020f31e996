#include "tests/bench/load/station.h"

#include <algorithm>
#include <utility>

#include "server/wire/header.h"
#include "tests/bench/load/data_message.h"
#include "tests/bench/load/ppp/icmp_echo.h"

namespace l2tp::load {
namespace {

using protocol::Closure;
using protocol::Effect;

Closure Close(wire::ResultCode result) {
  Closure closure;
  closure.result = std::move(result);
  return closure;
}

void Earlier(std::optional<Instant> other, std::optional<Instant>* next) {
  if (other.has_value() && (!next->has_value() || *other < **next)) *next = other;
}

}  // namespace

Station::Station(const World& world, protocol::PeerDirectory* directory)
    : world_(world),
      engine_(directory, world.random, static_cast<uint32_t>(world.random->NextU64())) {}

// ---- Entries -----------------------------------------------------------------------------------

void Station::OnDatagram(const Path& path, ByteSpan datagram) {
  const Instant now = Now();
  switch (wire::ClassifyDatagram(datagram)) {
    case wire::DatagramKind::kControl: engine_.HandleDatagram(now, path, datagram); break;
    case wire::DatagramKind::kData: HandleData(now, path, datagram); break;
    case wire::DatagramKind::kUnsupported: return;
  }
  Settle(now);
}

void Station::HandleTimeout() {
  const Instant now = Now();
  alarm_.reset();
  engine_.HandleTimeout(now);
  while (const auto session = timers_.TakeDue(now)) {
    Call* const call = FindCall(*session);
    if (call == nullptr) continue;
    if (call->deadline.has_value() && *call->deadline <= now) {
      CloseCall(now, *session);
      EndCall(now, *call, "timeout");
      continue;
    }
    call->link.HandleTimeout(now);
    call->pinger.HandleTimeout(now);
    SettleCall(now, *call);
  }
  Settle(now);
}

// ---- The engine --------------------------------------------------------------------------------

void Station::Settle(Instant now) {
  while (CarryOut(now) || Advance(now)) {
  }
  ArmAlarm();
}

// False: there were no effects.
bool Station::CarryOut(Instant now) {
  std::vector<Effect> effects = engine_.TakeEffects();
  for (Effect& effect : effects) {
    if (const auto* transmit = std::get_if<protocol::Transmit>(&effect)) {
      Carry(*transmit);
      HandleSent(now, *transmit);
    } else if (const auto* quiet = std::get_if<protocol::TunnelQuiet>(&effect)) {
      HandleQuiet(now, quiet->tunnel);
    } else if (const auto* closed = std::get_if<protocol::SessionClosed>(&effect)) {
      HandleClosed(now, *closed);
    } else {
      HandleEffect(now, effect);
    }
  }
  return !effects.empty();
}

void Station::Carry(const protocol::Transmit& transmit) {
  const auto tunnel = tunnels_.find(transmit.tunnel);
  if (tunnel != tunnels_.end() && tunnel->second.socket) {
    world_.port->SendOn(tunnel->second.socket, transmit.path.remote, transmit.datagram);
  } else {
    world_.port->Send(transmit.path, transmit.datagram);
  }
}

void Station::HandleQuiet(Instant now, TunnelHandle handle) {
  const auto tunnel = tunnels_.find(handle);
  const bool came = tunnel != tunnels_.end() && std::exchange(tunnel->second.data_came, false);
  engine_.QuietChecked(now, handle, came);
}

void Station::HandleClosed(Instant now, const protocol::SessionClosed& closed) {
  Call* const call = FindCall(closed.session);
  if (call == nullptr) return;  // it was us
  std::optional<std::string> failure;
  if (!MayEnd(*call, closed.closure)) failure = CauseOf(closed.closure, /*tunnel=*/false);
  EndCall(now, *call, std::move(failure));
}

void Station::CloseTunnel(Instant now, TunnelHandle tunnel) {
  engine_.CloseTunnel(now, tunnel, Close(MakeResult(wire::StopCcnResult::kGeneralRequest)));
}

void Station::CloseCall(Instant now, SessionHandle session) {
  engine_.CloseSession(now, session, Close(MakeResult(wire::CdnResult::kAdministrative)));
}

// The alarm is left alone when it rings before anything is due: setting it costs a system call, and
// a call in progress moves its timers with every frame.
void Station::ArmAlarm() {
  std::optional<Instant> next = engine_.NextTimeout();
  Earlier(timers_.Next(), &next);
  Earlier(NextAdvance(), &next);
  if (!next.has_value() || (alarm_.has_value() && *alarm_ <= *next)) return;
  alarm_ = next;
  world_.alarm->Set(next);
}

// ---- Calls -------------------------------------------------------------------------------------

Station::Call& Station::AddCall(Instant now, SessionHandle session, TunnelHandle tunnel,
                                SessionId id, const CallPlan& plan) {
  // Made in its place, for it cannot be moved.
  auto call = std::unique_ptr<Call>(new Call{.session = session,
                                             .tunnel = tunnel,
                                             .id = id,
                                             .echo_identifier = next_echo_identifier_++,
                                             .wants_ipv6 = plan.ppp.ipv6,
                                             .began = now,
                                             .link = ppp::Link(plan.ppp, world_.random),
                                             .pinger = Pinger(plan.ping)});
  if (plan.setup_timeout > Duration()) call->deadline = now + plan.setup_timeout;
  by_data_[KeyOf(tunnels_.at(tunnel).id, call->id)] = session;
  world_.tally->Try(Phase::kSetUp);
  EnterPhase(now, *call, Phase::kCall);
  ArmTimer(*call);
  return *(calls_[session] = std::move(call));
}

Station::Call* Station::FindCall(SessionHandle session) {
  const auto call = calls_.find(session);
  return call == calls_.end() ? nullptr : call->second.get();
}

// `failure`: why it should have lived. Forgets the call.
void Station::EndCall(Instant now, Call& call, std::optional<std::string> failure) {
  if (failure.has_value()) world_.tally->Fail(call.up ? Phase::kHold : call.phase, *failure);
  if (call.up) --up_count_;
  if (call.phase == Phase::kPing) CountEchoes(call);
  HandleEnd(now, call, failure.has_value());
  by_data_.erase(KeyOf(tunnels_.at(call.tunnel).id, call.id));
  timers_.Arm(call.session, std::nullopt);
  calls_.erase(call.session);
}

void Station::EnterPhase(Instant now, Call& call, Phase phase) const {
  call.phase = phase;
  call.phase_began = now;
  world_.tally->Try(phase);
}

// False: the call is elsewhere. A link may be negotiated again; what has been counted stands.
bool Station::PassPhase(Instant now, const Call& call, Phase phase) const {
  if (call.phase != phase) return false;
  world_.tally->Pass(phase, now - call.phase_began);
  return true;
}

void Station::BeginPpp(Instant now, Call& call) {
  if (!PassPhase(now, call, Phase::kCall)) return;
  EnterPhase(now, call, Phase::kLcp);
  call.link.Start(now);
  SettleCall(now, call);
}

// Sends what PPP has to say, takes what it tells, and arms its timer. The call may be gone then.
void Station::SettleCall(Instant now, Call& call) {
  for (const ppp::LinkEvent event : call.link.TakeEvents()) {
    if (event == ppp::LinkEvent::kDown) {
      SendFrames(call);  // its last words, before the CDN
      CloseCall(now, call.session);
      return EndCall(now, call, std::string(ppp::LinkEndText(call.link.end())));
    }
    HandleLinkEvent(now, call, event);
  }
  SettlePinger(call);
  SendFrames(call);
  ArmTimer(call);
}

void Station::HandleLinkEvent(Instant now, Call& call, ppp::LinkEvent event) {
  switch (event) {
    case ppp::LinkEvent::kLcpUp:
      if (PassPhase(now, call, Phase::kLcp)) EnterPhase(now, call, Phase::kAuth);
      return;
    case ppp::LinkEvent::kAuthenticated:
      if (PassPhase(now, call, Phase::kAuth)) EnterPhase(now, call, Phase::kIpcp);
      return;
    case ppp::LinkEvent::kIpv4Up:
    case ppp::LinkEvent::kIpv6Up: return SettleNetwork(now, call);
    case ppp::LinkEvent::kDown: return;
  }
}

void Station::SettleNetwork(Instant now, Call& call) {
  if (!call.link.ipv4_up()) return;
  if (call.wants_ipv6) {
    if (PassPhase(now, call, Phase::kIpcp)) EnterPhase(now, call, Phase::kIpv6cp);
    if (!call.link.ipv6_up() || !PassPhase(now, call, Phase::kIpv6cp)) return;
  } else if (!PassPhase(now, call, Phase::kIpcp)) {
    return;
  }
  call.phase = Phase::kHold;
  call.up = true;
  call.deadline.reset();
  ++up_count_;
  world_.tally->Pass(Phase::kSetUp, now - call.began);
  call.pinger.Start(now, call.link.local(), call.link.remote(), call.echo_identifier);
  if (call.pinger.state() != Pinger::State::kIdle) EnterPhase(now, call, Phase::kPing);
  HandleUp(now, call);
}

void Station::SettlePinger(Call& call) {
  for (const Bytes& packet : call.pinger.TakePackets()) call.link.SendIpv4(packet);
  if (call.phase != Phase::kPing || call.pinger.state() == Pinger::State::kRunning) return;
  if (call.pinger.state() == Pinger::State::kDone) {
    world_.tally->Pass(Phase::kPing, *call.pinger.first_reply());
  } else {
    world_.tally->Fail(Phase::kPing, "no echo reply");
  }
  CountEchoes(call);
  call.phase = Phase::kHold;
  HandlePinged(call);
}

void Station::CountEchoes(const Call& call) const {
  world_.tally->CountEchoes(call.pinger.sent(), call.pinger.answered());
}

void Station::SendFrames(Call& call) {
  const TunnelState& tunnel = tunnels_.at(call.tunnel);
  for (const Bytes& frame : call.link.TakeFrames()) {
    Bytes datagram = EncodeData(tunnel.peer_id, call.peer_id, call.ns, frame);
    if (call.ns.has_value()) ++*call.ns;
    if (tunnel.socket) {
      world_.port->SendOn(tunnel.socket, tunnel.path.remote, std::move(datagram));
    } else {
      world_.port->Send(tunnel.path, std::move(datagram));
    }
  }
}

void Station::ArmTimer(const Call& call) {
  std::optional<Instant> next = call.deadline;
  Earlier(call.link.NextTimeout(), &next);
  Earlier(call.pinger.NextTimeout(), &next);
  timers_.Arm(call.session, next);
}

// ---- Data --------------------------------------------------------------------------------------

void Station::HandleData(Instant now, const Path& path, ByteSpan datagram) {
  const auto message = wire::ParseDataMessage(datagram);
  if (!message.ok()) return;
  const auto session = by_data_.find(KeyOf(message->header.tunnel_id, message->header.session_id));
  if (session == by_data_.end()) return;
  Call& call = *calls_.at(session->second);
  // Before ICCN there is no PPP, as in a kernel; what comes early is sent again.
  if (call.phase == Phase::kCall) return;
  TunnelState& tunnel = tunnels_.at(call.tunnel);
  if (tunnel.path.remote != path.remote) return;
  tunnel.data_came = true;
  // RFC 2661 section 5.4: a LAC that gets sequence numbers sends them, too.
  if (message->header.ns.has_value() && !call.ns.has_value()) call.ns = 0;
  const auto packet = call.link.HandleFrame(now, message->payload);
  if (packet.has_value()) HandlePacket(now, call, *packet);
  SettleCall(now, call);
}

void Station::HandlePacket(Instant now, Call& call, ByteSpan packet) {
  const auto echo = ppp::ParseIcmpEcho(packet);
  if (!echo.has_value()) return;
  if (echo->reply) return call.pinger.HandleReply(now, *echo);
  if (echo->destination != call.link.local()) return;
  ppp::IcmpEcho reply = *echo;
  reply.reply = true;
  std::swap(reply.source, reply.destination);
  call.link.SendIpv4(ppp::EncodeIcmpEcho(reply));
}

}  // namespace l2tp::load
