#include "clients/l2tpctl/pcap.h"

#include <arpa/inet.h>

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kUdpHeader = 8;
constexpr size_t kMaxUdpPayload = 65535 - 20 - kUdpHeader;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kHopLimit = 64;

// Packets are in network order; the file's own numbers are in ours, which its magic number tells.
void Put16(uint16_t value, std::string* out) {
  out->push_back(static_cast<char>(value >> 8));
  out->push_back(static_cast<char>(value & 0xff));
}
template <typename T>
void PutNative(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// The Internet checksum (RFC 1071), not complemented; `text` follows an even number of octets.
uint32_t Sum(absl::string_view text, uint32_t sum = 0) {
  for (size_t i = 0; i < text.size(); i += 2) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(text[i])) << 8;
    if (i + 1 < text.size()) sum += static_cast<uint8_t>(text[i + 1]);
  }
  return sum;
}
uint16_t Checksum(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

// The octets of an address of `family`; "" when it is none. Nothing stands for "any".
std::string Octets(int family, const std::string& text) {
  std::string octets(family == AF_INET ? 4 : 16, '\0');
  if (text.empty() || inet_pton(family, text.c_str(), octets.data()) == 1) return octets;
  return "";
}

// UDP header and payload, with the checksum over `addresses`, too.
std::string UdpDatagram(const std::string& addresses, const v1::Endpoint& source,
                        const v1::Endpoint& destination, absl::string_view payload) {
  const auto length = static_cast<uint16_t>(kUdpHeader + payload.size());
  std::string udp;
  Put16(static_cast<uint16_t>(source.port()), &udp);
  Put16(static_cast<uint16_t>(destination.port()), &udp);
  Put16(length, &udp);
  Put16(0, &udp);
  udp.append(payload.data(), payload.size());
  const uint16_t sum = Checksum(Sum(udp, Sum(addresses) + kUdp + length));
  const uint16_t shown = sum == 0 ? 0xffff : sum;  // 0 is for "none"
  udp[6] = static_cast<char>(shown >> 8);
  udp[7] = static_cast<char>(shown & 0xff);
  return udp;
}

std::string Ipv4Packet(const std::string& addresses, const std::string& udp) {
  std::string ip;
  Put16(0x4500, &ip);  // version 4, five words of header
  Put16(static_cast<uint16_t>(20 + udp.size()), &ip);
  Put16(0, &ip);       // identification
  Put16(0x4000, &ip);  // not to be fragmented
  ip.push_back(kHopLimit);
  ip.push_back(kUdp);
  const uint16_t sum = Checksum(Sum(addresses, Sum(ip)));
  Put16(sum, &ip);
  return ip + addresses + udp;
}

std::string Ipv6Packet(const std::string& addresses, const std::string& udp) {
  std::string ip;
  Put16(0x6000, &ip);  // version 6
  Put16(0, &ip);
  Put16(static_cast<uint16_t>(udp.size()), &ip);
  ip.push_back(kUdp);
  ip.push_back(kHopLimit);
  return ip + addresses + udp;
}

}  // namespace

std::string PcapFileHeader() {
  std::string header;
  PutNative<uint32_t>(0xa1b23c4d, &header);  // times in nanoseconds
  PutNative<uint16_t>(2, &header);           // version 2.4
  PutNative<uint16_t>(4, &header);
  PutNative<uint32_t>(0, &header);  // times are UTC
  PutNative<uint32_t>(0, &header);
  PutNative<uint32_t>(65535, &header);  // nothing is cut
  PutNative<uint32_t>(101, &header);    // LINKTYPE_RAW
  return header;
}

std::string PcapRecord(const v1::CapturedMessage& message) {
  const bool sent = message.direction() == v1::CapturedMessage::DIRECTION_SENT;
  const v1::Endpoint& source = sent ? message.local() : message.remote();
  const v1::Endpoint& destination = sent ? message.remote() : message.local();
  const bool v6 = (source.ip_address() + destination.ip_address()).find(':') != std::string::npos;
  const int family = v6 ? AF_INET6 : AF_INET;
  const std::string from = Octets(family, source.ip_address());
  const std::string to = Octets(family, destination.ip_address());
  if (from.empty() || to.empty() || message.datagram().size() > kMaxUdpPayload) return "";
  const std::string udp = UdpDatagram(from + to, source, destination, message.datagram());
  const std::string packet = v6 ? Ipv6Packet(from + to, udp) : Ipv4Packet(from + to, udp);
  std::string record;
  PutNative(static_cast<uint32_t>(message.time().seconds()), &record);
  PutNative(static_cast<uint32_t>(message.time().nanos()), &record);
  PutNative(static_cast<uint32_t>(packet.size()), &record);  // kept
  PutNative(static_cast<uint32_t>(packet.size()), &record);  // of
  return record + packet;
}

}  // namespace l2tp::ctl
