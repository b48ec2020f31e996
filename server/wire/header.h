// L2TPv2 message headers (RFC 2661 section 3.1).

#ifndef L2TP_SERVER_WIRE_HEADER_H_
#define L2TP_SERVER_WIRE_HEADER_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "server/base/bytes.h"
#include "server/base/ids.h"

namespace l2tp::wire {

inline constexpr size_t kControlHeaderSize = 12;

// The fixed header of a control message: T, L and S set, O and P clear, Ver 2.
struct ControlHeader {
  TunnelId tunnel_id;    // as assigned by the receiver; 0 while unknown
  SessionId session_id;  // as assigned by the receiver; 0 for tunnel messages or while unknown
  uint16_t ns = 0;       // section 5.8
  uint16_t nr = 0;

  friend bool operator==(const ControlHeader&, const ControlHeader&) = default;
};

// The header of a data message; a field whose flag is 0 is absent.
struct DataHeader {
  bool priority = false;
  TunnelId tunnel_id;
  SessionId session_id;
  std::optional<uint16_t> ns;  // present with S=1; the Nr beside it is reserved and ignored
};

struct DataMessage {
  DataHeader header;
  ByteSpan payload;  // into the datagram given to ParseDataMessage
};

// What a datagram on the L2TP port is, by its first two octets.
enum class DatagramKind {
  kControl,      // T=1, Ver=2
  kData,         // T=0, Ver=2
  kUnsupported,  // another version (L2F is 1, L2TPv3 is 3), or shorter than two octets
};
DatagramKind ClassifyDatagram(ByteSpan datagram);

// Reads a control header and gives the AVPs that follow it within Length in `*body`, which points
// into `datagram`. Octets after Length are not part of the message. Reserved bits are ignored.
// Returns InvalidArgument when T, L or S is 0, O or P is 1, Ver is not 2, or Length does not fit:
// such a message is to be discarded without an answer (section 7.1).
absl::StatusOr<ControlHeader> ParseControlHeader(ByteSpan datagram, ByteSpan* body);

// Reads a data message. InvalidArgument when a field or the Offset points past the end.
absl::StatusOr<DataMessage> ParseDataMessage(ByteSpan datagram);

// A whole control datagram: header, then `body` (at most 65523 octets) as it is.
Bytes EncodeControl(const ControlHeader& header, ByteSpan body);

// Puts a new Nr into an encoded control datagram: retransmissions carry the current one
// (section 5.8). `datagram` must come from EncodeControl.
void PatchNr(uint16_t nr, Bytes* datagram);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_HEADER_H_
