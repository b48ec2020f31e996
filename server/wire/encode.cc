#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "server/wire/avp_table.h"
#include "server/wire/hiding.h"
#include "server/wire/message.h"
#include "server/wire/value_codec.h"

namespace l2tp::wire {
namespace {

constexpr uint16_t kMandatory = 0x8000;
constexpr uint16_t kHidden = 0x4000;
constexpr size_t kHiddenLengthField = 2;  // the original length inside a hidden value

const AvpRow& RowOf(AvpType type) {
  const AvpRow* row = FindAvp(type);
  if (row == nullptr || type == AvpType::kMessageType || type == AvpType::kRandomVector) {
    std::fprintf(stderr, "AVP type %d cannot be added to a message\n", static_cast<int>(type));
    std::abort();
  }
  return *row;
}

// Writes an AVP header around whatever `write_value` appends.
template <typename WriteValueFunction>
void WriteAvp(const AvpRow& row, uint16_t flags, ByteWriter* writer,
              WriteValueFunction write_value) {
  const size_t start = writer->size();
  writer->WriteU16(0);  // patched below
  writer->WriteU16(VendorOf(row.type));
  writer->WriteU16(NumberOf(row.type));
  write_value();
  if (row.mandatory) flags |= kMandatory;
  writer->PatchU16(start, flags | static_cast<uint16_t>(writer->size() - start));
}

void WritePlain(const AvpRow& row, const AvpValue& value, ByteWriter* writer) {
  WriteAvp(row, 0, writer, [&] { WriteValue(row, value, kMaxAvpValueSize, writer); });
}

void WriteHidden(const AvpRow& row, const AvpValue& value, const HidingParams& hiding,
                 ByteWriter* writer) {
  constexpr size_t kRoom = kMaxAvpValueSize - kHiddenLengthField;
  ByteWriter plain;
  WriteValue(row, value, kRoom, &plain);
  const ByteSpan padding = hiding.padding.subspan(0, kRoom - plain.size());
  const Bytes hidden =
      HideValue(NumberOf(row.type), hiding.secret, hiding.random_vector, plain.bytes(), padding);
  WriteAvp(row, kHidden, writer, [&] { writer->WriteBytes(hidden); });
}

void WriteRandomVector(ByteSpan random_vector, ByteWriter* writer) {
  const AvpRow& row = *FindAvp(AvpType::kRandomVector);
  if (random_vector.size() > kMaxAvpValueSize) {
    std::fprintf(stderr, "random vector of %zu octets\n", random_vector.size());
    std::abort();
  }
  WriteAvp(row, 0, writer, [&] { writer->WriteBytes(random_vector); });
}

}  // namespace

Bytes EncodeBody(const Message& message, const HidingParams* hiding) {
  ByteWriter writer;
  if (message.type() == MessageType::kZlb) return writer.Take();
  WritePlain(*FindAvp(AvpType::kMessageType), static_cast<uint16_t>(message.type()), &writer);
  bool random_vector_written = false;
  for (const Avp& avp : message.avps()) {
    const AvpRow& row = RowOf(avp.type);
    if (hiding == nullptr || !row.may_hide) {
      WritePlain(row, avp.value, &writer);
      continue;
    }
    if (!random_vector_written) WriteRandomVector(hiding->random_vector, &writer);
    random_vector_written = true;
    WriteHidden(row, avp.value, *hiding, &writer);
  }
  return writer.Take();
}

}  // namespace l2tp::wire
