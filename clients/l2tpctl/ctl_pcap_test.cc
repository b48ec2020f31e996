#include "clients/l2tpctl/pcap.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kRecordHeader = 16;

v1::CapturedMessage Message(const std::string& local, const std::string& remote) {
  v1::CapturedMessage message;
  message.mutable_time()->set_seconds(1'700'000'000);
  message.mutable_time()->set_nanos(5);
  message.set_direction(v1::CapturedMessage::DIRECTION_SENT);
  message.mutable_local()->set_ip_address(local);
  message.mutable_local()->set_port(40000);
  message.mutable_remote()->set_ip_address(remote);
  message.mutable_remote()->set_port(1701);
  message.set_datagram("hello");
  return message;
}

std::string Packet(const v1::CapturedMessage& message) {
  return PcapRecord(message).substr(kRecordHeader);
}

uint32_t Number(const std::string& record, size_t offset) {
  uint32_t number = 0;
  std::memcpy(&number, record.data() + offset, sizeof(number));
  return number;
}

// Folded sum of 16-bit words: 0xffff over what includes its own correct checksum.
uint32_t Sum(std::string text) {
  if (text.size() % 2 == 1) text.push_back('\0');
  uint32_t sum = 0;
  for (size_t i = 0; i < text.size(); i += 2) {
    sum += static_cast<uint8_t>(text[i]) << 8 | static_cast<uint8_t>(text[i + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST(PcapTest, AFileBeginsAsTheFormatWantsIt) {
  const std::string header = PcapFileHeader();
  ASSERT_EQ(header.size(), 24u);
  EXPECT_EQ(Number(header, 0), 0xa1b23c4d);
  EXPECT_EQ(Number(header, 20), 101u);
}

TEST(PcapTest, ARecordHasItsTimeAndLength) {
  const std::string record = PcapRecord(Message("192.0.2.1", "192.0.2.2"));
  EXPECT_EQ(Number(record, 0), 1'700'000'000u);
  EXPECT_EQ(Number(record, 4), 5u);
  EXPECT_EQ(Number(record, 8), record.size() - kRecordHeader);
  EXPECT_EQ(Number(record, 12), record.size() - kRecordHeader);
}

// Checked with tshark, which finds both checksums good.
TEST(PcapTest, AnIpv4PacketHasBothHeadersWithTheirChecksums) {
  const std::string packet = Packet(Message("192.0.2.1", "192.0.2.2"));
  EXPECT_EQ(absl::BytesToHexString(packet.substr(0, 10)), "45000021000040004011");
  EXPECT_EQ(absl::BytesToHexString(packet.substr(12, 8)), "c0000201c0000202");
  EXPECT_EQ(absl::BytesToHexString(packet.substr(20, 6)), "9c4006a5000d");
  EXPECT_EQ(packet.substr(28), "hello");
  EXPECT_EQ(Sum(packet.substr(0, 20)), 0xffffu);
  EXPECT_EQ(Sum(packet.substr(12, 8) + std::string("\0\x11\0\x0d", 4) + packet.substr(20)),
            0xffffu);
}

TEST(PcapTest, AnIpv6PacketIsChecksummedToo) {
  const std::string packet = Packet(Message("2001:db8::1", "2001:db8::2"));
  EXPECT_EQ(absl::BytesToHexString(packet.substr(0, 8)), "60000000000d1140");
  EXPECT_EQ(packet.substr(48), "hello");
  EXPECT_EQ(Sum(packet.substr(8, 32) + std::string("\0\x11\0\x0d", 4) + packet.substr(40)),
            0xffffu);
}

TEST(PcapTest, WhatWasReceivedGoesTheOtherWay) {
  v1::CapturedMessage message = Message("192.0.2.1", "192.0.2.2");
  message.set_direction(v1::CapturedMessage::DIRECTION_RECEIVED);
  EXPECT_EQ(absl::BytesToHexString(Packet(message).substr(12, 8)), "c0000202c0000201");
}

TEST(PcapTest, AnAddressThatIsNotKnownIsTheUnspecifiedOne) {
  EXPECT_EQ(absl::BytesToHexString(Packet(Message("", "192.0.2.2")).substr(12, 8)),
            "00000000c0000202");
  EXPECT_EQ(Packet(Message("", "2001:db8::2")).substr(8, 16), std::string(16, '\0'));
}

TEST(PcapTest, WhatCannotBeAPacketIsLeftOut) {
  EXPECT_EQ(PcapRecord(Message("192.0.2.1", "2001:db8::2")), "");
  EXPECT_EQ(PcapRecord(Message("nonsense", "192.0.2.2")), "");
  v1::CapturedMessage message = Message("192.0.2.1", "192.0.2.2");
  message.set_datagram(std::string(65508, 'x'));
  EXPECT_EQ(PcapRecord(message), "");
}

}  // namespace
}  // namespace l2tp::ctl
