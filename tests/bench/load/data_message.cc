#include "tests/bench/load/data_message.h"

namespace l2tp::load {
namespace {

constexpr uint16_t kVersion2 = 2;
constexpr uint16_t kSequence = 0x0800;

void Put(uint16_t value, Bytes* to) {
  to->push_back(static_cast<uint8_t>(value >> 8));
  to->push_back(static_cast<uint8_t>(value));
}

}  // namespace

Bytes EncodeData(TunnelId tunnel, SessionId session, std::optional<uint16_t> ns, ByteSpan frame) {
  Bytes datagram;
  datagram.reserve(10 + frame.size());
  Put(ns.has_value() ? kVersion2 | kSequence : kVersion2, &datagram);
  Put(static_cast<uint16_t>(tunnel.value()), &datagram);
  Put(static_cast<uint16_t>(session.value()), &datagram);
  if (ns.has_value()) {
    Put(*ns, &datagram);
    Put(0, &datagram);
  }
  datagram.insert(datagram.end(), frame.begin(), frame.end());
  return datagram;
}

}  // namespace l2tp::load
