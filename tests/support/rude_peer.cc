#include "tests/support/rude_peer.h"

#include <algorithm>
#include <utility>

namespace l2tp::testing {
namespace {

using wire::AvpType;
using wire::ControlHeader;
using wire::Message;
using wire::MessageType;

constexpr size_t kMemory = 64;  // tunnels
constexpr MessageType kTypes[] = {
    MessageType::kSccrq, MessageType::kSccrp, MessageType::kScccn, MessageType::kStopCcn,
    MessageType::kHello, MessageType::kOcrq,  MessageType::kOcrp,  MessageType::kOccn,
    MessageType::kIcrq,  MessageType::kIcrp,  MessageType::kIccn,  MessageType::kCdn,
    MessageType::kWen,   MessageType::kSli,
};

}  // namespace

RudePeer::RudePeer(FakeDatagramPort* port, uint64_t seed)
    : port_(port), random_(SeededRandom::For(seed, "rude peer")) {
  port_->Start(*this);
}

// ---- Unprovoked --------------------------------------------------------------------------------

void RudePeer::Act(const Endpoint& target) {
  if (silent_) return;
  switch (random_.Below(20)) {
    case 0: return Flood(target);
    case 1:
    case 2: return SendNoise(target);
    case 3:
    case 4: return SendMangled(target);
    case 5:
    case 6:
    case 7:
    case 8: return SendOutOfTheBlue(target);
    default: return Dial(target);
  }
}

void RudePeer::Dial(const Endpoint& target) {
  Acquaintance& tunnel = Meet(target, TunnelId());
  Say(&tunnel, SessionId(), Make(MessageType::kSccrq, tunnel.own));
}

void RudePeer::Flood(const Endpoint& target) {
  for (int64_t count = random_.Between(5, 40); count > 0; --count) Dial(target);
}

void RudePeer::SendNoise(const Endpoint& target) {
  Bytes noise(random_.Below(100));
  random_.Fill(absl::MakeSpan(noise));
  // Half of it looks like a control message from afar.
  if (noise.size() >= 4 && random_.Chance(50)) {
    noise[0] = 0xc8;
    noise[1] = 0x02;
    noise[2] = 0;
    noise[3] = static_cast<uint8_t>(noise.size());
  }
  port_->Send({port_->listener(), target}, std::move(noise));
}

// What a daemon has sent, back to one, with some bits turned over.
void RudePeer::SendMangled(const Endpoint& target) {
  Bytes mangled = last_heard_;
  if (mangled.empty()) return SendNoise(target);
  for (uint64_t count = random_.Below(6); count > 0; --count) {
    mangled[random_.Below(mangled.size())] ^= static_cast<uint8_t>(1u << random_.Below(8));
  }
  if (random_.Chance(30)) mangled.resize(random_.Below(mangled.size() + 1));
  port_->Send({port_->listener(), target}, std::move(mangled));
}

// Any message, for a tunnel that exists, or that it guesses.
void RudePeer::SendOutOfTheBlue(const Endpoint& target) {
  const MessageType type = kTypes[random_.Below(std::size(kTypes))];
  Acquaintance* tunnel = Any();
  if (tunnel == nullptr || random_.Chance(10)) {
    const Message message = Make(type, TunnelId(NonZero()));
    const ControlHeader header{TunnelId(NonZero()), SessionId(NonZero()),
                               static_cast<uint16_t>(random_.Below(3)),
                               static_cast<uint16_t>(random_.Below(3))};
    return Send(target, header, EncodeBody(message));
  }
  if (random_.Chance(20)) {  // numbers that cannot be
    const ControlHeader header{tunnel->their, GuessSession(*tunnel), NonZero(), NonZero()};
    return Send(tunnel->daemon, header, EncodeBody(Make(type, tunnel->own)));
  }
  for (int64_t count = random_.Chance(20) ? random_.Between(2, 30) : 1; count > 0; --count) {
    const SessionId session = GuessSession(*tunnel);
    Say(tunnel, session, Make(type, tunnel->own));
  }
}

// ---- Answers -----------------------------------------------------------------------------------

void RudePeer::OnDatagram(const Path& path, ByteSpan datagram) {
  last_heard_.assign(datagram.begin(), datagram.end());
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (silent_ || !header.ok() || body.empty()) return;
  const Message message = DecodeMessage(wire::SplitAvps(body), std::nullopt).message;
  const TunnelId their(message.Get<uint16_t>(AvpType::kAssignedTunnelId).value_or(0));
  Acquaintance* tunnel = header->tunnel_id ? FindByOwn(header->tunnel_id) : nullptr;
  if (tunnel == nullptr) {
    if (message.type() != MessageType::kSccrq) return;
    tunnel = &Meet(path.remote, their);
  }
  if (message.type() == MessageType::kSccrp) {
    tunnel->their = their;
    tunnel->daemon = path.remote;
  }
  if (header->ns != tunnel->nr) return;
  tunnel->nr = static_cast<uint16_t>(header->ns + 1);
  const SessionId session(message.Get<uint16_t>(AvpType::kAssignedSessionId).value_or(0));
  if (session && message.type() != MessageType::kCdn) tunnel->sessions.push_back(session);
  Answer(tunnel, message, session);
}

void RudePeer::Answer(Acquaintance* tunnel, const Message& message, SessionId session) {
  if (random_.Chance(15)) return;
  if (random_.Chance(15)) {
    const SessionId any = GuessSession(*tunnel);
    return Say(tunnel, any, Make(kTypes[random_.Below(std::size(kTypes))], tunnel->own));
  }
  switch (message.type()) {
    case MessageType::kSccrq:
      return Say(tunnel, SessionId(), Make(MessageType::kSccrp, tunnel->own));
    case MessageType::kSccrp:
      Say(tunnel, SessionId(), Make(MessageType::kScccn, tunnel->own));
      for (int64_t calls = random_.Between(0, 3); calls > 0; --calls) {
        Say(tunnel, SessionId(), Make(MessageType::kIcrq, tunnel->own));
      }
      return;
    case MessageType::kIcrq: return Say(tunnel, session, Make(MessageType::kIcrp, tunnel->own));
    case MessageType::kIcrp: return Say(tunnel, session, Make(MessageType::kIccn, tunnel->own));
    default: return Send(tunnel->daemon, {tunnel->their, SessionId(), tunnel->ns, tunnel->nr}, {});
  }
}

// ---- Tools -------------------------------------------------------------------------------------

RudePeer::Acquaintance* RudePeer::FindByOwn(TunnelId own) {
  for (Acquaintance& tunnel : tunnels_) {
    if (tunnel.own == own) return &tunnel;
  }
  return nullptr;
}

RudePeer::Acquaintance* RudePeer::Any() {
  return tunnels_.empty() ? nullptr : &tunnels_[random_.Below(tunnels_.size())];
}

RudePeer::Acquaintance& RudePeer::Meet(const Endpoint& daemon, TunnelId their) {
  if (tunnels_.size() >= kMemory) tunnels_.pop_front();
  Acquaintance tunnel;
  tunnel.daemon = daemon;
  tunnel.own = TunnelId(NonZero());
  tunnel.their = their;
  tunnels_.push_back(std::move(tunnel));
  return tunnels_.back();
}

SessionId RudePeer::GuessSession(const Acquaintance& tunnel) {
  if (tunnel.sessions.empty() || random_.Chance(20)) {
    return SessionId(random_.Chance(50) ? 0 : NonZero());
  }
  return tunnel.sessions[random_.Below(tunnel.sessions.size())];
}

// Mostly as it should be; sometimes an AVP is missing or odd.
Message RudePeer::Make(MessageType type, TunnelId own) {
  Message message(type);
  const auto whim = [this] { return random_.Chance(5); };
  switch (type) {
    case MessageType::kSccrq:
    case MessageType::kSccrp:
      message.Add(AvpType::kProtocolVersion,
                  wire::ProtocolVersion{static_cast<uint8_t>(whim() ? 3 : 1), 0});
      message.Add(AvpType::kFramingCapabilities, uint32_t{3});
      if (!whim()) message.Add(AvpType::kHostName, std::string("rude.example"));
      message.Add(AvpType::kAssignedTunnelId,
                  static_cast<uint16_t>(whim() ? NonZero() : own.value()));
      message.Add(AvpType::kReceiveWindowSize, static_cast<uint16_t>(random_.Between(1, 8)));
      if (whim()) message.Add(AvpType::kChallenge, std::string("0123456789abcdef"));
      break;
    case MessageType::kScccn:
      if (whim()) message.Add(AvpType::kChallengeResponse, std::string(16, 'x'));
      break;
    case MessageType::kStopCcn:
      message.Add(AvpType::kAssignedTunnelId, static_cast<uint16_t>(own.value()));
      if (!whim()) message.Add(AvpType::kResultCode, wire::ResultCode{1, 0, "rude"});
      break;
    case MessageType::kIcrq:
    case MessageType::kOcrq:
      if (!whim()) {
        message.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(random_.Between(1, 20)));
      }
      message.Add(AvpType::kCallSerialNumber, uint32_t{1});
      break;
    case MessageType::kIcrp:
    case MessageType::kOcrp:
      if (!whim()) message.Add(AvpType::kAssignedSessionId, NonZero());
      break;
    case MessageType::kIccn:
    case MessageType::kOccn:
      message.Add(AvpType::kTxConnectSpeed, uint32_t{1000000});
      message.Add(AvpType::kFramingType, uint32_t{1});
      break;
    case MessageType::kCdn:
      message.Add(AvpType::kResultCode, wire::ResultCode{3, 0, "rude"});
      message.Add(AvpType::kAssignedSessionId, static_cast<uint16_t>(random_.Between(1, 20)));
      break;
    case MessageType::kSli: message.Add(AvpType::kAccm, wire::Accm{0, 0}); break;
    default: break;
  }
  return message;
}

void RudePeer::Say(Acquaintance* tunnel, SessionId session, const Message& message) {
  Send(tunnel->daemon, {tunnel->their, session, tunnel->ns, tunnel->nr}, EncodeBody(message));
  ++tunnel->ns;
}

void RudePeer::Send(const Endpoint& target, const ControlHeader& header, ByteSpan body) {
  port_->Send({port_->listener(), target}, EncodeControl(header, body));
}

}  // namespace l2tp::testing
