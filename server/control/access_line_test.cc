#include "server/control/access_line.h"

#include <gtest/gtest.h>

#include "server/wire/avp_table.h"

namespace l2tp::control {
namespace {

using wire::AvpType;

// Holds: R-5515-5-01 R-5515-5-04
TEST(AccessLineTest, EveryAvpOfTheTableComesBackAsItWas) {
  std::vector<wire::Avp> avps;
  for (const wire::AvpRow& row : wire::AvpTable()) {
    if (!wire::IsAccessLine(row.type)) continue;
    switch (row.layout) {
      case wire::Layout::kU64:
        avps.push_back({row.type, uint64_t{5'000'000'000} + avps.size()});
        break;
      case wire::Layout::kU32: avps.push_back({row.type, uint32_t{7}}); break;
      default: avps.push_back({row.type, std::string("abc")});
    }
  }
  const auto line = ToAccessLine(avps);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->agent_circuit_id, "abc");
  EXPECT_EQ(line->actual_rate_upstream, 5'000'000'002u);
  EXPECT_EQ(ToAvps(*line), avps);
}

// Holds: R-5515-3-01 R-5515-3-03
TEST(AccessLineTest, OfALineOfWhichNothingIsKnownNothingIsTold) {
  EXPECT_TRUE(ToAvps({}).empty());
  EXPECT_EQ(ToAccessLine({}), std::nullopt);
  events::AccessLine line;
  line.agent_remote_id = "customer 7";
  EXPECT_EQ(ToAvps(line),
            (std::vector<wire::Avp>{{AvpType::kAgentRemoteId, line.agent_remote_id}}));
}

}  // namespace
}  // namespace l2tp::control
