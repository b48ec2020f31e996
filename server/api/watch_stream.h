// One Watch call.

#ifndef L2TP_SERVER_API_WATCH_STREAM_H_
#define L2TP_SERVER_API_WATCH_STREAM_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "l2tp/v1/event.pb.h"
#include "server/api/executor.h"
#include "server/api/worker_thread.h"
#include "server/control/controller.h"
#include "server/events/event_log.h"

namespace l2tp::api {

// Takes items out of its subscription and writes them, one at a time:
//
//   loop thread       Controller::Watch -> Subscription; on_ready -> worker
//   worker thread     Pump(): Pop, convert, StartWrite
//   gRPC threads      OnWriteDone -> Pump(); OnCancel; OnDone
//
// Finishes exactly once: when the subscription has ended, when the client goes away, or on Stop().
// A client that does not read never sees the end; after `grace` the call is torn down.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchResponse>,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  // Not owned: all must outlive the stream.
  struct Environment {
    control::Controller* controller = nullptr;
    Executor* executor = nullptr;
    WorkerThread* worker = nullptr;
    std::chrono::milliseconds grace{10'000};
  };

  // `on_done` is called with this stream when gRPC is done with it; it may be destroyed then.
  WatchStream(const Environment& environment, grpc::CallbackServerContext* context,
              absl::AnyInvocable<void(WatchStream*)> on_done);

  // Subscribes, or finishes with the error that `options` is.
  void Start(absl::StatusOr<events::WatchOptions> options);

  // Ends the stream with `status`. Any thread.
  void Stop(const absl::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Loop thread.
  void Subscribe(const events::WatchOptions& options);
  // Writes the next item, if there is one and nothing is being written.
  void Pump();
  void Write(const events::Item& item);
  void FinishLocked(const absl::Status& status);
  // The client had its time to read the end.
  void GiveUp();

  const Environment environment_;
  grpc::CallbackServerContext* const context_;
  absl::AnyInvocable<void(WatchStream*)> on_done_;

  std::mutex mutex_;  // guards all below
  std::shared_ptr<events::Subscription> subscription_;
  v1::WatchResponse response_;  // lives until OnWriteDone
  bool greeted_ = false;        // the first response has been written
  bool writing_ = false;
  bool finished_ = false;
  bool done_ = false;  // context_ is gone
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_WATCH_STREAM_H_
