#include "server/api/capture_service.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/api/from_proto.h"
#include "server/api/to_proto.h"
#include "server/base/status_macros.h"
#include "server/control/capture.h"

namespace l2tp::api {
namespace {

using Stream = ResponseStream<v1::CaptureResponse>;

class CaptureSource final : public ResponseSource<v1::CaptureResponse> {
 public:
  explicit CaptureSource(std::shared_ptr<control::Capture> capture)
      : capture_(std::move(capture)) {}

  absl::Status status() const override { return capture_->status(); }
  bool empty() const override { return capture_->empty(); }
  void Cancel() override { capture_->Cancel(); }

  bool Next(v1::CaptureResponse* response) override {
    // The first response says that the capture has begun.
    if (!std::exchange(greeted_, true)) return true;
    const std::optional<control::CapturedMessage> message = capture_->Pop();
    if (!message.has_value()) return false;
    ToProto(*message, response);
    return true;
  }

 private:
  const std::shared_ptr<control::Capture> capture_;
  bool greeted_ = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::CaptureResponse>* CaptureService::Capture(
    grpc::CallbackServerContext* context, const v1::CaptureRequest* request) {
  const auto open = [&]() -> absl::StatusOr<Stream::Open> {
    L2TP_ASSIGN_OR_RETURN(control::CaptureFilter filter, FromProto(*request));
    // Without this service, as in EventService.
    return [controller = controller_, filter = std::move(filter)](
               std::function<void()> on_ready) mutable -> absl::StatusOr<Stream::Source> {
      L2TP_ASSIGN_OR_RETURN(auto capture,
                            controller->StartCapture(std::move(filter), std::move(on_ready)));
      return std::make_unique<CaptureSource>(std::move(capture));
    };
  };
  return streams_.Add(context, *request, open());
}

}  // namespace l2tp::api
