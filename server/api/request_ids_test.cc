#include "server/api/request_ids.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "l2tp/v1/peer.pb.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

class RequestIdsTest : public ::testing::Test {
 protected:
  // Asks for a peer with this Host Name; gives the one that it is answered.
  absl::StatusOr<std::string> Ask(const std::string& id, const std::string& host_name,
                                  absl::Status outcome = absl::OkStatus()) {
    v1::CreatePeerRequest request;
    request.mutable_peer()->set_host_name(host_name);
    v1::Peer response;
    const absl::Status status = ids_.Once(id, request, &response, [&] {
      ++done_;
      response.set_host_name(absl::StrCat(host_name, " ", done_));
      return outcome;
    });
    if (!status.ok()) return status;
    return response.host_name();
  }

  std::chrono::steady_clock::time_point now_;
  RequestIds ids_{[this] { return now_; }};
  int done_ = 0;
};

TEST_F(RequestIdsTest, TheFirstAnswerIsGivenAgainForTenMinutes) {
  EXPECT_EQ(*Ask("id", "lac"), "lac 1");
  now_ += std::chrono::minutes(10);
  EXPECT_EQ(*Ask("id", "lac"), "lac 1");
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(*Ask("id", "lac"), "lac 2");
}

TEST_F(RequestIdsTest, WithoutAnIdEverythingIsDone) {
  EXPECT_EQ(*Ask("", "lac"), "lac 1");
  EXPECT_EQ(*Ask("", "lac"), "lac 2");
}

TEST_F(RequestIdsTest, AnotherRequestOfTheIdIsRefused) {
  ASSERT_TRUE(Ask("id", "lac").ok());
  EXPECT_TRUE(HasReason(Ask("id", "lns").status(), Reason::kRequestIdReused));
  EXPECT_EQ(done_, 1);
}

TEST_F(RequestIdsTest, WhatFailedIsNotRemembered) {
  EXPECT_FALSE(Ask("id", "lac", absl::UnavailableError("no")).ok());
  EXPECT_EQ(*Ask("id", "lac"), "lac 2");
}

TEST_F(RequestIdsTest, OldAnswersMakeRoom) {
  ASSERT_TRUE(Ask("first", "lac").ok());
  for (int i = 0; i < 4096; ++i) ASSERT_TRUE(Ask(absl::StrCat("id", i), "lac").ok());
  EXPECT_EQ(*Ask("first", "lac"), "lac 4098");
  EXPECT_EQ(*Ask("id4095", "lac"), "lac 4097");
}

TEST_F(RequestIdsTest, LargeAnswersMakeRoomSooner) {
  ASSERT_TRUE(Ask("first", "lac").ok());
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 17; ++i) ASSERT_TRUE(Ask(absl::StrCat("id", i), large).ok());
  EXPECT_EQ(*Ask("first", "lac"), "lac 19");
}

TEST_F(RequestIdsTest, AnIdHasItsRules) {
  EXPECT_TRUE(HasReason(RequestIds::Check(std::string(65, 'x')), Reason::kFieldInvalid));
  EXPECT_TRUE(HasReason(RequestIds::Check("with space"), Reason::kFieldInvalid));
  EXPECT_TRUE(RequestIds::Check("7d0b6e1e-8c4d-4b54").ok());
  EXPECT_TRUE(RequestIds::Check("").ok());
}

}  // namespace
}  // namespace l2tp::api
