#include "server/api/status.h"

#include "gtest/gtest.h"
#include "l2tp/v1/error.pb.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

v1::Status Details(const grpc::Status& status) {
  v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

v1::ErrorInfo Info(const grpc::Status& status) {
  const v1::Status details = Details(status);
  v1::ErrorInfo info;
  EXPECT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_TRUE(info.ParseFromString(details.details(0).value()));
  return info;
}

std::string Field(const absl::Status& status) { return GetErrorInfo(status)->metadata[0].second; }

TEST(StatusTest, OkStaysOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(StatusTest, ReasonAndMetadataBecomeAnErrorInfo) {
  const grpc::Status status = ToGrpcStatus(
      MakeError(Reason::kTunnelNotFound, "there is no tunnel", {{"name", "tunnels/a"}}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "there is no tunnel");
  EXPECT_EQ(Details(status).code(), 5);
  EXPECT_EQ(Details(status).message(), "there is no tunnel");
  const v1::ErrorInfo info = Info(status);
  EXPECT_EQ(info.reason(), "TUNNEL_NOT_FOUND");
  EXPECT_EQ(info.domain(), "l2tp-controller");
  EXPECT_EQ(info.metadata().at("name"), "tunnels/a");
}

TEST(StatusTest, EveryReasonHasItsCode) {
  for (int i = 0; i <= static_cast<int>(Reason::kCallerNotAllowed); ++i) {
    const absl::Status status = MakeError(static_cast<Reason>(i), "x");
    const grpc::Status converted = ToGrpcStatus(status);
    EXPECT_EQ(static_cast<int>(converted.error_code()), static_cast<int>(status.code()));
    EXPECT_EQ(Info(converted).reason(), ReasonName(static_cast<Reason>(i)));
  }
}

TEST(StatusTest, ErrorWithoutReasonKeepsCodeAndMessage) {
  const grpc::Status status = ToGrpcStatus(absl::CancelledError("gone"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(status.error_message(), "gone");
  EXPECT_EQ(status.error_details(), "");
}

TEST(StatusTest, OctetsThatAreNotUtf8DoNotSpoilTheDetails) {
  const grpc::Status status =
      ToGrpcStatus(MakeError(Reason::kTunnelNotFound, "\xff", {{"name", "\xfe"}}));
  EXPECT_EQ(Info(status).metadata().at("name"), "\xef\xbf\xbd");
}

TEST(StatusTest, LongTextsAreCutBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 100'000; ++i) euros += "\xe2\x82\xac";
  const grpc::Status status =
      ToGrpcStatus(MakeError(Reason::kFieldInvalid, euros, {{"field", "a" + euros}}));
  EXPECT_EQ(status.error_message(), euros.substr(0, 195) + "...");
  EXPECT_EQ(Info(status).metadata().at("field"), "a" + euros.substr(0, 195) + "...");
  EXPECT_LT(status.error_details().size(), 1000u);
}

TEST(StatusTest, TextsOf200OctetsStayWhole) {
  const std::string text(200, 'x');
  EXPECT_EQ(ToGrpcStatus(absl::CancelledError(text)).error_message(), text);
}

TEST(UnderFieldTest, PutsTheResourceBeforeTheField) {
  const absl::Status status = UnderField("profile", InvalidField("ppp.mtu", "too small"));
  EXPECT_TRUE(HasReason(status, Reason::kFieldInvalid));
  EXPECT_EQ(Field(status), "profile.ppp.mtu");
  EXPECT_EQ(status.message(), "profile.ppp.mtu: too small");
}

TEST(UnderFieldTest, KeepsWhatIsRequiredRequired) {
  const absl::Status status = UnderField("tunnel", MissingField("remote_ip_address"));
  EXPECT_TRUE(HasReason(status, Reason::kFieldRequired));
  EXPECT_EQ(Field(status), "tunnel.remote_ip_address");
}

TEST(UnderFieldTest, KeepsReasonAndTheRestOfTheMetadata) {
  const absl::Status status =
      UnderField("session", MakeError(Reason::kInterfaceNameTaken, "ppp0 is taken",
                                      {{"field", "interface_name"}, {"session", "x"}}));
  EXPECT_TRUE(HasReason(status, Reason::kInterfaceNameTaken));
  const ErrorMetadata expected = {{"field", "session.interface_name"}, {"session", "x"}};
  EXPECT_EQ(GetErrorInfo(status)->metadata, expected);
  EXPECT_EQ(status.message(), "ppp0 is taken");
}

TEST(UnderFieldTest, OtherErrorsAndSuccessStayAsTheyAre) {
  const absl::Status other = MakeError(Reason::kTunnelExists, "x", {{"name", "tunnels/a"}});
  EXPECT_EQ(UnderField("tunnel", other), other);
  EXPECT_TRUE(UnderField("tunnel", absl::OkStatus()).ok());
}

}  // namespace
}  // namespace l2tp::api
