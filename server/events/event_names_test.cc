#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/events/event.h"
#include "server/events/resources.h"

namespace l2tp::events {
namespace {

TEST(EventNamesTest, EveryCloseReasonHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(CloseReason::kPeerIncapable); ++i) {
    names.insert(CloseReasonName(static_cast<CloseReason>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(CloseReason::kPeerIncapable) + 1);
  EXPECT_EQ(names.count("UNKNOWN"), 0u);
}

TEST(EventNamesTest, EveryEventTypeHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(EventType::kPeerDeleted); ++i) {
    names.insert(EventTypeName(static_cast<EventType>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(EventType::kPeerDeleted) + 1);
  EXPECT_EQ(names.count("UNKNOWN"), 0u);
}

TEST(EventNamesTest, EveryPppPhaseHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(PppPhase::kTerminate); ++i) {
    names.insert(PppPhaseName(static_cast<PppPhase>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(PppPhase::kTerminate) + 1);
  EXPECT_EQ(names.count("UNKNOWN"), 0u);
  EXPECT_STREQ(PppPhaseName(static_cast<PppPhase>(99)), "UNKNOWN");
}

TEST(EventNamesTest, NamesAreTheOnesOfTheApi) {
  EXPECT_STREQ(EventTypeName(EventType::kSessionLcpUp), "SESSION_LCP_UP");
  EXPECT_STREQ(CloseReasonName(CloseReason::kPppPeerDead), "PPP_PEER_DEAD");
  EXPECT_STREQ(ClosedByName(ClosedBy::kOperator), "OPERATOR");
  EXPECT_STREQ(StateName(State::kEstablished), "ESTABLISHED");
  EXPECT_STREQ(LoginFailureName(LoginFailure::kNoAddress), "NO_ADDRESS");
}

TEST(EventNamesTest, ValuesOutsideTheEnumsAreUnknown) {
  EXPECT_STREQ(EventTypeName(static_cast<EventType>(99)), "UNKNOWN");
  EXPECT_STREQ(CloseReasonName(static_cast<CloseReason>(99)), "UNKNOWN");
  EXPECT_STREQ(ClosedByName(static_cast<ClosedBy>(99)), "UNKNOWN");
  EXPECT_STREQ(StateName(static_cast<State>(99)), "UNKNOWN");
  EXPECT_STREQ(LoginFailureName(static_cast<LoginFailure>(99)), "UNKNOWN");
}

}  // namespace
}  // namespace l2tp::events
