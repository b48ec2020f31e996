// What both ends have in common: an engine, its sockets, and calls whose PPP runs in here.

#ifndef L2TP_TESTS_BENCH_LOAD_STATION_H_
#define L2TP_TESTS_BENCH_LOAD_STATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/base/random.h"
#include "server/control/ports.h"
#include "server/protocol/engine.h"
#include "tests/bench/load/pinger.h"
#include "tests/bench/load/ppp/link.h"
#include "tests/bench/load/tally.h"
#include "tests/bench/load/timer_queue.h"

namespace l2tp::load {

// What a station needs from the world. Nothing is owned, all must outlive it.
struct World {
  control::Clock* clock = nullptr;
  control::Alarm* alarm = nullptr;  // rings Station::HandleTimeout()
  control::DatagramPort* port = nullptr;
  RandomSource* random = nullptr;
  Tally* tally = nullptr;
};

// What a call is to do.
struct CallPlan {
  ppp::LinkOptions ppp;
  PingPlan ping;
  Duration setup_timeout;  // from now until it is up; 0: none
};

// Loop thread only. The subclass says what is to become of tunnels and calls; the rest is here:
// control messages to the engine, data messages to the calls, timers, frames out, the tally.
class Station : public control::DatagramSink {
 public:
  Station(const World& world, protocol::PeerDirectory* directory);

  void OnDatagram(const Path& path, ByteSpan datagram) override;
  // The alarm has rung.
  void HandleTimeout();

  size_t call_count() const { return calls_.size(); }
  // Calls that have come up and not ended.
  size_t up_count() const { return up_count_; }
  size_t tunnel_count() const { return tunnels_.size(); }

 protected:
  struct TunnelState {
    TunnelId id;
    TunnelId peer_id;
    Path path;
    control::SocketId socket;  // 0: through the listener
    Instant began;             // SCCRQ
    bool established = false;
    bool data_came = false;  // since this was asked last
  };
  struct Call {
    SessionHandle session;
    TunnelHandle tunnel;
    SessionId id;
    SessionId peer_id;
    uint64_t number = 0;  // the subclass's own
    uint16_t echo_identifier = 0;
    bool wants_ipv6 = false;
    bool up = false;
    Phase phase = Phase::kCall;
    Instant began;  // ICRQ
    Instant phase_began;
    std::optional<Instant> deadline;  // to be up by then
    std::optional<uint16_t> ns;       // of the next data message; unset: without
    ppp::Link link;
    Pinger pinger;
  };

  // An effect that is not about datagrams, HELLO or the end of a call.
  virtual void HandleEffect(Instant now, protocol::Effect& effect) = 0;
  // A control message has gone out.
  virtual void HandleSent(Instant, const protocol::Transmit&) {}
  // PPP is up.
  virtual void HandleUp(Instant, Call&) {}
  // The pinger has done its work, or given it up.
  virtual void HandlePinged(Call&) {}
  // L2TP says that a call has ended: is that no failure?
  virtual bool MayEnd(const Call& call, const protocol::Closure& closure) const = 0;
  // The call is about to be forgotten; `failed`: it should have lived.
  virtual void HandleEnd(Instant, const Call&, bool /*failed*/) {}
  // After everything else; true: something has been done that may have effects.
  virtual bool Advance(Instant) { return false; }
  // When Advance() is wanted, whatever else happens.
  virtual std::optional<Instant> NextAdvance() const { return std::nullopt; }

  Instant Now() const { return world_.clock->Now(); }
  // Carries out effects, advances, and arms the alarm. The end of every entry.
  void Settle(Instant now);
  // `id` is our Session ID.
  Call& AddCall(Instant now, SessionHandle session, TunnelHandle tunnel, SessionId id,
                const CallPlan& plan);
  Call* FindCall(SessionHandle session);
  // The L2TP call is established: PPP begins.
  void BeginPpp(Instant now, Call& call);
  void CloseTunnel(Instant now, TunnelHandle tunnel);
  void CloseCall(Instant now, SessionHandle session);

  const World world_;
  protocol::Engine engine_;
  absl::flat_hash_map<TunnelHandle, TunnelState> tunnels_;
  absl::flat_hash_map<SessionHandle, std::unique_ptr<Call>> calls_;

 private:
  using DataKey = uint32_t;  // our Tunnel ID and Session ID
  static DataKey KeyOf(TunnelId tunnel, SessionId session) {
    return tunnel.value() << 16 | session.value();
  }

  bool CarryOut(Instant now);
  void Carry(const protocol::Transmit& transmit);
  void HandleQuiet(Instant now, TunnelHandle tunnel);
  void HandleClosed(Instant now, const protocol::SessionClosed& closed);
  void HandleData(Instant now, const Path& path, ByteSpan datagram);
  void HandlePacket(Instant now, Call& call, ByteSpan packet);
  void SettleCall(Instant now, Call& call);
  void HandleLinkEvent(Instant now, Call& call, ppp::LinkEvent event);
  void SettleNetwork(Instant now, Call& call);
  void SettlePinger(Call& call);
  void CountEchoes(const Call& call) const;
  void EnterPhase(Instant now, Call& call, Phase phase) const;
  bool PassPhase(Instant now, const Call& call, Phase phase) const;
  void SendFrames(Call& call);
  void EndCall(Instant now, Call& call, std::optional<std::string> failure);
  void ArmTimer(const Call& call);
  void ArmAlarm();

  absl::flat_hash_map<DataKey, SessionHandle> by_data_;
  TimerQueue<SessionHandle> timers_;
  std::optional<Instant> alarm_;
  size_t up_count_ = 0;
  uint16_t next_echo_identifier_ = 1;
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_STATION_H_
