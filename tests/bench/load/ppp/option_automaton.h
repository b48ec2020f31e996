// The option negotiation automaton (RFC 1661 section 4), as LCP, IPCP and IPV6CP have it.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_OPTION_AUTOMATON_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_OPTION_AUTOMATON_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/time.h"
#include "tests/bench/load/ppp/packet.h"
#include "tests/bench/load/ppp/restart_timer.h"

namespace l2tp::load::ppp {

// What one control protocol wants and takes.
class Negotiator {
 public:
  enum class Verdict { kAck, kNak, kReject };

  virtual ~Negotiator() = default;
  // The options of our next Configure-Request.
  virtual std::vector<Option> Wanted() const = 0;
  // One option of the peer's. With kNak, `*option` becomes what we would take in its place.
  virtual Verdict Judge(Option* option) = 0;
  // Options that the peer has left out and we insist on, with values we would take.
  virtual std::vector<Option> Missing(const std::vector<Option>& request) const = 0;
  // The peer's request has been acknowledged: this is what it gets.
  virtual void HandleAgreed(const std::vector<Option>& request) = 0;
  // The peer would take `option`, or will not have it at all. False: then there is no agreement.
  virtual bool HandleNak(const Option& option) = 0;
  virtual bool HandleReject(const Option& option) = 0;
};

// The lower layer comes up once, with Start(), and stays; the peer's Terminate-Request or failure
// is the end. The states Closed and Stopped are therefore one, kFinished.
//
// After each call, send TakePackets() and arm a timer for NextTimeout().
class OptionAutomaton {
 public:
  enum class State {
    kInitial,
    kReqSent,
    kAckRcvd,
    kAckSent,
    kOpened,
    kClosing,   // our Terminate-Request is out
    kStopping,  // the peer's has been acknowledged
    kFinished,
  };
  enum class End { kNone, kLocal, kPeer, kNoAnswer, kNoAgreement, kRejected };

  // `negotiator` must outlive this.
  explicit OptionAutomaton(Negotiator* negotiator) : negotiator_(negotiator) {}

  // The lower layer is up, and this one is wanted.
  void Start(Instant now);
  // Terminate-Request.
  void Close(Instant now);
  // The peer will have nothing of this protocol (RXJ-).
  void Reject() { Finish(End::kRejected); }
  // Codes 1 to 7 are handled here, and others are answered with Code-Reject.
  void HandlePacket(Instant now, const ControlPacket& packet);
  void HandleTimeout(Instant now);

  std::optional<Instant> NextTimeout() const { return timer_.NextTimeout(); }
  std::vector<Bytes> TakePackets() { return std::exchange(packets_, {}); }
  // For a protocol that has codes of its own.
  void Send(Code code, uint8_t identifier, ByteSpan data) {
    packets_.push_back(EncodeControlPacket(code, identifier, data));
  }

  State state() const { return state_; }
  bool opened() const { return state_ == State::kOpened; }
  bool finished() const { return state_ == State::kFinished; }
  // Why it is finished, or is about to be.
  End end() const { return end_; }

 private:
  bool negotiating() const {
    return state_ == State::kReqSent || state_ == State::kAckRcvd || state_ == State::kAckSent;
  }
  void HandleRequest(Instant now, const ControlPacket& packet);
  bool Answer(const ControlPacket& packet);
  void HandleAck(Instant now, const ControlPacket& packet);
  void HandleRefusal(Instant now, const ControlPacket& packet);
  void HandleTerminateRequest(Instant now, const ControlPacket& packet);
  void HandleTerminateAck(Instant now);
  void HandleCodeReject(const ControlPacket& packet);
  void SendNewRequest(Instant now);
  void SendRequest(Instant now);
  void SendTerminate(Instant now);
  void Open();
  void Finish(End end);

  Negotiator* const negotiator_;
  State state_ = State::kInitial;
  End end_ = End::kNone;
  RestartTimer timer_;
  uint8_t identifier_ = 0;  // of our last request of either kind
  Bytes request_;           // its options
  int naks_ = 0;            // in a row, without an Ack
  std::vector<Bytes> packets_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_OPTION_AUTOMATON_H_
