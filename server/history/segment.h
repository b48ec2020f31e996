// What is in a segment file: a header, records, and, once it is complete, a summary.
//
//   header    "L2TPEVT1", start of the run u64, run u64, number u32, CRC u32
//   record    length of the body u32, CRC of the body u32, body
//   event     1 u8, revision u64, time u64, type u32, name, labels, labels before, v1.Event
//   summary   2 u8, count u64, first and last revision u64, earliest and latest time u64
//
// Big-endian; a text has its length before it (u16), labels their number (u16). CRCs are CRC-32.

#ifndef L2TP_SERVER_HISTORY_SEGMENT_H_
#define L2TP_SERVER_HISTORY_SEGMENT_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/bytes.h"
#include "server/base/time.h"
#include "server/events/resources.h"

namespace l2tp::history {

// A run of the daemon. They are ordered by their start.
struct Run {
  WallTime start;  // no two are the same
  uint64_t id = 0;

  friend constexpr auto operator<=>(const Run&, const Run&) = default;
};

// The place of an event among those of all runs.
struct Position {
  Run run;
  int64_t revision = 0;

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

// One event. What it takes to find it stands beside the event itself, which is not looked into.
struct Record {
  int64_t revision = 0;  // at least 1
  WallTime time;
  uint32_t type = 0;  // number in v1.Event.Type: what is stored outlives versions of the daemon
  std::string name;
  events::Labels labels;
  events::Labels labels_before;  // of an update
  std::string event;             // v1.Event, serialized
};

struct SegmentId {
  Run run;
  uint32_t number = 0;  // 1, 2, 3 in a run

  friend constexpr auto operator<=>(const SegmentId&, const SegmentId&) = default;
};

// What a segment has.
struct Summary {
  int64_t count = 0;  // 0: nothing, and the rest means nothing
  int64_t first_revision = 0;
  int64_t last_revision = 0;
  WallTime earliest;
  WallTime latest;

  void Add(const Record& record);
  friend bool operator==(const Summary&, const Summary&) = default;
};

// Greater numbers, of revisions and of nanoseconds, are nobody's.
constexpr int64_t kMostNumber = int64_t{1} << 62;

constexpr size_t kHeaderSize = 32;
constexpr size_t kSummarySize = 49;           // with length and CRC
constexpr size_t kMaxRecordSize = 256 << 10;  // of a body

// Name of the file: "START-RUN-NUMBER.events". In alphabetical order they are in that of time.
std::string SegmentName(const SegmentId& id);
// nullopt for any other name.
std::optional<SegmentId> ParseSegmentName(absl::string_view name);

Bytes EncodeHeader(const SegmentId& id);
// A body as a record.
Bytes Frame(ByteSpan body);
// Empty when it is too large to be stored.
Bytes EncodeRecord(const Record& record);
Bytes EncodeSummary(const Summary& summary);

// nullopt if it is none. `octets` may go on behind it.
std::optional<SegmentId> DecodeHeader(ByteSpan octets);
// The summary at the end of a complete segment, of which `octets` are the last; nullopt if there is
// none.
std::optional<Summary> DecodeSummary(ByteSpan octets);

// Goes through the records of a segment, in their order. The first one that is damaged ends it, as
// does one whose revision is not above the one before.
class SegmentReader {
 public:
  // `octets` are the whole file and must outlive this. Of another segment than `id` there is
  // nothing.
  SegmentReader(ByteSpan octets, const SegmentId& id);

  // nullopt at the end.
  std::optional<Record> Next();

  // At the end: whether something stood there that is no record, as when the daemon was killed in
  // the middle of one.
  bool damaged() const { return damaged_; }
  // Of what Next() has given.
  const Summary& summary() const { return summary_; }

 private:
  ByteReader reader_;
  bool damaged_ = false;
  Summary summary_;
};

}  // namespace l2tp::history

#endif  // L2TP_SERVER_HISTORY_SEGMENT_H_
