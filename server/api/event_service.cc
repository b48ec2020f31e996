#include "server/api/event_service.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/api/from_proto.h"
#include "server/api/to_proto.h"
#include "server/base/status_macros.h"
#include "server/events/subscription.h"

namespace l2tp::api {
namespace {

using Stream = ResponseStream<v1::WatchResponse>;

class WatchSource final : public ResponseSource<v1::WatchResponse> {
 public:
  explicit WatchSource(std::shared_ptr<events::Subscription> subscription)
      : subscription_(std::move(subscription)) {}

  absl::Status status() const override { return subscription_->status(); }
  bool empty() const override { return subscription_->empty(); }
  void Cancel() override { subscription_->Cancel(); }

  bool Next(v1::WatchResponse* response) override {
    std::optional<events::Item> item = subscription_->Pop();
    // The first response comes at once.
    if (!item.has_value() && !greeted_) {
      item = events::Bookmark{subscription_->last_revision().value_or(0)};
    }
    if (!item.has_value()) return false;
    greeted_ = true;
    ToProto(*item, response);
    response->set_resume_token(subscription_->resume_token());
    return true;
  }

 private:
  const std::shared_ptr<events::Subscription> subscription_;
  bool greeted_ = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchResponse>* EventService::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  const auto open = [&]() -> absl::StatusOr<Stream::Open> {
    L2TP_ASSIGN_OR_RETURN(events::WatchOptions options, FromProto(*request));
    return [this, options = std::move(options)](
               std::function<void()> on_ready) -> absl::StatusOr<Stream::Source> {
      L2TP_ASSIGN_OR_RETURN(auto subscription, controller_->Watch(options, std::move(on_ready)));
      return std::make_unique<WatchSource>(std::move(subscription));
    };
  };
  return streams_.Add(context, *request, open());
}

}  // namespace l2tp::api
