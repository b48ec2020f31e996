#include "server/api/caller_server.h"

#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_posix.h"

namespace l2tp::api {
namespace {

constexpr int kMaxReflectionThreads = 8;
constexpr size_t kMaxOctets = size_t{256} << 20;  // of what was received and not taken

// Before the first server is built, for all of them.
void AddHealthAndReflection() {
  static const bool once = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)once;
}

void SetLimits(const ConnectionLimits& limits, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(limits.max_message_size);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                              static_cast<int>(limits.keepalive_interval.milliseconds()));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              static_cast<int>(limits.keepalive_timeout.milliseconds()));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Clients may ping as often as every 5 s; gRPC's default takes that for an attack.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  // Whoever connects and says nothing is sent away sooner than after gRPC's two minutes.
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // A second daemon must not share our TCP port.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Only reflection has threads of its own, one a call that is under way; what callers send is held
  // in memory before anybody looks at it. Each server has its own share of both, so that none can
  // take another's.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(kMaxReflectionThreads);
  quota.Resize(kMaxOctets);
  builder->SetResourceQuota(quota);
}

}  // namespace

CallerServer::CallerServer(const Backend& backend, Access::CallerOf caller_of)
    : limits_(backend.limits),
      access_(std::move(caller_of), backend.audit),
      calls_{backend.executor, &access_, backend.request_ids},
      streams_{calls_, backend.worker, backend.watch_grace},
      tunnels_(backend.controller, calls_),
      sessions_(backend.controller, calls_),
      profiles_(backend.controller, calls_),
      pools_(backend.controller, calls_),
      users_(backend.controller, calls_),
      peers_(backend.controller, calls_),
      system_(backend.controller, calls_),
      events_(backend.controller, backend.history, streams_),
      captures_(backend.controller, streams_) {}

absl::Status CallerServer::Start(const std::vector<Listening>& addresses, std::vector<int>* ports) {
  AddHealthAndReflection();
  grpc::ServerBuilder builder;
  ports->assign(addresses.size(), 0);
  for (size_t i = 0; i < addresses.size(); ++i) {
    builder.AddListeningPort(addresses[i].first, addresses[i].second, &(*ports)[i]);
  }
  SetLimits(limits_, &builder);
  for (grpc::Service* service : Services()) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::UnavailableError("gRPC does not start");
  SetServing(false);
  return absl::OkStatus();
}

void CallerServer::Take(int connection) {
  grpc::AddInsecureChannelFromFd(server_.get(), connection);
}

void CallerServer::SetServing(bool serving) {
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

void CallerServer::StopStreams(const absl::Status& status) {
  events_.Stop(status);
  captures_.Stop(status);
}

void CallerServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (server_ == nullptr) return;
  server_->Shutdown(deadline);
  server_->Wait();
  server_.reset();
}

std::vector<grpc::Service*> CallerServer::Services() {
  return {&tunnels_, &sessions_, &profiles_, &pools_,   &users_,
          &peers_,   &system_,   &events_,   &captures_};
}

}  // namespace l2tp::api
