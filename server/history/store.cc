#include "server/history/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace l2tp::history {
namespace {

constexpr int64_t kMostSeconds = kMostNumber / 1'000'000'000;
constexpr int64_t kMaxFileSize = 64 << 20;  // a larger one is none of ours

absl::Status Unusable(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(path, " ", why));
}

absl::Status Unwritten(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat("cannot ", what, ": ", std::strerror(error)));
}

absl::StatusOr<UniqueFd> OpenDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Unusable(path, absl::StrCat("cannot be made: ", std::strerror(errno)));
  }
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat found = {};
  if (!directory.valid() || ::fstat(directory.get(), &found) != 0) {
    return Unusable(path, absl::StrCat("cannot be opened: ", std::strerror(errno)));
  }
  if (found.st_uid != ::geteuid() || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Unusable(path, "must be a directory of ours that nobody else can write to");
  }
  if (::faccessat(directory.get(), ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    return Unusable(path, absl::StrCat("cannot be written to: ", std::strerror(errno)));
  }
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    return Unusable(path, "is used by another daemon");
  }
  return directory;
}

// errno, or 0.
int WriteAll(int file, ByteSpan octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    octets.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

bool PreadAll(int file, int64_t offset, Bytes* out) {
  size_t done = 0;
  while (done < out->size()) {
    const ssize_t got = ::pread(file, out->data() + done, out->size() - done,
                                static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

int64_t DefaultSegmentSize(int64_t max_size) {
  return std::clamp<int64_t>(max_size / 256, 256 << 10, 8 << 20);
}

}  // namespace

// One page, being filled.
class Store::Search {
 public:
  Search(const Query& query, const Options& options) : query_(query), options_(options) {
    if (query.newest_first) {
      high_ = query.until;
      if (query.after.has_value() && (!high_.has_value() || *query.after < *high_)) {
        high_ = query.after;
      }
    } else {
      low_ = query.after;
      high_ = query.until;
    }
  }

  // Whether something of the segment may be wanted.
  bool Wants(const Segment& segment) const {
    if (low_.has_value() && segment.id.run < low_->run) return false;
    if (high_.has_value() && segment.id.run > high_->run) return false;
    if (!segment.summary.has_value()) return true;
    const Summary& summary = *segment.summary;
    if (summary.count == 0) return false;
    if (query_.start.has_value() && summary.latest < *query_.start) return false;
    if (query_.end.has_value() && !(summary.earliest < *query_.end)) return false;
    if (low_.has_value() && Position{segment.id.run, summary.last_revision} <= *low_) return false;
    return !high_.has_value() || Position{segment.id.run, summary.first_revision} < *high_;
  }

  // Whether the page may look into one more segment.
  bool MayRead(const Segment& segment) const {
    return read_ == 0 || read_ + static_cast<size_t>(segment.size) <= options_.read_octets;
  }

  void Begin(const Segment& segment) {
    run_ = segment.id.run;
    read_ += static_cast<size_t>(segment.size);
  }

  // A record of the segment, in its order; false: no more of it is needed.
  bool Take(Record record) {
    const Position position{run_, record.revision};
    if (low_.has_value() && position <= *low_) return true;
    if (high_.has_value() && position >= *high_) {
      // What is behind is not wanted; on the way back all before it is still to come.
      done_ = !query_.newest_first;
      return !done_;
    }
    if (query_.newest_first) {
      if (!Matches(record)) return true;
      // Of these the last ones are wanted, and one more, if there is one.
      last_.push_back(std::move(record));
      if (last_.size() > query_.max_events - found_.events.size() + 1) last_.pop_front();
      return true;
    }
    if (Matches(record) && !Add(std::move(record))) return false;
    considered_ = position;
    return true;
  }

  // The segment has been gone through, and has `summary`; false: that was all.
  bool End(const std::optional<Summary>& summary) {
    if (query_.newest_first) {
      for (; !last_.empty(); last_.pop_back()) {
        const int64_t revision = last_.back().revision;
        if (!Add(std::move(last_.back()))) break;
        considered_ = Position{run_, revision};
      }
      last_.clear();
    }
    if (full_ || done_) return false;
    if (summary.has_value() && summary->count > 0) {
      considered_ =
          Position{run_, query_.newest_first ? summary->first_revision : summary->last_revision};
    }
    return true;
  }

  // `more`: there are segments that have not been looked into.
  Found Finish(bool more) {
    if (full_ || more) {
      constexpr Position kFirst;
      constexpr Position kLast{{{std::numeric_limits<int64_t>::max()}, 0}, 0};
      const auto& from = query_.newest_first ? high_ : low_;
      found_.next = considered_.has_value() ? *considered_
                                            : from.value_or(query_.newest_first ? kLast : kFirst);
    }
    return std::move(found_);
  }

 private:
  bool Matches(const Record& record) const {
    const auto& types = query_.types;
    return (!query_.start.has_value() || !(record.time < *query_.start)) &&
           (!query_.end.has_value() || record.time < *query_.end) &&
           (types.empty() || std::find(types.begin(), types.end(), record.type) != types.end()) &&
           query_.filter.Matches(record.name, record.labels, record.labels_before);
  }

  // False: it does not go into the page, which is full.
  bool Add(Record record) {
    octets_ += record.event.size();
    full_ = found_.events.size() >= query_.max_events ||
            (!found_.events.empty() && octets_ > options_.found_octets);
    if (!full_) found_.events.push_back({run_, std::move(record)});
    return !full_;
  }

  const Query& query_;
  const Options& options_;
  std::optional<Position> low_;   // only beyond it
  std::optional<Position> high_;  // only before it
  Run run_;
  std::deque<Record> last_;             // newest first: of the segment
  std::optional<Position> considered_;  // everything up to it, in the direction of the query
  size_t read_ = 0;
  size_t octets_ = 0;
  bool full_ = false;
  bool done_ = false;
  Found found_;
};

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options) {
  L2TP_ASSIGN_OR_RETURN(UniqueFd directory, OpenDirectory(options.directory));
  std::unique_ptr<Store> store(new Store(options, std::move(directory)));
  store->Load();
  return store;
}

Store::Store(const Options& options, UniqueFd directory)
    : options_(options),
      directory_(std::move(directory)),
      segment_size_(options.segment_size != 0 ? options.segment_size
                                              : DefaultSegmentSize(options.max_size)),
      segment_age_(options.keep / 16),
      run_{options.start, options.run} {}

Store::~Store() { Seal(); }

// What earlier runs have left.
void Store::Load() {
  const int copy = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) {
    if (copy >= 0) ::close(copy);
    return;
  }
  while (const dirent* entry = ::readdir(listing)) {
    const std::optional<SegmentId> id = ParseSegmentName(entry->d_name);
    struct stat found = {};
    if (!id.has_value() ||
        ::fstatat(directory_.get(), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(found.st_mode) || found.st_size > kMaxFileSize) {
      continue;
    }
    Segment segment{
        .id = *id,
        .size = found.st_size,
        .changed = {std::clamp<int64_t>(found.st_mtim.tv_sec, 0, kMostSeconds) * 1'000'000'000},
        .summary = std::nullopt};
    const UniqueFd file(
        ::openat(directory_.get(), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    Bytes tail(kSummarySize);
    const int64_t offset = segment.size - static_cast<int64_t>(tail.size());
    if (offset >= static_cast<int64_t>(kHeaderSize) && file.valid() &&
        PreadAll(file.get(), offset, &tail)) {
      segment.summary = DecodeSummary(tail);
    }
    octets_ += segment.size;
    segments_.push_back(std::move(segment));
  }
  ::closedir(listing);
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.id < b.id; });
  // The clock may have been set back.
  if (!segments_.empty() && run_.start <= segments_.back().id.run.start) {
    run_.start.nanoseconds = segments_.back().id.run.start.nanoseconds + 1;
  }
}

absl::Status Store::Append(const Record& record) {
  const Bytes octets = EncodeRecord(record);
  if (octets.empty()) return absl::UnavailableError("an event is too large");
  const int64_t size = static_cast<int64_t>(octets.size());
  if (file_.valid()) {
    const Segment& open = segments_.back();
    const Duration age =
        Duration::Nanoseconds(record.time.nanoseconds - open.summary->earliest.nanoseconds);
    const bool old = open.summary->count > 0 && age > segment_age_;
    if (old || open.size + size > segment_size_) Seal();
  }
  MakeRoom(size + static_cast<int64_t>(kHeaderSize + kSummarySize));
  if (!file_.valid()) L2TP_RETURN_IF_ERROR(Begin());
  Segment& open = segments_.back();
  if (const int error = WriteAll(file_.get(), octets); error != 0) {
    // What has got there of it would end the segment for readers.
    if (::ftruncate(file_.get(), open.size) != 0 ||
        ::lseek(file_.get(), open.size, SEEK_SET) != open.size) {
      file_.Reset();
    }
    return Unwritten("write", error);
  }
  open.size += size;
  octets_ += size;
  open.summary->Add(record);
  return absl::OkStatus();
}

absl::Status Store::Begin() {
  const SegmentId id{run_, ++number_};
  const std::string name = SegmentName(id);
  UniqueFd file(::openat(directory_.get(), name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return Unwritten("make a file", errno);
  if (const int error = WriteAll(file.get(), EncodeHeader(id)); error != 0) {
    ::unlinkat(directory_.get(), name.c_str(), 0);
    return Unwritten("write", error);
  }
  file_ = std::move(file);
  segments_.push_back(
      {.id = id, .size = static_cast<int64_t>(kHeaderSize), .changed = {}, .summary = Summary()});
  octets_ += static_cast<int64_t>(kHeaderSize);
  return absl::OkStatus();
}

void Store::Seal() {
  if (!file_.valid()) return;
  Segment& open = segments_.back();
  // Without it the segment is read once more than necessary, by the next run.
  if (WriteAll(file_.get(), EncodeSummary(*open.summary)) == 0) {
    open.size += static_cast<int64_t>(kSummarySize);
    octets_ += static_cast<int64_t>(kSummarySize);
  } else if (::ftruncate(file_.get(), open.size) != 0) {
    open.damaged = true;
  }
  ::fdatasync(file_.get());
  file_.Reset();
  open.changed = open.summary->latest;
}

void Store::Delete(size_t index) {
  const auto segment = segments_.begin() + static_cast<std::ptrdiff_t>(index);
  ::unlinkat(directory_.get(), SegmentName(segment->id).c_str(), 0);
  octets_ -= segment->size;
  segments_.erase(segment);
}

void Store::MakeRoom(int64_t octets) {
  const size_t open = file_.valid() ? 1 : 0;
  while (octets_ + octets > options_.max_size && segments_.size() > open) Delete(0);
}

void Store::Expire(WallTime now) {
  const WallTime oldest{now.nanoseconds - options_.keep.nanoseconds()};
  // Nothing need come that would end the segment.
  if (file_.valid() && segments_.back().summary->count > 0 &&
      segments_.back().summary->earliest.nanoseconds + segment_age_.nanoseconds() <
          now.nanoseconds) {
    Seal();
  }
  for (size_t i = segments_.size() - (file_.valid() ? 1 : 0); i-- > 0;) {
    const Segment& segment = segments_[i];
    const bool known = segment.summary.has_value() && segment.summary->count > 0;
    if ((known ? segment.summary->latest : segment.changed) < oldest) Delete(i);
  }
}

std::optional<Bytes> Store::ReadSegment(const Segment& segment) const {
  const UniqueFd file(::openat(directory_.get(), SegmentName(segment.id).c_str(),
                               O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  Bytes octets(static_cast<size_t>(segment.size));
  if (!file.valid() || !PreadAll(file.get(), 0, &octets)) return std::nullopt;
  return octets;
}

void Store::Scan(Segment* segment, const std::function<bool(Record)>& take) {
  const std::optional<Bytes> octets = ReadSegment(*segment);
  const bool open = file_.valid() && segment == &segments_.back();
  if (!octets.has_value()) {
    // It may be readable the next time; but it must not be waited for.
    if (!segment->summary.has_value()) segment->summary.emplace();
    if (!std::exchange(segment->damaged, true)) ++damaged_;
    return;
  }
  SegmentReader reader(*octets, segment->id);
  while (std::optional<Record> record = reader.Next()) {
    if (!take(*std::move(record))) return;
  }
  if (reader.damaged() && !std::exchange(segment->damaged, true)) ++damaged_;
  // What is really there, whatever was thought before.
  if (!open) segment->summary = reader.summary();
}

Found Store::Read(const Query& query) {
  Search search(query, options_);
  const size_t count = segments_.size();
  for (size_t i = 0; i < count; ++i) {
    Segment& segment = segments_[query.newest_first ? count - 1 - i : i];
    if (!search.Wants(segment)) continue;
    if (!search.MayRead(segment)) return search.Finish(/*more=*/true);
    search.Begin(segment);
    Scan(&segment, [&search](Record record) { return search.Take(std::move(record)); });
    if (!search.End(segment.summary)) break;
  }
  return search.Finish(/*more=*/false);
}

}  // namespace l2tp::history
