// The HTTP endpoint that Prometheus scrapes.

#ifndef L2TP_SERVER_METRICS_EXPOSITION_H_
#define L2TP_SERVER_METRICS_EXPOSITION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "prometheus/registry.h"
#include "server/base/endpoint.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"

namespace l2tp::metrics {

// Plain HTTP, GET /metrics, in prometheus-cpp's own threads.
class Exposition {
 public:
  // Runs work on the loop thread; false: there is too much to do.
  using Post = std::function<bool(absl::AnyInvocable<void()> work)>;

  // Listens at `address`, port 0 being any free one. `waiting_calls` gives how many calls of the
  // API wait, `history` its totals; both are asked on the loop thread. To be called there. Nothing
  // is owned: all must outlive this, and work that was posted must not run when they are gone.
  // UNAVAILABLE when the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Exposition>> Open(
      const Endpoint& address, const std::shared_ptr<prometheus::Registry>& registry,
      control::Controller* controller, Post post, std::function<int()> waiting_calls,
      std::function<history::Totals()> history = [] { return history::Totals(); });
  ~Exposition();

  int port() const;

 private:
  class Impl;
  explicit Exposition(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace l2tp::metrics

#endif  // L2TP_SERVER_METRICS_EXPOSITION_H_
