#include "server/api/event_service.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/api/fingerprint.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/to_proto.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/events/subscription.h"

namespace l2tp::api {
namespace {

using Stream = ResponseStream<v1::WatchResponse>;

constexpr int64_t kMostRevision = int64_t{1} << 62;

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

// What page tokens are good for: the same request to the same run of the daemon, whose name is
// `run`.
std::string EventScope(v1::ListEventsRequest request, absl::string_view run) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat("events ", run, " ", Fingerprint(request));
}

absl::StatusOr<events::ListOptions> ParseEventPage(const v1::ListEventsRequest& request,
                                                   absl::string_view run) {
  L2TP_ASSIGN_OR_RETURN(events::ListOptions options, FromProto(request));
  L2TP_ASSIGN_OR_RETURN(
      const control::PageRequest page,
      ParsePage(request.page_size(), request.page_token(), EventScope(request, run)));
  options.size = page.size;
  if (!page.after.empty() && (!absl::SimpleAtoi(page.after, &options.after) || options.after < 1 ||
                              options.after > kMostRevision)) {
    return InvalidField("page_token", "is not the next_page_token of a page of this listing");
  }
  return options;
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchResponse>* EventService::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  const auto open = [&]() -> absl::StatusOr<Stream::Open> {
    L2TP_ASSIGN_OR_RETURN(events::WatchOptions options, FromProto(*request));
    // Without this service: the call may be over, and the service gone, before the loop comes to
    // it.
    return [controller = controller_, options = std::move(options)](
               std::function<void()> on_ready) -> absl::StatusOr<Stream::Source> {
      L2TP_ASSIGN_OR_RETURN(auto subscription, controller->Watch(options, std::move(on_ready)));
      return std::make_unique<WatchSource>(std::move(subscription));
    };
  };
  return streams_.Add(context, *request, open());
}

grpc::ServerUnaryReactor* EventService::ListEvents(grpc::CallbackServerContext* context,
                                                   const v1::ListEventsRequest* request,
                                                   v1::ListEventsResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseEventPage(*request, run_),
                   [this, request, response](events::ListOptions& options, Reply reply) {
                     const events::EventPage page = controller_->ListEvents(options);
                     for (const auto& event : page.events) ToProto(*event, response->add_events());
                     response->set_oldest_revision(page.oldest_revision);
                     if (page.more) {
                       response->set_next_page_token(MakePageToken(
                           absl::StrCat(page.events.back()->revision), EventScope(*request, run_)));
                     }
                     reply(absl::OkStatus());
                   });
}

}  // namespace l2tp::api
