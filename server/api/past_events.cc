#include "server/api/past_events.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/api/enums.h"
#include "server/api/paging.h"
#include "server/api/to_proto.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

using history::Position;

constexpr int64_t kMostRevision = history::kMostNumber;
constexpr size_t kMostOctets = 1 << 20;  // of a page, and the last event

// ListOptions::after for the ring of `run`: where a page behind `after` begins in it.
int64_t AfterInRing(const std::optional<Position>& after, const history::Run& run,
                    bool newest_first) {
  if (!after.has_value()) return 0;
  if (after->run == run) return std::max(after->revision, int64_t{newest_first ? 1 : 0});
  // Another run is before all of it, or behind.
  if (newest_first) return after->run < run ? 1 : 0;
  return after->run < run ? 0 : kMostRevision;
}

// The rest of a page that the ring cannot give.
history::Query MakeQuery(const events::ListOptions& options, const std::optional<Position>& after,
                         const Position& until) {
  history::Query query;
  query.newest_first = options.newest_first;
  query.after = after;
  query.until = until;
  if (!options.filter.types.empty() || !options.filter.kinds.empty()) {
    for (int value = v1::Event::Type_MIN; value <= v1::Event::Type_MAX; ++value) {
      const std::optional<events::EventType> type = EventTypeFromProto(value);
      if (type.has_value() && options.filter.Takes(*type)) {
        query.types.push_back(static_cast<uint32_t>(value));
      }
    }
  }
  query.filter = options.filter;
  query.start = options.start;
  query.end = options.end;
  query.max_events = static_cast<size_t>(options.size);
  return query;
}

// A response that grows to a page.
class PageWriter {
 public:
  PageWriter(v1::ListEventsResponse* response, const std::string& scope)
      : response_(response), scope_(scope) {}

  void Add(const history::Run& run, const events::Event& event) {
    v1::Event* out = response_->add_events();
    ToProto(event, out);
    out->set_run(RunText(run));
    octets_ += out->ByteSizeLong();
    last_ = {run, event.revision};
  }
  void Add(const history::FoundEvent& found) {
    v1::Event* out = response_->add_events();
    // An unreadable one is what is known without reading it.
    if (!out->ParseFromString(found.record.event)) {
      out->Clear();
      out->set_revision(found.record.revision);
      out->set_type(static_cast<v1::Event::Type>(found.record.type));
      out->set_name(found.record.name);
    }
    out->set_run(RunText(found.run));
    octets_ += out->ByteSizeLong();
    last_ = {found.run, found.record.revision};
  }

  bool Full(int size) const { return response_->events_size() >= size || octets_ >= kMostOctets; }
  void GoOnBehind(const Position& position) {
    response_->set_next_page_token(MakePageToken(PositionText(position), scope_));
  }
  void GoOn() { GoOnBehind(last_); }

 private:
  v1::ListEventsResponse* const response_;
  const std::string scope_;
  Position last_;
  size_t octets_ = 0;
};

// The ring's part of the page, as far as it fits. False: there is more of it.
bool AddRing(const events::EventPage& ring, const history::Run& run, int size, PageWriter* page) {
  for (const events::EventPtr& event : ring.events) {
    if (page->Full(size)) return page->GoOn(), false;
    page->Add(run, *event);
  }
  if (ring.more) page->GoOn();
  return !ring.more;
}

}  // namespace

history::Record ToRecord(const events::Event& event) {
  v1::Event message;
  ToProto(event, &message);
  return {.revision = event.revision,
          .time = event.time,
          .type = static_cast<uint32_t>(ToProto(event.type)),
          .name = event.name(),
          .labels = events::LabelsOf(event.resource),
          .labels_before = event.labels_before,
          .event = message.SerializeAsString()};
}

std::string RunText(const history::Run& run) {
  return absl::StrCat(absl::Hex(run.id, absl::kZeroPad16));
}

std::string PositionText(const Position& position) {
  return absl::StrCat(position.run.start.nanoseconds, " ", position.run.id, " ", position.revision);
}

std::optional<Position> ParsePosition(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  Position position;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &position.run.start.nanoseconds) ||
      !absl::SimpleAtoi(parts[1], &position.run.id) ||
      !absl::SimpleAtoi(parts[2], &position.revision) || position.revision < 0 ||
      position.revision > kMostRevision) {
    return std::nullopt;
  }
  return position;
}

PastEvents::PastEvents(control::Controller* controller, history::EventHistory* history)
    : controller_(controller),
      history_(history),
      run_(history != nullptr ? history->run() : history::Run{{}, controller->run()}) {}

void PastEvents::List(events::ListOptions options, const std::optional<Position>& after,
                      const std::string& scope, v1::ListEventsResponse* response, Reply reply) {
  options.after = AfterInRing(after, run_, options.newest_first);
  events::EventPage ring = controller_->ListEvents(options);
  response->set_oldest_revision(ring.oldest_revision);
  // What is older than the ring is on disk, and written before it is read. What is in both is taken
  // from the ring: it is there even if it could not be written.
  const Position oldest{run_, ring.oldest_revision == 0 ? kMostRevision : ring.oldest_revision};
  PageWriter page(response, scope);
  const bool full = static_cast<int>(ring.events.size()) >= options.size;
  const bool from_ring = options.newest_first
                             ? full
                             : after.has_value() && *after >= Position{run_, oldest.revision - 1};
  if (history_ == nullptr || from_ring) {
    const bool whole = AddRing(ring, run_, options.size, &page);
    // What is before the ring has not been looked for.
    if (history_ != nullptr && options.newest_first && whole) page.GoOn();
    return reply(absl::OkStatus());
  }

  history::Query query = MakeQuery(options, after, oldest);
  if (options.newest_first) {
    if (!AddRing(ring, run_, options.size, &page)) return reply(absl::OkStatus());
    query.max_events -= ring.events.size();
    ring = {};
  }
  // Whoever does not get to call it leaves the answer to the end of the last reference.
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken =
      history_->Read(std::move(query), [run = run_, size = options.size, ring = std::move(ring),
                                        page, shared](const history::Found& found) mutable {
        for (const history::FoundEvent& event : found.events) page.Add(event);
        if (found.next.has_value()) {
          page.GoOnBehind(*found.next);
        } else {
          AddRing(ring, run, size, &page);
        }
        (*shared)(absl::OkStatus());
      });
  if (!taken) {
    response->Clear();
    (*shared)(MakeError(Reason::kOverloaded, "too many readers of the history are waiting"));
  }
}

}  // namespace l2tp::api
