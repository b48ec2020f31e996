// The control messages of RFC 2661 section 3.2.

#ifndef L2TP_SERVER_WIRE_MESSAGE_TYPE_H_
#define L2TP_SERVER_WIRE_MESSAGE_TYPE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace l2tp::wire {

enum class MessageType : uint16_t {
  // A Zero-Length Body message carries no AVP at all, so it has no number on the wire; 0 is
  // reserved by the RFC and never sent.
  kZlb = 0,
  kSccrq = 1,
  kSccrp = 2,
  kScccn = 3,
  kStopCcn = 4,
  kHello = 6,
  kOcrq = 7,
  kOcrp = 8,
  kOccn = 9,
  kIcrq = 10,
  kIcrp = 11,
  kIccn = 12,
  kCdn = 14,
  kWen = 15,
  kSli = 16,
};

// "SCCRQ"; "unknown" for a number that RFC 2661 does not assign.
absl::string_view MessageTypeName(MessageType type);

// True for the messages RFC 2661 assigns, ZLB excepted.
bool IsKnownMessageType(uint16_t value);

// True for messages about one session (OCRQ to SLI), false for those about the tunnel. Decides
// whether a fault clears the session or the whole tunnel (section 4.1).
bool IsSessionMessage(MessageType type);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_MESSAGE_TYPE_H_
