// l2tpctl top

#include <unistd.h>

#include <map>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/sampler.h"
#include "clients/l2tpctl/screen.h"
#include "clients/l2tpctl/top_view.h"

namespace l2tp::ctl {
namespace {

struct Options {
  TopOptions view;
  std::string tunnel = "-";
  double interval = 2;
  bool once = false;
};

using Clock = std::chrono::steady_clock;

const std::map<std::string, Sort>& Sorts() {
  static const std::map<std::string, Sort> sorts = {
      {"rx", Sort::kRx}, {"tx", Sort::kTx}, {"total", Sort::kTotal}, {"name", Sort::kName}};
  return sorts;
}

int Once(Context* context, const Options& options, Sampler* sampler, Sample* sample) {
  std::this_thread::sleep_for(std::chrono::duration<double>(options.interval));
  const grpc::Status status = sampler->Take(sample, [] { return false; });
  if (!status.ok()) return context->Fail(status);
  context->out << TopView(*sample, options.view, context->layout, 0);
  return kOk;
}

// Shows samples until somebody has enough.
class LiveTop {
 public:
  LiveTop(Context* context, const Options& options, Sampler* sampler, Sample sample)
      : context_(context),
        options_(options),
        sampler_(sampler),
        sample_(std::move(sample)),
        screen_(context->out) {}

  void Run() {
    const auto interval = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options_.interval));
    // The first one has no rates yet; the second need not wait long for them.
    auto next = Clock::now() + std::min<Clock::duration>(interval, std::chrono::seconds(1));
    while (!done_) {
      Show();
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now());
      Handle(std::max(left, std::chrono::milliseconds(0)));
      if (done_ || Clock::now() < next) continue;
      next = Clock::now() + interval;
      const grpc::Status status = sampler_->Take(&sample_, [this] {
        Handle(std::chrono::milliseconds(0));
        return done_;
      });
      sample_.trouble = status.ok() ? ""
                                    : absl::StrCat(client::CodeName(status.error_code()), ": ",
                                                   status.error_message());
    }
  }

 private:
  void Show() {
    const Terminal terminal = DetectTerminal(STDOUT_FILENO);
    Layout layout = context_->layout;
    layout.width = terminal.columns;
    screen_.Show(TopView(sample_, options_.view, layout, terminal.rows));
  }

  // Waits for a key, but not longer than that, and does what it asks for.
  void Handle(std::chrono::milliseconds timeout) {
    char key = 0;
    const Screen::Input input = screen_.Wait(timeout, &key);
    if (input == Screen::Input::kEnd) done_ = true;
    if (input != Screen::Input::kKey) return;
    switch (key) {
      case 'q': done_ = true; break;
      case 'r': options_.view.sort = Sort::kRx; break;
      case 't': options_.view.sort = Sort::kTx; break;
      case 'b': options_.view.sort = Sort::kTotal; break;
      case 'n': options_.view.sort = Sort::kName; break;
      default: break;
    }
  }

  Context* const context_;
  Options options_;
  Sampler* const sampler_;
  Sample sample_;
  Screen screen_;
  bool done_ = false;
};

int Top(Context* context, const Options& options) {
  if (IsForPrograms(context->output)) {
    return context->FailUsage(absl::InvalidArgumentError(
        "top is for people; programs take the counters of session show -o json"));
  }
  Sampler sampler(context, FullName("tunnels", options.tunnel), options.view.tunnels);
  Sample sample;
  const grpc::Status status = sampler.Take(&sample, [] { return false; });
  if (!status.ok()) return context->Fail(status);
  if (options.once || !context->live) return Once(context, options, &sampler, &sample);
  LiveTop(context, options, &sampler, std::move(sample)).Run();
  return kOk;
}

}  // namespace

void AddTopCommand(CLI::App* app, Context* context, Command* chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* top = app->add_subcommand(
      "top",
      "Show who sends and receives most, live; q ends it, and r, t, b and n sort by rx, tx, both "
      "and name. BPS is bit/s, PPS packets/s, seen from the daemon: what the kernel's counters "
      "grew between two refreshes. Each established session is asked for every time: with "
      "thousands, give --tunnel");
  top->add_option_function<std::string>(
         "what", [options](const auto& what) { options->view.tunnels = what == "tunnels"; },
         "A line for each of these: sessions, tunnels; default: sessions")
      ->check(CLI::IsMember({"sessions", "tunnels"}));
  top->add_option("--tunnel", options->tunnel, "Only this TUNNEL and its sessions");
  top->add_option("--interval", options->interval, "Seconds between two refreshes; default: 2")
      ->check(CLI::Range(0.1, 3600.0));
  top->add_option_function<std::string>(
         "--sort", [options](const auto& name) { options->view.sort = Sorts().at(name); },
         "Most first: rx, tx, total; or by name; default: total")
      ->check(CLI::IsMember({"rx", "tx", "total", "name"}));
  top->add_flag("--once", options->once,
                "Print one sample, after one interval, and end; so does a pipe");
  top->callback([=] { *chosen = [=] { return Top(context, *options); }; });
}

}  // namespace l2tp::ctl
