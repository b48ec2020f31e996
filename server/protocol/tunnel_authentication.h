// Tunnel authentication: each side may challenge the other (RFC 2661 section 5.1.1).

#ifndef L2TP_SERVER_PROTOCOL_TUNNEL_AUTHENTICATION_H_
#define L2TP_SERVER_PROTOCOL_TUNNEL_AUTHENTICATION_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/wire/message.h"

namespace l2tp::protocol {

// One tunnel's part in the exchange. With a secret we always challenge the peer; without one we
// neither challenge nor can we answer a challenge.
class TunnelAuthentication {
 public:
  explicit TunnelAuthentication(std::string secret) : secret_(std::move(secret)) {}

  bool has_secret() const { return !secret_.empty(); }
  const std::string& secret() const { return secret_; }

  // Puts our Challenge into an outgoing SCCRQ or SCCRP. No-op without a secret.
  void AddChallenge(RandomSource* random, wire::Message* message);

  // Remembers the Challenge of a received SCCRQ or SCCRP. False when there is one that cannot be
  // answered because no secret is shared.
  bool TakeChallenge(const wire::Message& message);

  // Puts the Challenge Response into an outgoing SCCRP or SCCCN, when the peer challenged us.
  void AddResponse(wire::Message* message) const;

  // Judges the Challenge Response in a received SCCRP or SCCCN: true when it is right, or when we
  // had sent no challenge (then any response is ignored).
  bool VerifyResponse(const wire::Message& message) const;

 private:
  std::string secret_;
  std::string our_challenge_;
  std::optional<std::string> peer_challenge_;
};

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_TUNNEL_AUTHENTICATION_H_
