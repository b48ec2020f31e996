// Calls that the server answers with a stream.

#ifndef L2TP_SERVER_API_RESPONSE_STREAM_H_
#define L2TP_SERVER_API_RESPONSE_STREAM_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/api/call_environment.h"
#include "server/api/status.h"
#include "server/api/worker_thread.h"
#include "server/base/error.h"

namespace l2tp::api {

// Where the responses of one stream come from: a bounded queue that the loop thread fills. The
// other methods are called on any thread, one at a time.
template <typename Response>
class ResponseSource {
 public:
  virtual ~ResponseSource() = default;
  // OK while more may come. Once it is an error nothing is added.
  virtual absl::Status status() const = 0;
  virtual bool empty() const = 0;
  // Fills in an empty response; false when none is waiting.
  virtual bool Next(Response* response) = 0;
  // Nobody reads any more.
  virtual void Cancel() = 0;
};

// What streams need of the daemon. Not owned: all must outlive the streams.
struct StreamEnvironment {
  CallEnvironment calls;
  WorkerThread* worker = nullptr;
  std::chrono::milliseconds grace{10'000};
};

// One call. Takes responses out of its source and writes them, one at a time:
//
//   loop thread       the source is opened; on_ready -> worker
//   worker thread     Pump(): Next, StartWrite
//   gRPC threads      OnWriteDone -> Pump(); OnCancel; OnDone
//
// Finishes exactly once: when the source has ended, when the client goes away, or on End() or
// Stop(). A client that does not read never sees the end; after `grace` the call is torn down.
template <typename Response>
class ResponseStream final : public grpc::ServerWriteReactor<Response>,
                             public std::enable_shared_from_this<ResponseStream<Response>> {
 public:
  using Source = std::unique_ptr<ResponseSource<Response>>;
  // Runs on the loop thread. `on_ready` may be called on any thread, whenever something is to be
  // read or the source has ended.
  using Open = absl::AnyInvocable<absl::StatusOr<Source>(std::function<void()> on_ready)>;

  // `call` is none when it has been refused. `on_done` is called with this stream when gRPC is done
  // with it; it may be destroyed then.
  ResponseStream(const StreamEnvironment& environment, grpc::CallbackServerContext* context,
                 std::optional<AdmittedCall> call,
                 absl::AnyInvocable<void(ResponseStream*)> on_done)
      : environment_(environment),
        context_(context),
        on_done_(std::move(on_done)),
        call_(std::move(call)) {}

  // Opens the source, or finishes with the error that came instead of it.
  void Start(Open open) {
    const bool posted = environment_.calls.executor->Post(
        [self = this->shared_from_this(), open = std::move(open)]() mutable {
          self->OpenSource(std::move(open));
        });
    if (!posted) {
      Stop(MakeError(Reason::kOverloaded, "too many calls are waiting; nothing was done"));
    }
  }

  // Ends the stream with `status` once what waits in its source has been written. Any thread.
  void End(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (finished_) return;
      if (source_ == nullptr) return FinishLocked(status);
      end_ = status;
    }
    // Whoever does not read keeps a write outstanding for ever.
    environment_.worker->PostAfter(environment_.grace, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->GiveUp();
    });
    Pump();
  }

  // Ends the stream with `status`, at once. Any thread.
  void Stop(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (!finished_) FinishLocked(status);
  }

  void OnWriteDone(bool ok) override {
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      if (!ok && !finished_) return FinishLocked(absl::CancelledError("the client went away"));
    }
    Pump();
  }

  void OnCancel() override { Stop(absl::CancelledError("the client went away")); }

  void OnDone() override {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    auto on_done = std::move(on_done_);  // it may destroy this
    on_done(this);
  }

 private:
  void OpenSource(Open open) {
    {
      std::lock_guard lock(mutex_);
      if (finished_) return;
    }
    // The source holds the callback and the stream holds the source: no strong reference.
    auto pump = [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->Pump();
    };
    auto source = open([worker = environment_.worker, pump] { worker->Post(pump); });
    if (!source.ok()) return Stop(source.status());
    {
      std::lock_guard lock(mutex_);
      if (finished_) return (*source)->Cancel();
      source_ = *std::move(source);
    }
    environment_.worker->Post(pump);
  }

  // Writes the next response, if there is one and nothing is being written.
  void Pump() {
    std::lock_guard lock(mutex_);
    if (finished_ || source_ == nullptr) return;
    // Taken before Next(): once it is an error nothing is added any more.
    const absl::Status status = source_->status();
    // A client that does not read keeps a write outstanding for ever, so this must not wait for it.
    if (!status.ok() && source_->empty()) return FinishLocked(status);
    if (writing_) return;
    response_.Clear();
    if (!source_->Next(&response_)) {
      if (!end_.ok()) FinishLocked(end_);
      return;
    }
    writing_ = true;
    this->StartWrite(&response_);
  }

  void FinishLocked(const absl::Status& status) {
    finished_ = true;
    if (source_ != nullptr) source_->Cancel();
    if (call_.has_value()) call_->Finish(status);
    this->Finish(ToGrpcStatus(status));
    environment_.worker->PostAfter(environment_.grace, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->GiveUp();
    });
  }

  void GiveUp() {
    std::lock_guard lock(mutex_);
    if (!done_) context_->TryCancel();
  }

  const StreamEnvironment environment_;
  grpc::CallbackServerContext* const context_;
  absl::AnyInvocable<void(ResponseStream*)> on_done_;

  std::mutex mutex_;  // guards all below
  std::optional<AdmittedCall> call_;
  Source source_;
  Response response_;  // lives until OnWriteDone
  absl::Status end_;   // not OK: the stream is to end when its source is empty
  bool writing_ = false;
  bool finished_ = false;
  bool done_ = false;  // context_ is gone
};

// The calls of one method that are under way, each for as long as gRPC uses it.
template <typename Response>
class OpenStreams {
 public:
  using Stream = ResponseStream<Response>;

  explicit OpenStreams(const StreamEnvironment& environment) : environment_(environment) {}

  // A new call. Finishes at once when the caller may not make it, or with the error that `open` is.
  template <typename Request>
  grpc::ServerWriteReactor<Response>* Add(grpc::CallbackServerContext* context,
                                          const Request& request,
                                          absl::StatusOr<typename Stream::Open> open) {
    absl::StatusOr<AdmittedCall> call =
        environment_.calls.access->Admit(*context, request, /*response=*/nullptr);
    absl::Status status = call.ok() ? open.status() : call.status();
    std::optional<AdmittedCall> admitted;
    if (call.ok()) admitted.emplace(*std::move(call));
    auto stream = std::make_shared<Stream>(environment_, context, std::move(admitted),
                                           [this](Stream* done) { Remove(done); });
    {
      std::lock_guard lock(mutex_);
      if (status.ok()) status = stopped_;
      streams_.emplace(stream.get(), stream);
    }
    if (status.ok()) {
      stream->Start(*std::move(open));
    } else {
      stream->Stop(status);
    }
    return stream.get();
  }

  // Ends all streams with `status`, also those that are asked for later. Any thread.
  void Stop(const absl::Status& status) {
    std::vector<std::shared_ptr<Stream>> streams;
    {
      std::lock_guard lock(mutex_);
      stopped_ = status;
      for (const auto& [raw, stream] : streams_) streams.push_back(stream);
    }
    for (const auto& stream : streams) stream->End(status);
  }

 private:
  void Remove(Stream* stream) {
    std::shared_ptr<Stream> last;  // destroyed after the lock is released
    std::lock_guard lock(mutex_);
    auto it = streams_.find(stream);
    last = std::move(it->second);
    streams_.erase(it);
  }

  const StreamEnvironment environment_;
  std::mutex mutex_;
  absl::Status stopped_;                                           // guarded by mutex_
  absl::flat_hash_map<Stream*, std::shared_ptr<Stream>> streams_;  // guarded by mutex_
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_RESPONSE_STREAM_H_
