// One AVP value between octets, AvpValue and text, as its row of the AVP table says. Used inside
// this folder only.

#ifndef L2TP_SERVER_WIRE_VALUE_CODEC_H_
#define L2TP_SERVER_WIRE_VALUE_CODEC_H_

#include <cstddef>
#include <string>

#include "server/base/bytes.h"
#include "server/wire/avp_table.h"
#include "server/wire/avp_value.h"
#include "server/wire/result_code.h"

namespace l2tp::wire {

inline constexpr size_t kAvpHeaderSize = 6;
inline constexpr size_t kMaxAvpSize = 1023;  // the Length field has 10 bits (section 4.1)
inline constexpr size_t kMaxAvpValueSize = kMaxAvpSize - kAvpHeaderSize;

// Reads the whole of `octets` (not hidden) into `*value`. Returns kNone when it is good, else
// kWrongLength or kOutOfRange, and then `*value` is unchanged. Reserved fields are ignored.
ErrorCode ReadValue(const AvpRow& row, ByteSpan octets, AvpValue* value);

// Appends at most `room` octets, which must hold every fixed part; a longer text is cut, between
// two characters if it is UTF-8. Aborts when `value` has not the type of the row.
void WriteValue(const AvpRow& row, const AvpValue& value, size_t room, ByteWriter* writer);

// The value for a log line: control characters escaped, secrets as "<n octets>".
std::string ValueToString(const AvpRow& row, const AvpValue& value);

}  // namespace l2tp::wire

#endif  // L2TP_SERVER_WIRE_VALUE_CODEC_H_
