// Enumerators, text and page tokens.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/api/enums.h"
#include "server/api/paging.h"
#include "server/api/text.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

template <typename DomainEnum, typename Convert>
void ExpectSameNames(int count, const std::string& prefix, const char* (*domain_name)(DomainEnum),
                     const std::string& (*proto_name)(int), Convert convert) {
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<DomainEnum>(i);
    EXPECT_EQ(proto_name(static_cast<int>(convert(value))), prefix + domain_name(value));
  }
}

// Gives the name for a plain number, "" for one that is no value.
const std::string& EventTypeName(int value) {
  return v1::Event::Type_Name(static_cast<v1::Event::Type>(value));
}
const std::string& TunnelStateName(int value) {
  return v1::Tunnel::State_Name(static_cast<v1::Tunnel::State>(value));
}
const std::string& SessionStateName(int value) {
  return v1::Session::State_Name(static_cast<v1::Session::State>(value));
}

TEST(EnumsTest, EventTypesHaveTheNamesOfTheDomain) {
  const int count = v1::Event::Type_MAX;
  ExpectSameNames<events::EventType>(count, "TYPE_", events::EventTypeName, EventTypeName,
                                     [](events::EventType type) { return ToProto(type); });
  EXPECT_STREQ(events::EventTypeName(static_cast<events::EventType>(count)), "UNKNOWN");
}

TEST(EnumsTest, KindsAreThoseThatTheTypesAreNamedBy) {
  for (int value = 1; value <= v1::Event::Type_MAX; ++value) {
    const std::string type = EventTypeName(value).substr(5);
    const std::string kind =
        absl::EndsWith(type, "_REFUSED") ? "REFUSAL" : type.substr(0, type.find('_'));
    v1::Event::Kind number = v1::Event::KIND_UNSPECIFIED;
    ASSERT_TRUE(v1::Event::Kind_Parse("KIND_" + kind, &number)) << type;
    EXPECT_EQ(KindFromProto(number), events::KindOf(*EventTypeFromProto(value))) << type;
  }
}

TEST(EnumsTest, StatesHaveTheNamesOfTheDomain) {
  const int count = v1::Session::State_MAX;
  EXPECT_EQ(v1::Tunnel::State_MAX, count - 1);  // tunnels do not wait
  ExpectSameNames<events::State>(
      count - 1, "STATE_", events::StateName, TunnelStateName,
      [](events::State state) { return ToProto<v1::Tunnel::State>(state); });
  ExpectSameNames<events::State>(
      count, "STATE_", events::StateName, SessionStateName,
      [](events::State state) { return ToProto<v1::Session::State>(state); });
  EXPECT_STREQ(events::StateName(static_cast<events::State>(count)), "UNKNOWN");
}

TEST(EnumsTest, CausesHaveTheNamesOfTheDomain) {
  for (int i = 1; i <= v1::Cause::Reason_MAX; ++i) {
    EXPECT_EQ(
        v1::Cause::Reason_Name(ToProto(static_cast<events::CloseReason>(i))),
        absl::StrCat("REASON_", events::CloseReasonName(static_cast<events::CloseReason>(i))));
  }
  for (int i = 1; i <= v1::Cause::ClosedBy_MAX; ++i) {
    EXPECT_EQ(v1::Cause::ClosedBy_Name(ToProto(static_cast<events::ClosedBy>(i))),
              absl::StrCat("CLOSED_BY_", events::ClosedByName(static_cast<events::ClosedBy>(i))));
  }
  EXPECT_EQ(ToProto(events::CloseReason::kNone), v1::Cause::REASON_UNSPECIFIED);
  EXPECT_EQ(ToProto(events::ClosedBy::kNobody), v1::Cause::CLOSED_BY_UNSPECIFIED);
  EXPECT_STREQ(events::CloseReasonName(static_cast<events::CloseReason>(v1::Cause::Reason_MAX + 1)),
               "UNKNOWN");
}

TEST(EnumsTest, PppPhasesHaveTheNamesOfTheDomain) {
  for (int i = 1; i <= v1::Session::PppPhase_MAX; ++i) {
    const auto phase = static_cast<events::PppPhase>(i);
    EXPECT_EQ(v1::Session::PppPhase_Name(ToProto(phase)),
              absl::StrCat("PPP_PHASE_", events::PppPhaseName(phase)));
  }
  EXPECT_EQ(ToProto(events::PppPhase::kDead), v1::Session::PPP_PHASE_UNSPECIFIED);
}

TEST(EnumsTest, RolesOriginsAndMethodsMatch) {
  EXPECT_EQ(ToProto(events::Role::kLac), v1::Session::ROLE_LAC);
  EXPECT_EQ(ToProto(events::Role::kLns), v1::Session::ROLE_LNS);
  EXPECT_EQ(ToProto(events::Origin::kLocal), v1::ORIGIN_LOCAL);
  EXPECT_EQ(ToProto(events::Origin::kPeer), v1::ORIGIN_PEER);
  EXPECT_EQ(ToProto(control::AuthMethod::kPap), v1::PppSettings::AUTH_METHOD_PAP);
  EXPECT_EQ(ToProto(control::AuthMethod::kChapMd5), v1::PppSettings::AUTH_METHOD_CHAP_MD5);
  EXPECT_EQ(ToProto(control::AuthMethod::kMsChapV2), v1::PppSettings::AUTH_METHOD_MSCHAPV2);
}

TEST(EnumsTest, UnknownNumbersFromOutsideAreNoValues) {
  for (int value : {-1, 0, v1::Event::Type_MAX + 1, 1 << 30}) {
    EXPECT_FALSE(EventTypeFromProto(value).has_value()) << value;
    EXPECT_FALSE(KindFromProto(value).has_value()) << value;
    EXPECT_FALSE(AuthMethodFromProto(value).has_value()) << value;
  }
  EXPECT_EQ(EventTypeFromProto(v1::Event::TYPE_SESSION_DELETED),
            events::EventType::kSessionDeleted);
}

TEST(CleanTextTest, WellFormedTextIsNotChanged) {
  for (const char* text : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    EXPECT_EQ(CleanText(text), text);
  }
}

TEST(CleanTextTest, EachOctetThatIsNoCharacterIsReplaced) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(CleanText("a\xff"
                      "b"),
            "a" + r + "b");
  EXPECT_EQ(CleanText("\xc3"), r);                          // cut off
  EXPECT_EQ(CleanText("\x80"), r);                          // continuation without a start
  EXPECT_EQ(CleanText("\xc0\x80"), r + r);                  // longer than needed
  EXPECT_EQ(CleanText("\xe0\x80\x80"), r + r + r);          // longer than needed
  EXPECT_EQ(CleanText("\xed\xa0\x80"), r + r + r);          // surrogate
  EXPECT_EQ(CleanText("\xf4\x90\x80\x80"), r + r + r + r);  // beyond Unicode
  EXPECT_EQ(CleanText("\xf5\x80\x80\x80"), r + r + r + r);
  EXPECT_EQ(CleanText("\xe2\x82x"), r + r + "x");
}

TEST(PagingTest, SizeDefaultsTo100AndIsAtMost1000) {
  EXPECT_EQ(ParsePage(0, "", "x")->size, 100);
  EXPECT_EQ(ParsePage(7, "", "x")->size, 7);
  EXPECT_EQ(ParsePage(1001, "", "x")->size, 1000);
}

TEST(PagingTest, NegativeSizeIsAnError) {
  const absl::Status status = ParsePage(-1, "", "x").status();
  EXPECT_EQ(GetErrorInfo(status)->metadata, (ErrorMetadata{{"field", "page_size"}}));
}

TEST(PagingTest, TokenLeadsBehindTheLastNameOfItsScope) {
  const std::string token = MakePageToken("tunnels/b", "tunnels");
  EXPECT_EQ(ParsePage(0, token, "tunnels")->after, "tunnels/b");
}

TEST(PagingTest, TokenOfAnotherScopeOrOriginIsAnError) {
  const std::string token = MakePageToken("tunnels/b", "tunnels");
  for (const std::string& wrong : {std::string("x"), std::string("!!"), token.substr(4)}) {
    EXPECT_EQ(GetErrorInfo(ParsePage(0, wrong, "tunnels").status())->metadata,
              (ErrorMetadata{{"field", "page_token"}}));
  }
  EXPECT_FALSE(ParsePage(0, token, "pools").ok());
  EXPECT_FALSE(ParsePage(0, MakePageToken("", "pools"), "pools").ok());
}

}  // namespace
}  // namespace l2tp::api
