#include "tests/fuzz/node.h"

#include <utility>
#include <variant>

#include "server/wire/header.h"
#include "server/wire/message.h"
#include "tests/fuzz/require.h"

namespace l2tp::protocol {
namespace {

constexpr size_t kMostInFlight = 64;
constexpr size_t kLargestDatagram = 65507;

// What we send, we would accept ourselves.
void CheckBody(ByteSpan body, const std::string& secret) {
  if (body.empty()) return;
  std::optional<absl::string_view> known;
  if (!secret.empty()) known = secret;
  const wire::Decoded decoded = DecodeMessage(wire::SplitAvps(body), known);
  Require(!decoded.fault.has_value() && !decoded.ignore && decoded.ignored_avps == 0,
          "what is sent is without fault");
}

}  // namespace

Node::Node(uint64_t seed, const Endpoint& address) : address_(address), random_(seed) {
  params.host_name = "host";
  Restart();
}

void Node::Restart() {
  engine_ = std::make_unique<Engine>(this, &random_, 1);
  engine_->set_half_open_limits(limits_);
  lives_ = Lives();
  voices_.clear();
  tunnels.clear();
  sessions.clear();
  requested.clear();
  answered.clear();
}

void Node::Limit(const HalfOpenLimits& limits) {
  limits_ = limits;
  engine_->set_half_open_limits(limits_);
}

Admission Node::Admit(const Path&, absl::string_view) {
  Admission admission;
  admission.admitted = welcoming;
  admission.params = params;
  if (!welcoming) admission.refusal = wire::MakeResult(wire::StopCcnResult::kNotAuthorized);
  return admission;
}

void Node::OpenTunnel(Instant now, const Endpoint& remote) {
  const auto tunnel = engine_->OpenTunnel(now, remote, params);
  if (!tunnel.ok()) return;
  lives_.Opened(*tunnel);
  tunnels.push_back(*tunnel);
  voices_[*tunnel].secret = params.secret;
}

void Node::PlaceCall(Instant now, TunnelHandle tunnel, CallInfo call) {
  const auto session = engine_->PlaceCall(now, tunnel, std::move(call));
  if (!session.ok()) return;
  lives_.Placed(*session);
  sessions.push_back(*session);
}

void Node::Receive(Instant now, const Endpoint& from, ByteSpan datagram) {
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (header.ok() && !body.empty()) {
    for (auto& [handle, voice] : voices_) {
      const Tunnel* tunnel = engine_->FindTunnel(handle);
      if (tunnel == nullptr || tunnel->id() != header->tunnel_id) continue;
      if (voice.expected_ns == header->ns) ++voice.expected_ns;
    }
  }
  engine_->HandleDatagram(now, {address_, from}, datagram);
}

const Node::Voice* Node::VoiceOf(TunnelHandle tunnel) const {
  const auto found = voices_.find(tunnel);
  return found == voices_.end() ? nullptr : &found->second;
}

void Node::Send(Transmit transmit) {
  Require(transmit.datagram.size() <= kLargestDatagram, "it fits into a datagram");
  ByteSpan body;
  const auto header = wire::ParseControlHeader(transmit.datagram, &body);
  Require(header.ok(), "the header is sound");
  if (transmit.tunnel) {
    Voice& voice = voices_[transmit.tunnel];
    const auto above = static_cast<uint16_t>(header->ns + (body.empty() ? 0 : 1));
    if (static_cast<int16_t>(above - voice.next_ns) > 0) voice.next_ns = above;
    voice.expected_ns = header->nr;
    CheckBody(body, voice.secret);
  } else {
    CheckBody(body, "");
  }
  if (sent.size() < kMostInFlight) sent.push_back(std::move(transmit));
}

void Node::Take(Instant now) {
  for (auto effects = engine_->TakeEffects(); !effects.empty(); effects = engine_->TakeEffects()) {
    for (Effect& effect : effects) {
      lives_.Take(effect);
      if (auto* transmit = std::get_if<Transmit>(&effect)) {
        Send(std::move(*transmit));
      } else if (const auto* accepted = std::get_if<TunnelAccepted>(&effect)) {
        tunnels.push_back(accepted->tunnel);
        voices_[accepted->tunnel].secret = params.secret;
      } else if (const auto* released = std::get_if<TunnelReleased>(&effect)) {
        voices_.erase(released->tunnel);
      } else if (const auto* quiet = std::get_if<TunnelQuiet>(&effect)) {
        if (data_answer == DataAnswer::kNone) continue;
        engine_->QuietChecked(now, quiet->tunnel, data_answer == DataAnswer::kCame);
      } else if (const auto* request = std::get_if<SessionRequested>(&effect)) {
        sessions.push_back(request->session);
        requested.push_back(request->session);
      } else if (const auto* answer = std::get_if<SessionAnswered>(&effect)) {
        answered.push_back(answer->session);
      }
    }
  }
}

bool Node::Answer(Instant now) {
  const auto to_accept = std::exchange(requested, {});
  const auto to_confirm = std::exchange(answered, {});
  for (const SessionHandle session : to_accept) {
    engine_->AcceptSession(now, session, {.tx_connect_speed = 10'000'000});
    engine_->ConfirmSession(now, session);  // of an outgoing call
  }
  for (const SessionHandle session : to_confirm) engine_->ConfirmSession(now, session);
  return !to_accept.empty() || !to_confirm.empty();
}

}  // namespace l2tp::protocol
