// IPV6CP (RFC 5072): one Interface-Identifier for each end.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_IPV6CP_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_IPV6CP_H_

#include <optional>
#include <utility>
#include <vector>

#include "server/base/random.h"
#include "tests/bench/load/ppp/option_automaton.h"

namespace l2tp::load::ppp {

class Ipv6cp final : private Negotiator {
 public:
  // `random` must outlive this.
  explicit Ipv6cp(RandomSource* random);
  // The automaton knows where this is.
  Ipv6cp(const Ipv6cp&) = delete;
  Ipv6cp& operator=(const Ipv6cp&) = delete;

  void Start(Instant now) { automaton_.Start(now); }
  void HandlePacket(Instant now, const ControlPacket& packet) {
    automaton_.HandlePacket(now, packet);
  }
  void Reject() { automaton_.Reject(); }
  void HandleTimeout(Instant now) { automaton_.HandleTimeout(now); }
  std::optional<Instant> NextTimeout() const { return automaton_.NextTimeout(); }
  std::vector<Bytes> TakePackets() { return automaton_.TakePackets(); }

  bool opened() const { return automaton_.opened(); }
  bool finished() const { return automaton_.finished(); }
  // Once opened. 0: the peer has told none.
  uint64_t local() const { return local_; }
  uint64_t remote() const { return remote_; }

 private:
  std::vector<Option> Wanted() const override;
  Verdict Judge(Option* option) override;
  std::vector<Option> Missing(const std::vector<Option>& request) const override;
  void HandleAgreed(const std::vector<Option>& request) override;
  bool HandleNak(const Option& option) override;
  bool HandleReject(const Option& option) override;

  RandomSource* const random_;
  OptionAutomaton automaton_;
  uint64_t local_;
  uint64_t remote_ = 0;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_IPV6CP_H_
