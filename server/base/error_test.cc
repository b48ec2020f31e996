#include "server/base/error.h"

#include <gtest/gtest.h>

namespace l2tp {
namespace {

TEST(ErrorTest, ReasonAndMetadataSurviveTheStatus) {
  const absl::Status status =
      MakeError(Reason::kTunnelNotFound, "no tunnel", {{"name", "tunnels/a:b"}, {"x", ""}});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const auto info = GetErrorInfo(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason, "TUNNEL_NOT_FOUND");
  EXPECT_EQ(info->metadata, (ErrorMetadata{{"name", "tunnels/a:b"}, {"x", ""}}));
  EXPECT_TRUE(HasReason(status, Reason::kTunnelNotFound));
  EXPECT_FALSE(HasReason(status, Reason::kTunnelExists));
}

TEST(ErrorTest, ForeignStatusHasNoReason) {
  EXPECT_FALSE(GetErrorInfo(absl::InternalError("x")).has_value());
  EXPECT_FALSE(GetErrorInfo(absl::OkStatus()).has_value());
}

TEST(ErrorTest, FieldErrorsNameTheField) {
  const absl::Status status = InvalidField("tunnel.remote", "not an address");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetErrorInfo(status)->metadata.front().second, "tunnel.remote");
}

}  // namespace
}  // namespace l2tp
