#include "tests/bench/load/ppp/chap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kChallenge = 1;
constexpr uint8_t kResponse = 2;
constexpr uint8_t kSuccess = 3;
constexpr uint8_t kFailure = 4;

constexpr size_t kMd5 = 16;
// RFC 2759 section 4: Peer-Challenge, eight octets of 0, NT-Response, Flags.
constexpr size_t kMsResponse = kMsChallengeSize + 8 + kNtResponseSize + 1;

// Challenge and Response: a counted value, and the name.
struct ValueAndName {
  ByteSpan value;
  ByteSpan name;
};

std::optional<ValueAndName> Parse(ByteSpan data) {
  ByteReader reader(data);
  const auto size = reader.ReadU8();
  if (!size.has_value() || *size == 0) return std::nullopt;
  const auto value = reader.ReadBytes(*size);
  if (!value.has_value()) return std::nullopt;
  return ValueAndName{*value, reader.ReadRest()};
}

Bytes Encode(ByteSpan value, absl::string_view name) {
  ByteWriter writer;
  writer.WriteU8(static_cast<uint8_t>(value.size()));
  writer.WriteBytes(value);
  writer.WriteText(name);
  return writer.Take();
}

bool Equal(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Section 4 of RFC 2759: without the Windows domain that may stand in front.
absl::string_view WithoutDomain(absl::string_view user) {
  const size_t backslash = user.find('\\');
  return backslash == absl::string_view::npos ? user : user.substr(backslash + 1);
}

}  // namespace

Bytes ChapMd5Response(uint8_t identifier, absl::string_view secret, ByteSpan challenge) {
  ByteWriter input;
  input.WriteU8(identifier);
  input.WriteText(secret);
  input.WriteBytes(challenge);
  Bytes digest(kMd5);
  unsigned size = 0;
  if (EVP_Digest(input.bytes().data(), input.size(), digest.data(), &size, EVP_md5(), nullptr) !=
      1) {
    std::fprintf(stderr, "libcrypto cannot compute MD5\n");
    std::abort();
  }
  return digest;
}

// ---- Peer --------------------------------------------------------------------------------------

// Whoever challenges may take its time, but not for ever.
void ChapPeer::Start(Instant now) {
  timer_.Initialize(kMaxConfigure);
  timer_.Sent(now);
}

// RFC 1994 section 4.2: Success may have been lost, and a repeated Response brings it again.
void ChapPeer::SendAgain(Instant now) {
  if (responded_.has_value()) Send(kResponse, *responded_, response_);
  timer_.Sent(now);
}

void ChapPeer::HandlePacket(Instant now, const ControlPacket& packet) {
  if (packet.code == kChallenge) return HandleChallenge(now, packet);
  if (responded_ != packet.identifier) return;
  if (packet.code == kSuccess) {
    Decide(ProvesItself(packet.data) ? Result::kSuccess : Result::kFailure);
  }
  if (packet.code == kFailure) Decide(Result::kFailure);
}

void ChapPeer::HandleChallenge(Instant now, const ControlPacket& packet) {
  const auto challenge = Parse(packet.data);
  if (!challenge.has_value()) return;
  const auto response = Respond(packet.identifier, challenge->value);
  if (!response.has_value()) return;
  responded_ = packet.identifier;
  response_ = Encode(*response, credentials_.user);
  Send(kResponse, packet.identifier, response_);
  if (result() == Result::kPending) timer_.Sent(now);
}

std::optional<Bytes> ChapPeer::Respond(uint8_t identifier, ByteSpan challenge) {
  if (method_ == AuthMethod::kChapMd5) {
    return ChapMd5Response(identifier, credentials_.password, challenge);
  }
  if (challenge.size() != kMsChallengeSize) return std::nullopt;
  MsChapLogin login = {.user = WithoutDomain(credentials_.user), .password = credentials_.password};
  std::copy(challenge.begin(), challenge.end(), login.authenticator_challenge.begin());
  random_->Fill(absl::MakeSpan(login.peer_challenge));
  const NtResponse response = MakeNtResponse(login);
  expected_ = MakeAuthenticatorResponse(login, response);
  Bytes value(kMsResponse, 0);
  std::copy(login.peer_challenge.begin(), login.peer_challenge.end(), value.begin());
  std::copy(response.begin(), response.end(), value.begin() + kMsChallengeSize + 8);
  return value;
}

// Section 5 of RFC 2759: the authenticator proves that it knows the password, too.
bool ChapPeer::ProvesItself(ByteSpan message) const {
  return method_ != AuthMethod::kMsChapV2 || absl::StartsWith(AsText(message), expected_);
}

// ---- Authenticator -----------------------------------------------------------------------------

void ChapAuthenticator::Start(Instant now) {
  random_->Fill(absl::MakeSpan(challenge_));
  identifier_ = challenge_[0];
  timer_.Initialize(kMaxConfigure);
  SendAgain(now);
}

// Section 4.1: the same Challenge each time.
void ChapAuthenticator::SendAgain(Instant now) {
  Send(kChallenge, identifier_, Encode(challenge_, name_));
  timer_.Sent(now);
}

void ChapAuthenticator::HandlePacket(Instant, const ControlPacket& packet) {
  if (packet.code != kResponse || packet.identifier != identifier_) return;
  if (result() == Result::kPending) Decide(Judge(packet) ? Result::kSuccess : Result::kFailure);
  // Once more what was decided: the first answer may have been lost.
  const bool welcome = result() == Result::kSuccess;
  Send(welcome ? kSuccess : kFailure, packet.identifier, AsBytes(message_));
}

bool ChapAuthenticator::Judge(const ControlPacket& packet) {
  const auto response = Parse(packet.data);
  if (!response.has_value()) return false;
  if (method_ == AuthMethod::kMsChapV2) return JudgeMsChapV2(response->value, response->name);
  return Equal(response->value, ChapMd5Response(identifier_, password_, challenge_));
}

bool ChapAuthenticator::JudgeMsChapV2(ByteSpan value, ByteSpan user) {
  message_ = "E=691 R=0 V=3";  // authentication failure, do not try again
  if (value.size() != kMsResponse) return false;
  const std::string name = AsText(user);
  MsChapLogin login = {
      .authenticator_challenge = challenge_, .user = WithoutDomain(name), .password = password_};
  std::copy_n(value.begin(), kMsChallengeSize, login.peer_challenge.begin());
  const NtResponse expected = MakeNtResponse(login);
  if (!Equal(value.subspan(kMsChallengeSize + 8, kNtResponseSize), expected)) return false;
  message_ = MakeAuthenticatorResponse(login, expected);
  return true;
}

}  // namespace l2tp::load::ppp
