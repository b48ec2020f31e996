// Two protocol engines and a link between them, on a clock of their own.
//
// Step by step:  pair.OpenTunnel(); pair.Deliver() == kSccrq; pair.Drop() == kSccrp; ...
// Or freely:     pair.set_loss_percent(30); pair.RunFor(Duration::Seconds(60));
//
// The side called lac opens tunnels and places calls unless a test makes the other one do it; both
// answer every call at once.

#ifndef L2TP_TESTS_SUPPORT_ENGINE_PAIR_H_
#define L2TP_TESTS_SUPPORT_ENGINE_PAIR_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "server/protocol/engine.h"
#include "tests/support/seeded_random.h"

namespace l2tp::testing {

struct PairOptions {
  uint64_t seed = 1;
  protocol::TunnelParams lac_params;
  protocol::TunnelParams lns_params;
  bool lns_admits = true;
  // Set: the LNS answers every call with this CDN.
  std::optional<wire::ResultCode> lns_refuses_calls;
  std::optional<wire::Q931Cause> refusal_q931_cause;
  protocol::LineInfo line;  // what a side that is LAC of an outgoing call tells in OCCN
  // Not 0: the LNS's datagrams come from this port.
  uint16_t lns_answers_from_port = 0;
};

// What one side was told, by its engine's effects.
struct SeenTunnel {
  TunnelHandle handle;
  TunnelId id;
  bool established = false;
  bool drained = false;
  bool released = false;
  protocol::PeerFacts peer;
  std::optional<protocol::Closure> closure;
};
struct SeenSession {
  SessionHandle handle;
  SessionId id;
  SessionId peer_id;
  bool established = false;
  protocol::CallInfo call;
  std::optional<wire::Accm> accm;
  std::optional<wire::CallErrors> call_errors;
  std::optional<protocol::Closure> closure;
};

class EnginePair {
 public:
  explicit EnginePair(PairOptions options = {});

  struct Side : protocol::PeerDirectory {
    Side(uint64_t seed, bool admits, protocol::TunnelParams the_params)
        : random(seed), params(std::move(the_params)), admit(admits), engine(this, &random, 1) {}
    protocol::Admission Admit(const Path& path, absl::string_view host_name) override;

    SeededRandom random;
    protocol::TunnelParams params;
    bool admit;
    protocol::Engine engine;
    std::vector<SeenTunnel> tunnels;
    std::vector<SeenSession> sessions;
    std::vector<protocol::TunnelRefused> refused;
    std::vector<protocol::CallRefused> refused_calls;

    SeenTunnel& Tunnel(TunnelHandle handle);
    SeenSession& Session(SessionHandle handle);
  };

  TunnelHandle OpenTunnel();
  SessionHandle PlaceCall(TunnelHandle tunnel, protocol::CallInfo call = {});
  // The same for either side.
  TunnelHandle OpenTunnelFrom(Side& side);
  SessionHandle PlaceCallFrom(Side& side, TunnelHandle tunnel, protocol::CallInfo call = {});
  void CloseTunnel(TunnelHandle tunnel, const wire::ResultCode& result);
  void CloseSession(SessionHandle session, const wire::ResultCode& result);

  // LNS: sends Set-Link-Info.
  bool SendLinkInfo(SessionHandle session, const wire::Accm& accm);

  // Carries out what a test made an engine do by calling it directly.
  void Flush();

  // Lets time pass until the next timer of either side, and fires it.
  void Expire();

  // Gives the oldest datagram on the link to its receiver, without letting time pass, and says
  // what it was. Not with loss or delay. Fails the test when nothing is in flight.
  wire::MessageType Deliver();
  // Loses it.
  wire::MessageType Drop();
  // Sends the oldest one twice.
  void Duplicate();
  // Makes the LNS receive a message as if the LAC had sent it.
  void SendFromLacAs(const wire::ControlHeader& header, const Bytes& body);
  // What the LAC's next new message, or the LNS's, would have for Ns.
  uint16_t next_lac_ns() const { return next_ns_[0]; }
  uint16_t next_lns_ns() const { return next_ns_[1]; }

  // Delivers what arrives and fires timers for `duration` of the pair's own time.
  void RunFor(Duration duration) {
    RunUntil([] { return false; }, duration);
  }
  // The same, until `done` says so. False when it never did.
  bool RunUntil(const std::function<bool()>& done, Duration limit);

  void set_loss_percent(int percent) { loss_percent_ = percent; }
  void set_duplicate_percent(int percent) { duplicate_percent_ = percent; }
  // The kernels of both sides say that data has come.
  void set_data_flows(bool flows) { data_flows_ = flows; }
  // Each datagram takes between 0 and this long, so that they overtake each other.
  void set_max_delay(Duration delay) { max_delay_ = delay; }

  Instant now() const { return now_; }
  size_t in_flight() const { return link_.size(); }
  wire::MessageType last_delivered() const { return last_delivered_; }
  // How the LNS sees datagrams from the LAC.
  Path lns_path() const { return {lns_end_, lac_end_}; }

  Side lac;
  Side lns;

 private:
  struct Datagram {
    Instant arrival;
    uint64_t order;
    bool to_lns;
    Bytes bytes;
    friend bool operator<(const Datagram& a, const Datagram& b) {
      return std::tie(a.arrival, a.order) < std::tie(b.arrival, b.order);
    }
  };

  void CarryOut(Side& side);
  void Transmit(bool to_lns, Bytes bytes);
  void Receive(const Datagram& datagram);

  const PairOptions options_;
  const Endpoint lac_end_;
  const Endpoint lns_end_;
  SeededRandom fate_;
  Instant now_;
  int loss_percent_ = 0;
  int duplicate_percent_ = 0;
  Duration max_delay_;
  bool data_flows_ = false;
  uint64_t order_ = 0;
  std::set<Datagram> link_;
  wire::MessageType last_delivered_ = wire::MessageType::kZlb;
  uint16_t next_ns_[2] = {0, 0};
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_ENGINE_PAIR_H_
