#include "tests/bench/load/ppp/icmp_echo.h"

namespace l2tp::load::ppp {
namespace {

constexpr size_t kIpHeader = 20;
constexpr size_t kIcmpHeader = 8;
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kEchoReply = 0;
constexpr uint8_t kEchoRequest = 8;
constexpr uint16_t kDontFragment = 0x4000;
constexpr uint16_t kFragment = 0x3fff;  // more fragments, or not the first
constexpr size_t kIpChecksum = 10;
constexpr size_t kIcmpChecksum = 2;

// The Internet checksum (RFC 1071); 0 over octets that have theirs among them.
uint16_t Checksum(ByteSpan octets) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < octets.size(); i += 2) sum += octets[i] << 8 | octets[i + 1];
  if (octets.size() % 2 != 0) sum += octets.back() << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

std::optional<IcmpEcho> ParseIcmpEcho(ByteSpan packet) {
  if (packet.size() < kIpHeader || packet[0] >> 4 != 4) return std::nullopt;
  const size_t header = static_cast<size_t>(packet[0] & 0x0f) * 4;
  ByteReader ip(packet.subspan(2));
  const size_t total = *ip.ReadU16();
  (void)ip.ReadU16();  // identification
  const bool fragment = (*ip.ReadU16() & kFragment) != 0;
  (void)ip.ReadU8();  // TTL
  const uint8_t protocol = *ip.ReadU8();
  if (header < kIpHeader || total < header + kIcmpHeader || total > packet.size() || fragment ||
      protocol != kIcmp || Checksum(packet.first(header)) != 0) {
    return std::nullopt;
  }
  (void)ip.ReadU16();  // header checksum
  IcmpEcho echo;
  echo.source = IpAddress::FromV4(*ip.ReadU32());
  echo.destination = IpAddress::FromV4(*ip.ReadU32());

  const ByteSpan message = packet.subspan(header, total - header);
  ByteReader icmp(message);
  const uint8_t type = *icmp.ReadU8();
  const uint8_t code = *icmp.ReadU8();
  if ((type != kEchoRequest && type != kEchoReply) || code != 0 || Checksum(message) != 0) {
    return std::nullopt;
  }
  (void)icmp.ReadU16();  // checksum
  echo.reply = type == kEchoReply;
  echo.identifier = *icmp.ReadU16();
  echo.sequence = *icmp.ReadU16();
  echo.data = icmp.ReadRest();
  return echo;
}

Bytes EncodeIcmpEcho(const IcmpEcho& echo) {
  const ByteSpan data = echo.data.subspan(0, 0xffff - kIpHeader - kIcmpHeader);
  ByteWriter icmp;
  icmp.WriteU8(echo.reply ? kEchoReply : kEchoRequest);
  icmp.WriteU8(0);
  icmp.WriteU16(0);
  icmp.WriteU16(echo.identifier);
  icmp.WriteU16(echo.sequence);
  icmp.WriteBytes(data);
  icmp.PatchU16(kIcmpChecksum, Checksum(icmp.bytes()));

  ByteWriter ip;
  ip.WriteU16(0x4500);
  ip.WriteU16(static_cast<uint16_t>(kIpHeader + icmp.size()));
  ip.WriteU16(0);
  ip.WriteU16(kDontFragment);
  ip.WriteU8(64);
  ip.WriteU8(kIcmp);
  ip.WriteU16(0);
  ip.WriteU32(echo.source.v4());
  ip.WriteU32(echo.destination.v4());
  ip.PatchU16(kIpChecksum, Checksum(ip.bytes()));
  ip.WriteBytes(icmp.bytes());
  return ip.Take();
}

}  // namespace l2tp::load::ppp
