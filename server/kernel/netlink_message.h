// Netlink messages as values: owning requests, and replies taken apart. No socket here.

#ifndef L2TP_SERVER_KERNEL_NETLINK_MESSAGE_H_
#define L2TP_SERVER_KERNEL_NETLINK_MESSAGE_H_

#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/base/bytes.h"

namespace l2tp::kernel {

struct NetlinkMessageDeleter {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
// A request that is being built or waits to be sent.
using NetlinkMessage = std::unique_ptr<nl_msg, NetlinkMessageDeleter>;

// One message of the kernel's answer to the request with the same sequence number.
struct NetlinkReply {
  enum class Kind {
    kData,  // something that was asked for; more may follow
    kEnd,   // the acknowledgement, an error, or the end of a dump; nothing follows
  };
  uint32_t sequence = 0;
  Kind kind = Kind::kData;
  int error = 0;       // kEnd: errno, 0 for success
  std::string detail;  // kEnd: the kernel's extended acknowledgement text, often empty
  Bytes message;       // kData: the whole message with its nlmsghdr
};

// Takes apart what one read from a netlink socket gave: any number of messages. Stops at the first
// one that is cut short.
std::vector<NetlinkReply> ParseReplies(ByteSpan received);

}  // namespace l2tp::kernel

#endif  // L2TP_SERVER_KERNEL_NETLINK_MESSAGE_H_
