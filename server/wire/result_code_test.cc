#include "server/wire/result_code.h"

#include <gtest/gtest.h>

namespace l2tp::wire {
namespace {

TEST(ResultCodeTest, IsMadeFromTheNamesOfEitherMessage) {
  EXPECT_EQ(MakeResult(StopCcnResult::kShuttingDown), (ResultCode{6, 0, ""}));
  EXPECT_EQ(MakeResult(StopCcnResult::kGeneralError, ErrorCode::kUnknownMandatoryAvp, "type 4095"),
            (ResultCode{2, 8, "type 4095"}));
  EXPECT_EQ(MakeResult(CdnResult::kBusy), (ResultCode{8, 0, ""}));
}

TEST(ResultCodeTest, EveryListedNumberHasANameAndNoOtherHas) {
  for (int number = 0; number <= 1000; ++number) {
    const auto code = static_cast<uint16_t>(number);
    EXPECT_EQ(StopCcnResultName(code) != "unknown", number >= 1 && number <= 7) << number;
    EXPECT_EQ(CdnResultName(code) != "unknown", number >= 1 && number <= 11) << number;
    EXPECT_EQ(ErrorCodeName(code) != "unknown", number <= 8) << number;
  }
}

TEST(ResultCodeTest, NamesFollowTheNumbersOfTheRfc) {
  EXPECT_EQ(StopCcnResultName(6), "shutting down");
  EXPECT_EQ(CdnResultName(3), "administrative reasons");
  EXPECT_EQ(CdnResultName(8), "busy signal");
  EXPECT_EQ(CdnResultName(11), "no appropriate framing");
  EXPECT_EQ(ErrorCodeName(7), "try another");
}

}  // namespace
}  // namespace l2tp::wire
