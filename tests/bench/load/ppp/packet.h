// PPP frames and the packets of its control protocols: octets to values and back (RFC 1661 sections
// 2, 5 and 6). What is read comes from the network: nothing about it is taken for granted.

#ifndef L2TP_TESTS_BENCH_LOAD_PPP_PACKET_H_
#define L2TP_TESTS_BENCH_LOAD_PPP_PACKET_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "server/base/bytes.h"

namespace l2tp::load::ppp {

// Numbers of the PPP Protocol field.
inline constexpr uint16_t kIpv4Protocol = 0x0021;
inline constexpr uint16_t kIpv6Protocol = 0x0057;
inline constexpr uint16_t kIpcpProtocol = 0x8021;
inline constexpr uint16_t kIpv6cpProtocol = 0x8057;
inline constexpr uint16_t kLcpProtocol = 0xc021;
inline constexpr uint16_t kPapProtocol = 0xc023;
inline constexpr uint16_t kChapProtocol = 0xc223;

struct Frame {
  uint16_t protocol = 0;
  ByteSpan information;  // into what was parsed
};

// Takes the frame with or without Address and Control, and with a Protocol field of one or two
// octets, whatever was negotiated. nullopt: too short, or no Protocol number (its last octet must
// be odd, its first even).
std::optional<Frame> ParseFrame(ByteSpan octets);
// With Address, Control and both octets of the Protocol: everybody takes these.
Bytes EncodeFrame(uint16_t protocol, ByteSpan information);

// Codes of LCP; the other control protocols have the first seven (sections 5.1 to 5.9).
enum class Code : uint8_t {
  kConfigureRequest = 1,
  kConfigureAck = 2,
  kConfigureNak = 3,
  kConfigureReject = 4,
  kTerminateRequest = 5,
  kTerminateAck = 6,
  kCodeReject = 7,
  kProtocolReject = 8,
  kEchoRequest = 9,
  kEchoReply = 10,
  kDiscardRequest = 11,
};

// A packet of LCP, of an NCP, of PAP or of CHAP: all have the same header.
struct ControlPacket {
  uint8_t code = 0;
  uint8_t identifier = 0;
  ByteSpan data;  // into what was parsed
};

// nullopt when Length is below 4 or beyond the end. Octets behind Length are padding.
std::optional<ControlPacket> ParseControlPacket(ByteSpan octets);
// `data` has at most 65531 octets, else the rest of it is left out.
Bytes EncodeControlPacket(uint8_t code, uint8_t identifier, ByteSpan data);
inline Bytes EncodeControlPacket(Code code, uint8_t identifier, ByteSpan data) {
  return EncodeControlPacket(static_cast<uint8_t>(code), identifier, data);
}

// A Configuration Option (section 6).
struct Option {
  uint8_t type = 0;
  Bytes value;  // at most 253 octets

  friend bool operator==(const Option&, const Option&) = default;
};

// nullopt when an option's Length is below 2 or beyond the end.
std::optional<std::vector<Option>> ParseOptions(ByteSpan data);
Bytes EncodeOptions(const std::vector<Option>& options);

}  // namespace l2tp::load::ppp

#endif  // L2TP_TESTS_BENCH_LOAD_PPP_PACKET_H_
