// Who may do what over Unix sockets, and what the audit log says about it.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/create_channel_posix.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "gtest/gtest.h"
#include "l2tp/v1/capture.grpc.pb.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"
#include "server/api/methods.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// No user and no group of any machine.
constexpr uid_t kNobodyInParticular = 54'321;
constexpr uid_t kWatcher = 54'322;
constexpr gid_t kOperators = 54'323;
constexpr gid_t kAdmins = 54'324;
constexpr gid_t kOthers = 54'325;

// Connects as somebody else. System calls change the identity of the one thread that makes them;
// the C library's would change all.
int ConnectAs(const std::string& path, uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
  int connected = -1;
  std::thread([&] {
    const bool changed = ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0 &&
                         ::syscall(SYS_setresgid, gid, gid, gid) == 0 &&
                         ::syscall(SYS_setresuid, uid, uid, uid) == 0;
    if (!changed) return;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      ::fcntl(fd, F_SETFL, O_NONBLOCK);
      connected = fd;
    } else {
      ::close(fd);
    }
  }).join();
  return connected;
}

class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  }

  // Starts the world. Its socket is open to all users of this machine; what they may do is the
  // question.
  void Start(ServerOptions options = {}) {
    options.socket_mode = 0666;
    options.audit = [this](const std::string& line) {
      std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
    world_ = std::make_unique<ApiWorld>(ApiWorld::Options{.server = std::move(options)});
    path_ = world_->address().substr(std::strlen("unix:"));
    ASSERT_EQ(::chmod(path_.substr(0, path_.rfind('/')).c_str(), 0755), 0);
  }
  static ServerOptions Roles() {
    ServerOptions options;
    options.roles = {
        {.role = Role::kViewer, .unix_user = absl::StrCat(kWatcher)},
        {.role = Role::kOperator, .unix_group = absl::StrCat(kOperators)},
        {.role = Role::kAdmin, .unix_group = absl::StrCat(kAdmins)},
    };
    return options;
  }

  std::shared_ptr<grpc::Channel> ChannelAs(uid_t uid, gid_t gid = kOthers,
                                           const std::vector<gid_t>& groups = {}) const {
    const int fd = ConnectAs(path_, uid, gid, groups);
    EXPECT_GE(fd, 0);
    return grpc::CreateInsecureChannelFromFd("daemon", fd);
  }

  void CreateTunnel(const std::string& id) {
    world_->OnLoop([&] {
      control::TunnelSpec spec;
      spec.id = id;
      spec.remote.address = *IpAddress::Parse("192.0.2.2");
      EXPECT_TRUE(world_->lac().controller->CreateTunnel(spec).ok());
    });
  }

  static client::Error GetSystem(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::System system;
    return client::DecodeError(
        v1::SystemService::NewStub(channel)->GetSystem(&context, {}, &system));
  }
  static client::Error GetTunnel(const std::shared_ptr<grpc::Channel>& channel,
                                 const std::string& name) {
    grpc::ClientContext context;
    v1::GetTunnelRequest request;
    request.set_name(name);
    v1::Tunnel tunnel;
    return client::DecodeError(
        v1::TunnelService::NewStub(channel)->GetTunnel(&context, request, &tunnel));
  }
  static client::Error DeleteTunnel(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& name) {
    grpc::ClientContext context;
    v1::DeleteTunnelRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return client::DecodeError(
        v1::TunnelService::NewStub(channel)->DeleteTunnel(&context, request, &empty));
  }
  static client::Error CreateUser(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& id) {
    grpc::ClientContext context;
    v1::CreateUserRequest request;
    request.set_user_id(id);
    request.mutable_user()->set_password("hunter2");
    v1::User user;
    return client::DecodeError(
        v1::UserService::NewStub(channel)->CreateUser(&context, request, &user));
  }
  // What reading, closing a tunnel and making a user come to.
  static std::vector<std::string> WhatMayBeDone(const std::shared_ptr<grpc::Channel>& channel) {
    return {GetSystem(channel).reason, DeleteTunnel(channel, "tunnels/none").reason,
            CreateUser(channel, "").reason};
  }

  // Since the last time.
  std::vector<std::string> Lines() {
    std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;  // guarded by mutex_
  std::string path_;
  std::unique_ptr<ApiWorld> world_;
};

const std::string kNo = "CALLER_NOT_ALLOWED";
const std::vector<std::string> kNothing = {kNo, kNo, kNo};
const std::vector<std::string> kRead = {"", kNo, kNo};
const std::vector<std::string> kOperate = {"", "TUNNEL_NOT_FOUND", kNo};
const std::vector<std::string> kEverything = {"", "TUNNEL_NOT_FOUND", "FIELD_REQUIRED"};

TEST_F(AccessTest, UsersAndGroupsDecideWhatACallerMayDo) {
  Start(Roles());
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular)), kNothing);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kWatcher)), kRead);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular, kOperators)), kOperate);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular, kOthers, {kOthers, kOperators})),
            kOperate);
  // What allows most counts, also when the same user has another role elsewhere.
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kWatcher, kOthers, {kAdmins})), kEverything);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kWatcher)), kRead);
  EXPECT_EQ(GetSystem(world_->Channel()).code, grpc::StatusCode::OK) << "root";
}

TEST_F(AccessTest, MembersOfTheSocketsGroupAreAdminsUnlessARuleIsAboutThem) {
  constexpr gid_t kDaemon = 1;  // of every Debian
  ServerOptions options = Roles();
  options.socket_group = "daemon";
  Start(options);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular, kDaemon)), kEverything);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular, kOthers, {kDaemon})), kEverything);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kWatcher, kOthers, {kDaemon})), kRead);
}

TEST_F(AccessTest, MoreGroupsThanFitAtFirstAreAllSeen) {
  Start(Roles());
  std::vector<gid_t> groups;
  for (gid_t i = 0; i < 1000; ++i) groups.push_back(100'000 + i);
  groups.push_back(kOperators);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular, kOthers, groups)), kOperate);
}

TEST_F(AccessTest, RulesAboutUsersThatDoNotExistAreErrors) {
  Start();
  asio::io_context loop;
  AsioExecutor executor(&loop);
  for (const RoleRule& rule : {RoleRule{.role = Role::kAdmin, .unix_user = "no-such-user"},
                               RoleRule{.role = Role::kAdmin, .unix_group = "no-such-group"}}) {
    Server server({.listen_addresses = {world_->address() + "2"}, .roles = {rule}},
                  world_->lac().controller.get(), &executor);
    EXPECT_TRUE(absl::IsNotFound(server.Start()));
  }
}

TEST_F(AccessTest, WhoMayNotDoSomethingLearnsNothingAboutWhatThereIs) {
  Start(Roles());
  CreateTunnel("t");
  for (const auto& channel : {ChannelAs(kNobodyInParticular), ChannelAs(kWatcher)}) {
    std::set<std::string> answers;
    for (const char* name : {"tunnels/t", "tunnels/none", "nonsense", ""}) {
      const client::Error error = DeleteTunnel(channel, name);
      EXPECT_EQ(error.code, grpc::StatusCode::PERMISSION_DENIED);
      answers.insert(absl::StrCat(error.reason, error.message, error.metadata.size()));
    }
    EXPECT_EQ(answers.size(), 1u);
  }
  const auto nobody = ChannelAs(kNobodyInParticular);
  EXPECT_EQ(GetTunnel(nobody, "tunnels/t").message, GetTunnel(nobody, "tunnels/none").message);
}

TEST_F(AccessTest, ConnectionsOfDifferentCallersDoNotGetMixedUp) {
  Start(Roles());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 10; ++j) {
        const bool watcher = (i + j) % 2 == 0;
        const auto channel = watcher ? ChannelAs(kWatcher) : ChannelAs(kWatcher, kOperators);
        EXPECT_EQ(WhatMayBeDone(channel), watcher ? kRead : kOperate);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(AccessTest, StreamsOfAllCallersEndWithTheServer) {
  Start(Roles());
  const auto first = ChannelAs(kWatcher);
  const auto second = ChannelAs(kWatcher, kOperators);
  std::vector<std::unique_ptr<v1::EventService::Stub>> stubs;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchResponse>>> readers;
  for (const auto& channel : {first, second}) {
    stubs.push_back(v1::EventService::NewStub(channel));
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(stubs.back()->Watch(contexts.back().get(), {}));
    v1::WatchResponse response;
    EXPECT_TRUE(readers.back()->Read(&response));
  }
  std::thread stopper([this] { world_->server().Shutdown(Duration::Seconds(5)); });
  for (auto& reader : readers) {
    v1::WatchResponse response;
    while (reader->Read(&response)) {
    }
    EXPECT_EQ(client::DecodeError(reader->Finish()).reason, "SHUTTING_DOWN");
  }
  stopper.join();
  EXPECT_NE(::access(path_.c_str(), F_OK), 0) << "the socket is removed";
}

// ---- Every method ------------------------------------------------------------------------------

// Of all files in proto/l2tp/v1; tests run in the top folder of the tree.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto& entry : std::filesystem::directory_iterator("proto/l2tp/v1")) {
    if (entry.path().extension() != ".proto") continue;
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
        "l2tp/v1/" + entry.path().filename().string());
    if (file == nullptr) {
      ADD_FAILURE() << entry.path() << " is not linked";
      continue;
    }
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

// Makes a call with an empty request.
client::Error CallByPath(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) {
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const google::protobuf::Empty request;
  google::protobuf::Empty response;
  return client::DecodeError(
      grpc::internal::BlockingUnaryCall<google::protobuf::Empty, google::protobuf::Empty,
                                        google::protobuf::MessageLite,
                                        google::protobuf::MessageLite>(
          channel.get(), method, &context, request, &response));
}

TEST(MethodTest, EveryMethodHasARoleAndARequestOfItsOwn) {
  const auto methods = AllMethods();
  EXPECT_GE(methods.size(), 29u);
  for (const auto* method : methods) {
    const std::string name = absl::StrCat(method->service()->name(), "/", method->name());
    EXPECT_TRUE(RequiredRole(name).has_value()) << name << " is not in server/api/methods.cc";
    EXPECT_EQ(FindMethod(*method->input_type()).path, PathOf(*method));
    const bool reads = absl::StartsWith(method->name(), "Get") ||
                       absl::StartsWith(method->name(), "List") || method->name() == "Watch";
    EXPECT_EQ(RequiredRole(name) == Role::kViewer, reads) << name;
  }
}

TEST_F(AccessTest, EveryMethodRefusesWhoHasNoRole) {
  Start(Roles());
  const auto nobody = ChannelAs(kNobodyInParticular);
  for (const auto* method : AllMethods()) {
    const client::Error error = CallByPath(nobody, PathOf(*method));
    EXPECT_EQ(error.code, grpc::StatusCode::PERMISSION_DENIED) << method->full_name();
    EXPECT_EQ(error.reason, kNo) << method->full_name();
  }
}

TEST_F(AccessTest, EveryMethodThatChangesSomethingIsWrittenDown) {
  Start(Roles());
  const auto root = world_->Channel();
  for (const auto* method : AllMethods()) {
    if (method->server_streaming()) continue;  // these take long; see captures below
    CallByPath(root, PathOf(*method));
    const std::string expected =
        absl::StrCat("audit who=unix:0(root) role=admin method=", PathOf(*method), " ");
    if (FindMethod(*method->input_type()).role == Role::kViewer) {
      EXPECT_THAT(Lines(), ElementsAre());
    } else {
      EXPECT_THAT(Lines(), ElementsAre(::testing::StartsWith(expected)));
    }
  }
}

TEST_F(AccessTest, HealthAndReflectionAreForWhoeverMayConnect) {
  Start(Roles());
  const auto nobody = ChannelAs(kNobodyInParticular);
  const char* const reflection = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  EXPECT_EQ(CallByPath(nobody, reflection).code, grpc::StatusCode::OK);
  EXPECT_EQ(CallByPath(nobody, "/grpc.health.v1.Health/Check").code, grpc::StatusCode::OK);
}

// ---- Audit log ---------------------------------------------------------------------------------

TEST_F(AccessTest, WhatIsChangedIsWrittenDownWithItsResultAndWithoutSecrets) {
  Start(Roles());
  const auto admin = ChannelAs(kNobodyInParticular, kAdmins);
  const std::string who =
      absl::StrCat("audit who=unix:", kNobodyInParticular, " role=admin method=");
  EXPECT_EQ(CreateUser(admin, "alice").reason, "");
  EXPECT_EQ(CreateUser(admin, "alice").reason, "USER_EXISTS");
  EXPECT_EQ(DeleteTunnel(admin, "tunnels/none").reason, "TUNNEL_NOT_FOUND");
  EXPECT_EQ(DeleteTunnel(admin, "x\"\nrole=none").reason, "FIELD_INVALID");
  EXPECT_EQ(GetTunnel(admin, "tunnels/none").reason, "TUNNEL_NOT_FOUND");  // only reads
  EXPECT_THAT(Lines(),
              ElementsAre(who + "/l2tp.v1.UserService/CreateUser name=\"users/alice\" result=OK",
                          who + "/l2tp.v1.UserService/CreateUser name=\"users/alice\" "
                                "result=ALREADY_EXISTS reason=USER_EXISTS",
                          who + "/l2tp.v1.TunnelService/DeleteTunnel name=\"tunnels/none\" "
                                "result=NOT_FOUND reason=TUNNEL_NOT_FOUND",
                          who + "/l2tp.v1.TunnelService/DeleteTunnel name=\"x\\\"\\x0arole=none\" "
                                "result=INVALID_ARGUMENT reason=FIELD_INVALID"));
}

TEST_F(AccessTest, WhatWasCreatedWithoutAnIdIsWrittenDownWithItsName) {
  Start(Roles());
  grpc::ClientContext context;
  v1::CreateTunnelRequest request;
  request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  request.mutable_tunnel()->set_secret("hunter2");
  v1::Tunnel tunnel;
  ASSERT_TRUE(
      v1::TunnelService::NewStub(world_->Channel())->CreateTunnel(&context, request, &tunnel).ok());
  ASSERT_NE(tunnel.name(), "");
  EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr("who=unix:0(root) role=admin"),
                                         HasSubstr("name=\"" + tunnel.name() + "\" result=OK"),
                                         Not(HasSubstr("hunter2")))));
}

TEST_F(AccessTest, CapturesAreWrittenDownWhenTheyEnd) {
  Start(Roles());
  const auto channel = ChannelAs(kNobodyInParticular, kOperators);
  const auto stub = v1::CaptureService::NewStub(channel);
  grpc::ClientContext context;
  v1::CaptureRequest request;
  request.set_name("tunnels/t");
  const auto reader = stub->Capture(&context, request);
  v1::CaptureResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_THAT(Lines(), ElementsAre());
  world_->server().Shutdown(Duration::Seconds(5));
  reader->Finish();
  EXPECT_THAT(Lines(), ElementsAre(absl::StrCat(
                           "audit who=unix:", kNobodyInParticular,
                           " role=operator method=/l2tp.v1.CaptureService/Capture "
                           "name=\"tunnels/t\" result=UNAVAILABLE reason=SHUTTING_DOWN")));
}

TEST_F(AccessTest, CallsThatAreRefusedAreWrittenDownButDoNotFillTheLog) {
  Start(Roles());
  const auto nobody = ChannelAs(kNobodyInParticular);
  const std::string name(10'000, 'x');
  for (int i = 0; i < 200; ++i) GetTunnel(nobody, name);
  // Another caller's are not lost among them.
  DeleteTunnel(ChannelAs(kWatcher), "tunnels/t");
  const std::vector<std::string> lines = Lines();
  EXPECT_LT(lines.size(), 100u);
  EXPECT_EQ(
      lines.front(),
      absl::StrCat("audit who=unix:", kNobodyInParticular,
                   " role=none method=/l2tp.v1.TunnelService/GetTunnel name=\"",
                   name.substr(0, 200), "\" result=PERMISSION_DENIED reason=CALLER_NOT_ALLOWED"));
  EXPECT_EQ(lines.back(), absl::StrCat("audit who=unix:", kWatcher,
                                       " role=viewer method=/l2tp.v1.TunnelService/DeleteTunnel "
                                       "name=\"tunnels/t\" result=PERMISSION_DENIED "
                                       "reason=CALLER_NOT_ALLOWED"));
}

// ---- Limits ------------------------------------------------------------------------------------

TEST_F(AccessTest, CallersMakeRoomWhenTheyHaveGoneAndNotBefore) {
  ServerOptions options = Roles();
  options.unix_limits.max_callers = 2;
  Start(options);
  auto first = ChannelAs(kWatcher);
  const auto second = ChannelAs(kWatcher, kOperators);
  EXPECT_EQ(WhatMayBeDone(first), kRead);
  EXPECT_EQ(WhatMayBeDone(second), kOperate);
  EXPECT_EQ(GetSystem(ChannelAs(kNobodyInParticular, kAdmins)).code, grpc::StatusCode::UNAVAILABLE);
  first.reset();
  // That it has gone is noticed soon, not at once.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  client::Error third;
  do {
    third = GetSystem(ChannelAs(kNobodyInParticular, kAdmins));
  } while (third.code != grpc::StatusCode::OK && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(third.code, grpc::StatusCode::OK) << third.message;
  EXPECT_EQ(WhatMayBeDone(second), kOperate);
}

TEST_F(AccessTest, ConnectionsOfACallerAreLimited) {
  ServerOptions options = Roles();
  options.unix_limits.max_connections_per_caller = 2;
  Start(options);
  const auto first = ChannelAs(kWatcher);
  const auto second = ChannelAs(kWatcher);
  EXPECT_EQ(WhatMayBeDone(first), kRead);
  EXPECT_EQ(WhatMayBeDone(second), kRead);
  EXPECT_EQ(GetSystem(ChannelAs(kWatcher)).code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(WhatMayBeDone(ChannelAs(kNobodyInParticular)), kNothing) << "others have their own";
}

}  // namespace
}  // namespace l2tp::api
