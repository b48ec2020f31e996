// IPCP (RFC 1332): one IPv4 address for each end.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_IPCP_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_IPCP_H_

#include <optional>
#include <utility>
#include <vector>

#include "server/base/endpoint.h"
#include "tests/bench/load/ppp/option_automaton.h"

namespace l2tp::load::ppp {

// Addresses that are not set are taken from the peer.
class Ipcp final : private Negotiator {
 public:
  Ipcp(const IpAddress& local, const IpAddress& remote);
  // The automaton knows where this is.
  Ipcp(const Ipcp&) = delete;
  Ipcp& operator=(const Ipcp&) = delete;

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
  OptionAutomaton::End end() const { return automaton_.end(); }
  // Once opened. The peer may have told no address of its own: then `remote` is not set.
  const IpAddress& local() const { return local_; }
  const IpAddress& remote() const { return agreed_remote_; }

 private:
  std::vector<Option> Wanted() const override;
  Verdict Judge(Option* option) override;
  std::vector<Option> Missing(const std::vector<Option>& request) const override;
  void HandleAgreed(const std::vector<Option>& request) override;
  bool HandleNak(const Option& option) override;
  bool HandleReject(const Option& option) override;

  OptionAutomaton automaton_;
  const bool local_is_fixed_;
  IpAddress local_;
  const IpAddress remote_;  // what the peer is to have; not set: what it likes
  IpAddress agreed_remote_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_IPCP_H_
