// The server around the services: listening, health, limits, shutting down.

#include "server/api/server.h"

#include <sys/stat.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "clients/cpp/error.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "gtest/gtest.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

grpc::Status GetSystem(const std::shared_ptr<grpc::Channel>& channel, int seconds = 20) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  v1::System system;
  return v1::SystemService::NewStub(channel)->GetSystem(&context, {}, &system);
}

// What grpc.health.v1 says: 1 SERVING, 2 NOT_SERVING; negative: a status code. Its messages are not
// packaged; two of ours have the same shape.
int Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  using Request = v1::GetSystemRequest;      // field 1: string
  using Response = v1::ListProfilesRequest;  // field 1: varint
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  Request request;
  request.set_name(service);
  Response response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<Request, Response, google::protobuf::MessageLite,
                                        google::protobuf::MessageLite>(
          channel.get(), method, &context, request, &response);
  return status.ok() ? response.page_size() : -static_cast<int>(status.error_code());
}

TEST(ServerTest, SocketIsOpenToItsGroupOnly) {
  ApiWorld world;
  struct stat found = {};
  ASSERT_EQ(::stat(world.address().substr(5).c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0660u);
}

TEST(ServerTest, SecondDaemonDoesNotTakeTheSocketOfALivingOne) {
  ApiWorld world;
  asio::io_context loop;
  AsioExecutor executor(&loop);
  Server second({.listen_addresses = {world.address()}}, world.lac().controller.get(), &executor);
  EXPECT_TRUE(absl::IsAlreadyExists(second.Start()));
  EXPECT_TRUE(GetSystem(world.Channel()).ok());
}

TEST(ServerTest, ListensOnTcpWithAnyFreePort) {
  ApiWorld world;
  asio::io_context loop;
  AsioExecutor executor(&loop);
  Server server({.listen_addresses = {"127.0.0.1:0", "[::1]:0"}, .plaintext_loopback = true},
                world.lac().controller.get(), &executor);
  const absl::Status status = server.Start();
  if (absl::IsUnavailable(status)) GTEST_SKIP() << "no IPv6 here: " << status;
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_NE(server.addresses()[0], "127.0.0.1:0");
  EXPECT_EQ(server.addresses()[1].substr(0, 6), "[::1]:");
}

TEST(ServerTest, AddressThatCannotBeListenedOnIsAnError) {
  ApiWorld world;
  asio::io_context loop;
  AsioExecutor executor(&loop);
  Server server({.listen_addresses = {"unix:/nonexistent/folder/api.sock"}},
                world.lac().controller.get(), &executor);
  const absl::Status status = server.Start();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  server.Shutdown(Duration());
}

TEST(ServerTest, UnknownGroupIsAnError) {
  ApiWorld world;
  asio::io_context loop;
  AsioExecutor executor(&loop);
  Server server({.listen_addresses = {world.address() + "2"}, .socket_group = "no-such-group"},
                world.lac().controller.get(), &executor);
  EXPECT_TRUE(absl::IsNotFound(server.Start()));
}

TEST(ServerTest, HealthFollowsSetServingForEachService) {
  ApiWorld world;
  const auto channel = world.Channel();
  for (const char* service :
       {"", "l2tp.v1.TunnelService", "l2tp.v1.SessionService", "l2tp.v1.ProfileService",
        "l2tp.v1.PoolService", "l2tp.v1.UserService", "l2tp.v1.PeerService", "l2tp.v1.EventService",
        "l2tp.v1.SystemService"}) {
    world.server().SetServing(false);
    EXPECT_EQ(Health(channel, service), 2) << service;
    world.server().SetServing(true);
    EXPECT_EQ(Health(channel, service), 1) << service;
  }
  EXPECT_EQ(Health(channel, "l2tp.v1.None"), -static_cast<int>(grpc::StatusCode::NOT_FOUND));
}

TEST(ServerTest, RequestsAreLimitedInSize) {
  ApiWorld world;
  grpc::ClientContext context;
  v1::CreateProfileRequest request;
  request.mutable_profile()->set_display_name(std::string(2 << 20, 'x'));
  v1::Profile profile;
  const grpc::Status status =
      v1::ProfileService::NewStub(world.Channel())->CreateProfile(&context, request, &profile);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(ServerTest, BusyLoopRefusesAtOnce) {
  ApiWorld world;
  asio::io_context loop;  // never run
  AsioExecutor executor(&loop, /*capacity=*/0);
  Server busy({.listen_addresses = {world.address() + "2"}}, world.lac().controller.get(),
              &executor);
  ASSERT_TRUE(busy.Start().ok());
  const client::Error error = client::DecodeError(GetSystem(client::Connect(busy.addresses()[0])));
  EXPECT_EQ(error.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.reason, "OVERLOADED");
}

TEST(ServerTest, CallsThatTheLoopDoesNotComeToAreAnswered) {
  ApiWorld world;
  auto loop = std::make_unique<asio::io_context>();  // never run
  AsioExecutor executor(loop.get());
  Server server({.listen_addresses = {world.address() + "2"}}, world.lac().controller.get(),
                &executor);
  ASSERT_TRUE(server.Start().ok());
  auto call = std::async(std::launch::async, [&] {
    return client::DecodeError(GetSystem(client::Connect(server.addresses()[0])));
  });
  while (executor.waiting() == 0) std::this_thread::yield();
  loop.reset();
  EXPECT_EQ(call.get().reason, "SHUTTING_DOWN");
}

TEST(ServerTest, CommandGoesOnWhenItsCallerGoesAway) {
  ApiWorld world;
  std::promise<void> blocked;
  std::promise<void> release;
  std::thread blocker([&] {
    world.OnLoop([&] {
      blocked.set_value();
      release.get_future().wait();
    });
  });
  blocked.get_future().wait();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  request.mutable_profile();
  v1::Profile profile;
  const grpc::Status status =
      v1::ProfileService::NewStub(world.Channel())->CreateProfile(&context, request, &profile);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  release.set_value();
  blocker.join();
  world.OnLoop([&] { EXPECT_TRUE(world.lac().controller->GetProfile("profiles/p").ok()); });
}

TEST(ServerTest, ShuttingDownTwiceAndWithoutStartIsHarmless) {
  ApiWorld world;
  world.server().Shutdown(Duration::Seconds(1));
  world.server().Shutdown(Duration::Seconds(1));
  asio::io_context loop;
  AsioExecutor executor(&loop);
  Server never({}, world.lac().controller.get(), &executor);
}

}  // namespace
}  // namespace l2tp::api
