// The types an AVP's value can have (RFC 2661 section 4.4).

#ifndef L2TP_SERVER_WIRE_AVP_VALUE_H_
#define L2TP_SERVER_WIRE_AVP_VALUE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "server/base/bytes.h"
#include "server/wire/result_code.h"

namespace l2tp::wire {

// What an AVP is: its Vendor ID and its Attribute Type. Those of RFC 2661 (0 to 39 but for 20) and
// of its companions have Vendor ID 0, so that their value is the Attribute Type.
constexpr uint16_t kIetf = 0;
constexpr uint16_t kBroadbandForum = 3561;
constexpr uint32_t BroadbandForum(uint16_t type) { return uint32_t{kBroadbandForum} << 16 | type; }

enum class AvpType : uint32_t {
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
  kPppDisconnectCause = 46,        // RFC 3145
  kConnectSpeedUpdateEnable = 98,  // RFC 5515 section 6.2
  // The access line of a call (RFC 5515 section 5). Rates in bit/s, delays in milliseconds.
  kAgentCircuitId = BroadbandForum(1),
  kAgentRemoteId = BroadbandForum(2),
  kActualRateUpstream = BroadbandForum(129),
  kActualRateDownstream = BroadbandForum(130),
  kMinimumRateUpstream = BroadbandForum(131),
  kMinimumRateDownstream = BroadbandForum(132),
  kAttainableRateUpstream = BroadbandForum(133),
  kAttainableRateDownstream = BroadbandForum(134),
  kMaximumRateUpstream = BroadbandForum(135),
  kMaximumRateDownstream = BroadbandForum(136),
  kMinimumLowPowerRateUpstream = BroadbandForum(137),
  kMinimumLowPowerRateDownstream = BroadbandForum(138),
  kMaximumDelayUpstream = BroadbandForum(139),
  kActualDelayUpstream = BroadbandForum(140),
  kMaximumDelayDownstream = BroadbandForum(141),
  kActualDelayDownstream = BroadbandForum(142),
  kAccessLoopEncapsulation = BroadbandForum(144),
  kAccessLineType = BroadbandForum(145),
  kIwfSession = BroadbandForum(254),
};

constexpr uint16_t VendorOf(AvpType type) {
  return static_cast<uint16_t>(static_cast<uint32_t>(type) >> 16);
}
constexpr uint16_t NumberOf(AvpType type) { return static_cast<uint16_t>(type); }
// True for what RFC 5515 section 5 tells about the access line of a call.
constexpr bool IsAccessLine(AvpType type) { return VendorOf(type) == kBroadbandForum; }

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

// Why PPP ended (RFC 3145).
struct PppDisconnectCause {
  uint16_t code = 0;      // section 3; 0: no information
  uint16_t protocol = 0;  // PPP protocol number of the control protocol, 0xc021 for LCP; 0: none
  uint8_t direction = 0;  // 0: neither, 1: the peer of the sender, 2: the sender's side
  std::string message;    // UTF-8, may be empty
  friend bool operator==(const PppDisconnectCause&, const PppDisconnectCause&) = default;
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
                              ResultCode, Q931Cause, CallErrors, Accm, PppDisconnectCause>;

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_AVP_VALUE_H_
