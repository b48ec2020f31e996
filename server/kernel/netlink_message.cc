#include "server/kernel/netlink_message.h"

#include <linux/netlink.h>
#include <netlink/attr.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace l2tp::kernel {
namespace {

// The text of an extended acknowledgement: attributes at `offset` of the payload.
std::string ExtendedText(ByteSpan payload, size_t offset) {
  offset = NLMSG_ALIGN(offset);
  if (offset >= payload.size()) return "";
  // libnl reads attributes in place and wants them aligned and mutable.
  Bytes attributes(payload.begin() + static_cast<ptrdiff_t>(offset), payload.end());
  nlattr* parsed[NLMSGERR_ATTR_MAX + 1];
  if (nla_parse(parsed, NLMSGERR_ATTR_MAX, reinterpret_cast<nlattr*>(attributes.data()),
                static_cast<int>(attributes.size()), nullptr) < 0) {
    return "";
  }
  std::string text;
  if (const nlattr* message = parsed[NLMSGERR_ATTR_MSG]; message != nullptr) {
    const char* data = static_cast<const char*>(nla_data(message));
    text.assign(data, strnlen(data, static_cast<size_t>(nla_len(message))));
  }
  if (const nlattr* offending = parsed[NLMSGERR_ATTR_OFFS];
      offending != nullptr && nla_len(offending) >= 4) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "(at octet ", nla_get_u32(offending),
                    " of the request)");
  }
  return text;
}

// NLMSG_ERROR: errno, the request's header, the request unless capped, attributes.
void ParseError(const nlmsghdr& header, ByteSpan payload, NetlinkReply* reply) {
  nlmsgerr error = {};
  if (payload.size() < sizeof(error)) return;
  std::memcpy(&error, payload.data(), sizeof(error));
  reply->error = -error.error;
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return;
  size_t offset = sizeof(error);
  if ((header.nlmsg_flags & NLM_F_CAPPED) == 0 && error.msg.nlmsg_len > NLMSG_HDRLEN) {
    offset += NLMSG_ALIGN(error.msg.nlmsg_len) - NLMSG_HDRLEN;
  }
  reply->detail = ExtendedText(payload, offset);
}

// NLMSG_DONE: the dump's errno, attributes.
void ParseDone(const nlmsghdr& header, ByteSpan payload, NetlinkReply* reply) {
  int32_t error = 0;
  if (payload.size() < sizeof(error)) return;
  std::memcpy(&error, payload.data(), sizeof(error));
  if (error < 0) reply->error = -error;
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    reply->detail = ExtendedText(payload, sizeof(error));
  }
}

}  // namespace

std::vector<NetlinkReply> ParseReplies(ByteSpan received) {
  std::vector<NetlinkReply> replies;
  while (received.size() >= NLMSG_HDRLEN) {
    nlmsghdr header = {};
    std::memcpy(&header, received.data(), sizeof(header));
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > received.size()) break;
    const ByteSpan message = received.subspan(0, header.nlmsg_len);
    const ByteSpan payload = message.subspan(NLMSG_HDRLEN);

    NetlinkReply reply;
    reply.sequence = header.nlmsg_seq;
    switch (header.nlmsg_type) {
      case NLMSG_NOOP: break;
      case NLMSG_ERROR:
        reply.kind = NetlinkReply::Kind::kEnd;
        ParseError(header, payload, &reply);
        break;
      case NLMSG_DONE:
        reply.kind = NetlinkReply::Kind::kEnd;
        ParseDone(header, payload, &reply);
        break;
      default: reply.message.assign(message.begin(), message.end());
    }
    if (header.nlmsg_type != NLMSG_NOOP) replies.push_back(std::move(reply));
    received.remove_prefix(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), received.size()));
  }
  return replies;
}

}  // namespace l2tp::kernel
