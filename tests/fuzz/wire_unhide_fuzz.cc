// AVP hiding both ways. The input: attribute type (2 octets), sizes of secret, random vector and
// padding (1 octet each), then these three, then the value.

#include <algorithm>
#include <string>

#include "server/base/bytes.h"
#include "server/wire/hiding.h"
#include "tests/fuzz/require.h"

namespace l2tp::wire {
namespace {

ByteSpan Take(ByteReader* reader, size_t count) {
  return *reader->ReadBytes(std::min(count, reader->remaining()));
}

void Check(ByteReader reader) {
  const uint16_t attribute_type = reader.ReadU16().value_or(0);
  const uint8_t secret_size = reader.ReadU8().value_or(0);
  const uint8_t vector_size = reader.ReadU8().value_or(0);
  const uint8_t padding_size = reader.ReadU8().value_or(0);
  const std::string secret = AsText(Take(&reader, secret_size));
  const ByteSpan random_vector = Take(&reader, vector_size);
  const ByteSpan padding = Take(&reader, padding_size);
  const ByteSpan value = reader.ReadRest();
  if (value.size() > 0xffff) return;

  const Bytes hidden = HideValue(attribute_type, secret, random_vector, value, padding);
  Require(hidden.size() == 2 + value.size() + padding.size(), "hiding adds the length field only");
  const auto found = UnhideValue(attribute_type, secret, random_vector, hidden);
  Require(found.has_value() && ByteSpan(*found) == value, "what was hidden is found");

  const auto arbitrary = UnhideValue(attribute_type, secret, random_vector, value);
  Require(!arbitrary || arbitrary->size() + 2 <= value.size(), "un-hiding adds nothing");

  const ChallengeResponse response =
      ComputeChallengeResponse(static_cast<uint8_t>(attribute_type), secret, value);
  Require(ChallengeResponseMatches(response, response), "a response matches itself");
  if (value.size() != response.size()) {
    Require(!ChallengeResponseMatches(response, value), "a response has 16 octets");
  }
}

}  // namespace
}  // namespace l2tp::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l2tp::wire::Check(l2tp::ByteReader(l2tp::ByteSpan(data, size)));
  return 0;
}
