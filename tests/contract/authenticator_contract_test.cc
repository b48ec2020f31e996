// What every control::AuthenticatorPort does, on the fake and on the real one with a server in this
// process; and what only the real one can show.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "l2tp/auth/v1/authenticator.grpc.pb.h"
#include "server/auth/authenticator_client.h"
#include "tests/support/fake_authenticator.h"

namespace l2tp {
namespace {

namespace auth_v1 = ::l2tp::auth::v1;
using control::Authorization;

class Server final : public auth_v1::Authenticator::Service {
 public:
  explicit Server(const std::string& address) : address_(address) { Start(); }
  ~Server() override {
    Release();
    server_->Shutdown(std::chrono::system_clock::now());
  }
  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  // Calls that come from now on wait until Release().
  void Hold() { held_ = true; }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = false;
    released_.notify_all();
  }

  grpc::Status Authorize(grpc::ServerContext* /*context*/, const auth_v1::AuthorizeRequest* request,
                         auth_v1::AuthorizeResponse* response) override {
    ++authorize_count;
    std::unique_lock<std::mutex> lock(mutex_);
    released_.wait(lock, [this] { return !held_; });
    last_request_id = request->request_id();
    if (fail_next > 0 && fail_next-- > 0) return {grpc::StatusCode::UNAVAILABLE, "not now"};
    *response = answer;
    return grpc::Status::OK;
  }
  grpc::Status Account(grpc::ServerContext* /*context*/, const auth_v1::AccountRequest* request,
                       auth_v1::AccountResponse* /*response*/) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    accounted = request->facts().session();
    return grpc::Status::OK;
  }

  auth_v1::AuthorizeResponse answer;
  std::atomic<int> authorize_count = 0;
  std::atomic<int> fail_next = 0;
  std::mutex mutex_;
  std::string last_request_id;
  std::string accounted;

 private:
  const std::string address_;
  std::condition_variable released_;
  std::atomic<bool> held_ = false;
  std::unique_ptr<grpc::Server> server_;
};

control::AuthorizationRequest Request(Duration timeout = Duration::Seconds(10)) {
  control::AuthorizationRequest request;
  request.request_id = "uid-1";
  request.timeout = timeout;
  request.login.response = "hush";
  return request;
}

// A port, and its side of the world.
class World {
 public:
  virtual ~World() = default;
  virtual control::AuthenticatorPort& port() = 0;
  virtual void WillAccept() = 0;
  virtual void WillReject(const std::string& reason) = 0;
  // Lets things happen until `done`.
  virtual void RunUntil(const std::function<bool()>& done) = 0;
};

class FakeWorld final : public World {
 public:
  control::AuthenticatorPort& port() override { return fake_; }
  void WillAccept() override { answer_.accepted = true; }
  void WillReject(const std::string& reason) override { answer_.reason = reason; }
  void RunUntil(const std::function<bool()>& done) override {
    while (!done()) fake_.Answer(answer_);
  }

 private:
  testing::FakeAuthenticator fake_;
  Authorization answer_;
};

class RealWorld : public World {
 public:
  RealWorld() {
    char folder[] = "/tmp/authenticator_contract.XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
  }
  ~RealWorld() override {
    client_.reset();
    server_.reset();
    unlink((folder_ + "/auth.sock").c_str());
    rmdir(folder_.c_str());
  }
  std::string address() const { return "unix:" + folder_ + "/auth.sock"; }
  Server& server() {
    if (server_ == nullptr) server_ = std::make_unique<Server>(address());
    return *server_;
  }
  void EndClient() { client_.reset(); }

  control::AuthenticatorPort& port() override { return *client_; }
  void WillAccept() override { server().answer.mutable_accept(); }
  void WillReject(const std::string& reason) override {
    server().answer.mutable_reject()->set_reason(reason);
  }
  void RunUntil(const std::function<bool()>& done) override {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(done());
  }

 private:
  std::string folder_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<Server> server_;
  std::unique_ptr<auth::AuthenticatorClient> client_ = std::make_unique<auth::AuthenticatorClient>(
      [this](auto work) { asio::post(io_, std::move(work)); }, /*max_calls=*/2);
};

template <typename T>
class AuthenticatorContract : public ::testing::Test {
 protected:
  std::string Address() {
    if constexpr (std::is_same_v<T, RealWorld>) return world_.address();
    return "unix:/nowhere";
  }
  T world_;
};
using Worlds = ::testing::Types<FakeWorld, RealWorld>;
TYPED_TEST_SUITE(AuthenticatorContract, Worlds);

TYPED_TEST(AuthenticatorContract, DecisionComesLaterAndOnce) {
  this->world_.WillAccept();
  int answers = 0;
  bool accepted = false;
  this->world_.port().Authorize(this->Address(), Request(),
                                [&](absl::StatusOr<Authorization> authorization) {
                                  ++answers;
                                  accepted = authorization.ok() && authorization->accepted;
                                });
  EXPECT_EQ(answers, 0);
  this->world_.RunUntil([&] { return answers > 0; });
  EXPECT_TRUE(accepted);
  EXPECT_EQ(answers, 1);
}

TYPED_TEST(AuthenticatorContract, RejectionIsADecisionAndNoError) {
  this->world_.WillReject("no contract");
  std::optional<absl::StatusOr<Authorization>> answer;
  this->world_.port().Authorize(this->Address(), Request(),
                                [&](auto authorization) { answer = std::move(authorization); });
  this->world_.RunUntil([&] { return answer.has_value(); });
  ASSERT_TRUE(answer->ok());
  EXPECT_FALSE((*answer)->accepted);
  EXPECT_EQ((*answer)->reason, "no contract");
}

class AuthenticatorClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<Authorization> Ask(const control::AuthorizationRequest& request) {
    std::optional<absl::StatusOr<Authorization>> answer;
    world_.port().Authorize(world_.address(), request,
                            [&](auto authorization) { answer = std::move(authorization); });
    world_.RunUntil([&] { return answer.has_value(); });
    return *answer;
  }
  RealWorld world_;
};

TEST_F(AuthenticatorClientTest, ServerThatIsNotThereIsWaitedForUntilTheDeadline) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Ask(Request(Duration::Seconds(1))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(AuthenticatorClientTest, ServerThatHangsIsWaitedForUntilTheDeadline) {
  world_.WillAccept();
  world_.server().Hold();
  EXPECT_EQ(Ask(Request(Duration::Seconds(1))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(AuthenticatorClientTest, UnavailableServerIsAskedAgainWithTheSameId) {
  world_.WillAccept();
  world_.server().fail_next = 2;
  const auto answer = Ask(Request());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->accepted);
  EXPECT_EQ(world_.server().authorize_count, 3);
  EXPECT_EQ(world_.server().last_request_id, "uid-1");
}

TEST_F(AuthenticatorClientTest, ItIsNotAskedForEver) {
  world_.WillAccept();
  world_.server().fail_next = 100;
  EXPECT_EQ(Ask(Request()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(world_.server().authorize_count, 3);
}

TEST_F(AuthenticatorClientTest, AnswerThatCannotBeIsAnError) {
  world_.server();  // decides nothing
  EXPECT_EQ(Ask(Request()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AuthenticatorClientTest, MoreCallsThanAreAllowedAreRefusedAtOnce) {
  world_.WillAccept();
  world_.server().Hold();
  int answers = 0;
  for (int i = 0; i < 2; ++i) {
    world_.port().Authorize(world_.address(), Request(), [&](auto) { ++answers; });
  }
  EXPECT_EQ(Ask(Request()).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(answers, 0);
  world_.server().Release();
  world_.RunUntil([&] { return answers == 2; });
  EXPECT_TRUE(Ask(Request()).ok());
}

TEST_F(AuthenticatorClientTest, EndWithCallsUnderWayCallsNobody) {
  world_.server().Hold();
  bool answered = false;
  world_.port().Authorize(world_.address(), Request(), [&](auto) { answered = true; });
  world_.EndClient();
  EXPECT_FALSE(answered);
}

TEST_F(AuthenticatorClientTest, LastRecordGoesOutBeforeTheEnd) {
  control::AccountingRecord record;
  record.type = control::AccountingRecord::Type::kStop;
  record.facts.session = "tunnels/t/sessions/s";
  world_.server();
  world_.port().Account(world_.address(), record);
  world_.EndClient();
  const std::lock_guard<std::mutex> lock(world_.server().mutex_);
  EXPECT_EQ(world_.server().accounted, "tunnels/t/sessions/s");
}

TEST_F(AuthenticatorClientTest, RecordsAreTold) {
  control::AccountingRecord record;
  record.facts.session = "tunnels/t/sessions/s";
  world_.server();
  world_.port().Account(world_.address(), record);
  world_.RunUntil([this] {
    const std::lock_guard<std::mutex> lock(world_.server().mutex_);
    return world_.server().accounted == "tunnels/t/sessions/s";
  });
}

}  // namespace
}  // namespace l2tp
