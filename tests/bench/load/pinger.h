// A few ICMP echoes, one after the other, to see that a session carries data.

#ifndef L2TP_TESTS_BENCH_LOAD_PINGER_H_
#define L2TP_TESTS_BENCH_LOAD_PINGER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "tests/bench/load/ppp/icmp_echo.h"

namespace l2tp::load {

struct PingPlan {
  int count = 1;                             // replies wanted; 0: no pings
  Duration interval = Duration::Seconds(1);  // from a reply to the next request
  Duration timeout = Duration::Seconds(10);  // without a reply, all is given up
};

// Without sockets and without a clock. A request without a reply is repeated each half second: the
// other end's interface may be ready a moment after its IPCP.
class Pinger {
 public:
  enum class State { kIdle, kRunning, kDone, kFailed };

  explicit Pinger(const PingPlan& plan) : plan_(plan) {}

  // `identifier` is the echoes' own.
  void Start(Instant now, const IpAddress& local, const IpAddress& remote, uint16_t identifier);
  // Not a reply to us: ignored.
  void HandleReply(Instant now, const ppp::IcmpEcho& reply);
  void HandleTimeout(Instant now);
  std::optional<Instant> NextTimeout() const { return due_; }
  // IPv4 packets to be sent.
  std::vector<Bytes> TakePackets() { return std::exchange(packets_, {}); }

  State state() const { return state_; }
  // From the first request to the first reply to any.
  std::optional<Duration> first_reply() const { return first_reply_; }
  int sent() const { return sent_; }
  int answered() const { return answered_; }

 private:
  void Send(Instant now);

  const PingPlan plan_;
  State state_ = State::kIdle;
  IpAddress local_;
  IpAddress remote_;
  uint16_t identifier_ = 0;
  uint16_t sequence_ = 0;        // of the last request
  uint16_t first_sequence_ = 0;  // of the first without a reply
  bool waiting_ = false;         // for a reply
  Instant started_;
  Instant give_up_;
  std::optional<Instant> due_;
  std::optional<Duration> first_reply_;
  int sent_ = 0;
  int answered_ = 0;
  std::vector<Bytes> packets_;
};

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_PINGER_H_
