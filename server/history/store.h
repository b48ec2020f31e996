// The folder of segments.

#ifndef L2TP_SERVER_HISTORY_STORE_H_
#define L2TP_SERVER_HISTORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/bytes.h"
#include "server/base/time.h"
#include "server/base/unique_fd.h"
#include "server/events/subscription.h"
#include "server/history/segment.h"

namespace l2tp::history {

// Which events are wanted, and how many at a time.
struct Query {
  bool newest_first = false;
  std::optional<Position> after;  // only beyond it, in the direction of the query
  std::optional<Position> until;  // only before it, whatever the direction
  std::vector<uint32_t> types;    // as Record::type; none: all
  events::Filter filter;          // its types are not looked at
  std::optional<WallTime> start;  // from then on
  std::optional<WallTime> end;    // before then
  size_t max_events = 100;        // at least 1
};

struct FoundEvent {
  Run run;
  Record record;
};

// A page may be short, or empty, and not the last.
struct Found {
  std::vector<FoundEvent> events;
  std::optional<Position> next;  // Query::after of the next page; nullopt: there is none
};

// Events of this run and of earlier ones, in segment files that nothing else writes to. Everything
// blocks. Not thread-safe.
class Store {
 public:
  struct Options {
    std::string directory;                             // absolute
    Duration keep = Duration::Seconds(7 * 24 * 3600);  // more than 0
    int64_t max_size = int64_t{1} << 30;               // octets of all segments; at least 1 MiB
    int64_t segment_size = 0;                          // 0: 1/256 of max_size, 256 KiB to 8 MiB
    size_t read_octets = 8 << 20;   // of segments that a page may look into; at least one is
    size_t found_octets = 2 << 20;  // of events in a page; at least one is
    uint64_t run = 0;               // id of this run, different from all others
    WallTime start;                 // of this run; later if it would not be behind the others
  };

  // Makes the directory, open to us only, if it is missing; its parent must be there. What else is
  // in it is left alone. FAILED_PRECONDITION, with the path, if it cannot be used, is open to
  // others, or is used by somebody else.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const Options& options);
  // Completes the segment.
  ~Store();

  // Of this run; revisions must rise. UNAVAILABLE when it could not be written, and is left out.
  // The oldest segments make room.
  absl::Status Append(const Record& record);

  // Deletes what is older than `keep`. A segment goes when all in it is.
  void Expire(WallTime now);

  Found Read(const Query& query);

  const Run& run() const { return run_; }
  int64_t octets() const { return octets_; }  // of all segments
  size_t segment_count() const { return segments_.size(); }
  int64_t damaged_count() const { return damaged_; }  // segments in which reading has met damage

 private:
  struct Segment {
    SegmentId id;
    int64_t size = 0;
    WallTime changed;                // of the file, for when there is no summary
    std::optional<Summary> summary;  // nullopt: not known before it has been read
    bool damaged = false;
  };
  class Search;

  Store(const Options& options, UniqueFd directory);

  void Load();
  absl::Status Begin();
  void Seal();
  void Delete(size_t index);
  void MakeRoom(int64_t octets);
  bool TakeOff(int64_t octets);
  // All octets of the segment; nullopt if it is gone.
  std::optional<Bytes> ReadSegment(const Segment& segment) const;
  // Calls `take` with each record until it returns false.
  void Scan(Segment* segment, const std::function<bool(Record)>& take);

  const Options options_;
  const UniqueFd directory_;
  const int64_t segment_size_;
  const Duration segment_age_;
  Run run_;
  std::vector<Segment> segments_;  // in the order of their ids; the last is open if file_ is
  UniqueFd file_;                  // that is written to
  uint32_t number_ = 0;            // of this run's last segment
  int64_t octets_ = 0;
  int64_t damaged_ = 0;
};

}  // namespace l2tp::history

#endif  // L2TP_SERVER_HISTORY_STORE_H_
