// The kernel's L2TP interface (linux/l2tp.h) as functions: values to netlink messages and back.
// Only L2TPv2 over UDP with PPP pseudowires so far.

#ifndef L2TP_SERVER_KERNEL_L2TP_REQUESTS_H_
#define L2TP_SERVER_KERNEL_L2TP_REQUESTS_H_

#include <optional>

#include "server/base/bytes.h"
#include "server/base/ids.h"
#include "server/control/ports.h"
#include "server/events/resources.h"
#include "server/kernel/netlink_message.h"

namespace l2tp::kernel {

// Requests, to be acknowledged. `family` is GenlSocket::family(); sequence and port numbers are
// left to the socket.

// Hands `tunnel.socket` to the kernel; it is looked up in the descriptors of the sending process.
NetlinkMessage TunnelCreateRequest(int family, const control::KernelTunnel& tunnel);
NetlinkMessage TunnelDeleteRequest(int family, TunnelId tunnel);
// All tunnels of the network namespace; one ParseTunnelId() for each message of the answer.
NetlinkMessage TunnelListRequest(int family);
// Answered by one message for ParseCounters().
NetlinkMessage TunnelGetRequest(int family, TunnelId tunnel);
// Does not connect a PPPoX socket: see pppox_socket.h. A reorder time is rounded up to
// milliseconds.
NetlinkMessage SessionCreateRequest(int family, const control::KernelSession& session);
// Sequence numbers in both directions, from now on.
NetlinkMessage RequireSequencingRequest(int family, TunnelId tunnel, SessionId session);
NetlinkMessage SessionDeleteRequest(int family, TunnelId tunnel, SessionId session);
// Answered by one message for ParseCounters().
NetlinkMessage SessionGetRequest(int family, TunnelId tunnel, SessionId session);

// Replies: whole messages with their nlmsghdr. nullopt when the message does not say.
std::optional<TunnelId> ParseTunnelId(ByteSpan message);
// Counters an older kernel does not have are 0.
std::optional<events::Counters> ParseCounters(ByteSpan message);

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_L2TP_REQUESTS_H_
