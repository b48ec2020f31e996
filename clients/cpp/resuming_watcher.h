// Events without a gap, whatever happens to the connection.

#ifndef L2TP_CLIENTS_CPP_RESUMING_WATCHER_H_
#define L2TP_CLIENTS_CPP_RESUMING_WATCHER_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clients/cpp/backoff.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "l2tp/v1/event.grpc.pb.h"

namespace l2tp::client {

// Calls EventService.Watch again whenever it ends, at the place where it ended:
//
//   ResumingWatcher watcher(channel, {.request = request});
//   while (auto item = watcher.Next()) {
//     if (item->restarted) ForgetEverything();
//     Handle(item->response);
//   }
//   Report(watcher.status());
//
// One thread reads; Cancel() may come from any.
class ResumingWatcher {
 public:
  struct Options {
    v1::WatchRequest request;
    // For everything; nullopt: none.
    std::optional<std::chrono::system_clock::time_point> deadline;
    // False: an error before the first response is final, so that a wrong address is told at once.
    bool insist = true;
    std::chrono::milliseconds first_backoff{100};
    std::chrono::milliseconds most_backoff{10'000};
  };
  struct Item {
    v1::WatchResponse response;
    // Events may have been missed: this response begins a new initial state, which says how things
    // are now. Whatever it does not name is gone.
    bool restarted = false;
  };

  ResumingWatcher(std::shared_ptr<grpc::Channel> channel, Options options);
  ~ResumingWatcher();

  // The next response, as soon as there is one. nullopt when it is over: see status().
  std::optional<Item> Next();

  // Why it is over: CANCELLED, DEADLINE_EXCEEDED, or an error that trying again does not cure.
  const grpc::Status& status() const { return status_; }

  // Where another watcher would go on; "" when only an initial state helps.
  const std::string& resume_token() const { return options_.request.resume_token(); }

  // Makes Next() return nullopt, also one that is waiting.
  void Cancel();

 private:
  bool Open();
  // The call has ended with `ended`: arranges for another one, or returns false.
  bool Recover(const grpc::Status& ended);
  // Until then, or until Cancel().
  void Sleep(std::chrono::milliseconds duration);

  std::unique_ptr<v1::EventService::Stub> stub_;
  Options options_;
  Backoff backoff_;
  bool received_ = false;   // anything, ever
  bool restarted_ = false;  // to be told with the next response
  grpc::Status status_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> stream_;

  std::mutex mutex_;
  std::condition_variable cancelled_changed_;
  bool cancelled_ = false;                        // guarded by mutex_
  std::unique_ptr<grpc::ClientContext> context_;  // replaced with mutex_ held
};

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_RESUMING_WATCHER_H_
