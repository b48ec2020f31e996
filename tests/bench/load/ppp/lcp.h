// LCP (RFC 1661): the link itself, how the ends log in, and echoes.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_LCP_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_LCP_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/random.h"
#include "server/base/time.h"
#include "tests/bench/load/ppp/authentication.h"
#include "tests/bench/load/ppp/option_automaton.h"

namespace l2tp::load::ppp {

struct LcpOptions {
  uint16_t mru = 1500;  // octets that we take; 1500 is what everybody takes, and not asked for
  // How the peer must log in to us; unset: it need not.
  std::optional<AuthMethod> require_auth;
  // How we would log in, what we like best first. Empty: not at all.
  std::vector<AuthMethod> accept_auth;
  Duration echo_interval;  // 0: no Echo-Requests of ours
  int echo_failures = 4;   // unanswered ones in a row after which the peer is dead
};

// After each call, send TakePackets() and arm a timer for NextTimeout().
class Lcp final : private Negotiator {
 public:
  // `random` must outlive this.
  Lcp(LcpOptions options, RandomSource* random);
  // The automaton knows where this is.
  Lcp(const Lcp&) = delete;
  Lcp& operator=(const Lcp&) = delete;

  void Start(Instant now) { automaton_.Start(now); }
  void Close(Instant now) { automaton_.Close(now); }
  void HandlePacket(Instant now, const ControlPacket& packet);
  void HandleTimeout(Instant now);
  std::optional<Instant> NextTimeout() const;
  std::vector<Bytes> TakePackets() { return automaton_.TakePackets(); }

  // The peer has sent a frame of a protocol that we do not have (section 5.7).
  void RejectProtocol(uint16_t protocol, ByteSpan information);
  // The protocol that the peer has rejected, once.
  std::optional<uint16_t> TakeRejectedProtocol() { return std::exchange(rejected_, std::nullopt); }

  bool opened() const { return automaton_.opened(); }
  bool finished() const { return automaton_.finished(); }
  OptionAutomaton::End end() const { return automaton_.end(); }
  // The peer no longer answers our echoes.
  bool peer_dead() const { return peer_dead_; }
  // The peer's Magic-Number is ours again and again: we talk to ourselves.
  bool looped() const { return loops_ >= kMaxFailure; }
  // How we have to log in.
  std::optional<AuthMethod> own_auth() const { return own_auth_; }

 private:
  // Negotiator
  std::vector<Option> Wanted() const override;
  Verdict Judge(Option* option) override;
  std::vector<Option> Missing(const std::vector<Option>& request) const override;
  void HandleAgreed(const std::vector<Option>& request) override;
  bool HandleNak(const Option& option) override;
  bool HandleReject(const Option& option) override;

  Verdict JudgeAuth(Option* option) const;
  Verdict JudgeMagic(Option* option);
  bool Accepts(AuthMethod method) const;
  void HandleEchoRequest(const ControlPacket& packet);
  void HandleProtocolReject(const ControlPacket& packet);
  void SendEcho(Instant now);
  void SettleEcho(Instant now);
  Bytes WithMagic(ByteSpan data) const;

  const LcpOptions options_;
  RandomSource* const random_;
  OptionAutomaton automaton_;
  uint32_t magic_;
  bool ask_mru_;
  bool ask_magic_ = true;
  int loops_ = 0;
  std::optional<AuthMethod> own_auth_;
  std::optional<uint16_t> rejected_;
  uint8_t reject_identifier_ = 0;

  std::optional<Instant> echo_due_;
  uint8_t echo_identifier_ = 0;
  int unanswered_ = 0;
  bool peer_dead_ = false;
};

// The value of an Authentication-Protocol option (RFC 1661 section 6.2); nullopt: none that we
// know.
Bytes EncodeAuthOption(AuthMethod method);
std::optional<AuthMethod> ParseAuthOption(ByteSpan value);

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_LCP_H_
