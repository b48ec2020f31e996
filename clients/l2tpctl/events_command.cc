// l2tpctl events

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/filter_options.h"
#include "l2tp/v1/event.grpc.pb.h"

namespace l2tp::ctl {
namespace {

struct EventsOptions {
  EventFilterOptions filter;
  std::string since;
  std::string until;
  int last = 0;
};

// "2026-11-27T03:00:00Z", or how long ago: "90m", "2d". What is wrong names the option.
absl::StatusOr<absl::Time> ParseWhen(absl::string_view option, const std::string& text) {
  absl::Duration ago;
  absl::Time time;
  std::string error;
  absl::string_view days = text;
  int64_t count = 0;
  if (absl::ConsumeSuffix(&days, "d") && absl::SimpleAtoi(days, &count)) {
    return absl::Now() - count * absl::Hours(24);
  }
  if (absl::ParseDuration(text, &ago)) return absl::Now() - ago;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return absl::InvalidArgumentError(
      absl::StrCat(option, " takes a time such as 2026-11-27T03:00:00Z, or how long ago: 90m, 2d"));
}

// Events by the page, in order, with a line where the daemon was started anew.
class EventPrinter {
 public:
  explicit EventPrinter(Context* context) : context_(context) {}

  void Print(const v1::Event& event) {
    if (!run_.empty() && event.run() != run_) context_->out << "-- the daemon was started anew\n";
    run_ = event.run();
    context_->out << EventLine(event, context_->layout) << "\n";
  }

 private:
  Context* const context_;
  std::string run_;  // of the event before
};

int ListEvents(Context* context, const EventsOptions& options) {
  v1::ListEventsRequest request;
  if (absl::Status status = options.filter.Apply(&request); !status.ok()) {
    return context->FailUsage(status);
  }
  const auto set_time = [](absl::string_view option, const std::string& text,
                           google::protobuf::Timestamp* out) {
    const absl::StatusOr<absl::Time> time = ParseWhen(option, text);
    if (time.ok()) {
      out->set_seconds(absl::ToUnixSeconds(*time));
      const absl::Duration rest = *time - absl::FromUnixSeconds(out->seconds());
      out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
    }
    return time.status();
  };
  absl::Status good;
  if (!options.since.empty()) {
    good = set_time("--since", options.since, request.mutable_start_time());
  }
  if (good.ok() && !options.until.empty()) {
    good = set_time("--until", options.until, request.mutable_end_time());
  }
  if (!good.ok()) return context->FailUsage(good);
  request.set_newest_first(options.last > 0);
  std::vector<v1::Event> events;
  EventPrinter printer(context);
  const bool at_once = options.last == 0 && !IsForPrograms(context->output);
  request.set_page_size(1000);
  while (true) {
    v1::ListEventsResponse page;
    const grpc::Status status = context->Call(&v1::EventService::Stub::ListEvents, request, &page);
    if (!status.ok()) return context->Fail(status);
    for (const v1::Event& event : page.events()) {
      if (options.last > 0 && events.size() >= static_cast<size_t>(options.last)) break;
      if (at_once) {
        printer.Print(event);
      } else {
        events.push_back(event);
      }
    }
    const bool enough = options.last > 0 && events.size() >= static_cast<size_t>(options.last);
    if (enough || page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (options.last > 0) std::reverse(events.begin(), events.end());
  if (IsForPrograms(context->output)) {
    context->out << EncodeList(events, context->output);
    return kOk;
  }
  for (const v1::Event& event : events) printer.Print(event);
  return kOk;
}

}  // namespace

void AddEventsCommand(CLI::App* app, Context* context, Command* chosen) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* events =
      app->add_subcommand("events", "List what has happened, as far back as the daemon knows");
  options->filter.Add(events, "name");
  events
      ->add_option("--since", options->since,
                   "Only from then on: a time, or how long ago, 90m or 2d")
      ->type_name("TIME");
  events->add_option("--until", options->until, "Only before then, likewise")->type_name("TIME");
  events->add_option("--last", options->last, "Only the last so many")->check(CLI::PositiveNumber);
  events->callback([=] { *chosen = [=] { return ListEvents(context, *options); }; });
}

}  // namespace l2tp::ctl
