#include "server/wire/header.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/string_view.h"

namespace l2tp::wire {
namespace {

Bytes Hex(absl::string_view hex) { return *FromHex(hex); }

TEST(ClassifyDatagramTest, TellsControlDataAndForeignVersionsApart) {
  EXPECT_EQ(ClassifyDatagram(Hex("c802")), DatagramKind::kControl);
  EXPECT_EQ(ClassifyDatagram(Hex("0002")), DatagramKind::kData);
  EXPECT_EQ(ClassifyDatagram(Hex("c803")), DatagramKind::kUnsupported);
  EXPECT_EQ(ClassifyDatagram(Hex("0001")), DatagramKind::kUnsupported);
  EXPECT_EQ(ClassifyDatagram(Hex("c8")), DatagramKind::kUnsupported);
  EXPECT_EQ(ClassifyDatagram(ByteSpan()), DatagramKind::kUnsupported);
}

TEST(ControlHeaderTest, IsReadBackAsItWasWritten) {
  const ControlHeader header{TunnelId(0x4c4e), SessionId(0x0b02), 65535, 7};
  const Bytes body = Hex("8008000000000006");

  const Bytes datagram = EncodeControl(header, body);
  ByteSpan read_body;
  const auto read = ParseControlHeader(datagram, &read_body);

  EXPECT_EQ(ToHex(datagram), "c80200144c4e0b02ffff00078008000000000006");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, header);
  EXPECT_EQ(read_body, ByteSpan(body));
}

TEST(ControlHeaderTest, OctetsAfterLengthAreNotPartOfTheBody) {
  const Bytes datagram = Hex("c802000c4c4e0000000200018008000000000006");
  ByteSpan body;
  ASSERT_TRUE(ParseControlHeader(datagram, &body).ok());
  EXPECT_TRUE(body.empty());
}

TEST(ControlHeaderTest, RefusesFlagsThatNoControlMessageHas) {
  for (absl::string_view flags : {"4802", "8802", "c002", "ca02", "c902", "c801", "c803"}) {
    const Bytes datagram = Hex(std::string(flags) + "000c4c4e000000020001");
    ByteSpan body;
    const auto read = ParseControlHeader(datagram, &body);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << flags;
  }
}

TEST(ControlHeaderTest, PatchNrChangesNothingElse) {
  Bytes datagram = EncodeControl({TunnelId(1), SessionId(2), 3, 4}, Hex("8008000000000006"));
  PatchNr(0xabcd, &datagram);
  EXPECT_EQ(ToHex(datagram), "c8020014000100020003abcd8008000000000006");
}

TEST(ControlHeaderDeathTest, ABodyThatLengthCannotCountIsAProgrammingError) {
  EXPECT_EQ(EncodeControl({}, Bytes(65523)).size(), 65535u);
  EXPECT_DEATH(EncodeControl({}, Bytes(65524)), "65524");
}

// All 16 combinations of L, S, O and P must be understood (section 3.1).
TEST(DataMessageTest, EveryCombinationOfOptionalFieldsGivesTheSamePayload) {
  const Bytes payload = Hex("ff03c021");
  for (int combination = 0; combination < 16; ++combination) {
    const bool length = combination & 1, sequence = combination & 2;
    const bool offset = combination & 4, priority = combination & 8;
    ByteWriter writer;
    writer.WriteU16(static_cast<uint16_t>((length ? 0x4000 : 0) | (sequence ? 0x0800 : 0) |
                                          (offset ? 0x0200 : 0) | (priority ? 0x0100 : 0) | 2));
    if (length) writer.WriteU16(0);
    writer.WriteU32(0x4c4e0b02);
    if (sequence) writer.WriteU32(0xfffeabcd);
    if (offset) writer.WriteBytes(Hex("0003aabbcc"));
    writer.WriteBytes(payload);
    if (length) writer.PatchU16(2, static_cast<uint16_t>(writer.size()));
    if (length) writer.WriteU16(0);  // padding after Length

    const auto message = ParseDataMessage(writer.bytes());

    ASSERT_TRUE(message.ok()) << combination;
    EXPECT_EQ(message->payload, ByteSpan(payload)) << combination;
    EXPECT_EQ(message->header.tunnel_id, TunnelId(0x4c4e));
    EXPECT_EQ(message->header.session_id, SessionId(0x0b02));
    EXPECT_EQ(message->header.priority, priority);
    EXPECT_EQ(message->header.ns, sequence ? std::optional<uint16_t>(0xfffe) : std::nullopt);
  }
}

TEST(DataMessageTest, EveryFieldThatIsCutOffIsRefused) {
  const Bytes whole = Hex("4b02001a4c4e0b02000100000005deadbeef99ff03c0210901aa");
  ASSERT_TRUE(ParseDataMessage(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(ParseDataMessage(cut).ok()) << size;
  }
}

TEST(DataMessageTest, ALengthShorterThanTheHeaderIsRefused) {
  for (uint8_t length = 0; length < 8; ++length) {
    Bytes datagram = Hex("400200004c4e0b02ff03c021");
    datagram[3] = length;
    EXPECT_FALSE(ParseDataMessage(datagram).ok()) << int{length};
  }
}

TEST(DataMessageTest, AControlMessageIsNoDataMessage) {
  EXPECT_FALSE(ParseDataMessage(Hex("c802000c4c4e000000020001")).ok());
}

}  // namespace
}  // namespace l2tp::wire
