// Captures of control messages over gRPC.

#ifndef L2TP_SERVER_API_CAPTURE_SERVICE_H_
#define L2TP_SERVER_API_CAPTURE_SERVICE_H_

#include "absl/status/status.h"
#include "l2tp/v1/capture.grpc.pb.h"
#include "server/api/response_stream.h"
#include "server/control/controller.h"

namespace l2tp::api {

class CaptureService final : public v1::CaptureService::CallbackService {
 public:
  // Not owned: `controller` must outlive this.
  CaptureService(control::Controller* controller, const StreamEnvironment& environment)
      : controller_(controller), streams_(environment) {}

  grpc::ServerWriteReactor<v1::CaptureResponse>* Capture(
      grpc::CallbackServerContext* context, const v1::CaptureRequest* request) override;

  // Ends all streams with `status`, also those that are asked for later. Any thread.
  void Stop(const absl::Status& status) { streams_.Stop(status); }

 private:
  control::Controller* const controller_;
  OpenStreams<v1::CaptureResponse> streams_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CAPTURE_SERVICE_H_
