#include "server/history/segment.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace l2tp::history {
namespace {

constexpr absl::string_view kMagic = "L2TPEVT1";
constexpr absl::string_view kSuffix = ".events";
constexpr uint8_t kEvent = 1;
constexpr uint8_t kSummary = 2;
constexpr size_t kMaxTextSize = 0xffff;

uint32_t Crc(ByteSpan octets) {
  return static_cast<uint32_t>(::crc32_z(0, octets.data(), octets.size()));
}

void WriteSigned(int64_t value, ByteWriter* out) { out->WriteU64(static_cast<uint64_t>(value)); }

void WriteString(absl::string_view text, ByteWriter* out) {
  out->WriteU16(static_cast<uint16_t>(text.size()));
  out->WriteText(text);
}

void WriteLabels(const events::Labels& labels, ByteWriter* out) {
  out->WriteU16(static_cast<uint16_t>(labels.size()));
  for (const auto& [key, value] : labels) {
    WriteString(key, out);
    WriteString(value, out);
  }
}

bool Fit(const events::Labels& labels) {
  return labels.size() <= kMaxTextSize &&
         std::all_of(labels.begin(), labels.end(), [](const auto& label) {
           return label.first.size() <= kMaxTextSize && label.second.size() <= kMaxTextSize;
         });
}

// Takes a record off the front; nullopt if there is none that is whole.
std::optional<ByteSpan> ReadFrame(ByteReader* reader) {
  const auto length = reader->ReadU32();
  const auto crc = reader->ReadU32();
  if (!length || !crc || *length == 0 || *length > kMaxRecordSize) return std::nullopt;
  const auto body = reader->ReadBytes(*length);
  if (!body || Crc(*body) != *crc) return std::nullopt;
  return body;
}

bool ReadSigned(ByteReader* reader, int64_t* value) {
  const auto read = reader->ReadU64();
  if (read) *value = static_cast<int64_t>(*read);
  return read.has_value();
}

bool ReadString(ByteReader* reader, std::string* text) {
  const auto size = reader->ReadU16();
  if (!size) return false;
  const auto octets = reader->ReadBytes(*size);
  if (octets) *text = AsText(*octets);
  return octets.has_value();
}

bool ReadLabels(ByteReader* reader, events::Labels* labels) {
  const auto count = reader->ReadU16();
  if (!count) return false;
  for (int i = 0; i < *count; ++i) {
    std::string key;
    std::string value;
    if (!ReadString(reader, &key) || !ReadString(reader, &value)) return false;
    labels->insert_or_assign(std::move(key), std::move(value));
  }
  return true;
}

std::optional<Record> ReadEvent(ByteReader body) {
  Record record;
  const bool placed =
      ReadSigned(&body, &record.revision) && ReadSigned(&body, &record.time.nanoseconds);
  const auto type = body.ReadU32();
  if (!placed || !type || record.revision < 1 || record.revision > kMostNumber) return std::nullopt;
  record.type = *type;
  if (!ReadString(&body, &record.name) || !ReadLabels(&body, &record.labels) ||
      !ReadLabels(&body, &record.labels_before)) {
    return std::nullopt;
  }
  record.event = AsText(body.ReadRest());
  return record;
}

// `digits` of `base` from the front of the text, exactly.
template <typename Integer>
bool ConsumeNumber(absl::string_view* text, size_t digits, int base, Integer* value) {
  if (text->size() < digits) return false;
  const absl::string_view number = text->substr(0, digits);
  // No sign, and one spelling each.
  for (const char c : number) {
    if (!((c >= '0' && c <= '9') || (base == 16 && c >= 'a' && c <= 'f'))) return false;
  }
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), *value, base);
  text->remove_prefix(digits);
  return error == std::errc() && end == number.data() + number.size();
}

}  // namespace

void Summary::Add(const Record& record) {
  if (count++ == 0) {
    first_revision = record.revision;
    earliest = latest = record.time;
  }
  last_revision = record.revision;
  earliest = std::min(earliest, record.time);
  latest = std::max(latest, record.time);
}

std::string SegmentName(const SegmentId& id) {
  return absl::StrFormat("%019d-%016x-%08d%s", id.run.start.nanoseconds, id.run.id, id.number,
                         kSuffix);
}

std::optional<SegmentId> ParseSegmentName(absl::string_view name) {
  SegmentId id;
  const bool good = ConsumeNumber(&name, 19, 10, &id.run.start.nanoseconds) &&
                    absl::ConsumePrefix(&name, "-") && ConsumeNumber(&name, 16, 16, &id.run.id) &&
                    absl::ConsumePrefix(&name, "-") && ConsumeNumber(&name, 8, 10, &id.number) &&
                    name == kSuffix;
  if (!good || id.run.start.nanoseconds > kMostNumber) return std::nullopt;
  return id;
}

Bytes EncodeHeader(const SegmentId& id) {
  ByteWriter out;
  out.WriteText(kMagic);
  WriteSigned(id.run.start.nanoseconds, &out);
  out.WriteU64(id.run.id);
  out.WriteU32(id.number);
  out.WriteU32(Crc(out.bytes()));
  return out.Take();
}

Bytes Frame(ByteSpan body) {
  ByteWriter out;
  out.WriteU32(static_cast<uint32_t>(body.size()));
  out.WriteU32(Crc(body));
  out.WriteBytes(body);
  return out.Take();
}

Bytes EncodeRecord(const Record& record) {
  if (record.name.size() > kMaxTextSize || !Fit(record.labels) || !Fit(record.labels_before)) {
    return {};
  }
  ByteWriter body;
  body.WriteU8(kEvent);
  WriteSigned(record.revision, &body);
  WriteSigned(record.time.nanoseconds, &body);
  body.WriteU32(record.type);
  WriteString(record.name, &body);
  WriteLabels(record.labels, &body);
  WriteLabels(record.labels_before, &body);
  body.WriteText(record.event);
  if (body.size() > kMaxRecordSize) return {};
  return Frame(body.bytes());
}

Bytes EncodeSummary(const Summary& summary) {
  ByteWriter body;
  body.WriteU8(kSummary);
  WriteSigned(summary.count, &body);
  WriteSigned(summary.first_revision, &body);
  WriteSigned(summary.last_revision, &body);
  WriteSigned(summary.earliest.nanoseconds, &body);
  WriteSigned(summary.latest.nanoseconds, &body);
  return Frame(body.bytes());
}

std::optional<SegmentId> DecodeHeader(ByteSpan octets) {
  if (octets.size() < kHeaderSize) return std::nullopt;
  ByteReader reader(octets.first(kHeaderSize));
  if (AsText(*reader.ReadBytes(kMagic.size())) != kMagic) return std::nullopt;
  SegmentId id;
  ReadSigned(&reader, &id.run.start.nanoseconds);
  id.run.id = *reader.ReadU64();
  id.number = *reader.ReadU32();
  if (*reader.ReadU32() != Crc(octets.first(kHeaderSize - 4))) return std::nullopt;
  return id;
}

std::optional<Summary> DecodeSummary(ByteSpan octets) {
  if (octets.size() < kSummarySize) return std::nullopt;
  ByteReader reader(octets.last(kSummarySize));
  const auto body = ReadFrame(&reader);
  if (!body || !reader.empty() || body->front() != kSummary) return std::nullopt;
  ByteReader fields(body->subspan(1));
  Summary summary;
  const bool whole = ReadSigned(&fields, &summary.count) &&
                     ReadSigned(&fields, &summary.first_revision) &&
                     ReadSigned(&fields, &summary.last_revision) &&
                     ReadSigned(&fields, &summary.earliest.nanoseconds) &&
                     ReadSigned(&fields, &summary.latest.nanoseconds);
  if (!whole || summary.count < 0) return std::nullopt;
  return summary;
}

SegmentReader::SegmentReader(ByteSpan octets, const SegmentId& id) : reader_(octets) {
  const std::optional<SegmentId> header = DecodeHeader(octets);
  if (header == id) {
    reader_.ReadBytes(kHeaderSize);
  } else {
    damaged_ = true;
    reader_.ReadRest();
  }
}

std::optional<Record> SegmentReader::Next() {
  if (reader_.empty()) return std::nullopt;
  std::optional<Record> record;
  if (const auto body = ReadFrame(&reader_); body.has_value()) {
    if (body->front() == kSummary) {  // the end, behind which there is nothing
      damaged_ = !reader_.empty();
      reader_.ReadRest();
      return std::nullopt;
    }
    if (body->front() == kEvent) record = ReadEvent(ByteReader(body->subspan(1)));
  }
  if (record.has_value() && record->revision > summary_.last_revision) {
    summary_.Add(*record);
    return record;
  }
  damaged_ = true;
  reader_.ReadRest();
  return std::nullopt;
}

}  // namespace l2tp::history
