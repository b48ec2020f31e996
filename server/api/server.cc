#include "server/api/server.h"

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/security/server_credentials.h"
#include "server/api/callers.h"
#include "server/api/request_ids.h"
#include "server/api/unix_listener.h"
#include "server/api/worker_thread.h"
#include "server/base/endpoint.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace l2tp::api {
namespace {

constexpr char kUnixPrefix[] = "unix:";

bool IsUnix(absl::string_view address) { return absl::StartsWith(address, kUnixPrefix); }

// "unix:/x" and "unix:///x" are the same to gRPC's clients.
std::string UnixPath(absl::string_view address) {
  absl::ConsumePrefix(&address, kUnixPrefix);
  if (absl::StartsWith(address, "///")) address.remove_prefix(2);
  return std::string(address);
}

// "127.0.0.1:50051", "[::1]:50051"; false for names.
bool IsLoopback(absl::string_view address) {
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const auto parsed = IpAddress::Parse(host);
  return parsed.has_value() && parsed->is_loopback();
}

std::chrono::milliseconds ToChrono(Duration duration) {
  return std::chrono::milliseconds(duration.milliseconds());
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, control::Controller* controller, Executor* executor)
      : options_(std::move(options)),
        backend_{controller,
                 executor,
                 &worker_,
                 ToChrono(options_.watch_grace),
                 options_.connection_limits,
                 options_.audit,
                 &request_ids_,
                 options_.history} {}

  absl::Status Start() {
    L2TP_ASSIGN_OR_RETURN(
        callers_, Callers::Make(options_.roles, options_.socket_group, options_.anonymous_role));
    absl::Status status = Listen();
    if (!status.ok()) Shutdown(Duration());
    return status;
  }

  void SetServing(bool serving) {
    if (network_ != nullptr) network_->SetServing(serving);
    if (unix_ != nullptr) unix_->SetServing(serving);
  }

  void Shutdown(Duration patience) {
    SetServing(false);
    // Before the connections, so that none comes in any more.
    if (listener_ != nullptr) listener_->Stop();
    const absl::Status stopped = MakeError(Reason::kShuttingDown, "the daemon is being stopped");
    if (network_ != nullptr) network_->StopStreams(stopped);
    if (unix_ != nullptr) unix_->StopStreams(stopped);
    const auto deadline = std::chrono::system_clock::now() + ToChrono(patience);
    if (network_ != nullptr) network_->Shutdown(deadline);
    if (unix_ != nullptr) unix_->Shutdown(deadline);
    listener_.reset();
    network_.reset();
    unix_.reset();
  }

  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  absl::Status Listen() {
    addresses_ = options_.listen_addresses;
    L2TP_RETURN_IF_ERROR(ListenOnUnixSockets());
    L2TP_RETURN_IF_ERROR(ListenOnTcp());
    if (listener_ != nullptr) L2TP_RETURN_IF_ERROR(listener_->Start());
    return absl::OkStatus();
  }

  absl::Status ListenOnUnixSockets() {
    for (const std::string& address : options_.listen_addresses) {
      if (!IsUnix(address)) continue;
      if (listener_ == nullptr) {
        unix_ = std::make_unique<UnixServers>(backend_, &callers_, options_.unix_limits);
        listener_ = std::make_unique<UnixListener>(
            [this](UniqueFd connection, const PeerCredentials& peer) {
              return unix_->Add(std::move(connection), peer);
            });
      }
      L2TP_RETURN_IF_ERROR(
          listener_->Listen(UnixPath(address), options_.socket_mode, options_.socket_group));
    }
    return absl::OkStatus();
  }

  absl::Status ListenOnTcp() {
    std::vector<CallerServer::Listening> listening;
    std::shared_ptr<grpc::ServerCredentials> tls;
    for (const std::string& address : options_.listen_addresses) {
      if (IsUnix(address)) continue;
      if (options_.plaintext_loopback && IsLoopback(address)) {
        listening.emplace_back(address, grpc::InsecureServerCredentials());
        continue;
      }
      if (!options_.tls.has_value()) {
        return absl::FailedPreconditionError(
            absl::StrCat(address, ": TCP without TLS is for loopback addresses only, if allowed"));
      }
      if (tls == nullptr) {
        L2TP_ASSIGN_OR_RETURN(tls, MakeTlsCredentials(*options_.tls));
      }
      listening.emplace_back(address, tls);
    }
    if (listening.empty()) return absl::OkStatus();
    network_ = std::make_unique<CallerServer>(backend_, [this](const auto& context) {
      return callers_.NetworkCaller(*context.auth_context());
    });
    std::vector<int> ports;
    absl::Status status = network_->Start(listening, &ports);
    size_t next = 0;
    for (std::string& address : addresses_) {
      if (IsUnix(address)) continue;
      if (ports[next] == 0) {
        return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
      }
      address = absl::StrCat(address.substr(0, address.rfind(':') + 1), ports[next++]);
    }
    return status;
  }

  const ServerOptions options_;
  WorkerThread worker_;
  RequestIds request_ids_;
  const Backend backend_;
  Callers callers_;
  std::unique_ptr<CallerServer> network_;  // null: no TCP address
  std::unique_ptr<UnixServers> unix_;      // null: no Unix socket
  std::unique_ptr<UnixListener> listener_;
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
