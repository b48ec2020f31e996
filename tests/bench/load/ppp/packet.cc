#include "tests/bench/load/ppp/packet.h"

#include <algorithm>

namespace l2tp::load::ppp {
namespace {

constexpr uint8_t kAllStations = 0xff;
constexpr uint8_t kUnnumberedInformation = 0x03;
constexpr size_t kControlHeader = 4;
constexpr size_t kOptionHeader = 2;

}  // namespace

std::optional<Frame> ParseFrame(ByteSpan octets) {
  if (octets.size() >= 2 && octets[0] == kAllStations && octets[1] == kUnnumberedInformation) {
    octets.remove_prefix(2);
  }
  ByteReader reader(octets);
  const auto first = reader.ReadU8();
  if (!first.has_value()) return std::nullopt;
  if (*first & 1) return Frame{*first, reader.ReadRest()};
  const auto second = reader.ReadU8();
  if (!second.has_value() || (*second & 1) == 0) return std::nullopt;
  return Frame{static_cast<uint16_t>(*first << 8 | *second), reader.ReadRest()};
}

Bytes EncodeFrame(uint16_t protocol, ByteSpan information) {
  Bytes frame = {kAllStations, kUnnumberedInformation, static_cast<uint8_t>(protocol >> 8),
                 static_cast<uint8_t>(protocol)};
  frame.reserve(frame.size() + information.size());
  frame.insert(frame.end(), information.begin(), information.end());
  return frame;
}

std::optional<ControlPacket> ParseControlPacket(ByteSpan octets) {
  ByteReader reader(octets);
  const auto code = reader.ReadU8();
  const auto identifier = reader.ReadU8();
  const auto length = reader.ReadU16();
  if (!length.has_value() || *length < kControlHeader) return std::nullopt;
  const auto data = reader.ReadBytes(*length - kControlHeader);
  if (!data.has_value()) return std::nullopt;
  return ControlPacket{*code, *identifier, *data};
}

Bytes EncodeControlPacket(uint8_t code, uint8_t identifier, ByteSpan data) {
  data = data.subspan(0, 0xffff - kControlHeader);
  const size_t length = kControlHeader + data.size();
  Bytes packet = {code, identifier, static_cast<uint8_t>(length >> 8),
                  static_cast<uint8_t>(length)};
  packet.reserve(length);
  packet.insert(packet.end(), data.begin(), data.end());
  return packet;
}

std::optional<std::vector<Option>> ParseOptions(ByteSpan data) {
  std::vector<Option> options;
  ByteReader reader(data);
  while (!reader.empty()) {
    const auto type = reader.ReadU8();
    const auto length = reader.ReadU8();
    if (!length.has_value() || *length < kOptionHeader) return std::nullopt;
    const auto value = reader.ReadBytes(*length - kOptionHeader);
    if (!value.has_value()) return std::nullopt;
    options.push_back({*type, Bytes(value->begin(), value->end())});
  }
  return options;
}

Bytes EncodeOptions(const std::vector<Option>& options) {
  ByteWriter writer;
  for (const Option& option : options) {
    const size_t size = std::min<size_t>(option.value.size(), 0xff - kOptionHeader);
    writer.WriteU8(option.type);
    writer.WriteU8(static_cast<uint8_t>(kOptionHeader + size));
    writer.WriteBytes(ByteSpan(option.value).first(size));
  }
  return writer.Take();
}

}  // namespace l2tp::load::ppp
