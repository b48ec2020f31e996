#include "server/wire/avp_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace l2tp::wire {
namespace {

using ::testing::ElementsAre;

const AvpRow& Row(AvpType type) { return *FindAvp(type); }

constexpr uint16_t kLastOfRfc2661 = 39;
bool IsOfRfc2661(AvpType type) {
  return VendorOf(type) == kIetf && NumberOf(type) <= kLastOfRfc2661;
}

// The attribute types of RFC 2661 whose row satisfies `predicate`.
template <typename Predicate>
std::vector<int> TypesWhere(Predicate predicate) {
  std::vector<int> types;
  for (const AvpRow& row : AvpTable()) {
    if (IsOfRfc2661(row.type) && predicate(row)) types.push_back(NumberOf(row.type));
  }
  return types;
}
std::vector<int> RequiredIn(MessageType type) {
  return TypesWhere([type](const AvpRow& row) { return Contains(row.required_in, type); });
}
std::vector<int> OptionalIn(MessageType type) {
  return TypesWhere([type](const AvpRow& row) { return Contains(row.optional_in, type); });
}

TEST(AvpTableTest, HoldsEveryAttributeOfTheRfcAndFewOthers) {
  for (int type = 0; type <= 65535; ++type) {
    const AvpRow* row = FindAvp(kIetf, static_cast<uint16_t>(type));
    const bool defined = (type <= 39 && type != 20) || type == 46 || type == 98;
    ASSERT_EQ(row != nullptr, defined) << type;
    if (defined) {
      EXPECT_EQ(NumberOf(row->type), type);
    }
  }
}

// Holds: R-5515-5-01 R-5515-5-02 R-5515-5-03
TEST(AvpTableTest, AccessLineAttributesHaveTheBroadbandForumsVendorIdAndMayBeIgnored) {
  std::vector<int> types;
  for (const AvpRow& row : AvpTable()) {
    if (!IsAccessLine(row.type)) continue;
    EXPECT_EQ(VendorOf(row.type), 3561);
    EXPECT_FALSE(row.mandatory) << row.name;
    EXPECT_TRUE(row.may_hide) << row.name;
    EXPECT_TRUE(Contains(row.optional_in, MessageType::kIcrq)) << row.name;
    types.push_back(NumberOf(row.type));
  }
  EXPECT_THAT(types, ElementsAre(1, 2, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140,
                                 141, 142, 144, 145, 254));
  EXPECT_EQ(Row(AvpType::kAgentCircuitId).min_size, 2);
  EXPECT_EQ(Row(AvpType::kAgentCircuitId).max_size, 63);
  EXPECT_EQ(FindAvp(kBroadbandForum, 3), nullptr);
  EXPECT_EQ(FindAvp(9, 1), nullptr);
}

TEST(AvpTableTest, EveryRowHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const AvpRow& row : AvpTable()) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
  }
}

TEST(AvpTableTest, TheseAvpsAreSentWithoutTheMandatoryBit) {
  EXPECT_THAT(TypesWhere([](const AvpRow& row) { return !row.mandatory; }),
              ElementsAre(5, 6, 8, 25, 26, 27, 28, 29, 30, 31, 32, 33, 37, 38));
}

TEST(AvpTableTest, TheseAvpsMayNotBeHidden) {
  EXPECT_THAT(TypesWhere([](const AvpRow& row) { return !row.may_hide; }),
              ElementsAre(0, 1, 2, 5, 7, 10, 12, 36, 39));
}

TEST(AvpTableTest, IdsAndTheWindowMayNotBeZero) {
  EXPECT_THAT(TypesWhere([](const AvpRow& row) { return row.non_zero; }), ElementsAre(9, 10, 14));
}

TEST(AvpTableTest, HostNameAndChallengesHaveALeastSizeAndTheResponseAnExactOne) {
  EXPECT_THAT(TypesWhere([](const AvpRow& row) { return row.min_size == 1; }),
              ElementsAre(7, 11, 31));
  EXPECT_EQ(Row(AvpType::kChallengeResponse).min_size, 16);
  EXPECT_EQ(Row(AvpType::kChallengeResponse).max_size, 16);
}

TEST(AvpTableTest, EachMessageRequiresWhatSectionSixSays) {
  EXPECT_THAT(RequiredIn(MessageType::kSccrq), ElementsAre(0, 2, 3, 7, 9));
  EXPECT_THAT(RequiredIn(MessageType::kSccrp), ElementsAre(0, 2, 3, 7, 9));
  EXPECT_THAT(RequiredIn(MessageType::kScccn), ElementsAre(0));
  EXPECT_THAT(RequiredIn(MessageType::kStopCcn), ElementsAre(0, 1, 9));
  EXPECT_THAT(RequiredIn(MessageType::kHello), ElementsAre(0));
  EXPECT_THAT(RequiredIn(MessageType::kOcrq), ElementsAre(0, 14, 15, 16, 17, 18, 19, 21));
  EXPECT_THAT(RequiredIn(MessageType::kOcrp), ElementsAre(0, 14));
  EXPECT_THAT(RequiredIn(MessageType::kOccn), ElementsAre(0, 19, 24));
  EXPECT_THAT(RequiredIn(MessageType::kIcrq), ElementsAre(0, 14, 15));
  EXPECT_THAT(RequiredIn(MessageType::kIcrp), ElementsAre(0, 14));
  EXPECT_THAT(RequiredIn(MessageType::kIccn), ElementsAre(0, 19, 24));
  EXPECT_THAT(RequiredIn(MessageType::kCdn), ElementsAre(0, 1, 14));
  EXPECT_THAT(RequiredIn(MessageType::kWen), ElementsAre(0, 34));
  EXPECT_THAT(RequiredIn(MessageType::kSli), ElementsAre(0, 35));
}

TEST(AvpTableTest, EachMessageMayCarryWhatSectionSixSaysAndRandomVectors) {
  EXPECT_THAT(OptionalIn(MessageType::kSccrq), ElementsAre(4, 5, 6, 8, 10, 11, 36));
  EXPECT_THAT(OptionalIn(MessageType::kSccrp), ElementsAre(4, 6, 8, 10, 11, 13, 36));
  EXPECT_THAT(OptionalIn(MessageType::kScccn), ElementsAre(13, 36));
  EXPECT_THAT(OptionalIn(MessageType::kStopCcn), ElementsAre(36));
  EXPECT_THAT(OptionalIn(MessageType::kHello), ElementsAre(36));
  EXPECT_THAT(OptionalIn(MessageType::kOcrq), ElementsAre(23, 36));
  EXPECT_THAT(OptionalIn(MessageType::kOcrp), ElementsAre(25, 36));
  EXPECT_THAT(OptionalIn(MessageType::kOccn), ElementsAre(36, 38, 39));
  EXPECT_THAT(OptionalIn(MessageType::kIcrq), ElementsAre(18, 21, 22, 23, 25, 36));
  EXPECT_THAT(OptionalIn(MessageType::kIcrp), ElementsAre(36));
  EXPECT_THAT(OptionalIn(MessageType::kIccn),
              ElementsAre(26, 27, 28, 29, 30, 31, 32, 33, 36, 37, 38, 39));
  EXPECT_THAT(OptionalIn(MessageType::kCdn), ElementsAre(12, 36));
  EXPECT_THAT(OptionalIn(MessageType::kWen), ElementsAre(36));
  EXPECT_THAT(OptionalIn(MessageType::kSli), ElementsAre(36));
}

TEST(MessageTypeTest, NumbersOutsideTheRfcAreUnknown) {
  for (int number : {0, 5, 13, 17, 99, 65535}) {
    EXPECT_FALSE(IsKnownMessageType(static_cast<uint16_t>(number))) << number;
  }
  EXPECT_EQ(MessageTypeName(static_cast<MessageType>(99)), "unknown");
  EXPECT_EQ(MessageTypeName(MessageType::kZlb), "ZLB");
}

TEST(MessageTypeTest, CallMessagesConcernASessionAndTheOthersTheTunnel) {
  for (int number = 0; number <= 20; ++number) {
    const bool session = number >= 7 && number <= 16 && number != 13;
    EXPECT_EQ(IsSessionMessage(static_cast<MessageType>(number)), session) << number;
  }
}

}  // namespace
}  // namespace l2tp::wire
