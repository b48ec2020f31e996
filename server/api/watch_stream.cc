#include "server/api/watch_stream.h"

#include <optional>
#include <utility>

#include "server/api/status.h"
#include "server/api/to_proto.h"
#include "server/base/error.h"

namespace l2tp::api {

WatchStream::WatchStream(const Environment& environment, grpc::CallbackServerContext* context,
                         absl::AnyInvocable<void(WatchStream*)> on_done)
    : environment_(environment), context_(context), on_done_(std::move(on_done)) {}

void WatchStream::Start(absl::StatusOr<events::WatchOptions> options) {
  if (!options.ok()) return Stop(options.status());
  const bool posted = environment_.executor->Post(
      [self = shared_from_this(), options = *std::move(options)] { self->Subscribe(options); });
  if (!posted) {
    Stop(MakeError(Reason::kOverloaded, "too many calls are waiting; nothing was done"));
  }
}

void WatchStream::Subscribe(const events::WatchOptions& options) {
  // The subscription holds the callback and the stream holds the subscription: no strong reference.
  auto pump = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Pump();
  };
  auto subscription = environment_.controller->Watch(
      options, [worker = environment_.worker, pump] { worker->Post(pump); });
  if (!subscription.ok()) return Stop(subscription.status());
  {
    std::lock_guard lock(mutex_);
    if (finished_) {
      (*subscription)->Cancel();
      return;
    }
    subscription_ = *std::move(subscription);
  }
  environment_.worker->Post(pump);
}

void WatchStream::Pump() {
  std::lock_guard lock(mutex_);
  if (finished_ || subscription_ == nullptr) return;
  // Taken before Pop(): once it is an error nothing is added any more.
  const absl::Status status = subscription_->status();
  // A client that does not read keeps a write outstanding for ever, so this must not wait for it.
  if (!status.ok() && subscription_->empty()) return FinishLocked(status);
  if (writing_) return;
  if (const std::optional<events::Item> item = subscription_->Pop()) {
    Write(*item);
  } else if (!greeted_) {
    Write(events::Bookmark{subscription_->last_revision().value_or(0)});
  }
}

void WatchStream::Write(const events::Item& item) {
  response_.Clear();
  ToProto(item, &response_);
  response_.set_resume_token(subscription_->resume_token());
  greeted_ = true;
  writing_ = true;
  StartWrite(&response_);
}

void WatchStream::OnWriteDone(bool ok) {
  {
    std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok && !finished_) return FinishLocked(absl::CancelledError("the client went away"));
  }
  Pump();
}

void WatchStream::OnCancel() { Stop(absl::CancelledError("the client went away")); }

void WatchStream::Stop(const absl::Status& status) {
  std::lock_guard lock(mutex_);
  if (!finished_) FinishLocked(status);
}

void WatchStream::FinishLocked(const absl::Status& status) {
  finished_ = true;
  if (subscription_ != nullptr) subscription_->Cancel();
  Finish(ToGrpcStatus(status));
  environment_.worker->PostAfter(environment_.grace, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->GiveUp();
  });
}

void WatchStream::GiveUp() {
  std::lock_guard lock(mutex_);
  if (!done_) context_->TryCancel();
}

void WatchStream::OnDone() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  auto on_done = std::move(on_done_);  // it may destroy this
  on_done(this);
}

}  // namespace l2tp::api
