#include "server/kernel/kernel_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "server/base/error.h"

namespace l2tp::kernel {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

absl::Status TunnelError(const char* operation, int error) {
  return KernelError({operation, TunnelId(5), {}}, error, "");
}
absl::Status SessionError(const char* operation, int error) {
  return KernelError({operation, TunnelId(5), SessionId(6)}, error, "");
}

TEST(KernelErrorTest, SaysWhatFailedWithTheKernelsOwnWords) {
  const absl::Status status =
      KernelError({"SESSION_CREATE", TunnelId(5), SessionId(6)}, EINVAL, "bad attribute");

  EXPECT_TRUE(HasReason(status, Reason::kKernelRequestFailed));
  EXPECT_EQ(status.message(),
            "kernel: SESSION_CREATE tunnel 5 session 6: Invalid argument: bad attribute");
  EXPECT_THAT(GetErrorInfo(status)->metadata, Contains(Pair("operation", "SESSION_CREATE")));
  EXPECT_THAT(GetErrorInfo(status)->metadata, Contains(Pair("errno", "22")));
}

TEST(KernelErrorTest, MissingObjectIsTheOneTheRequestNeeds) {
  EXPECT_TRUE(HasReason(SessionError("SESSION_GET", ENODEV), Reason::kSessionNotFound));
  EXPECT_TRUE(HasReason(SessionError("SESSION_DELETE", ENODEV), Reason::kSessionNotFound));
  EXPECT_TRUE(HasReason(SessionError("SESSION_CREATE", ENODEV), Reason::kTunnelNotFound));
  EXPECT_TRUE(HasReason(SessionError("PPPOX_CONNECT", ENOENT), Reason::kTunnelNotFound));
  EXPECT_TRUE(HasReason(TunnelError("TUNNEL_DELETE", ENODEV), Reason::kTunnelNotFound));
}

TEST(KernelErrorTest, MissingRightsNameTheCapability) {
  const absl::Status status = TunnelError("TUNNEL_CREATE", EPERM);
  EXPECT_TRUE(HasReason(status, Reason::kNoCapability));
  EXPECT_THAT(GetErrorInfo(status)->metadata, Contains(Pair("capability", "CAP_NET_ADMIN")));
}

TEST(KernelErrorTest, MissingPppSupportSaysWhatToDo) {
  const absl::Status status = SessionError("SESSION_CREATE", EPROTONOSUPPORT);
  EXPECT_TRUE(HasReason(status, Reason::kKernelUnsupported));
  EXPECT_THAT(std::string(status.message()), HasSubstr("CONFIG_L2TP_V3"));
}

TEST(KernelErrorTest, IdInUseSaysWho) {
  EXPECT_THAT(std::string(TunnelError("TUNNEL_CREATE", EEXIST).message()),
              HasSubstr("another program"));
}

}  // namespace
}  // namespace l2tp::kernel
