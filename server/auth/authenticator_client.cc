#include "server/auth/authenticator_client.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "l2tp/auth/v1/authenticator.grpc.pb.h"
#include "server/auth/messages.h"
#include "server/base/quote.h"
#include "spdlog/spdlog.h"

namespace l2tp::auth {
namespace {

namespace auth_v1 = ::l2tp::auth::v1;

constexpr std::chrono::seconds kAccountDeadline(30);
// How long the end of the daemon waits for the last records.
constexpr std::chrono::seconds kLastRecords(2);
constexpr int kMaxAnswer = 64 * 1024;

// gRPC itself tries again after UNAVAILABLE, and goes on connecting while nobody listens; both end
// with the call's deadline.
constexpr char kServiceConfig[] = R"({"methodConfig": [{
  "name": [{"service": "l2tp.auth.v1.Authenticator"}],
  "waitForReady": true,
  "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s",
                  "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]})";

std::unique_ptr<auth_v1::Authenticator::Stub> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  // A server that comes back is found soon: somebody waits.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetMaxReceiveMessageSize(kMaxAnswer);
  return auth_v1::Authenticator::NewStub(
      grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments));
}

void NoteLost(const std::string& server, const std::string& session, absl::string_view why) {
  spdlog::warn("auth record lost server={} session={} why={}", server, session, Quoted(why));
}

// What a call needs while it is under way.
template <typename Request, typename Response>
struct Call {
  grpc::ClientContext context;
  Request request;
  Response response;
};

using AuthorizeCall = Call<auth_v1::AuthorizeRequest, auth_v1::AuthorizeResponse>;

absl::StatusOr<control::Authorization> ResultOf(const AuthorizeCall& call,
                                                const grpc::Status& status) {
  if (status.ok()) return FromProto(call.response, call.request.has_mschapv2());
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace

class AuthenticatorClient::Impl {
 public:
  Impl(Post post, int max_calls) : post_(std::move(post)), max_calls_(max_calls) {}

  void Authorize(const std::string& server, const control::AuthorizationRequest& request,
                 control::Completion<control::Authorization> done) {
    auto call = std::make_shared<AuthorizeCall>();
    ToProto(request, &call->request);
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::milliseconds(request.timeout.milliseconds()));
    int64_t id = 0;
    auth_v1::Authenticator::Stub* stub = Begin(server, &call->context, /*is_record=*/false, &id);
    if (stub == nullptr) {
      // Not from inside of this call.
      return post_([done = std::move(done)]() mutable {
        done(absl::ResourceExhaustedError("too many calls wait for authenticators"));
      });
    }
    stub->async()->Authorize(
        &call->context, &call->request, &call->response,
        [this, id, call,
         shared_done = std::make_shared<control::Completion<control::Authorization>>(
             std::move(done))](const grpc::Status& status) mutable {
          absl::StatusOr<control::Authorization> result = ResultOf(*call, status);
          BeginEnd(id);
          call.reset();
          End(id, [shared_done, result = std::move(result)]() mutable {
            (*shared_done)(std::move(result));
          });
        });
  }

  void Account(const std::string& server, const control::AccountingRecord& record) {
    auto call = std::make_shared<Call<auth_v1::AccountRequest, auth_v1::AccountResponse>>();
    ToProto(record, &call->request);
    call->context.set_deadline(std::chrono::system_clock::now() + kAccountDeadline);
    int64_t id = 0;
    auth_v1::Authenticator::Stub* stub = Begin(server, &call->context, /*is_record=*/true, &id);
    if (stub == nullptr) return NoteLost(server, record.facts.session, "too many calls");
    stub->async()->Account(&call->context, &call->request, &call->response,
                           [this, id, call, server](const grpc::Status& status) mutable {
                             if (!status.ok()) {
                               NoteLost(server, call->request.facts().session(),
                                        status.error_message());
                             }
                             BeginEnd(id);
                             call.reset();
                             End(id, nullptr);
                           });
  }

  void Stop() {
    std::unique_lock<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const auto& [id, call] : under_way_) {
      if (!call.is_record && call.context != nullptr) call.context->TryCancel();
    }
    const auto idle = [this] { return under_way_.empty(); };
    if (idle_.wait_for(lock, kLastRecords, idle)) return;
    for (const auto& [id, call] : under_way_) {
      if (call.context != nullptr) call.context->TryCancel();
    }
    idle_.wait(lock, idle);
  }

 private:
  // nullptr: there are too many calls.
  auth_v1::Authenticator::Stub* Begin(const std::string& server, grpc::ClientContext* context,
                                      bool is_record, int64_t* id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_ || static_cast<int>(under_way_.size()) >= max_calls_) return nullptr;
    *id = ++last_id_;
    under_way_[*id] = UnderWay{context, is_record};
    auto& stub = stubs_[server];
    if (stub == nullptr) stub = Connect(server);
    return stub.get();
  }

  // On a thread of gRPC's: the call's context is about to go. It holds its channel, and the last to
  // let go of a channel waits for gRPC's threads, so that must never be one of them. End() comes
  // after the context is gone, and only after that does Stop() let go of the channels.
  void BeginEnd(int64_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    under_way_[id].context = nullptr;
  }
  void End(int64_t id, absl::AnyInvocable<void()> completion) {
    const std::lock_guard<std::mutex> lock(mutex_);
    under_way_.erase(id);
    if (!stopping_ && completion) post_(std::move(completion));
    if (under_way_.empty()) idle_.notify_all();
  }

  const Post post_;
  const int max_calls_;
  std::mutex mutex_;
  std::condition_variable idle_;
  bool stopping_ = false;
  std::map<std::string, std::unique_ptr<auth_v1::Authenticator::Stub>> stubs_;
  struct UnderWay {
    grpc::ClientContext* context;  // nullptr: it is over
    bool is_record;
  };
  std::map<int64_t, UnderWay> under_way_;
  int64_t last_id_ = 0;
};

AuthenticatorClient::AuthenticatorClient(Post post, int max_calls)
    : impl_(std::make_unique<Impl>(std::move(post), max_calls)) {}

AuthenticatorClient::~AuthenticatorClient() { impl_->Stop(); }

void AuthenticatorClient::Authorize(const std::string& server,
                                    const control::AuthorizationRequest& request,
                                    control::Completion<control::Authorization> done) {
  impl_->Authorize(server, request, std::move(done));
}

void AuthenticatorClient::Account(const std::string& server,
                                  const control::AccountingRecord& record) {
  impl_->Account(server, record);
}

}  // namespace l2tp::auth
