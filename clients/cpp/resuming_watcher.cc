#include "clients/cpp/resuming_watcher.h"

#include <algorithm>
#include <random>
#include <utility>

#include "clients/cpp/error.h"

namespace l2tp::client {
namespace {

// Errors that say "not this request", however often it is made.
bool IsFinal(const Error& error) {
  switch (error.code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::FAILED_PRECONDITION: return true;
    default: return false;
  }
}

}  // namespace

ResumingWatcher::ResumingWatcher(std::shared_ptr<grpc::Channel> channel, Options options)
    : stub_(v1::EventService::NewStub(std::move(channel))),
      options_(std::move(options)),
      backoff_(options_.first_backoff, options_.most_backoff, std::random_device{}()) {}

ResumingWatcher::~ResumingWatcher() {
  Cancel();
  if (stream_ != nullptr) stream_->Finish();
}

std::optional<ResumingWatcher::Item> ResumingWatcher::Next() {
  while (true) {
    if (stream_ == nullptr && !Open()) return std::nullopt;
    Item item;
    if (stream_->Read(&item.response)) {
      received_ = true;
      backoff_.Reset();
      // In the middle of an initial state there is no token, and only another one helps.
      const bool initial = item.response.has_initial_state();
      options_.request.set_resume_token(item.response.resume_token());
      options_.request.set_include_initial_state(initial);
      item.restarted = std::exchange(restarted_, false);
      return item;
    }
    const grpc::Status ended = stream_->Finish();
    stream_.reset();
    if (!Recover(ended)) return std::nullopt;
  }
}

bool ResumingWatcher::Open() {
  std::lock_guard lock(mutex_);
  if (cancelled_) {
    status_ = grpc::Status(grpc::StatusCode::CANCELLED, "cancelled");
    return false;
  }
  context_ = std::make_unique<grpc::ClientContext>();
  if (options_.deadline.has_value()) context_->set_deadline(*options_.deadline);
  stream_ = stub_->Watch(context_.get(), options_.request);
  return true;
}

bool ResumingWatcher::Recover(const grpc::Status& ended) {
  const Error error = DecodeError(ended);
  const bool out_of_time =
      options_.deadline.has_value() && std::chrono::system_clock::now() >= *options_.deadline;
  if (out_of_time || IsFinal(error) || (!received_ && !options_.insist)) {
    status_ =
        out_of_time ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "no more time") : ended;
    return false;
  }
  if (error.reason == "RESUME_TOKEN_EXPIRED") {
    options_.request.clear_resume_token();
    options_.request.set_include_initial_state(true);
    restarted_ = true;
    return true;  // at once: the daemon is there
  }
  if (received_ && options_.request.include_initial_state()) restarted_ = true;
  if (error.reason == "WATCH_TOO_SLOW" && !error.Metadata("resume_token").empty()) {
    options_.request.set_resume_token(error.Metadata("resume_token"));
  }
  Sleep(backoff_.Next());
  return true;  // Open() notices a cancellation
}

void ResumingWatcher::Sleep(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  auto until = std::chrono::system_clock::now() + duration;
  if (options_.deadline.has_value()) until = std::min(until, *options_.deadline);
  cancelled_changed_.wait_until(lock, until, [this] { return cancelled_; });
}

void ResumingWatcher::Cancel() {
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  cancelled_changed_.notify_all();
}

}  // namespace l2tp::client
