#include "server/protocol/tunnel_authentication.h"

#include <array>

#include "server/wire/hiding.h"

namespace l2tp::protocol {

using wire::AvpType;

void TunnelAuthentication::AddChallenge(RandomSource* random, wire::Message* message) {
  if (!has_secret()) return;
  std::array<uint8_t, 16> challenge;
  random->Fill(absl::MakeSpan(challenge));
  our_challenge_.assign(challenge.begin(), challenge.end());
  message->Add(AvpType::kChallenge, our_challenge_);
}

bool TunnelAuthentication::TakeChallenge(const wire::Message& message) {
  peer_challenge_ = message.Get<std::string>(AvpType::kChallenge);
  return !peer_challenge_.has_value() || has_secret();
}

void TunnelAuthentication::AddResponse(wire::Message* message) const {
  if (!peer_challenge_.has_value()) return;
  const auto response = wire::ComputeChallengeResponse(static_cast<uint8_t>(message->type()),
                                                       secret_, AsBytes(*peer_challenge_));
  message->Add(AvpType::kChallengeResponse, std::string(response.begin(), response.end()));
}

bool TunnelAuthentication::VerifyResponse(const wire::Message& message) const {
  if (our_challenge_.empty()) return true;
  const std::string* received = message.Find<std::string>(AvpType::kChallengeResponse);
  if (received == nullptr) return false;
  const auto expected = wire::ComputeChallengeResponse(static_cast<uint8_t>(message.type()),
                                                       secret_, AsBytes(our_challenge_));
  return wire::ChallengeResponseMatches(expected, AsBytes(*received));
}

}  // namespace l2tp::protocol
