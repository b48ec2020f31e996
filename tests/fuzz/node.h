// One end of a control connection: an engine, and what has come out of it.

#ifndef L2TP_TESTS_FUZZ_NODE_H_
#define L2TP_TESTS_FUZZ_NODE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/protocol/engine.h"
#include "tests/fuzz/lives.h"
#include "tests/support/seeded_random.h"

namespace l2tp::protocol {

// Commands go to engine(); after each, and after each datagram, Take() has to follow.
class Node final : public PeerDirectory {
 public:
  // What a well informed peer would know of a tunnel.
  struct Voice {
    uint16_t expected_ns = 0;  // of the next message that is in sequence for this end
    uint16_t next_ns = 0;      // above all that this end has sent
    std::string secret;
  };
  // What is said when the engine asks whether data came.
  enum class DataAnswer { kNone, kCame, kNoneCame };

  Node(uint64_t seed, const Endpoint& address);
  Node(const Node&) = delete;

  Engine& engine() { return *engine_; }
  const Engine& engine() const { return *engine_; }
  const Endpoint& address() const { return address_; }

  // Of the tunnels from now on.
  TunnelParams params;
  bool welcoming = true;
  DataAnswer data_answer = DataAnswer::kNone;

  // Only while there are no tunnels.
  void Limit(const HalfOpenLimits& limits);
  const HalfOpenLimits& limits() const { return limits_; }

  void OpenTunnel(Instant now, const Endpoint& remote);
  void PlaceCall(Instant now, TunnelHandle tunnel, CallInfo call);
  void Receive(Instant now, const Endpoint& from, ByteSpan datagram);
  // Dies, and begins anew without a memory.
  void Restart();

  // Carries out the engine's effects, and holds them to what they promise.
  void Take(Instant now);

  // nullptr: nothing has been sent in it, or it is gone.
  const Voice* VoiceOf(TunnelHandle tunnel) const;

  std::vector<TunnelHandle> tunnels;     // all there ever were
  std::vector<SessionHandle> sessions;   // likewise
  std::deque<Transmit> sent;             // what is on its way
  std::vector<SessionHandle> requested;  // and not yet accepted by Answer()
  std::vector<SessionHandle> answered;   // and not yet confirmed by Answer()
  const Lives& lives() const { return lives_; }

  // Accepts and confirms all calls that wait for it. False: there was none.
  bool Answer(Instant now);

 private:
  Admission Admit(const Path& path, absl::string_view host_name) override;
  void Send(Transmit transmit);

  const Endpoint address_;
  HalfOpenLimits limits_ = {.total = 1000, .per_address = 16};
  testing::SeededRandom random_;
  std::unique_ptr<Engine> engine_;
  Lives lives_;
  std::map<TunnelHandle, Voice> voices_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_TESTS_FUZZ_NODE_H_
