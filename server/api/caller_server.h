// All services for callers that are told apart in one way.

#ifndef L2TP_SERVER_API_CALLER_SERVER_H_
#define L2TP_SERVER_API_CALLER_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/api/access.h"
#include "server/api/capture_service.h"
#include "server/api/event_service.h"
#include "server/api/peer_service.h"
#include "server/api/pool_service.h"
#include "server/api/profile_service.h"
#include "server/api/request_ids.h"
#include "server/api/response_stream.h"
#include "server/api/session_service.h"
#include "server/api/system_service.h"
#include "server/api/tunnel_service.h"
#include "server/api/user_service.h"
#include "server/base/time.h"
#include "server/control/controller.h"
#include "server/history/event_history.h"

namespace l2tp::api {

// Of one connection, each.
struct ConnectionLimits {
  int max_message_size = 1 << 20;                       // octets of one request
  int max_concurrent_streams = 1000;                    // calls under way
  Duration keepalive_interval = Duration::Seconds(30);  // quiet time before a ping
  Duration keepalive_timeout = Duration::Seconds(20);   // then the connection is dead
};

// What the services are made for. Not owned: all must outlive them.
struct Backend {
  control::Controller* controller = nullptr;
  Executor* executor = nullptr;
  WorkerThread* worker = nullptr;
  std::chrono::milliseconds watch_grace{10'000};
  ConnectionLimits limits;
  AuditLog audit;
  RequestIds* request_ids = nullptr;
  history::EventHistory* history = nullptr;  // nullptr: none
};

// A grpc::Server with an own set of the services, health and reflection. Which server a call
// arrives at says who makes it where gRPC does not: see UnixServers.
class CallerServer {
 public:
  CallerServer(const Backend& backend, Access::CallerOf caller_of);
  ~CallerServer() { Shutdown(std::chrono::system_clock::now()); }

  // "ADDRESS:PORT" and how callers prove who they are.
  using Listening = std::pair<std::string, std::shared_ptr<grpc::ServerCredentials>>;
  // Serves, on no address at all if there is none here; `ports` are those it got, 0 for one that
  // cannot be had. UNAVAILABLE when gRPC does not start.
  absl::Status Start(const std::vector<Listening>& addresses, std::vector<int>* ports);

  // A connection that somebody else has accepted; takes over a non-blocking descriptor.
  void Take(int connection);

  // What health says.
  void SetServing(bool serving);
  // Ends streams with `status`, also those that are asked for later.
  void StopStreams(const absl::Status& status);
  // Refuses new calls, and cancels those under way at the deadline. Blocks until all have been
  // answered.
  void Shutdown(std::chrono::system_clock::time_point deadline);

  // Whether no call is under way.
  bool idle() const { return access_.calls() == 0; }

 private:
  std::vector<grpc::Service*> Services();

  const ConnectionLimits limits_;
  Access access_;
  const CallEnvironment calls_;
  const StreamEnvironment streams_;
  TunnelService tunnels_;
  SessionService sessions_;
  ProfileService profiles_;
  PoolService pools_;
  UserService users_;
  PeerService peers_;
  SystemService system_;
  EventService events_;
  CaptureService captures_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_CALLER_SERVER_H_
