// Any datagram through everything that reads one. What is accepted must survive being written and
// read again.

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/wire/header.h"
#include "server/wire/message.h"
#include "tests/fuzz/require.h"

namespace l2tp::wire {
namespace {

constexpr absl::string_view kSecret = "l2tp-lab-secret";  // as in tests/data
constexpr size_t kMostHiddenOctets = 1015;                // a longer value is cut when hidden
constexpr size_t kMostDescribed = 500;

bool Within(ByteSpan part, ByteSpan whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

size_t LongestText(const Message& message) {
  size_t longest = 0;
  for (const Avp& avp : message.avps()) {
    if (const auto* text = std::get_if<std::string>(&avp.value)) {
      longest = std::max(longest, text->size());
    } else if (const auto* code = std::get_if<ResultCode>(&avp.value)) {
      longest = std::max(longest, 4 + code->message.size());
    }
  }
  return longest;
}

void RequireSame(const Message& message, const Bytes& body) {
  const Decoded again = DecodeMessage(SplitAvps(body), kSecret);
  Require(!again.fault && !again.ignore, "what was accepted is accepted again");
  Require(again.ignored_avps == 0, "we send no AVP that we would ignore");
  Require(again.message == message, "decode, encode, decode gives the same");
}

void CheckMessage(const RawMessage& raw, std::optional<absl::string_view> secret) {
  const Decoded decoded = DecodeMessage(raw, secret);
  decoded.message.ToString();
  Require(decoded.message.avps().size() <= raw.avps.size(), "no AVP comes from nowhere");
  if (decoded.fault) {
    Require(decoded.fault->error != ErrorCode::kNone, "a fault has an Error Code");
    Require(!decoded.fault->text.empty(), "a fault has a text");
    Require(!decoded.ignore, "a message is refused or ignored, not both");
    return;
  }
  if (decoded.ignore) return;
  // Accepted for the sake of AVPs that we do not know (RFC 3437) and so cannot write.
  if (decoded.message.type() == MessageType::kSli && !decoded.message.Has(AvpType::kAccm)) return;
  RequireSame(decoded.message, EncodeBody(decoded.message));
  if (LongestText(decoded.message) > kMostHiddenOctets) return;
  const Bytes random_vector(16, 0x5a), padding(7, 0xa5);
  const HidingParams hiding{kSecret, random_vector, padding};
  RequireSame(decoded.message, EncodeBody(decoded.message, &hiding));
}

void CheckControl(ByteSpan datagram) {
  ByteSpan body;
  const auto header = ParseControlHeader(datagram, &body);
  if (!header.ok()) return;
  Require(ClassifyDatagram(datagram) == DatagramKind::kControl, "only control is read as control");
  Require(Within(body, datagram), "the body is part of the datagram");

  const Bytes copy = EncodeControl(*header, body);
  ByteSpan body_again;
  const auto header_again = ParseControlHeader(copy, &body_again);
  Require(header_again.ok() && *header_again == *header && body_again == body,
          "a header is read as it was written");

  const RawMessage raw = SplitAvps(body);
  for (const RawAvp& avp : raw.avps) Require(Within(avp.value, body), "AVPs are part of the body");
  if (const auto name = raw.HostName()) Require(!name->empty(), "a host name has an octet");
  const std::string described = DescribeAvps(raw, kMostDescribed);
  Require(described.size() <= kMostDescribed + 4, "a description is no longer than it may be");
  Require(std::all_of(described.begin(), described.end(), absl::ascii_isprint),
          "a description can be printed");
  CheckMessage(raw, std::nullopt);
  CheckMessage(raw, kSecret);
}

void CheckData(ByteSpan datagram) {
  const auto message = ParseDataMessage(datagram);
  if (!message.ok()) return;
  Require(ClassifyDatagram(datagram) == DatagramKind::kData, "only data is read as data");
  Require(Within(message->payload, datagram), "the payload is part of the datagram");
}

}  // namespace
}  // namespace l2tp::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 65535) return 0;  // no datagram is longer
  const l2tp::ByteSpan datagram(data, size);
  l2tp::wire::CheckControl(datagram);
  l2tp::wire::CheckData(datagram);
  return 0;
}
