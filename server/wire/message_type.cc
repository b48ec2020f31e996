#include "server/wire/message_type.h"

namespace l2tp::wire {

absl::string_view MessageTypeName(MessageType type) {
  switch (type) {
    case MessageType::kZlb: return "ZLB";
    case MessageType::kSccrq: return "SCCRQ";
    case MessageType::kSccrp: return "SCCRP";
    case MessageType::kScccn: return "SCCCN";
    case MessageType::kStopCcn: return "StopCCN";
    case MessageType::kHello: return "HELLO";
    case MessageType::kOcrq: return "OCRQ";
    case MessageType::kOcrp: return "OCRP";
    case MessageType::kOccn: return "OCCN";
    case MessageType::kIcrq: return "ICRQ";
    case MessageType::kIcrp: return "ICRP";
    case MessageType::kIccn: return "ICCN";
    case MessageType::kCdn: return "CDN";
    case MessageType::kWen: return "WEN";
    case MessageType::kSli: return "SLI";
  }
  return "unknown";  // a number from the wire
}

bool IsKnownMessageType(uint16_t value) {
  // 5 and 13 are reserved (section 3.2).
  return value >= 1 && value <= 16 && value != 5 && value != 13;
}

bool IsSessionMessage(MessageType type) {
  const auto number = static_cast<uint16_t>(type);
  return IsKnownMessageType(number) && number >= static_cast<uint16_t>(MessageType::kOcrq);
}

}  // namespace l2tp::wire
