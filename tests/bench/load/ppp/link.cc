#include "tests/bench/load/ppp/link.h"

#include "tests/bench/load/ppp/chap.h"
#include "tests/bench/load/ppp/pap.h"

namespace l2tp::load::ppp {
namespace {

uint16_t ProtocolOf(AuthMethod method) {
  return method == AuthMethod::kPap ? kPapProtocol : kChapProtocol;
}

std::unique_ptr<Authentication> MakePeer(AuthMethod method, const Credentials& login,
                                         RandomSource* random) {
  if (method == AuthMethod::kPap) return std::make_unique<PapPeer>(login);
  return std::make_unique<ChapPeer>(method, login, random);
}

std::unique_ptr<Authentication> MakeAuthenticator(AuthMethod method, const Credentials& login,
                                                  RandomSource* random) {
  if (method == AuthMethod::kPap) return std::make_unique<PapAuthenticator>(login.password);
  return std::make_unique<ChapAuthenticator>(method, login.user, login.password, random);
}

LinkEnd EndOfLcp(OptionAutomaton::End end) {
  switch (end) {
    case OptionAutomaton::End::kNone:
    case OptionAutomaton::End::kLocal: return LinkEnd::kClosed;
    case OptionAutomaton::End::kPeer: return LinkEnd::kPeer;
    case OptionAutomaton::End::kNoAnswer: return LinkEnd::kNoAnswer;
    case OptionAutomaton::End::kNoAgreement: return LinkEnd::kNoAgreement;
    case OptionAutomaton::End::kRejected: return LinkEnd::kLcpRejected;
  }
  return LinkEnd::kClosed;
}

}  // namespace

absl::string_view LinkEndText(LinkEnd end) {
  switch (end) {
    case LinkEnd::kNone: return "";
    case LinkEnd::kClosed: return "closed by us";
    case LinkEnd::kPeer: return "Terminate-Request from the peer";
    case LinkEnd::kNoAnswer: return "Configure-Request unanswered";
    case LinkEnd::kNoAgreement: return "no agreement on options";
    case LinkEnd::kLcpRejected: return "LCP rejected";
    case LinkEnd::kOwnLoginRefused: return "login refused";
    case LinkEnd::kPeerLoginRefused: return "wrong login";
    case LinkEnd::kLoginUnanswered: return "login unanswered";
    case LinkEnd::kIpcpRefused: return "IPCP refused";
    case LinkEnd::kIpcpUnanswered: return "Configure-Request unanswered";
    case LinkEnd::kIpv6cpRefused: return "IPV6CP refused or unanswered";
    case LinkEnd::kEchoUnanswered: return "LCP echoes unanswered";
    case LinkEnd::kLoopback: return "loopback";
  }
  return "";
}

Link::Link(LinkOptions options, RandomSource* random)
    : options_(std::move(options)), random_(random), lcp_(options_.lcp, random) {}

// ---- Entries -----------------------------------------------------------------------------------

void Link::Start(Instant now) {
  if (phase_ != Phase::kDead) return;
  phase_ = Phase::kEstablish;
  lcp_.Start(now);
  Settle(now);
}

void Link::HandleTimeout(Instant now) {
  lcp_.HandleTimeout(now);
  if (own_ != nullptr) own_->HandleTimeout(now);
  if (peer_ != nullptr) peer_->HandleTimeout(now);
  if (ipcp_ != nullptr) ipcp_->HandleTimeout(now);
  if (ipv6cp_ != nullptr) ipv6cp_->HandleTimeout(now);
  Settle(now);
}

std::optional<Instant> Link::NextTimeout() const {
  std::optional<Instant> next = lcp_.NextTimeout();
  const auto consider = [&next](const auto& part) {
    if (part == nullptr) return;
    const std::optional<Instant> other = part->NextTimeout();
    if (other.has_value() && (!next.has_value() || *other < *next)) next = other;
  };
  consider(own_);
  consider(peer_);
  consider(ipcp_);
  consider(ipv6cp_);
  return next;
}

std::optional<ByteSpan> Link::HandleFrame(Instant now, ByteSpan octets) {
  const auto frame = ParseFrame(octets);
  if (!frame.has_value()) return std::nullopt;
  if (frame->protocol == kIpv4Protocol) {
    return ipv4_up() ? std::make_optional(frame->information) : std::nullopt;
  }
  Start(now);
  const bool network = phase_ == Phase::kNetwork;
  const auto packet = ParseControlPacket(frame->information);
  switch (frame->protocol) {
    case kLcpProtocol:
      if (packet.has_value()) lcp_.HandlePacket(now, *packet);
      break;
    case kPapProtocol:
    case kChapProtocol: HandleAuthPacket(now, *frame); break;
    // Section 3.5: until both ends know each other, NCPs are ignored.
    case kIpcpProtocol:
      if (network && packet.has_value()) ipcp_->HandlePacket(now, *packet);
      break;
    case kIpv6cpProtocol:
      if (ipv6cp_ != nullptr) {
        if (packet.has_value()) ipv6cp_->HandlePacket(now, *packet);
      } else if (network) {
        lcp_.RejectProtocol(frame->protocol, frame->information);
      }
      break;
    case kIpv6Protocol: break;
    default: lcp_.RejectProtocol(frame->protocol, frame->information);
  }
  Settle(now);
  return std::nullopt;
}

void Link::HandleAuthPacket(Instant now, const Frame& frame) {
  const auto packet = ParseControlPacket(frame.information);
  if (!packet.has_value()) return;
  // Each end has codes of its own, and leaves the others alone.
  if (own_ != nullptr && own_protocol_ == frame.protocol) {
    own_->HandlePacket(now, *packet);
  }
  if (peer_ != nullptr && ProtocolOf(*options_.lcp.require_auth) == frame.protocol) {
    peer_->HandlePacket(now, *packet);
  }
}

void Link::SendIpv4(ByteSpan packet) {
  if (ipv4_up()) frames_.push_back(EncodeFrame(kIpv4Protocol, packet));
}

// ---- What follows ------------------------------------------------------------------------------

// Packets that are there go before those of the next phase: the peer must not see them swapped.
void Link::Settle(Instant now) {
  Collect();
  if (phase_ == Phase::kDead || phase_ == Phase::kTerminate) return;
  SettleLcp(now);
  SettleAuthentication(now);
  SettleNetwork(now);
  Collect();
}

void Link::SettleLcp(Instant now) {
  if (lcp_.finished()) return End(now, EndOfLcp(lcp_.end()));
  if (lcp_.looped()) return End(now, LinkEnd::kLoopback);
  if (lcp_.peer_dead()) return End(now, LinkEnd::kEchoUnanswered);
  if (const auto rejected = lcp_.TakeRejectedProtocol()) HandleProtocolReject(now, *rejected);
  if (phase_ == Phase::kEstablish && lcp_.opened()) {
    events_.push_back(LinkEvent::kLcpUp);
    BeginAuthentication(now);
  } else if (!lcp_.opened() && phase_ != Phase::kTerminate) {
    // The peer begins anew, or it is about to go.
    LeaveNetwork();
    phase_ = Phase::kEstablish;
    if (lcp_.end() == OptionAutomaton::End::kPeer) End(now, LinkEnd::kPeer);
  }
}

void Link::HandleProtocolReject(Instant now, uint16_t protocol) {
  if (protocol == kIpcpProtocol && ipcp_ != nullptr) {
    ipcp_->Reject();
  } else if (protocol == kIpv6cpProtocol && ipv6cp_ != nullptr) {
    ipv6cp_->Reject();
  } else if ((protocol == kPapProtocol || protocol == kChapProtocol) &&
             phase_ == Phase::kAuthenticate) {
    End(now, LinkEnd::kNoAgreement);
  }
}

void Link::BeginAuthentication(Instant now) {
  phase_ = Phase::kAuthenticate;
  if (const auto method = lcp_.own_auth()) {
    own_ = MakePeer(*method, options_.login, random_);
    own_protocol_ = ProtocolOf(*method);
  }
  if (options_.lcp.require_auth.has_value()) {
    peer_ = MakeAuthenticator(*options_.lcp.require_auth, options_.login, random_);
  }
  if (own_ != nullptr) own_->Start(now);
  if (peer_ != nullptr) peer_->Start(now);
}

void Link::SettleAuthentication(Instant now) {
  if (phase_ != Phase::kAuthenticate) return;
  Collect();
  using Result = Authentication::Result;
  const Result own = own_ == nullptr ? Result::kSuccess : own_->result();
  const Result peer = peer_ == nullptr ? Result::kSuccess : peer_->result();
  if (own == Result::kFailure) return End(now, LinkEnd::kOwnLoginRefused);
  if (peer == Result::kFailure) return End(now, LinkEnd::kPeerLoginRefused);
  if (own == Result::kNoAnswer || peer == Result::kNoAnswer) {
    return End(now, LinkEnd::kLoginUnanswered);
  }
  if (own == Result::kSuccess && peer == Result::kSuccess) {
    events_.push_back(LinkEvent::kAuthenticated);
    BeginNetwork(now);
  }
}

void Link::BeginNetwork(Instant now) {
  phase_ = Phase::kNetwork;
  ipcp_ = std::make_unique<Ipcp>(options_.local, options_.remote);
  ipcp_->Start(now);
  if (!options_.ipv6) return;
  ipv6cp_ = std::make_unique<Ipv6cp>(random_);
  ipv6cp_->Start(now);
}

void Link::SettleNetwork(Instant now) {
  if (phase_ != Phase::kNetwork) return;
  if (ipcp_->opened() && !std::exchange(ipv4_told_, true)) {
    events_.push_back(LinkEvent::kIpv4Up);
  }
  if (ipv6cp_ != nullptr && ipv6cp_->opened() && !std::exchange(ipv6_told_, true)) {
    events_.push_back(LinkEvent::kIpv6Up);
  }
  if (ipcp_->finished()) {
    const bool unanswered = ipcp_->end() == OptionAutomaton::End::kNoAnswer;
    return End(now, unanswered ? LinkEnd::kIpcpUnanswered : LinkEnd::kIpcpRefused);
  }
  if (ipv6cp_ != nullptr && ipv6cp_->finished()) End(now, LinkEnd::kIpv6cpRefused);
}

void Link::LeaveNetwork() {
  own_.reset();
  peer_.reset();
  ipcp_.reset();
  ipv6cp_.reset();
  ipv4_told_ = false;
  ipv6_told_ = false;
}

void Link::End(Instant now, LinkEnd end) {
  if (phase_ == Phase::kTerminate) return;
  phase_ = Phase::kTerminate;
  end_ = end;
  Collect();
  LeaveNetwork();
  lcp_.Close(now);
  Collect();
  events_.push_back(LinkEvent::kDown);
}

// ---- Frames out --------------------------------------------------------------------------------

template <typename Protocol>
void Link::CollectFrom(uint16_t number, Protocol* protocol) {
  if (protocol == nullptr) return;
  for (const Bytes& packet : protocol->TakePackets()) {
    frames_.push_back(EncodeFrame(number, packet));
  }
}

void Link::Collect() {
  CollectFrom(kLcpProtocol, &lcp_);
  CollectFrom(own_protocol_, own_.get());
  if (peer_ != nullptr) CollectFrom(ProtocolOf(*options_.lcp.require_auth), peer_.get());
  CollectFrom(kIpcpProtocol, ipcp_.get());
  CollectFrom(kIpv6cpProtocol, ipv6cp_.get());
}

}  // namespace l2tp::load::ppp
