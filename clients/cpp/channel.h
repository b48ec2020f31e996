// Connections to a daemon.

#ifndef L2TP_CLIENTS_CPP_CHANNEL_H_
#define L2TP_CLIENTS_CPP_CHANNEL_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace l2tp::client {

inline constexpr char kDefaultAddress[] = "unix:/run/l2tp-controller/api.sock";

// A channel to "unix:PATH" or "ADDRESS:PORT". Connects when it is first used, and again whenever
// the connection is lost; pings the daemon so that a dead one is noticed within 40 s.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_CHANNEL_H_
