// What the two ends of PAP and of CHAP have in common (RFC 1661 section 3.5).

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_AUTHENTICATION_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_AUTHENTICATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/time.h"
#include "tests/bench/load/ppp/packet.h"
#include "tests/bench/load/ppp/restart_timer.h"

namespace l2tp::load::ppp {

enum class AuthMethod { kPap, kChapMd5, kMsChapV2 };

// A name and its password.
struct Credentials {
  std::string user;
  std::string password;
};

// One end of one login. After each call, send TakePackets() and arm a timer for NextTimeout().
class Authentication {
 public:
  enum class Result { kPending, kSuccess, kFailure, kNoAnswer };

  virtual ~Authentication() = default;
  // LCP is open.
  virtual void Start(Instant now) = 0;
  virtual void HandlePacket(Instant now, const ControlPacket& packet) = 0;

  void HandleTimeout(Instant now) {
    switch (timer_.HandleTimeout(now)) {
      case RestartTimer::Outcome::kNotDue: return;
      case RestartTimer::Outcome::kAgain: return SendAgain(now);
      case RestartTimer::Outcome::kGiveUp: return Decide(Result::kNoAnswer);
    }
  }
  std::optional<Instant> NextTimeout() const { return timer_.NextTimeout(); }
  std::vector<Bytes> TakePackets() { return std::exchange(packets_, {}); }
  Result result() const { return result_; }

 protected:
  // What has been sent last got no answer.
  virtual void SendAgain(Instant now) = 0;

  void Send(uint8_t code, uint8_t identifier, ByteSpan data) {
    packets_.push_back(EncodeControlPacket(code, identifier, data));
  }
  // The first decision stands: a repeated packet must not turn it over.
  void Decide(Result result) {
    if (result_ == Result::kPending) result_ = result;
    timer_.Stop();
  }

  RestartTimer timer_;

 private:
  Result result_ = Result::kPending;
  std::vector<Bytes> packets_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_AUTHENTICATION_H_
