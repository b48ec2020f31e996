// The types an AVP's value can have (RFC 2661 section 4.4).

#ifndef L2TP_SERVER_WIRE_AVP_VALUE_H_
#define L2TP_SERVER_WIRE_AVP_VALUE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "server/base/bytes.h"
#include "server/wire/result_code.h"

namespace l2tp::wire {

// Attribute Types of RFC 2661, Vendor ID 0. 20 and 40 and up are not assigned there.
enum class AvpType : uint16_t {
  kMessageType = 0,
  kResultCode = 1,
  kProtocolVersion = 2,
  kFramingCapabilities = 3,
  kBearerCapabilities = 4,
  kTieBreaker = 5,
  kFirmwareRevision = 6,
  kHostName = 7,
  kVendorName = 8,
  kAssignedTunnelId = 9,
  kReceiveWindowSize = 10,
  kChallenge = 11,
  kQ931CauseCode = 12,
  kChallengeResponse = 13,
  kAssignedSessionId = 14,
  kCallSerialNumber = 15,
  kMinimumBps = 16,
  kMaximumBps = 17,
  kBearerType = 18,
  kFramingType = 19,
  kCalledNumber = 21,
  kCallingNumber = 22,
  kSubAddress = 23,
  kTxConnectSpeed = 24,
  kPhysicalChannelId = 25,
  kInitialReceivedLcpConfreq = 26,
  kLastSentLcpConfreq = 27,
  kLastReceivedLcpConfreq = 28,
  kProxyAuthenType = 29,
  kProxyAuthenName = 30,
  kProxyAuthenChallenge = 31,
  kProxyAuthenId = 32,
  kProxyAuthenResponse = 33,
  kCallErrors = 34,
  kAccm = 35,
  kRandomVector = 36,
  kPrivateGroupId = 37,
  kRxConnectSpeed = 38,
  kSequencingRequired = 39,
};

// Bits of Framing Capabilities and Framing Type, Bearer Capabilities and Bearer Type.
inline constexpr uint32_t kFramingSync = 1;
inline constexpr uint32_t kFramingAsync = 2;
inline constexpr uint32_t kBearerDigital = 1;
inline constexpr uint32_t kBearerAnalog = 2;

// Sequencing Required: its presence is the value.
struct Empty {
  friend bool operator==(Empty, Empty) { return true; }
};

struct ProtocolVersion {
  uint8_t version = 1;
  uint8_t revision = 0;
  friend bool operator==(const ProtocolVersion&, const ProtocolVersion&) = default;
};

struct Q931Cause {
  uint16_t cause_code = 0;
  uint8_t cause_message = 0;
  std::string advisory;  // ASCII, may be empty
  friend bool operator==(const Q931Cause&, const Q931Cause&) = default;
};

// Counters since the call was set up (WEN).
struct CallErrors {
  uint32_t crc_errors = 0;
  uint32_t framing_errors = 0;
  uint32_t hardware_overruns = 0;
  uint32_t buffer_overruns = 0;
  uint32_t timeout_errors = 0;
  uint32_t alignment_errors = 0;
  friend bool operator==(const CallErrors&, const CallErrors&) = default;
};

// Async-Control-Character-Maps (SLI). Send: for what the LAC sends to the client.
struct Accm {
  uint32_t send = 0xffffffff;
  uint32_t receive = 0xffffffff;
  friend bool operator==(const Accm&, const Accm&) = default;
};

// Texts and octet strings are both std::string: the RFC does not tell them apart on the wire.
using AvpValue = std::variant<Empty, uint16_t, uint32_t, uint64_t, std::string, ProtocolVersion,
                              ResultCode, Q931Cause, CallErrors, Accm>;

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_AVP_VALUE_H_
