// Any octets as a segment file. What is read of it must be in order, and the same when it is
// written again.

#include <algorithm>
#include <optional>
#include <string>

#include "server/history/segment.h"
#include "tests/fuzz/require.h"

namespace l2tp::history {
namespace {

bool Same(const Record& a, const Record& b) {
  return a.revision == b.revision && a.time == b.time && a.type == b.type && a.name == b.name &&
         a.labels == b.labels && a.labels_before == b.labels_before && a.event == b.event;
}

void CheckRecords(ByteSpan octets, const SegmentId& id) {
  SegmentReader reader(octets, id);
  const Bytes header = EncodeHeader(id);
  Summary summary;
  int64_t last = 0;
  while (const std::optional<Record> record = reader.Next()) {
    Require(record->revision > last, "revisions rise");
    last = record->revision;
    summary.Add(*record);
    const Bytes written = EncodeRecord(*record);
    Require(!written.empty(), "what is read can be written");
    Bytes again = header;
    again.insert(again.end(), written.begin(), written.end());
    SegmentReader second(again, id);
    const std::optional<Record> read = second.Next();
    Require(read.has_value() && Same(*read, *record), "what is written is read");
    Require(!second.Next().has_value() && !second.damaged(), "and nothing else");
  }
  Require(!reader.Next().has_value(), "the end is the end");
  Require(reader.summary() == summary, "the summary is that of the records");
}

// Bodies of records, each behind its length (16 bits), with the CRCs that they need: a fuzzer does
// not find those.
void CheckBodies(ByteSpan input, const SegmentId& id) {
  Bytes octets = EncodeHeader(id);
  ByteReader reader(input);
  while (const auto size = reader.ReadU16()) {
    const auto body = reader.ReadBytes(std::min<size_t>(*size, reader.remaining()));
    const Bytes framed = Frame(*body);
    octets.insert(octets.end(), framed.begin(), framed.end());
  }
  CheckRecords(octets, id);
  if (const auto summary = DecodeSummary(octets)) {
    Require(DecodeSummary(EncodeSummary(*summary)) == summary, "a summary is read as written");
  }
}

void Check(ByteSpan octets) {
  if (const auto header = DecodeHeader(octets)) {
    CheckRecords(octets, *header);
    Require(ParseSegmentName(SegmentName(*header)).has_value() ||
                header->run.start.nanoseconds < 0 || header->number > 99'999'999,
            "a name is read as written");
  }
  DecodeSummary(octets);
  const std::string text = AsText(octets.first(std::min<size_t>(octets.size(), 64)));
  if (const auto id = ParseSegmentName(text)) {
    Require(SegmentName(*id) == text, "a name has one spelling");
  }
  CheckBodies(octets, {{{1}, 2}, 3});
}

}  // namespace
}  // namespace l2tp::history

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l2tp::history::Check(l2tp::ByteSpan(data, size));
  return 0;
}
