// L2TP data messages going out (RFC 2661 section 3.1); server/wire reads them.

#ifndef L2TP_TESTS_BENCH_LOAD_DATA_MESSAGE_H_
#define L2TP_TESTS_BENCH_LOAD_DATA_MESSAGE_H_

#include <optional>

#include "server/base/bytes.h"
#include "server/base/ids.h"

namespace l2tp::load {

// A whole datagram. Without Length and Offset; with `ns`, Ns and an Nr of 0.
Bytes EncodeData(TunnelId tunnel, SessionId session, std::optional<uint16_t> ns, ByteSpan frame);

}  // namespace l2tp::load

#endif  // L2TP_TESTS_BENCH_LOAD_DATA_MESSAGE_H_
