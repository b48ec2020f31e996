#include "clients/l2tpctl/waiting.h"

#include <optional>

namespace l2tp::ctl {
namespace {

client::ResumingWatcher::Options WatchOf(const Context& context, const std::string& name) {
  client::ResumingWatcher::Options options;
  options.request.set_name(name);
  options.deadline = context.Deadline(kWaitSeconds);
  options.insist = false;
  return options;
}

bool IsLast(const v1::Event& event, const std::string& name) {
  return event.name() == name && (event.type() == v1::Event::TYPE_TUNNEL_DELETED ||
                                  event.type() == v1::Event::TYPE_SESSION_DELETED);
}

}  // namespace

DeletionProgress::DeletionProgress(Context* context, const std::string& name)
    : watcher_(context->channel(), WatchOf(*context, name)) {
  watcher_.Next();  // the watch is in place when its first response, a bookmark, is here
  thread_ = std::thread([this, context, name] {
    while (auto item = watcher_.Next()) {
      if (!item->response.has_event()) continue;
      context->err << EventLine(item->response.event(), context->error_layout) << "\n";
      if (IsLast(item->response.event(), name)) return;
    }
  });
}

DeletionProgress::~DeletionProgress() {
  if (!thread_.joinable()) return;
  watcher_.Cancel();
  thread_.join();
}

void DeletionProgress::Finish() { thread_.join(); }

}  // namespace l2tp::ctl
