// --wait: following what was asked for until it has come about.

#ifndef L2TP_CLIENTS_L2TPCTL_WAITING_H_
#define L2TP_CLIENTS_L2TPCTL_WAITING_H_

#include <string>
#include <thread>

#include "clients/cpp/resuming_watcher.h"
#include "clients/cpp/wait.h"
#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {

inline constexpr double kWaitSeconds = 120;

// Options for a wait that shows events on standard error.
inline client::WaitOptions WaitShowingProgress(Context* context, const std::string& token) {
  client::WaitOptions options;
  options.resume_token = token;
  options.deadline = context->Deadline(kWaitSeconds);
  options.on_event = [context](const v1::Event& event) {
    context->err << EventLine(event, context->error_layout) << "\n";
  };
  return options;
}

// Tells how a wait ended and gives the exit code. On standard output: the name, or JSON.
template <typename Resource>
int ReportWait(Context* context, const std::string& name,
               const client::WaitResult<Resource>& result) {
  switch (result.outcome) {
    case client::Outcome::kReady: context->Print(result.resource, name + "\n"); return kOk;
    case client::Outcome::kClosed: {
      if (IsForPrograms(context->output)) context->Print(result.resource, "");
      context->err << "l2tpctl: " << name
                   << " closed while waiting: " << CauseInShort(result.resource.cause()) << "\n";
      Page page;
      AddCause(result.resource.cause(), &page);
      context->err << page.Render(context->error_layout);
      return kClosed;
    }
    case client::Outcome::kTimedOut:
      if (IsForPrograms(context->output)) context->Print(result.resource, "");
      context->err << "l2tpctl: timed out; " << name << " is still "
                   << Lower(Resource::State_Name(result.resource.state()), "STATE_")
                   << (result.resource.protocol_state().empty() ? "" : ", ")
                   << result.resource.protocol_state() << "\n";
      return kTimedOut;
    case client::Outcome::kFailed: break;
  }
  return context->Fail(result.status);
}

// Shows the events of a resource on standard error, from now until it is deleted.
class DeletionProgress {
 public:
  DeletionProgress(Context* context, const std::string& name);
  ~DeletionProgress();
  // Until the last event has been shown.
  void Finish();

 private:
  client::ResumingWatcher watcher_;
  std::thread thread_;
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_WAITING_H_
