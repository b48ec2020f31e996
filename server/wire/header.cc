#include "server/wire/header.h"

#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace l2tp::wire {
namespace {

// The first two octets. The other bits are reserved: sent as 0, ignored when received.
constexpr uint16_t kType = 0x8000;
constexpr uint16_t kLength = 0x4000;
constexpr uint16_t kSequence = 0x0800;
constexpr uint16_t kOffset = 0x0200;
constexpr uint16_t kPriority = 0x0100;
constexpr uint16_t kVersionMask = 0x000f;
constexpr uint16_t kVersion2 = 2;

constexpr size_t kNrOffset = 10;  // in a control header
constexpr size_t kMaxBody = 65535 - kControlHeaderSize;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("malformed L2TP header: ", what));
}

}  // namespace

DatagramKind ClassifyDatagram(ByteSpan datagram) {
  const std::optional<uint16_t> flags = ByteReader(datagram).ReadU16();
  if (!flags || (*flags & kVersionMask) != kVersion2) return DatagramKind::kUnsupported;
  return (*flags & kType) ? DatagramKind::kControl : DatagramKind::kData;
}

absl::StatusOr<ControlHeader> ParseControlHeader(ByteSpan datagram, ByteSpan* body) {
  if (datagram.size() < kControlHeaderSize) {
    return Malformed(
        absl::StrCat(datagram.size(), " octets, a control header has ", kControlHeaderSize));
  }
  ByteReader reader(datagram);
  const uint16_t flags = *reader.ReadU16();
  if ((flags & kVersionMask) != kVersion2) return Malformed("version is not 2");
  constexpr uint16_t kMustBeSet = kType | kLength | kSequence;
  if ((flags & kMustBeSet) != kMustBeSet) return Malformed("T, L or S is 0 in a control message");
  if (flags & (kOffset | kPriority)) return Malformed("O or P is 1 in a control message");
  const uint16_t length = *reader.ReadU16();
  if (length < kControlHeaderSize || length > datagram.size()) {
    return Malformed(absl::StrCat("Length ", length, " in a datagram of ", datagram.size()));
  }
  ControlHeader header;
  header.tunnel_id = TunnelId(*reader.ReadU16());
  header.session_id = SessionId(*reader.ReadU16());
  header.ns = *reader.ReadU16();
  header.nr = *reader.ReadU16();
  *body = datagram.subspan(kControlHeaderSize, length - kControlHeaderSize);
  return header;
}

absl::StatusOr<DataMessage> ParseDataMessage(ByteSpan datagram) {
  ByteReader reader(datagram);
  const std::optional<uint16_t> flags = reader.ReadU16();
  if (!flags) return Malformed("shorter than its flags");
  if ((*flags & kVersionMask) != kVersion2) return Malformed("version is not 2");
  if (*flags & kType) return Malformed("T is 1 in a data message");
  if (*flags & kLength) {
    const std::optional<uint16_t> length = reader.ReadU16();
    const size_t consumed = datagram.size() - reader.remaining();
    if (!length || *length < consumed || *length > datagram.size()) {
      return Malformed(absl::StrCat("Length does not fit a datagram of ", datagram.size()));
    }
    // What follows Length is padding of the link below.
    reader = ByteReader(datagram.subspan(consumed, *length - consumed));
  }
  DataMessage message;
  message.header.priority = (*flags & kPriority) != 0;
  const std::optional<uint16_t> tunnel_id = reader.ReadU16();
  const std::optional<uint16_t> session_id = reader.ReadU16();
  if (!session_id) return Malformed("ends before the Session ID");
  message.header.tunnel_id = TunnelId(*tunnel_id);
  message.header.session_id = SessionId(*session_id);
  if (*flags & kSequence) {
    message.header.ns = reader.ReadU16();
    if (!reader.ReadU16()) return Malformed("ends before Nr");
  }
  if (*flags & kOffset) {
    const std::optional<uint16_t> offset = reader.ReadU16();
    if (!offset || !reader.ReadBytes(*offset)) return Malformed("Offset Size points past the end");
  }
  message.payload = reader.ReadRest();
  return message;
}

Bytes EncodeControl(const ControlHeader& header, ByteSpan body) {
  if (body.size() > kMaxBody) {
    std::fprintf(stderr, "EncodeControl: body of %zu octets\n", body.size());
    std::abort();
  }
  ByteWriter writer;
  writer.WriteU16(kType | kLength | kSequence | kVersion2);
  writer.WriteU16(static_cast<uint16_t>(kControlHeaderSize + body.size()));
  writer.WriteU16(static_cast<uint16_t>(header.tunnel_id.value()));
  writer.WriteU16(static_cast<uint16_t>(header.session_id.value()));
  writer.WriteU16(header.ns);
  writer.WriteU16(header.nr);
  writer.WriteBytes(body);
  return writer.Take();
}

void PatchNr(uint16_t nr, Bytes* datagram) {
  datagram->at(kNrOffset) = static_cast<uint8_t>(nr >> 8);
  datagram->at(kNrOffset + 1) = static_cast<uint8_t>(nr);
}

}  // namespace l2tp::wire
