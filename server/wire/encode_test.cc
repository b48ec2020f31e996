#include <gtest/gtest.h>

#include <string>

#include "server/wire/hiding.h"
#include "server/wire/message.h"

namespace l2tp::wire {
namespace {

TEST(EncodeTest, WritesMessageTypeFirstAndTheMBitsOfTheTable) {
  const Message icrq = Message(MessageType::kIcrq)
                           .Add(AvpType::kAssignedSessionId, uint16_t{7})
                           .Add(AvpType::kPhysicalChannelId, uint32_t{9});
  EXPECT_EQ(ToHex(EncodeBody(icrq)),
            "800800000000000a"
            "80080000000e0007"
            "000a0000001900000009");
}

TEST(EncodeTest, ZlbHasNoBody) { EXPECT_TRUE(EncodeBody(Message()).empty()); }

TEST(EncodeTest, ReservedFieldsAreZero) {
  const Message sli = Message(MessageType::kSli).Add(AvpType::kAccm, Accm{1, 2});
  EXPECT_EQ(ToHex(EncodeBody(sli)),
            "8008000000000010801000000023"
            "00000000000100000002");
}

TEST(EncodeTest, ResultCodeIsAsShortAsItsContent) {
  const auto encode = [](ResultCode code) {
    return ToHex(EncodeBody(Message(MessageType::kCdn).Add(AvpType::kResultCode, std::move(code))))
        .substr(16);
  };
  EXPECT_EQ(encode({3, 0, ""}), "8008000000010003");
  EXPECT_EQ(encode({2, 8, ""}), "800a0000000100020008");
  EXPECT_EQ(encode({6, 0, "x"}),
            "800b0000000100060000"
            "78");
}

TEST(EncodeTest, ATextTooLongForAnAvpIsCutBetweenTwoCharacters) {
  std::string text(1012, 'a');
  text += "\xc3\xa9";  // one character of two octets, at 1012 and 1013
  const Message stop =
      Message(MessageType::kStopCcn).Add(AvpType::kResultCode, ResultCode{2, 6, text});

  const Decoded decoded = DecodeMessage(SplitAvps(EncodeBody(stop)), std::nullopt);

  EXPECT_EQ(decoded.message.Find<ResultCode>(AvpType::kResultCode)->message,
            std::string(1012, 'a'));
}

TEST(EncodeTest, OctetsTooLongForAnAvpAreCut) {
  const Message message =
      Message(MessageType::kHello).Add(AvpType::kVendorName, std::string(2000, '\x80'));
  EXPECT_EQ(EncodeBody(message).size(), 8u + 1023u);

  const Bytes random_vector(16, 1), padding(100, 2);
  const HidingParams hiding{"secret", random_vector, padding};
  const Bytes body = EncodeBody(message, &hiding);
  const Decoded decoded = DecodeMessage(SplitAvps(body), "secret");
  EXPECT_EQ(body.size(), 8u + 22u + 1023u);
  EXPECT_EQ(decoded.message.Find<std::string>(AvpType::kVendorName)->size(), 1015u);
}

TEST(EncodeHiddenTest, OneRandomVectorServesAllAndOnlyWhatMayBeHiddenIs) {
  const Bytes random_vector = *FromHex("000102030405060708090a0b0c0d0e0f");
  const HidingParams hiding{"l2tp-lab-secret", random_vector, {}};
  const Message sccrq = Message(MessageType::kSccrq)
                            .Add(AvpType::kHostName, std::string("a"))
                            .Add(AvpType::kAssignedTunnelId, uint16_t{0x1234})
                            .Add(AvpType::kBearerCapabilities, uint32_t{3});
  EXPECT_EQ(ToHex(EncodeBody(sccrq, &hiding)),
            "8008000000000001"
            "80070000000761"
            "801600000024000102030405060708090a0b0c0d0e0f"
            "c00a000000090008cbd8"  // V2-HIDE-01
            "c00c00000004ba622a42d3fd");
}

TEST(EncodeHiddenTest, NoRandomVectorWithoutAnythingToHide) {
  const Bytes random_vector(16, 1);
  const HidingParams hiding{"secret", random_vector, {}};
  EXPECT_EQ(EncodeBody(Message(MessageType::kHello), &hiding).size(), 8u);
}

TEST(EncodeDeathTest, AValueOfTheWrongTypeIsAProgrammingError) {
  const Message wrong = Message(MessageType::kIcrp).Add(AvpType::kAssignedSessionId, uint32_t{7});
  EXPECT_DEATH(EncodeBody(wrong), "Assigned Session ID");
}

TEST(EncodeDeathTest, ImpliedAvpsCannotBeAdded) {
  const Message wrong = Message(MessageType::kHello).Add(AvpType::kMessageType, uint16_t{6});
  EXPECT_DEATH(EncodeBody(wrong), "cannot be added");
}

TEST(MessageTest, FindGivesTheFirstOfItsTypeAndNothingOfAnother) {
  const Message message = Message(MessageType::kHello)
                              .Add(AvpType::kAssignedTunnelId, uint16_t{1})
                              .Add(AvpType::kAssignedTunnelId, uint16_t{2});
  EXPECT_EQ(message.Get<uint16_t>(AvpType::kAssignedTunnelId), 1);
  EXPECT_EQ(message.Get<uint32_t>(AvpType::kAssignedTunnelId), std::nullopt);
  EXPECT_EQ(message.Get<uint16_t>(AvpType::kAssignedSessionId), std::nullopt);
  EXPECT_FALSE(message.Has(AvpType::kAssignedSessionId));
}

TEST(MessageTest, ToStringIsOneLineWithoutSecrets) {
  const Message message = Message(MessageType::kIccn)
                              .Add(AvpType::kTxConnectSpeed, uint32_t{1000})
                              .Add(AvpType::kTieBreaker, uint64_t{0x1122334455667788})
                              .Add(AvpType::kCallingNumber, std::string("55\n\"1"))
                              .Add(AvpType::kChallenge, std::string("secret"))
                              .Add(AvpType::kProxyAuthenResponse, std::string("password"))
                              .Add(AvpType::kProtocolVersion, ProtocolVersion{1, 0})
                              .Add(AvpType::kResultCode, ResultCode{2, 8, "no"})
                              .Add(AvpType::kQ931CauseCode, Q931Cause{16, 0x45, "bye"})
                              .Add(AvpType::kAccm, Accm{0, 0xffffffff})
                              .Add(AvpType::kCallErrors, CallErrors{1, 2, 3, 4, 5, 6})
                              .Add(AvpType::kSequencingRequired, Empty{});
  EXPECT_EQ(message.ToString(),
            "ICCN Tx-Connect-Speed=1000 Tie-Breaker=0x1122334455667788 "
            "Calling-Number=\"55\\n\\\"1\" Challenge=<6 octets> Proxy-Authen-Response=<8 octets> "
            "Protocol-Version=1.0 Result-Code=2/8 \"no\" Q.931-Cause-Code=16/69 \"bye\" "
            "ACCM=00000000/ffffffff "
            "Call-Errors=crc:1,framing:2,hardware:3,buffer:4,timeout:5,alignment:6 "
            "Sequencing-Required=yes");
  EXPECT_EQ(Message().ToString(), "ZLB");
}

}  // namespace
}  // namespace l2tp::wire
