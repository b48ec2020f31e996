// l2tpctl watch, l2tpctl system

#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/cpp/resuming_watcher.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/filter_options.h"
#include "l2tp/v1/system.grpc.pb.h"

namespace l2tp::ctl {
namespace {

struct WatchOptions {
  EventFilterOptions filter;
  std::string resume;
  bool initial = false;
  bool bookmarks = false;
  int64_t count = 0;
};

std::string Text(const v1::WatchResponse& response, const Layout& layout) {
  switch (response.item_case()) {
    case v1::WatchResponse::kInitialState:
      return InitialStateLine(response.initial_state(), layout);
    case v1::WatchResponse::kSynced:
      return absl::StrCat("- SYNCED revision=", response.synced().revision());
    case v1::WatchResponse::kEvent: return EventLine(response.event(), layout);
    case v1::WatchResponse::kBookmark:
      return absl::StrCat("- BOOKMARK revision=", response.bookmark().revision(),
                          " resume_token=", response.resume_token());
    case v1::WatchResponse::ITEM_NOT_SET: break;
  }
  return "";
}

int Watch(Context* context, const WatchOptions& options) {
  client::ResumingWatcher::Options watch;
  if (absl::Status status = options.filter.Apply(&watch.request); !status.ok()) {
    return context->FailUsage(status);
  }
  watch.request.set_resume_token(options.resume);
  watch.request.set_include_initial_state(options.initial);
  watch.insist = false;
  if (context->timeout > 0) watch.deadline = context->Deadline(0);
  client::ResumingWatcher watcher(context->channel(), watch);
  int64_t events = 0;
  while (auto item = watcher.Next()) {
    const v1::WatchResponse& response = item->response;
    if (item->restarted) {
      context->err << "l2tpctl: events may have been missed; this is how things are now\n";
    }
    if (response.has_bookmark() && !options.bookmarks) continue;
    // Flushed line by line: somebody may be waiting behind a pipe.
    context->out << (IsForPrograms(context->output) ? EncodeItem(response, context->output)
                                                    : Text(response, context->layout) + "\n")
                 << std::flush;
    if (response.has_event() && ++events == options.count) return kOk;
  }
  return context->Fail(watcher.status());
}

int ShowSystem(Context* context) {
  v1::System system;
  const grpc::Status status =
      context->Call(&v1::SystemService::Stub::GetSystem, v1::GetSystemRequest(), &system);
  if (!status.ok()) return context->Fail(status);
  context->Print(system, Describe(system));
  return kOk;
}

}  // namespace

void AddWatchCommand(CLI::App* app, Context* context, Command* chosen) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* watch = app->add_subcommand(
      "watch", "Print events as they happen, a line each; goes on when the connection breaks");
  options->filter.Add(watch, "--name");
  watch->add_flag("--initial", options->initial, "First print what there is");
  watch->add_option("--resume", options->resume, "Go on behind this resume_token")
      ->excludes("--initial");
  watch->add_option("--count", options->count, "End after so many events");
  watch->add_flag("--bookmarks", options->bookmarks, "Print bookmarks, too");
  watch->callback([=] { *chosen = [=] { return Watch(context, *options); }; });
}

void AddSystemCommand(CLI::App* app, Context* context, Command* chosen) {
  app->add_subcommand("system", "Show the daemon's version, state and totals")->callback([=] {
    if (!*chosen) *chosen = [=] { return ShowSystem(context); };  // none of its subcommands
  });
}

}  // namespace l2tp::ctl
