#include "server/kernel/netlink_message.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace l2tp::kernel {
namespace {

// Builds what the kernel would send.
class Wire {
 public:
  template <typename T>
  Wire& Add(const T& value) {
    const auto* begin = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(value));
    return *this;
  }
  Wire& Attribute(uint16_t type, const std::string& payload) {
    Add(nlattr{.nla_len = static_cast<uint16_t>(NLA_HDRLEN + payload.size()), .nla_type = type});
    bytes_.insert(bytes_.end(), payload.begin(), payload.end());
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
    return *this;
  }
  // The message header in front; a multiple of four octets.
  Bytes Message(uint16_t type, uint16_t flags, uint32_t sequence) const {
    Wire whole;
    whole.Add(nlmsghdr{.nlmsg_len = static_cast<uint32_t>(NLMSG_HDRLEN + bytes_.size()),
                       .nlmsg_type = type,
                       .nlmsg_flags = flags,
                       .nlmsg_seq = sequence,
                       .nlmsg_pid = 0});
    whole.bytes_.insert(whole.bytes_.end(), bytes_.begin(), bytes_.end());
    return whole.bytes_;
  }

 private:
  Bytes bytes_;
};

nlmsgerr Error(int error, uint32_t request_length = NLMSG_HDRLEN) {
  nlmsgerr result = {};
  result.error = error;
  result.msg.nlmsg_len = request_length;
  return result;
}

std::string Text(const char* text) { return std::string(text) + '\0'; }

TEST(ParseRepliesTest, AcknowledgementHasNoError) {
  const auto replies = ParseReplies(Wire().Add(Error(0)).Message(NLMSG_ERROR, NLM_F_CAPPED, 7));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].kind, NetlinkReply::Kind::kEnd);
  EXPECT_EQ(replies[0].sequence, 7u);
  EXPECT_EQ(replies[0].error, 0);
  EXPECT_EQ(replies[0].detail, "");
}

TEST(ParseRepliesTest, CappedErrorKeepsTheKernelsWords) {
  const auto replies = ParseReplies(Wire()
                                        .Add(Error(-EEXIST, 44))
                                        .Attribute(NLMSGERR_ATTR_MSG, Text("tunnel is there"))
                                        .Message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 7));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].error, EEXIST);
  EXPECT_EQ(replies[0].detail, "tunnel is there");
}

TEST(ParseRepliesTest, ErrorWithTheWholeRequestKeepsTheKernelsWords) {
  const uint64_t rest_of_request = 0;
  const auto replies = ParseReplies(Wire()
                                        .Add(Error(-EINVAL, NLMSG_HDRLEN + 8))
                                        .Add(rest_of_request)
                                        .Attribute(NLMSGERR_ATTR_MSG, Text("bad"))
                                        .Attribute(NLMSGERR_ATTR_OFFS, std::string("\x18\0\0\0", 4))
                                        .Message(NLMSG_ERROR, NLM_F_ACK_TLVS, 7));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].error, EINVAL);
  EXPECT_EQ(replies[0].detail, "bad (at octet 24 of the request)");
}

TEST(ParseRepliesTest, DumpIsDataAndAnEnd) {
  Bytes received = Wire().Add(uint32_t{1}).Message(28, NLM_F_MULTI, 7);
  for (const Bytes& next : {Wire().Add(uint32_t{2}).Message(28, NLM_F_MULTI, 7),
                            Wire().Add(int32_t{0}).Message(NLMSG_DONE, NLM_F_MULTI, 7)}) {
    received.insert(received.end(), next.begin(), next.end());
  }

  const auto replies = ParseReplies(received);

  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0].kind, NetlinkReply::Kind::kData);
  EXPECT_EQ(replies[0].message.size(), NLMSG_HDRLEN + 4u);
  EXPECT_EQ(replies[1].kind, NetlinkReply::Kind::kData);
  EXPECT_EQ(replies[2].kind, NetlinkReply::Kind::kEnd);
  EXPECT_EQ(replies[2].error, 0);
}

TEST(ParseRepliesTest, DumpMayEndInAnError) {
  const auto replies =
      ParseReplies(Wire().Add(int32_t{-EINTR}).Message(NLMSG_DONE, NLM_F_MULTI, 7));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].error, EINTR);
}

TEST(ParseRepliesTest, NothingIsReadBeyondTheEnd) {
  const Bytes whole = Wire()
                          .Add(Error(-EEXIST, 44))
                          .Attribute(NLMSGERR_ATTR_MSG, Text("tunnel is there"))
                          .Message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 7);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(ParseReplies(ByteSpan(whole).subspan(0, size)).empty()) << size;
  }
}

TEST(ParseRepliesTest, LengthsThatCannotBeEndTheReading) {
  Bytes message = Wire().Add(uint32_t{1}).Message(28, 0, 7);
  message[0] = 3;  // nlmsg_len, less than its own header
  EXPECT_TRUE(ParseReplies(message).empty());
}

}  // namespace
}  // namespace l2tp::kernel
