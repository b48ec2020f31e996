#include "server/api/server.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/api/capture_service.h"
#include "server/api/event_service.h"
#include "server/api/peer_service.h"
#include "server/api/pool_service.h"
#include "server/api/profile_service.h"
#include "server/api/request_ids.h"
#include "server/api/session_service.h"
#include "server/api/system_service.h"
#include "server/api/tunnel_service.h"
#include "server/api/unix_socket.h"
#include "server/api/user_service.h"
#include "server/api/worker_thread.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::api {
namespace {

constexpr char kUnixPrefix[] = "unix:";

// "unix:/x" and "unix:///x" are the same to gRPC.
absl::string_view UnixPath(absl::string_view address) {
  absl::ConsumePrefix(&address, kUnixPrefix);
  if (absl::StartsWith(address, "///")) address.remove_prefix(2);
  return address;
}

// Bits for umask() that leave `mode` of a socket, which is made with 0777.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mode) : previous_(::umask(~mode & 0777)) {}
  ~ScopedUmask() { ::umask(previous_); }

 private:
  const mode_t previous_;
};

std::chrono::milliseconds ToChrono(Duration duration) {
  return std::chrono::milliseconds(duration.milliseconds());
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, control::Controller* controller, Executor* executor)
      : options_(std::move(options)),
        tunnels_(controller, executor, &request_ids_),
        sessions_(controller, executor, &request_ids_),
        profiles_(controller, executor, &request_ids_),
        pools_(controller, executor, &request_ids_),
        users_(controller, executor, &request_ids_),
        peers_(controller, executor, &request_ids_),
        system_(controller, executor),
        streams_{executor, &worker_, ToChrono(options_.watch_grace)},
        events_(controller, streams_),
        captures_(controller, streams_) {}

  absl::Status Start() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    std::vector<int> ports(options_.listen_addresses.size());
    for (size_t i = 0; i < ports.size(); ++i) {
      const std::string& address = options_.listen_addresses[i];
      if (absl::StartsWith(address, kUnixPrefix)) {
        L2TP_RETURN_IF_ERROR(PrepareUnixSocket(std::string(UnixPath(address))));
      }
      builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &ports[i]);
    }
    SetLimits(&builder);
    for (grpc::Service* service : Services()) builder.RegisterService(service);
    {
      // From the first moment nobody may connect who may not later.
      const ScopedUmask mask(options_.socket_mode);
      server_ = builder.BuildAndStart();
    }
    L2TP_RETURN_IF_ERROR(CheckPorts(ports));
    SetServing(false);
    for (const std::string& address : options_.listen_addresses) {
      if (options_.socket_group.empty() || !absl::StartsWith(address, kUnixPrefix)) continue;
      L2TP_RETURN_IF_ERROR(SetSocketGroup(std::string(UnixPath(address)), options_.socket_group));
    }
    return absl::OkStatus();
  }

  void SetServing(bool serving) {
    if (server_ == nullptr) return;
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    for (const char* name :
         {v1::TunnelService::service_full_name(), v1::SessionService::service_full_name(),
          v1::ProfileService::service_full_name(), v1::PoolService::service_full_name(),
          v1::UserService::service_full_name(), v1::PeerService::service_full_name(),
          v1::SystemService::service_full_name(), v1::EventService::service_full_name(),
          v1::CaptureService::service_full_name(), ""}) {
      health->SetServingStatus(name, serving);
    }
  }

  void Shutdown(Duration patience) {
    if (server_ == nullptr) return;
    SetServing(false);
    const absl::Status stopped = MakeError(Reason::kShuttingDown, "the daemon is being stopped");
    events_.Stop(stopped);
    captures_.Stop(stopped);
    server_->Shutdown(std::chrono::system_clock::now() + ToChrono(patience));
    server_->Wait();
    server_.reset();
  }

  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  std::vector<grpc::Service*> Services() {
    return {&tunnels_, &sessions_, &profiles_, &pools_,   &users_,
            &peers_,   &system_,   &events_,   &captures_};
  }

  void SetLimits(grpc::ServerBuilder* builder) const {
    builder->SetMaxReceiveMessageSize(options_.max_message_size);
    builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.max_concurrent_streams);
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                                static_cast<int>(options_.keepalive_interval.milliseconds()));
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                                static_cast<int>(options_.keepalive_timeout.milliseconds()));
    builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // Clients may ping as often as every 5 s; gRPC's default takes that for an attack.
    builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
    // A second daemon must not share our TCP port.
    builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  }

  absl::Status CheckPorts(const std::vector<int>& ports) {
    addresses_.clear();
    for (size_t i = 0; i < ports.size(); ++i) {
      const std::string& address = options_.listen_addresses[i];
      if (server_ == nullptr || ports[i] == 0) {
        server_.reset();
        return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
      }
      const bool is_unix = absl::StartsWith(address, kUnixPrefix);
      addresses_.push_back(
          is_unix ? address : absl::StrCat(address.substr(0, address.rfind(':') + 1), ports[i]));
    }
    return absl::OkStatus();
  }

  const ServerOptions options_;
  WorkerThread worker_;
  RequestIds request_ids_;
  TunnelService tunnels_;
  SessionService sessions_;
  ProfileService profiles_;
  PoolService pools_;
  UserService users_;
  PeerService peers_;
  SystemService system_;
  const StreamEnvironment streams_;
  EventService events_;
  CaptureService captures_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::string> addresses_;
};

Server::Server(ServerOptions options, control::Controller* controller, Executor* executor)
    : impl_(std::make_unique<Impl>(std::move(options), controller, executor)) {}

Server::~Server() { impl_->Shutdown(Duration()); }

absl::Status Server::Start() { return impl_->Start(); }

void Server::SetServing(bool serving) { impl_->SetServing(serving); }

void Server::Shutdown(Duration patience) { impl_->Shutdown(patience); }

const std::vector<std::string>& Server::addresses() const { return impl_->addresses(); }

}  // namespace l2tp::api
