#include "server/api/event_service.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/fingerprint.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/past_events.h"
#include "server/api/to_proto.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/events/subscription.h"

namespace l2tp::api {
namespace {

using Stream = ResponseStream<v1::WatchResponse>;

class WatchSource final : public ResponseSource<v1::WatchResponse> {
 public:
  WatchSource(std::shared_ptr<events::Subscription> subscription, std::string run)
      : subscription_(std::move(subscription)), run_(std::move(run)) {}

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
    if (response->has_event()) response->mutable_event()->set_run(run_);
    response->set_resume_token(subscription_->resume_token());
    return true;
  }

 private:
  const std::shared_ptr<events::Subscription> subscription_;
  const std::string run_;
  bool greeted_ = false;
};

// What page tokens are good for: the same request to the same run of the daemon, whose name is
// `run`.
std::string EventScope(v1::ListEventsRequest request, absl::string_view run) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat("events ", run, " ", Fingerprint(request));
}

struct EventListing {
  events::ListOptions options;
  std::optional<history::Position> after;
};

absl::StatusOr<EventListing> ParseEventPage(const v1::ListEventsRequest& request,
                                            absl::string_view run) {
  EventListing listing;
  L2TP_ASSIGN_OR_RETURN(listing.options, FromProto(request));
  L2TP_ASSIGN_OR_RETURN(
      const control::PageRequest page,
      ParsePage(request.page_size(), request.page_token(), EventScope(request, run)));
  listing.options.size = page.size;
  if (page.after.empty()) return listing;
  listing.after = ParsePosition(page.after);
  if (!listing.after.has_value()) {
    return InvalidField("page_token", "is not the next_page_token of a page of this listing");
  }
  return listing;
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchResponse>* EventService::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  const auto open = [&]() -> absl::StatusOr<Stream::Open> {
    L2TP_ASSIGN_OR_RETURN(events::WatchOptions options, FromProto(*request));
    // Without this service: the call may be over, and the service gone, before the loop comes to
    // it.
    return [controller = controller_, options = std::move(options),
            run = run_](std::function<void()> on_ready) -> absl::StatusOr<Stream::Source> {
      L2TP_ASSIGN_OR_RETURN(auto subscription, controller->Watch(options, std::move(on_ready)));
      return std::make_unique<WatchSource>(std::move(subscription), run);
    };
  };
  return streams_.Add(context, *request, open());
}

grpc::ServerUnaryReactor* EventService::ListEvents(grpc::CallbackServerContext* context,
                                                   const v1::ListEventsRequest* request,
                                                   v1::ListEventsResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseEventPage(*request, run_),
                   [this, request, response](EventListing& listing, Reply reply) {
                     past_.List(std::move(listing.options), listing.after,
                                EventScope(*request, run_), response, std::move(reply));
                   });
}

}  // namespace l2tp::api
