// Arithmetic of Ns and Nr, modulo 65536 (RFC 2661 section 5.8).

#ifndef L2TP_SERVER_PROTOCOL_SEQUENCE_H_
#define L2TP_SERVER_PROTOCOL_SEQUENCE_H_

#include <cstdint>

namespace l2tp::protocol {

enum class Arrival {
  kInSequence,  // exactly the one we wait for
  kOld,         // the last one received or one of the 32767 before it: acknowledge, do not process
  kAhead,       // something before it is missing
};

// Judges a received Ns by `expected`, the Nr we would send.
constexpr Arrival ClassifyNs(uint16_t expected, uint16_t ns) {
  if (ns == expected) return Arrival::kInSequence;
  const auto behind = static_cast<uint16_t>(expected - 1 - ns);
  return behind <= 32767 ? Arrival::kOld : Arrival::kAhead;
}

// How many messages a received Nr releases when `oldest` is the Ns of the oldest unacknowledged
// message and `next` the Ns of the next new one. 0 for an Nr that acknowledges nothing new or
// what was never sent.
constexpr uint16_t AcknowledgedCount(uint16_t oldest, uint16_t next, uint16_t nr) {
  const auto released = static_cast<uint16_t>(nr - oldest);
  const auto outstanding = static_cast<uint16_t>(next - oldest);
  return released <= outstanding ? released : 0;
}

}  // namespace l2tp::protocol

#endif  // L2TP_SERVER_PROTOCOL_SEQUENCE_H_
