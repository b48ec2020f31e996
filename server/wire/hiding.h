// The MD5 constructions of RFC 2661: AVP hiding (section 4.3) and tunnel authentication
// (sections 4.4.3 and 5.1.1).

#ifndef L2TP_SERVER_WIRE_HIDING_H_
#define L2TP_SERVER_WIRE_HIDING_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"

namespace l2tp::wire {

using ChallengeResponse = std::array<uint8_t, 16>;

// MD5(message type octet, secret, challenge). `message_type` is the type of the message that
// carries the response: 2 for SCCRP, 3 for SCCCN.
ChallengeResponse ComputeChallengeResponse(uint8_t message_type, absl::string_view secret,
                                           ByteSpan challenge);

// Compares in constant time; false when `received` is not 16 octets.
bool ChallengeResponseMatches(const ChallengeResponse& expected, ByteSpan received);

// The hidden form of `value`: 2 octets of original length, value, padding, all XORed with the MD5
// key stream of (attribute type, secret, random vector).
Bytes HideValue(uint16_t attribute_type, absl::string_view secret, ByteSpan random_vector,
                ByteSpan value, ByteSpan padding);

// The original value; nullopt when `hidden` is shorter than 2 octets or the original length found
// inside does not fit, as with a wrong secret.
std::optional<Bytes> UnhideValue(uint16_t attribute_type, absl::string_view secret,
                                 ByteSpan random_vector, ByteSpan hidden);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_HIDING_H_
