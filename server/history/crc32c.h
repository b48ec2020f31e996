// CRC-32C (Castagnoli), as iSCSI and ext4 have it.

#ifndef L2TP_SERVER_HISTORY_CRC32C_H_
#define L2TP_SERVER_HISTORY_CRC32C_H_

#include <cstdint>

#include "server/base/bytes.h"

namespace l2tp::history {

uint32_t Crc32c(ByteSpan octets);

}  // namespace l2tp::history

#endif  // L2TP_SERVER_HISTORY_CRC32C_H_
