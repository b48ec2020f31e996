#include "tests/bench/load/ppp/lcp.h"

#include <algorithm>

namespace l2tp::load::ppp {
namespace {

// Types of options (RFC 1661 section 6; RFC 1662 section 7.1).
constexpr uint8_t kMru = 1;
constexpr uint8_t kAccm = 2;
constexpr uint8_t kAuthProtocol = 3;
constexpr uint8_t kMagicNumber = 5;
constexpr uint8_t kProtocolCompression = 7;
constexpr uint8_t kAddressCompression = 8;

constexpr uint16_t kDefaultMru = 1500;
constexpr uint8_t kAlgorithmMd5 = 5;
constexpr uint8_t kAlgorithmMsChapV2 = 0x81;
// An Echo-Reply or a Protocol-Reject has to fit the peer's MRU.
constexpr size_t kMaxReturned = 1400;

Bytes U32(uint32_t value) {
  ByteWriter writer;
  writer.WriteU32(value);
  return writer.Take();
}

ByteSpan Cut(ByteSpan data) { return data.subspan(0, kMaxReturned); }

}  // namespace

Bytes EncodeAuthOption(AuthMethod method) {
  ByteWriter writer;
  writer.WriteU16(method == AuthMethod::kPap ? kPapProtocol : kChapProtocol);
  if (method == AuthMethod::kChapMd5) writer.WriteU8(kAlgorithmMd5);
  if (method == AuthMethod::kMsChapV2) writer.WriteU8(kAlgorithmMsChapV2);
  return writer.Take();
}

std::optional<AuthMethod> ParseAuthOption(ByteSpan value) {
  for (const AuthMethod method : {AuthMethod::kPap, AuthMethod::kChapMd5, AuthMethod::kMsChapV2}) {
    if (value == ByteSpan(EncodeAuthOption(method))) return method;
  }
  return std::nullopt;
}

Lcp::Lcp(LcpOptions options, RandomSource* random)
    : options_(std::move(options)),
      random_(random),
      automaton_(this),
      magic_(static_cast<uint32_t>(random->NextU64()) | 1),
      ask_mru_(options_.mru != kDefaultMru) {}

// ---- What we want ------------------------------------------------------------------------------

std::vector<Option> Lcp::Wanted() const {
  std::vector<Option> options;
  if (ask_mru_) {
    options.push_back(
        {kMru, {static_cast<uint8_t>(options_.mru >> 8), static_cast<uint8_t>(options_.mru)}});
  }
  if (options_.require_auth.has_value()) {
    options.push_back({kAuthProtocol, EncodeAuthOption(*options_.require_auth)});
  }
  if (ask_magic_) options.push_back({kMagicNumber, U32(magic_)});
  return options;
}

bool Lcp::HandleNak(const Option& option) {
  switch (option.type) {
    case kMagicNumber: magic_ = static_cast<uint32_t>(random_->NextU64()) | 1; return true;
    // It may send less than we take.
    case kMru: ask_mru_ = false; return true;
    // There is one way to log in, or none.
    case kAuthProtocol: return !options_.require_auth.has_value();
    default: return true;
  }
}

bool Lcp::HandleReject(const Option& option) {
  switch (option.type) {
    case kMagicNumber: ask_magic_ = false; return true;
    case kMru: ask_mru_ = false; return true;
    case kAuthProtocol: return !options_.require_auth.has_value();
    default: return true;
  }
}

// ---- What the peer wants -----------------------------------------------------------------------

Negotiator::Verdict Lcp::Judge(Option* option) {
  switch (option->type) {
    case kMru: return option->value.size() == 2 ? Verdict::kAck : Verdict::kReject;
    case kAccm: return option->value.size() == 4 ? Verdict::kAck : Verdict::kReject;
    case kAuthProtocol: return JudgeAuth(option);
    case kMagicNumber: return JudgeMagic(option);
    case kProtocolCompression:
    case kAddressCompression: return option->value.empty() ? Verdict::kAck : Verdict::kReject;
    default: return Verdict::kReject;
  }
}

Negotiator::Verdict Lcp::JudgeAuth(Option* option) const {
  if (options_.accept_auth.empty()) return Verdict::kReject;
  const auto method = ParseAuthOption(option->value);
  if (method.has_value() && Accepts(*method)) return Verdict::kAck;
  option->value = EncodeAuthOption(options_.accept_auth.front());
  return Verdict::kNak;
}

Negotiator::Verdict Lcp::JudgeMagic(Option* option) {
  if (option->value.size() != 4) return Verdict::kReject;
  if (option->value != U32(magic_) || !ask_magic_) return Verdict::kAck;
  ++loops_;
  option->value = U32(static_cast<uint32_t>(random_->NextU64()) | 1);
  return Verdict::kNak;
}

bool Lcp::Accepts(AuthMethod method) const {
  return std::find(options_.accept_auth.begin(), options_.accept_auth.end(), method) !=
         options_.accept_auth.end();
}

std::vector<Option> Lcp::Missing(const std::vector<Option>&) const { return {}; }

void Lcp::HandleAgreed(const std::vector<Option>& request) {
  own_auth_.reset();
  for (const Option& option : request) {
    if (option.type == kAuthProtocol) own_auth_ = ParseAuthOption(option.value);
  }
}

// ---- Packets -----------------------------------------------------------------------------------

void Lcp::HandlePacket(Instant now, const ControlPacket& packet) {
  switch (static_cast<Code>(packet.code)) {
    case Code::kProtocolReject: HandleProtocolReject(packet); break;
    case Code::kEchoRequest: HandleEchoRequest(packet); break;
    case Code::kEchoReply:
      if (packet.identifier == echo_identifier_) unanswered_ = 0;
      break;
    case Code::kDiscardRequest: break;
    default: automaton_.HandlePacket(now, packet);
  }
  SettleEcho(now);
}

void Lcp::HandleEchoRequest(const ControlPacket& packet) {
  if (!opened() || packet.data.size() < 4) return;
  automaton_.Send(Code::kEchoReply, packet.identifier, WithMagic(packet.data.subspan(4)));
}

// Magic-Number and data, as echoes have them.
Bytes Lcp::WithMagic(ByteSpan data) const {
  ByteWriter writer;
  writer.WriteU32(ask_magic_ ? magic_ : 0);
  writer.WriteBytes(Cut(data));
  return writer.Take();
}

void Lcp::HandleProtocolReject(const ControlPacket& packet) {
  if (!opened()) return;
  rejected_ = ByteReader(packet.data).ReadU16();
  // Section 5.7: without LCP there is nothing.
  if (rejected_ == kLcpProtocol) automaton_.Reject();
}

void Lcp::RejectProtocol(uint16_t protocol, ByteSpan information) {
  if (!opened()) return;
  ByteWriter writer;
  writer.WriteU16(protocol);
  writer.WriteBytes(Cut(information));
  automaton_.Send(Code::kProtocolReject, ++reject_identifier_, writer.bytes());
}

// ---- Time --------------------------------------------------------------------------------------

void Lcp::HandleTimeout(Instant now) {
  automaton_.HandleTimeout(now);
  if (echo_due_.has_value() && *echo_due_ <= now) {
    echo_due_.reset();
    if (unanswered_ >= options_.echo_failures) {
      peer_dead_ = true;
      return;
    }
    SendEcho(now);
  }
  SettleEcho(now);
}

void Lcp::SendEcho(Instant now) {
  automaton_.Send(Code::kEchoRequest, ++echo_identifier_, WithMagic({}));
  ++unanswered_;
  echo_due_ = now + options_.echo_interval;
}

// Echoes go with the open link.
void Lcp::SettleEcho(Instant now) {
  if (!opened()) {
    echo_due_.reset();
    unanswered_ = 0;
  } else if (!echo_due_.has_value() && options_.echo_interval > Duration() && !peer_dead_) {
    echo_due_ = now + options_.echo_interval;
  }
}

std::optional<Instant> Lcp::NextTimeout() const {
  const auto negotiation = automaton_.NextTimeout();
  if (!negotiation.has_value() || !echo_due_.has_value()) {
    return negotiation.has_value() ? negotiation : echo_due_;
  }
  return std::min(*negotiation, *echo_due_);
}

}  // namespace l2tp::load::ppp
