// Waiting for a tunnel or session to come up.

#ifndef L2TP_CLIENTS_CPP_WAIT_H_
#define L2TP_CLIENTS_CPP_WAIT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"

namespace l2tp::client {

// What came of waiting.
enum class Outcome {
  kReady,
  kClosed,    // closing or gone (of a persistent session: deleted); its cause says why
  kTimedOut,  // it may still come up
  kFailed,    // the daemon cannot be asked; see status
};

template <typename Resource>
struct WaitResult {
  Outcome outcome = Outcome::kFailed;
  Resource resource;    // as last seen; empty when it was never seen
  grpc::Status status;  // with kFailed
};

struct WaitOptions {
  // Where to begin, from CurrentToken() called before the resource was created: not even a tunnel
  // that fails at once is missed. Empty: with the present state; a resource that is not there is
  // then kClosed without a cause.
  std::string resume_token;
  std::chrono::system_clock::time_point deadline;
  // Told of each event of the resource, if set.
  std::function<void(const v1::Event&)> on_event;
  // Of a session that is being restarted: what is told before it is placed again is its last call.
  bool restarted = false;
};

// A token for "from now on".
grpc::Status CurrentToken(const std::shared_ptr<grpc::Channel>& channel,
                          std::chrono::system_clock::time_point deadline, std::string* token);

// Until the tunnel is established.
WaitResult<v1::Tunnel> WaitForTunnel(const std::shared_ptr<grpc::Channel>& channel,
                                     const std::string& name, const WaitOptions& options);

// Until PPP has an address, IPv4 or IPv6.
WaitResult<v1::Session> WaitForSession(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::string& name, const WaitOptions& options);

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_WAIT_H_
