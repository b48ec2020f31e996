#include "server/metrics/exposition.h"

#include <chrono>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "prometheus/gauge.h"
#include "server/metrics/event_metrics.h"
#include "server/metrics/system_metrics.h"

namespace l2tp::metrics {
namespace {

// Then Prometheus gets what is known, and that the loop did not answer.
constexpr auto kLoopPatience = std::chrono::seconds(2);

}  // namespace

class Exposition::Impl {
 public:
  Impl(std::shared_ptr<prometheus::Registry> registry, control::Controller* controller, Post post,
       std::function<int()> waiting_calls, std::function<history::Totals()> history)
      : page_(std::make_shared<Page>(std::move(registry), controller, std::move(post),
                                     std::move(waiting_calls), std::move(history))) {}

  // Throws when the address cannot be listened on.
  void Listen(const Endpoint& address) {
    exposer_ = std::make_unique<prometheus::Exposer>(address.ToString());
    exposer_->RegisterCollectable(page_);
    page_->Follow();
  }
  ~Impl() {
    exposer_.reset();
    page_->Stop();
  }
  int port() const { return exposer_->GetListeningPorts().front(); }

 private:
  // What a scrape shows. Shared with work on the loop that nobody waits for any more.
  class Page final : public prometheus::Collectable, public std::enable_shared_from_this<Page> {
   public:
    Page(std::shared_ptr<prometheus::Registry> registry, control::Controller* controller, Post post,
         std::function<int()> waiting_calls, std::function<history::Totals()> history)
        : registry_(std::move(registry)),
          controller_(controller),
          post_(std::move(post)),
          waiting_calls_(std::move(waiting_calls)),
          history_(std::move(history)),
          answers_(prometheus::BuildGauge()
                       .Name("l2tp_loop_answers")
                       .Help("1, or 0 when the loop did not answer this scrape in 2 s")
                       .Register(*registry_)
                       .Add({})),
          events_(registry_.get()),
          system_(registry_.get()) {}

    // Takes what has happened; begins anew when some of it was missed. Loop thread.
    void Follow() {
      events::WatchOptions options{
          .filter = {.kinds = {events::Kind::kTunnel, events::Kind::kSession}},
          .include_initial_state = true,
          .own = true};
      if (subscription_ != nullptr) {
        while (auto item = subscription_->Pop()) events_.Take(*item);
        if (subscription_->status().ok()) return;
        // It was too slow. What it missed may still be there.
        options.resume_token = subscription_->resume_token();
        options.include_initial_state = options.resume_token.empty();
      }
      const auto on_ready = [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->post_([self] { self->Follow(); });
      };
      auto subscription = controller_->Watch(options, on_ready);
      if (!subscription.ok()) {
        options.resume_token.clear();
        options.include_initial_state = true;
        subscription = controller_->Watch(options, on_ready);
      }
      if (!subscription.ok()) return;
      if (options.include_initial_state) events_.Reset();
      subscription_ = *std::move(subscription);
      while (auto item = subscription_->Pop()) events_.Take(*item);
    }
    void Stop() {
      if (subscription_ != nullptr) subscription_->Cancel();
    }

    std::vector<prometheus::MetricFamily> Collect() const override {
      auto refreshed = std::make_shared<std::promise<void>>();
      std::future<void> done = refreshed->get_future();
      auto self = std::const_pointer_cast<Page>(shared_from_this());
      const bool posted = post_([self, refreshed] {
        self->Refresh();
        refreshed->set_value();
      });
      answers_.Set(posted && done.wait_for(kLoopPatience) == std::future_status::ready ? 1 : 0);
      return registry_->Collect();
    }

   private:
    // Loop thread.
    void Refresh() {
      Follow();
      system_.Set(controller_->GetSystem(), waiting_calls_());
      system_.Set(history_());
    }

    const std::shared_ptr<prometheus::Registry> registry_;
    control::Controller* const controller_;
    const Post post_;
    const std::function<int()> waiting_calls_;
    const std::function<history::Totals()> history_;
    prometheus::Gauge& answers_;
    EventMetrics events_;                                 // loop thread
    SystemMetrics system_;                                // loop thread
    std::shared_ptr<events::Subscription> subscription_;  // loop thread
  };

  const std::shared_ptr<Page> page_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

Exposition::Exposition(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Exposition::~Exposition() = default;

absl::StatusOr<std::unique_ptr<Exposition>> Exposition::Open(
    const Endpoint& address, const std::shared_ptr<prometheus::Registry>& registry,
    control::Controller* controller, Post post, std::function<int()> waiting_calls,
    std::function<history::Totals()> history) {
  auto impl = std::make_unique<Impl>(registry, controller, std::move(post),
                                     std::move(waiting_calls), std::move(history));
  try {
    impl->Listen(address);
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address.ToString(), " for metrics: ", error.what()));
  }
  return std::unique_ptr<Exposition>(new Exposition(std::move(impl)));
}

int Exposition::port() const { return impl_->port(); }

}  // namespace l2tp::metrics
