#include "tests/bench/load/ppp/pap.h"

#include <openssl/crypto.h>

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kAuthenticateRequest = 1;
constexpr uint8_t kAuthenticateAck = 2;
constexpr uint8_t kAuthenticateNak = 3;
constexpr uint8_t kNoMessage[] = {0};

std::optional<ByteSpan> ReadCounted(ByteReader* reader) {
  const auto length = reader->ReadU8();
  if (!length.has_value()) return std::nullopt;
  return reader->ReadBytes(*length);
}

void WriteCounted(const std::string& text, ByteWriter* writer) {
  const absl::string_view cut = absl::string_view(text).substr(0, 255);
  writer->WriteU8(static_cast<uint8_t>(cut.size()));
  writer->WriteText(cut);
}

}  // namespace

void PapPeer::Start(Instant now) {
  timer_.Initialize(kMaxConfigure);
  SendAgain(now);
}

void PapPeer::SendAgain(Instant now) {
  ByteWriter request;
  WriteCounted(credentials_.user, &request);
  WriteCounted(credentials_.password, &request);
  Send(kAuthenticateRequest, ++identifier_, request.bytes());
  timer_.Sent(now);
}

void PapPeer::HandlePacket(Instant, const ControlPacket& packet) {
  // Section 2.2.2: with the Identifier of the request. Any of ours will do, for all are alike.
  if (packet.identifier == 0 || packet.identifier > identifier_) return;
  if (packet.code == kAuthenticateAck) Decide(Result::kSuccess);
  if (packet.code == kAuthenticateNak) Decide(Result::kFailure);
}

void PapAuthenticator::Start(Instant now) {
  timer_.Initialize(kMaxConfigure);
  timer_.Sent(now);
}

void PapAuthenticator::SendAgain(Instant now) { timer_.Sent(now); }

void PapAuthenticator::HandlePacket(Instant, const ControlPacket& packet) {
  if (packet.code != kAuthenticateRequest) return;
  ByteReader reader(packet.data);
  const auto user = ReadCounted(&reader);
  const auto password = ReadCounted(&reader);
  if (!user.has_value() || !password.has_value()) return;
  const bool right = password->size() == password_.size() &&
                     CRYPTO_memcmp(password->data(), password_.data(), password_.size()) == 0;
  Decide(right ? Result::kSuccess : Result::kFailure);
  // Once more what was decided: the first answer may have been lost.
  const bool welcome = result() == Result::kSuccess;
  Send(welcome ? kAuthenticateAck : kAuthenticateNak, packet.identifier, kNoMessage);
}

}  // namespace l2tp::load::ppp
