// PPPoL2TP sockets: the end of a kernel session that pppd attaches its PPP unit to.

#ifndef L2TP_SERVER_KERNEL_PPPOX_SOCKET_H_
#define L2TP_SERVER_KERNEL_PPPOX_SOCKET_H_

#include "server/base/bytes.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"

namespace l2tp::kernel {

// The address to connect a PPPoX socket to. The kernel tells the variants apart by their length, so
// the result has exactly the one of L2TPv2 over IPv4 or IPv6, by the family of `session.path`.
Bytes PppoxAddress(const control::KernelSession& session);

// A PPPoL2TP socket connected to the existing kernel session; non-blocking, close-on-exec. Gives
// the errno in `*error` and no descriptor when that fails.
UniqueFd ConnectPppox(const control::KernelSession& session, int* error);

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_PPPOX_SOCKET_H_
