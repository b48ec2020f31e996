// Plays the LNS, without a kernel: takes every tunnel and call, gives addresses, answers pings.

#ifndef L2TP_TESTS_BENCH_LOAD_LNS_H_
#define L2TP_TESTS_BENCH_LOAD_LNS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/load/station.h"

namespace l2tp::load {

struct LnsPlan {
  std::string host_name = "l2tp-load";
  std::string secret;                                       // empty: no tunnel authentication
  CallPlan call;                                            // its ppp.remote is not used
  IpAddress first_address = IpAddress::FromV4(0x0a800002);  // 10.128.0.2
  uint32_t addresses = 1 << 22;                             // from there on
};

class Lns final : public Station, private protocol::PeerDirectory {
 public:
  Lns(LnsPlan plan, const World& world);

  // StopCCN for every tunnel.
  void Stop();
  // Stop() has been called, and all peers know, or have had eight seconds to say so.
  bool done() const { return done_; }

  // Most calls that were up at a time.
  size_t peak_count() const { return peak_; }

 private:
  // Station
  void HandleEffect(Instant now, protocol::Effect& effect) override;
  void HandleUp(Instant now, Call& call) override;
  bool MayEnd(const Call& call, const protocol::Closure& closure) const override;
  void HandleEnd(Instant now, const Call& call, bool failed) override;
  bool Advance(Instant now) override;
  std::optional<Instant> NextAdvance() const override;
  // protocol::PeerDirectory
  protocol::Admission Admit(const Path& path, absl::string_view host_name) override;

  void HandleAccepted(Instant now, const protocol::TunnelAccepted& accepted);
  void HandleEstablished(Instant now, const protocol::TunnelEstablished& established);
  void HandleTunnelClosed(const protocol::TunnelClosed& closed);
  void HandleRequested(Instant now, const protocol::SessionRequested& requested);
  std::optional<uint32_t> TakeAddress();

  const LnsPlan plan_;
  // Offsets from the first address; those that came back are given out last.
  std::deque<uint32_t> free_addresses_;
  uint32_t next_address_ = 0;
  size_t peak_ = 0;
  bool stopping_ = false;
  bool done_ = false;
  Instant stop_deadline_;
  size_t undrained_ = 0;
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_LNS_H_
