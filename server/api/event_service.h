// Events over gRPC.

#ifndef L2TP_SERVER_API_EVENT_SERVICE_H_
#define L2TP_SERVER_API_EVENT_SERVICE_H_

#include <string>

#include "absl/status/status.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "server/api/past_events.h"
#include "server/api/response_stream.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"

namespace l2tp::api {

class EventService final : public v1::EventService::CallbackService {
 public:
  // Not owned: both must outlive this; `history` may be nullptr.
  EventService(control::Controller* controller, history::EventHistory* history,
               const StreamEnvironment& environment)
      : controller_(controller),
        calls_(environment.calls),
        past_(controller, history),
        run_(RunText(past_.run())),
        streams_(environment) {}

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override;

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;

  // Ends all streams with `status`, also those that are asked for later. Any thread.
  void Stop(const absl::Status& status) { streams_.Stop(status); }

 private:
  control::Controller* const controller_;
  const CallEnvironment calls_;
  PastEvents past_;        // loop thread
  const std::string run_;  // another one in every run of the daemon
  OpenStreams<v1::WatchResponse> streams_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_EVENT_SERVICE_H_
