#include "server/kernel/kernel_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "server/base/error.h"

namespace l2tp::kernel {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string MessageOf(const ProbeResults& results) {
  return std::string(JudgeKernel(results).message());
}

TEST(JudgeKernelTest, EverythingThereIsOk) { EXPECT_TRUE(JudgeKernel({}).ok()); }

TEST(JudgeKernelTest, EachMissingPartIsNamedWithARemedy) {
  EXPECT_THAT(MessageOf({.netlink_family = ENOENT}), HasSubstr("modprobe l2tp_netlink"));
  EXPECT_THAT(MessageOf({.pppox_socket = EAFNOSUPPORT}), HasSubstr("modprobe l2tp_ppp"));
  EXPECT_THAT(MessageOf({.pppox_socket = EPROTONOSUPPORT}), HasSubstr("modprobe l2tp_ppp"));
  EXPECT_THAT(MessageOf({.dev_ppp = ENOENT}), HasSubstr("mknod /dev/ppp c 108 0"));
  EXPECT_THAT(MessageOf({.dev_ppp = EPERM}), HasSubstr("c 108:0 rwm"));
}

TEST(JudgeKernelTest, AllThatIsMissingIsToldAtOnce) {
  const absl::Status status = JudgeKernel({.netlink_family = ENOENT,
                                           .pppox_socket = EAFNOSUPPORT,
                                           .dev_ppp = ENOENT,
                                           .net_admin = false});

  EXPECT_TRUE(HasReason(status, Reason::kKernelUnsupported));
  EXPECT_THAT(
      GetErrorInfo(status)->metadata,
      ElementsAre(Pair("missing", "netlink family l2tp,PPPoL2TP sockets,/dev/ppp,CAP_NET_ADMIN")));
}

TEST(JudgeKernelTest, MissingRightsAloneAreNotAKernelProblem) {
  const absl::Status status = JudgeKernel({.dev_ppp = EPERM, .net_admin = false});

  EXPECT_TRUE(HasReason(status, Reason::kNoCapability));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("CAP_NET_ADMIN"), Not(HasSubstr("/dev/ppp"))));
}

TEST(ProbeKernelTest, TriesWithoutHarmWhateverTheKernelHas) {
  const ProbeResults first = ProbeKernel();
  const ProbeResults second = ProbeKernel();
  EXPECT_EQ(first.netlink_family, second.netlink_family);
  EXPECT_EQ(first.pppox_socket, second.pppox_socket);
}

}  // namespace
}  // namespace l2tp::kernel
