#include <gtest/gtest.h>

#include <string>

#include "absl/strings/string_view.h"
#include "server/wire/hiding.h"
#include "server/wire/message.h"

namespace l2tp::wire {
namespace {

constexpr uint16_t kM = 0x8000;  // mandatory
constexpr uint16_t kH = 0x4000;  // hidden
constexpr uint16_t kReservedBit = 0x0400;
constexpr absl::string_view kSecret = "l2tp-lab-secret";
const Bytes kRandomVector(16, 0x77);

// Writes AVPs as they are told, right or wrong.
class BodyBuilder {
 public:
  explicit BodyBuilder(MessageType type) { Put(kM, 0, Number(static_cast<uint16_t>(type))); }
  explicit BodyBuilder() = default;

  BodyBuilder& Put(uint16_t flags, uint16_t type, absl::string_view hex, uint16_t vendor = 0) {
    const Bytes value = *FromHex(hex);
    writer_.WriteU16(static_cast<uint16_t>(flags | (6 + value.size())));
    writer_.WriteU16(vendor);
    writer_.WriteU16(type);
    writer_.WriteBytes(value);
    return *this;
  }
  BodyBuilder& PutHidden(uint16_t flags, uint16_t type, absl::string_view hex,
                         ByteSpan random_vector = kRandomVector) {
    return Put(flags | kH, type, ToHex(HideValue(type, kSecret, random_vector, *FromHex(hex), {})));
  }
  BodyBuilder& PutRandomVector() { return Put(kM, 36, ToHex(kRandomVector)); }
  BodyBuilder& PutRaw(absl::string_view hex) {
    writer_.WriteBytes(*FromHex(hex));
    return *this;
  }

  Decoded Decode(std::optional<absl::string_view> secret = std::nullopt) const {
    return DecodeMessage(SplitAvps(writer_.bytes()), secret);
  }
  const Bytes& bytes() const { return writer_.bytes(); }

 private:
  static std::string Number(uint16_t value) {
    ByteWriter writer;
    writer.WriteU16(value);
    return ToHex(writer.bytes());
  }

  ByteWriter writer_;
};

// A message that is complete before the test adds to it.
BodyBuilder Icrq() {
  return BodyBuilder(MessageType::kIcrq).Put(kM, 14, "0007").Put(kM, 15, "00000001");
}
BodyBuilder Hello() { return BodyBuilder(MessageType::kHello); }

void ExpectFault(const Decoded& decoded, ErrorCode error, absl::string_view text) {
  ASSERT_TRUE(decoded.fault.has_value());
  EXPECT_EQ(decoded.fault->error, error);
  EXPECT_EQ(decoded.fault->text, text);
  EXPECT_FALSE(decoded.fault->unreadable);
}

TEST(SplitAvpsTest, AnEmptyBodyIsAZlb) {
  const Decoded decoded = DecodeMessage(SplitAvps(ByteSpan()), std::nullopt);
  EXPECT_EQ(decoded.message.type(), MessageType::kZlb);
  EXPECT_FALSE(decoded.fault || decoded.ignore);
}

TEST(SplitAvpsTest, KeepsWhatStandsBeforeTheCut) {
  const BodyBuilder builder = Icrq().PutRaw("8008000000");
  const RawMessage raw = SplitAvps(builder.bytes());
  EXPECT_EQ(raw.avps.size(), 3u);
  ASSERT_TRUE(raw.truncated.has_value());
  EXPECT_EQ(raw.truncated->error, ErrorCode::kWrongLength);
  EXPECT_EQ(raw.truncated->text, "the message ends 5 octets into an AVP header");
  EXPECT_TRUE(raw.truncated_mandatory);
}

TEST(SplitAvpsTest, AMessageThatIsCutInsideAnOptionalAvpIsAcceptedWithoutIt) {
  for (absl::string_view tail : {"00", "0000", "000800000019", "0005000000190000"}) {
    const Decoded decoded = Icrq().PutRaw(tail).Decode();
    EXPECT_FALSE(decoded.fault.has_value()) << tail;
    EXPECT_EQ(decoded.ignored_avps, 1) << tail;
  }
}

TEST(RawMessageTest, HostNameIsTheFirstPlainOne) {
  const auto host_name = [](const BodyBuilder& builder) {
    const auto name = SplitAvps(builder.bytes()).HostName();
    return name ? std::string(*name) : "none";
  };
  EXPECT_EQ(host_name(Hello()), "none");
  EXPECT_EQ(host_name(Hello().Put(kM, 7, "6c6163").Put(kM, 7, "6c6e73")), "lac");
  EXPECT_EQ(host_name(Hello().Put(0, 7, "6c6163")), "lac");
  EXPECT_EQ(host_name(Hello().Put(kM, 7, "")), "none");
  EXPECT_EQ(host_name(Hello().Put(kM | kH, 7, "6c6163")), "none");
  EXPECT_EQ(host_name(Hello().Put(kM, 7, "6c6163", 9)), "none");
}

TEST(DecodeTest, MessageTypeMustBeFirstPlainAndOfTwoOctets) {
  const BodyBuilder bad[] = {
      BodyBuilder().Put(kM, 7, "78").Put(kM, 0, "0006"),  // not first
      BodyBuilder().Put(kM | kH, 0, "0006"),              // hidden
      BodyBuilder().Put(kM, 0, "06"),                     // too short
      BodyBuilder().Put(kM, 0, "000600"),                 // too long
      BodyBuilder().Put(kM, 0, "0006", 9),                // another vendor's
      BodyBuilder().Put(kM | kReservedBit, 0, "0006"),    // not recognised
      BodyBuilder().PutRaw("80080000"),                   // cut off
      BodyBuilder().PutRaw("00"),
  };
  for (const BodyBuilder& builder : bad) {
    const Decoded decoded = builder.Decode();
    ASSERT_TRUE(decoded.fault.has_value()) << ToHex(builder.bytes());
    EXPECT_TRUE(decoded.fault->unreadable) << ToHex(builder.bytes());
    EXPECT_NE(decoded.fault->error, ErrorCode::kUnknownMandatoryAvp);
  }
}

TEST(DecodeTest, UnknownMessageTypeIsIgnoredOrClearsTheTunnelByItsMBit) {
  const Decoded optional = BodyBuilder().Put(0, 0, "0063").Put(kM, 4095, "").Decode();
  EXPECT_TRUE(optional.ignore);
  EXPECT_FALSE(optional.fault.has_value());

  for (absl::string_view type : {"0063", "0000", "0005", "000d"}) {
    const Decoded mandatory = BodyBuilder().Put(kM, 0, type).Decode();
    ASSERT_TRUE(mandatory.fault.has_value());
    EXPECT_FALSE(mandatory.ignore);
    EXPECT_TRUE(mandatory.fault->unreadable);
    EXPECT_EQ(mandatory.fault->error, ErrorCode::kUnknownMandatoryAvp);
  }
}

TEST(DecodeTest, UnknownAvpIsJudgedByItsMBit) {
  const Decoded optional = Icrq().Put(0, 4095, "7a7a").Put(0, 1, "7a7a", 9).Decode();
  EXPECT_FALSE(optional.fault.has_value());
  EXPECT_EQ(optional.ignored_avps, 2);
  EXPECT_EQ(optional.message.avps().size(), 2u);

  ExpectFault(Icrq().Put(kM, 4095, "7a7a").Decode(), ErrorCode::kUnknownMandatoryAvp,
              "unknown mandatory AVP: vendor 0, type 4095");
  ExpectFault(Icrq().Put(kM, 1, "7a7a", 9).Decode(), ErrorCode::kUnknownMandatoryAvp,
              "unknown mandatory AVP: vendor 9, type 1");
  ExpectFault(Icrq().Put(kM, 20, "").Decode(), ErrorCode::kUnknownMandatoryAvp,
              "unknown mandatory AVP: vendor 0, type 20");
}

TEST(DecodeTest, AReservedBitMakesAKnownAvpUnrecognised) {
  ExpectFault(Icrq().Put(kM | kReservedBit, 21, "31").Decode(), ErrorCode::kUnknownMandatoryAvp,
              "unknown mandatory AVP: vendor 0, type 21, reserved bits set");
  const Decoded optional = Icrq().Put(kReservedBit, 21, "31").Put(kM, 21, "32").Decode();
  EXPECT_EQ(*optional.message.Get<std::string>(AvpType::kCalledNumber), "2");
  EXPECT_EQ(optional.ignored_avps, 1);
}

TEST(DecodeTest, WrongLengthIsJudgedByTheMBit) {
  ExpectFault(Icrq().Put(kM, 18, "000001").Decode(), ErrorCode::kWrongLength,
              "Bearer Type (type 18) has a wrong length");
  const Decoded optional = Icrq().Put(0, 18, "000001").Decode();
  EXPECT_FALSE(optional.fault.has_value());
  EXPECT_FALSE(optional.message.Has(AvpType::kBearerType));
  EXPECT_EQ(optional.ignored_avps, 1);
}

TEST(DecodeTest, TheMBitOfAKnownGoodAvpDoesNotMatter) {
  const Decoded decoded = BodyBuilder(MessageType::kIcrq)
                              .Put(0, 14, "0007")
                              .Put(0, 15, "00000001")
                              .Put(kM, 25, "00000002")
                              .Decode();
  EXPECT_FALSE(decoded.fault.has_value());
  EXPECT_EQ(decoded.message.avps().size(), 3u);
}

TEST(DecodeTest, ZeroIsOutOfRangeForIds) {
  ExpectFault(BodyBuilder(MessageType::kIcrp).Put(kM, 14, "0000").Decode(), ErrorCode::kOutOfRange,
              "Assigned Session ID (type 14) has a value out of range");
  // Left out as malformed, and then it is missing.
  ExpectFault(BodyBuilder(MessageType::kIcrp).Put(0, 14, "0000").Decode(), ErrorCode::kOutOfRange,
              "ICRP lacks Assigned Session ID (type 14)");
}

TEST(DecodeTest, EveryRequiredAvpIsMissedWhenAbsent) {
  for (int number = 1; number <= 16; ++number) {
    const auto type = static_cast<MessageType>(number);
    if (!IsKnownMessageType(static_cast<uint16_t>(number))) continue;
    const Decoded decoded = BodyBuilder(type).Decode();
    const bool needs_nothing = type == MessageType::kHello || type == MessageType::kScccn ||
                               type == MessageType::kStopCcn || type == MessageType::kCdn;
    ASSERT_EQ(decoded.fault.has_value(), !needs_nothing) << MessageTypeName(type);
    if (decoded.fault) {
      EXPECT_EQ(decoded.fault->error, ErrorCode::kOutOfRange);
    }
  }
}

TEST(DecodeTest, SliWithOtherAvpsThanAccmIsAccepted) {
  EXPECT_FALSE(BodyBuilder(MessageType::kSli).Put(0, 51, "0102").Decode().fault.has_value());
}

TEST(DecodeTest, StopCcnAndCdnAreUsableWhateverElseIsWrong) {
  for (MessageType type : {MessageType::kStopCcn, MessageType::kCdn}) {
    const Decoded decoded = BodyBuilder(type)
                                .Put(kM, 4095, "7a7a")
                                .Put(kM, 9, "0000")
                                .Put(kM, 14, "0000")
                                .Put(kM | kH, 15, "0000")
                                .Put(kM, 1, "000200037465787421")
                                .PutRaw("8005")
                                .Decode();
    EXPECT_FALSE(decoded.fault.has_value());
    EXPECT_EQ(decoded.message.type(), type);
    EXPECT_EQ(decoded.ignored_avps, 5);
    EXPECT_EQ(*decoded.message.Get<ResultCode>(AvpType::kResultCode), (ResultCode{2, 3, "text!"}));
  }
}

TEST(DecodeTest, ResultCodeMayLackErrorCodeAndTextButNotHalfOfIt) {
  const auto read = [](absl::string_view hex) {
    return BodyBuilder(MessageType::kCdn)
        .Put(kM, 1, hex)
        .Decode()
        .message.Get<ResultCode>(AvpType::kResultCode);
  };
  EXPECT_EQ(read("0003"), (ResultCode{3, 0, ""}));
  EXPECT_EQ(read("00030004"), (ResultCode{3, 4, ""}));
  EXPECT_EQ(read("0003000441"), (ResultCode{3, 4, "A"}));
  EXPECT_EQ(read("000300"), std::nullopt);
  EXPECT_EQ(read("00"), std::nullopt);
  EXPECT_EQ(read("03e703e7"), (ResultCode{999, 999, ""}));  // unknown numbers survive
}

TEST(DecodeTest, ResultCodeInLittleEndianOrderIsPutRight) {
  const auto read = [](absl::string_view hex) {
    return *BodyBuilder(MessageType::kStopCcn)
                .Put(kM, 1, hex)
                .Decode()
                .message.Get<ResultCode>(AvpType::kResultCode);
  };
  EXPECT_EQ(read("0100"), (ResultCode{1, 0, ""}));
  EXPECT_EQ(read("02000600"), (ResultCode{2, 6, ""}));
  EXPECT_EQ(read("02000006"), (ResultCode{2, 6, ""}));
  EXPECT_EQ(read("00050100"), (ResultCode{5, 0x0100, ""}));  // highest version supported: 1.0
}

TEST(DecodeTest, TheFirstFindingBecomesTheFault) {
  ExpectFault(Icrq().Put(kM, 18, "00").Put(kM, 4095, "").PutRaw("80").Decode(),
              ErrorCode::kWrongLength, "Bearer Type (type 18) has a wrong length");
}

TEST(DecodeTest, TheFirstOfARepeatedAvpCounts) {
  const Decoded decoded = BodyBuilder(MessageType::kIcrp)
                              .Put(kM, 14, "0007")
                              .Put(kM, 14, "0008")
                              .Put(kM, 14, "00")
                              .Put(kM, 0, "0001")
                              .Decode();
  EXPECT_FALSE(decoded.fault.has_value());
  EXPECT_EQ(decoded.message.type(), MessageType::kIcrp);
  EXPECT_EQ(decoded.message.avps().size(), 1u);
  EXPECT_EQ(decoded.message.Get<uint16_t>(AvpType::kAssignedSessionId), 7);
}

TEST(DecodeTest, AKnownAvpOfAnotherMessageIsKeptAndHarmless) {
  const Decoded decoded = BodyBuilder(MessageType::kHello).Put(kM, 24, "00000001").Decode();
  EXPECT_FALSE(decoded.fault.has_value());
  EXPECT_TRUE(decoded.message.Has(AvpType::kTxConnectSpeed));
}

TEST(DecodeTest, ReservedFieldsThatAreNotZeroDoNotMatter) {
  const Decoded decoded =
      BodyBuilder(MessageType::kSli).Put(kM, 35, "ffff00000001000a0000").Decode();
  EXPECT_EQ(decoded.message.Get<Accm>(AvpType::kAccm), (Accm{1, 0x000a0000}));
}

TEST(DecodeHiddenTest, EachHiddenAvpUsesTheLastRandomVectorBeforeIt) {
  const Bytes other_vector(1, 0x11);
  const Decoded decoded = BodyBuilder(MessageType::kIcrq)
                              .PutRandomVector()
                              .PutHidden(kM, 14, "0007")
                              .Put(kM, 36, "11")
                              .PutHidden(kM, 15, "00000009", other_vector)
                              .Decode(kSecret);
  ASSERT_FALSE(decoded.fault.has_value()) << decoded.fault->text;
  EXPECT_EQ(decoded.message.Get<uint16_t>(AvpType::kAssignedSessionId), 7);
  EXPECT_EQ(decoded.message.Get<uint32_t>(AvpType::kCallSerialNumber), 9u);
  EXPECT_FALSE(decoded.message.Has(AvpType::kRandomVector));
}

TEST(DecodeHiddenTest, WhatCannotBeReadIsMalformedAndJudgedByTheMBit) {
  struct Case {
    absl::string_view what;
    BodyBuilder body;
    std::optional<absl::string_view> secret;
    ErrorCode error;
  };
  const auto with = [](uint16_t m, bool vector_first) {
    BodyBuilder body = Icrq();
    if (vector_first) body.PutRandomVector();
    body.PutHidden(m, 18, "00000001");
    if (!vector_first) body.PutRandomVector();
    return body;
  };
  for (uint16_t m : {kM, uint16_t{0}}) {
    const Case cases[] = {
        {"no secret", with(m, true), std::nullopt, ErrorCode::kOutOfRange},
        {"Random Vector after", with(m, false), kSecret, ErrorCode::kOutOfRange},
        {"wrong secret", with(m, true), "wrong", ErrorCode::kWrongLength},
        {"one octet", Icrq().PutRandomVector().Put(m | kH, 18, "00"), kSecret,
         ErrorCode::kWrongLength},
        {"inner length", Icrq().PutRandomVector().PutHidden(m, 18, "01"), kSecret,
         ErrorCode::kWrongLength},
        {"may not be hidden", Icrq().PutRandomVector().PutHidden(m, 10, "0004"), kSecret,
         ErrorCode::kOutOfRange},
        {"hidden Random Vector", Icrq().PutRandomVector().PutHidden(m, 36, "0004"), kSecret,
         ErrorCode::kOutOfRange},
    };
    for (const Case& c : cases) {
      SCOPED_TRACE(c.what);
      const Decoded decoded = c.body.Decode(c.secret);
      ASSERT_EQ(decoded.fault.has_value(), m == kM);
      EXPECT_EQ(decoded.message.avps().size(), 2u);
      if (m == kM) {
        EXPECT_EQ(decoded.fault->error, c.error);
      } else {
        EXPECT_EQ(decoded.ignored_avps, 1);
      }
    }
  }
}

TEST(DecodeHiddenTest, AnUnknownHiddenAvpIsUnknownRatherThanUnreadable) {
  ExpectFault(Icrq().Put(kM | kH, 4095, "0000").Decode(), ErrorCode::kUnknownMandatoryAvp,
              "unknown mandatory AVP: vendor 0, type 4095");
}

TEST(DescribeAvpsTest, AllAreNamedAndNoSecretIsShown) {
  Message iccn(MessageType::kIccn);
  iccn.Add(AvpType::kTxConnectSpeed, uint32_t{64000});
  iccn.Add(AvpType::kProxyAuthenType, uint16_t{3});
  iccn.Add(AvpType::kProxyAuthenName, std::string("alice"));
  iccn.Add(AvpType::kProxyAuthenResponse, std::string("open sesame"));
  iccn.Add(AvpType::kPrivateGroupId, std::string("a \"b\"\n"));
  const Bytes body = EncodeBody(iccn);
  EXPECT_EQ(DescribeAvps(SplitAvps(body), 1000),
            "Tx-Connect-Speed=64000 Proxy-Authen-Type=<2 octets> Proxy-Authen-Name=<5 octets> "
            "Proxy-Authen-Response=<11 octets> Private-Group-ID=\"a \\\"b\\\"\\n\"");
  EXPECT_EQ(DescribeAvps(SplitAvps(body), 40), "Tx-Connect-Speed=64000 ...");
}

TEST(DescribeAvpsTest, HiddenUnknownAndMalformedOnesAreTheirSize) {
  Message icrq(MessageType::kIcrq);
  icrq.Add(AvpType::kCalledNumber, std::string("5551000"));
  const Bytes random(16, 1);
  const HidingParams hiding{"secret", random, {}};
  const Bytes hidden = EncodeBody(icrq, &hiding);
  EXPECT_EQ(DescribeAvps(SplitAvps(hidden), 1000),
            "Random-Vector=<16 octets> Called-Number=<hidden, 9 octets>");

  const Bytes other = {0x80, 8, 0, 0, 0, 0,    0,    10,  // ICRQ
                       0x00, 7, 0, 9, 0, 0x21, 0x7f,      // vendor 9, type 33
                       0x80, 7, 0, 0, 0, 14,   1};        // Assigned Session ID of one octet
  EXPECT_EQ(DescribeAvps(SplitAvps(other), 1000),
            "AVP-9-33=<1 octets> Assigned-Session-ID=<malformed, 1 octets>");
}

}  // namespace
}  // namespace l2tp::wire
