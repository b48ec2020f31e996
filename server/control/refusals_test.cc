#include "server/control/refusals.h"

#include <gtest/gtest.h>

#include <vector>

namespace l2tp::control {
namespace {

class RefusalsTest : public ::testing::Test {
 protected:
  void Note(uint32_t source, uint16_t result = 4, const std::string& tunnel = "") {
    events::RefusalInfo refusal;
    refusal.tunnel = tunnel;
    refusal.of_call = !tunnel.empty();
    refusal.remote = {IpAddress::FromV4(source), 1701};
    refusal.cause.result_code = result;
    refusal.host_name = "lac";
    refusals_.Note(now_, refusal);
  }
  void Pass(Duration duration) {
    now_ = now_ + duration;
    refusals_.HandleTimeout(now_);
  }

  Instant now_ = Instant() + Duration::Seconds(100);
  std::vector<events::RefusalInfo> told_;
  Refusals refusals_{[this](events::RefusalInfo info) { told_.push_back(std::move(info)); }};
};

TEST_F(RefusalsTest, TheFirstIsToldAtOnceAndThoseAlikeTogether) {
  Note(1);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].count, 1);
  for (int i = 0; i < 5; ++i) Note(1);
  EXPECT_EQ(told_.size(), 1u);
  Pass(Refusals::kWindow);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].count, 5);
  EXPECT_EQ(refusals_.tunnel_count(), 6);
}

TEST_F(RefusalsTest, OtherAddressesCodesAndTunnelsAreToldOnTheirOwn) {
  Note(1);
  Note(2);
  Note(1, 2);
  Note(1, 4, "tunnels/a");
  EXPECT_EQ(told_.size(), 4u);
  EXPECT_EQ(refusals_.tunnel_count(), 3);
  EXPECT_EQ(refusals_.session_count(), 1);
}

TEST_F(RefusalsTest, AfterAQuietWindowNothingIsKeptAndNoTimerRuns) {
  Note(1);
  Pass(Refusals::kWindow);
  EXPECT_EQ(refusals_.NextTimeout(), std::nullopt);
  EXPECT_EQ(told_.size(), 1u);
  Note(1);
  EXPECT_EQ(told_.size(), 2u);
}

TEST_F(RefusalsTest, AFloodFromManyAddressesIsToldInAHandfulOfEventsAndCountedInFull) {
  constexpr uint32_t kFlood = 100'000;
  for (uint32_t source = 1; source <= kFlood; ++source) Note(source);
  EXPECT_EQ(told_.size(), Refusals::kMaxKinds);
  Pass(Refusals::kWindow);
  ASSERT_EQ(told_.size(), Refusals::kMaxKinds + 1);
  EXPECT_FALSE(told_.back().remote.address.is_set());
  EXPECT_EQ(told_.back().count, static_cast<int64_t>(kFlood - Refusals::kMaxKinds));
  EXPECT_EQ(refusals_.tunnel_count(), kFlood);
}

TEST_F(RefusalsTest, AFloodOfTunnelsDoesNotHideRefusedCalls) {
  for (uint32_t source = 1; source <= 100; ++source) Note(source);
  Note(1, 4, "tunnels/a");
  Note(1, 4, "tunnels/b");
  Pass(Refusals::kWindow);
  ASSERT_EQ(told_.size(), Refusals::kMaxKinds + 2);
  EXPECT_EQ(told_.back().of_call, true);
  EXPECT_EQ(told_.back().count, 2);
}

}  // namespace
}  // namespace l2tp::control
