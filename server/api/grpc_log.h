// What gRPC has to say.

#ifndef L2TP_SERVER_API_GRPC_LOG_H_
#define L2TP_SERVER_API_GRPC_LOG_H_

namespace l2tp::api {

// From here on gRPC's messages, such as about certificates that are no good, go to our log, so many
// in so much time: whoever reaches a TCP port can cause them. Of the whole process; call before
// gRPC is used.
void TakeOverGrpcLog();

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_GRPC_LOG_H_
