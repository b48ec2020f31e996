// Against the kernel's own "nlctrl" family, which every kernel has and everybody may ask.

#include "server/kernel/genl_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <cerrno>

namespace l2tp::kernel {
namespace {

using Outcome = GenlSocket::Outcome;

class GenlSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = GenlSocket::Open("nlctrl");
    ASSERT_TRUE(opened.ok()) << opened.status();
    socket_ = *std::move(opened);
  }

  NetlinkMessage Request(uint8_t command, int flags) {
    NetlinkMessage message(nlmsg_alloc());
    genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, socket_->family(), 0,
                NLM_F_REQUEST | flags, command, 1);
    return message;
  }
  NetlinkMessage GetFamily(const char* name) {
    NetlinkMessage message = Request(CTRL_CMD_GETFAMILY, NLM_F_ACK);
    nla_put_string(message.get(), CTRL_ATTR_FAMILY_NAME, name);
    return message;
  }

  std::unique_ptr<GenlSocket> socket_;
};

TEST_F(GenlSocketTest, UnknownFamilyIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(GenlSocket::Open("l2tp_no_such").status()));
}

TEST_F(GenlSocketTest, EachOfManyRequestsInFlightHasItsOwnOutcome) {
  constexpr int kRequests = 100;
  std::vector<Outcome> outcomes(kRequests);
  for (int i = 0; i < kRequests; ++i) {
    // Every other one asks for what is not there.
    socket_->Start(GetFamily(i % 2 == 0 ? "nlctrl" : "l2tp_no_such"),
                   [&outcomes, i](const Outcome& outcome) { outcomes[i] = outcome; });
  }
  EXPECT_EQ(socket_->in_flight(), static_cast<size_t>(kRequests));

  socket_->Finish();

  EXPECT_EQ(socket_->in_flight(), 0u);
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(outcomes[i].error, i % 2 == 0 ? 0 : ENOENT) << i;
    EXPECT_EQ(outcomes[i].data.size(), i % 2 == 0 ? 1u : 0u) << i;
  }
}

TEST_F(GenlSocketTest, DumpGivesAllItsParts) {
  Outcome dump;
  socket_->Start(Request(CTRL_CMD_GETFAMILY, NLM_F_DUMP),
                 [&dump](const Outcome& outcome) { dump = outcome; });
  socket_->Finish();
  EXPECT_EQ(dump.error, 0);
  EXPECT_GE(dump.data.size(), 1u);
}

TEST_F(GenlSocketTest, SecondDumpWaitsForTheFirst) {
  int ended = 0;
  for (int i = 0; i < 3; ++i) {
    socket_->Start(Request(CTRL_CMD_GETFAMILY, NLM_F_DUMP), [&ended](const Outcome& outcome) {
      EXPECT_EQ(outcome.error, 0);
      ++ended;
    });
  }
  socket_->Finish();
  EXPECT_EQ(ended, 3);
}

TEST_F(GenlSocketTest, OutcomeMayStartTheNextRequest) {
  bool second = false;
  socket_->Start(GetFamily("nlctrl"), [&](const Outcome&) {
    socket_->Start(GetFamily("nlctrl"), [&second](const Outcome&) { second = true; });
  });
  socket_->Finish();
  EXPECT_TRUE(second);
}

TEST_F(GenlSocketTest, KernelsWordsAreKept) {
  // A family is named by a text; this one never ends.
  NetlinkMessage message = Request(CTRL_CMD_GETFAMILY, NLM_F_ACK);
  nla_put(message.get(), CTRL_ATTR_FAMILY_NAME, 3, "abc");
  Outcome result;
  socket_->Start(std::move(message), [&result](const Outcome& outcome) { result = outcome; });
  socket_->Finish();
  EXPECT_NE(result.error, 0);
  EXPECT_NE(result.detail, "");
}

}  // namespace
}  // namespace l2tp::kernel
