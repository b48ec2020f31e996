// A peer without manners: it sends what no L2TP implementation should, and answers what it likes.

#ifndef L2TP_TESTS_SUPPORT_RUDE_PEER_H_
#define L2TP_TESTS_SUPPORT_RUDE_PEER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/ids.h"
#include "server/control/ports.h"
#include "server/wire/message.h"
#include "tests/support/fake_datagram.h"
#include "tests/support/seeded_random.h"

namespace l2tp::testing {

// Learns ids from what it is sent, so that its messages find tunnels and calls, in whatever state
// these are. Polite often enough to get that far.
class RudePeer final : public control::DatagramSink {
 public:
  // `port` is not owned.
  RudePeer(FakeDatagramPort* port, uint64_t seed);

  // Does one rude thing to the daemon at `target`.
  void Act(const Endpoint& target);
  // Says nothing any more.
  void FallSilent() { silent_ = true; }

  void OnDatagram(const Path& path, ByteSpan datagram) override;

 private:
  // A tunnel of a daemon that has told us its id.
  struct Acquaintance {
    Endpoint daemon;
    TunnelId own;    // what we have assigned
    TunnelId their;  // what the daemon has; 0: not known
    uint16_t ns = 0;
    uint16_t nr = 0;
    std::vector<SessionId> sessions;  // ids the daemon has assigned
  };

  void Dial(const Endpoint& target);
  void Flood(const Endpoint& target);
  void SendNoise(const Endpoint& target);
  void SendMangled(const Endpoint& target);
  void SendOutOfTheBlue(const Endpoint& target);
  void Answer(Acquaintance* tunnel, const wire::Message& message, SessionId session);

  Acquaintance* FindByOwn(TunnelId own);
  Acquaintance* Any();
  Acquaintance& Meet(const Endpoint& daemon, TunnelId their);
  wire::Message Make(wire::MessageType type, TunnelId own);
  void Say(Acquaintance* tunnel, SessionId session, const wire::Message& message);
  void Send(const Endpoint& target, const wire::ControlHeader& header, ByteSpan body);
  SessionId GuessSession(const Acquaintance& tunnel);
  uint16_t NonZero() { return static_cast<uint16_t>(random_.Between(1, 0xffff)); }

  FakeDatagramPort* const port_;
  SeededRandom random_;
  bool silent_ = false;
  std::deque<Acquaintance> tunnels_;  // the latest ones
  Bytes last_heard_;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_RUDE_PEER_H_
