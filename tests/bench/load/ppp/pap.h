// PAP (RFC 1334 section 2): the password as it is.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_PAP_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_PAP_H_

#include "tests/bench/load/ppp/authentication.h"

namespace l2tp::load::ppp {

// Who logs in.
class PapPeer final : public Authentication {
 public:
  explicit PapPeer(Credentials credentials) : credentials_(std::move(credentials)) {}
  void Start(Instant now) override;
  void HandlePacket(Instant now, const ControlPacket& packet) override;

 private:
  void SendAgain(Instant now) override;

  const Credentials credentials_;
  uint8_t identifier_ = 0;
};

// Who decides. Any user is welcome who knows the password.
class PapAuthenticator final : public Authentication {
 public:
  explicit PapAuthenticator(std::string password) : password_(std::move(password)) {}
  void Start(Instant now) override;
  void HandlePacket(Instant now, const ControlPacket& packet) override;

 private:
  // It is for the peer to speak.
  void SendAgain(Instant now) override;

  const std::string password_;
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_PAP_H_
