// CHAP (RFC 1994) with MD5 and with MS-CHAPv2 (RFC 2759).

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_CHAP_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_CHAP_H_

#include "server/base/random.h"
#include "tests/bench/load/ppp/authentication.h"
#include "tests/bench/load/ppp/ms_chap_v2.h"

namespace l2tp::load::ppp {

// The value of a Response to `challenge` (RFC 1994 section 4.1).
Bytes ChapMd5Response(uint8_t identifier, absl::string_view secret, ByteSpan challenge);

// Who logs in. `method` is kChapMd5 or kMsChapV2.
class ChapPeer final : public Authentication {
 public:
  // `random` must outlive this.
  ChapPeer(AuthMethod method, Credentials credentials, RandomSource* random)
      : method_(method), credentials_(std::move(credentials)), random_(random) {}
  // It is for the authenticator to speak.
  void Start(Instant now) override;
  void HandlePacket(Instant now, const ControlPacket& packet) override;

 private:
  void SendAgain(Instant now) override;
  void HandleChallenge(Instant now, const ControlPacket& packet);
  std::optional<Bytes> Respond(uint8_t identifier, ByteSpan challenge);
  bool ProvesItself(ByteSpan message) const;

  const AuthMethod method_;
  const Credentials credentials_;
  RandomSource* const random_;
  std::optional<uint8_t> responded_;  // the Identifier of the last Response
  Bytes response_;                    // its data
  std::string expected_;              // MS-CHAPv2: what the authenticator has to say
};

// Who decides. Any user is welcome who knows the password.
class ChapAuthenticator final : public Authentication {
 public:
  ChapAuthenticator(AuthMethod method, std::string name, std::string password, RandomSource* random)
      : method_(method), name_(std::move(name)), password_(std::move(password)), random_(random) {}
  void Start(Instant now) override;
  void HandlePacket(Instant now, const ControlPacket& packet) override;

 private:
  void SendAgain(Instant now) override;
  bool Judge(const ControlPacket& packet);
  bool JudgeMsChapV2(ByteSpan value, ByteSpan user);

  const AuthMethod method_;
  const std::string name_;
  const std::string password_;
  RandomSource* const random_;
  uint8_t identifier_ = 0;
  MsChallenge challenge_ = {};
  std::string message_;  // of Success or Failure
};

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_CHAP_H_
