// Every AVP of RFC 2661 section 4.4, RFC 3145 and RFC 5515 as one row. Encoder, decoder and names
// derive from it.

#ifndef L2TP_SERVER_WIRE_AVP_TABLE_H_
#define L2TP_SERVER_WIRE_AVP_TABLE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/wire/avp_value.h"
#include "server/wire/message_type.h"

namespace l2tp::wire {

// How an AVP's value is laid out on the wire.
enum class Layout : uint8_t {
  kEmpty,  // no value
  kU16,
  kU32,
  kU64,
  kTieBreaker,       // 8 octets, compared as one number
  kText,             // shown as text; at least `min_size` octets
  kOctets,           // shown as a count of octets, may be secret; at least `min_size` octets
  kProtocolVersion,  // u8, u8
  kResultCode,       // u16, optional u16, optional text
  kQ931Cause,        // u16, u8, optional text
  kCallErrors,       // u16 reserved, 6 x u32
  kAccm,             // u16 reserved, 2 x u32
  kPppDisconnect,    // u16, u16, u8, optional text
};

// A set of message types as a bit mask; bit n stands for MessageType n.
using MessageSet = uint32_t;
constexpr MessageSet SetOf() { return 0; }
template <typename... Types>
constexpr MessageSet SetOf(MessageType first, Types... rest) {
  return (MessageSet{1} << static_cast<unsigned>(first)) | SetOf(rest...);
}
constexpr bool Contains(MessageSet set, MessageType type) {
  return (set >> static_cast<unsigned>(type)) & 1;
}

struct AvpRow {
  AvpType type;
  absl::string_view name;  // the RFC's name, "Assigned Tunnel ID"
  Layout layout;
  bool mandatory;          // the M bit we send
  bool may_hide;           // H may be 1
  bool non_zero;           // an integer 0 is out of range (Error Code 3)
  uint16_t min_size;       // least octets of a kText or kOctets value
  uint16_t max_size;       // most octets; 0: no bound but the AVP's own
  MessageSet required_in;  // section 6: must be present
  MessageSet optional_in;  // section 6: may be present
};

// All rows, ordered by vendor and type. At most 64, so that a set of them fits into one word.
absl::Span<const AvpRow> AvpTable();

// nullptr when the table has no such AVP. Those of RFC 2661 are found at once, the few others by
// looking through them.
const AvpRow* FindAvp(uint16_t vendor_id, uint16_t attribute_type);
const AvpRow* FindAvp(AvpType type);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_AVP_TABLE_H_
