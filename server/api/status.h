// Errors as gRPC tells them. The only place that knows about gRPC codes.

#ifndef L2TP_SERVER_API_STATUS_H_
#define L2TP_SERVER_API_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace l2tp::api {

// ErrorInfo.domain of every error.
inline constexpr char kErrorDomain[] = "l2tp-controller";

// The same code and message; the reason and metadata of MakeError() become an ErrorInfo in
// grpc-status-details-bin, as proto/l2tp/v1/error.proto describes.
grpc::Status ToGrpcStatus(const absl::Status& status);

// `status` with its metadata "field", if it has one, put below `parent`: the field "ppp.mtu" of the
// resource is the field "profile.ppp.mtu" of the request. Other errors stay as they are.
absl::Status UnderField(absl::string_view parent, const absl::Status& status);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_STATUS_H_
