// Unary calls over gRPC on a real controller: what they do, and how each bad one is refused.

#include <set>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/system.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::Pair;

constexpr char kSecret[] = "open-sesame-42";

// Matches a failed call.
::testing::Matcher<const client::Error&> Is(
    grpc::StatusCode code, const std::string& reason,
    const ::testing::Matcher<const std::map<std::string, std::string>&>& metadata) {
  return AllOf(Field("code", &client::Error::code, code),
               Field("reason", &client::Error::reason, reason),
               Field("metadata", &client::Error::metadata, metadata));
}

class CommandsTest : public ::testing::Test {
 protected:
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    Stub stub(channel_);
    const grpc::Status status = (stub.*method)(&context, request, response);
    replies_ += response->SerializeAsString() + status.error_message() + status.error_details();
    return status;
  }
  template <typename Stub, typename Request, typename Response>
  client::Error Failure(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request) {
    Response response;
    return client::DecodeError(Call(method, request, &response));
  }
  template <typename Stub, typename Request, typename Response>
  Response Success(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request) {
    Response response;
    const grpc::Status status = Call(method, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
    return response;
  }

  static v1::CreateTunnelRequest TunnelRequest(const std::string& id) {
    v1::CreateTunnelRequest request;
    request.set_tunnel_id(id);
    request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
    return request;
  }
  v1::Tunnel CreateTunnel(const std::string& id) {
    return Success(&v1::TunnelService::Stub::CreateTunnel, TunnelRequest(id));
  }
  static v1::CreateSessionRequest SessionRequest(const std::string& tunnel, const std::string& id) {
    v1::CreateSessionRequest request;
    request.set_parent("tunnels/" + tunnel);
    request.set_session_id(id);
    return request;
  }
  v1::Session CreateSession(const std::string& tunnel, const std::string& id) {
    return Success(&v1::SessionService::Stub::CreateSession, SessionRequest(tunnel, id));
  }
  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }
  v1::Tunnel GetTunnel(const std::string& name) {
    return Success(&v1::TunnelService::Stub::GetTunnel, Named<v1::GetTunnelRequest>(name));
  }
  v1::Session GetSession(const std::string& name) {
    return Success(&v1::SessionService::Stub::GetSession, Named<v1::GetSessionRequest>(name));
  }

  ApiWorld world_;
  std::shared_ptr<grpc::Channel> channel_ = world_.Channel();
  std::string replies_;  // everything the daemon ever said
};

// ---- Tunnels and sessions ----------------------------------------------------------------------

TEST_F(CommandsTest, TunnelAndSessionComeUpAndGoAway) {
  const v1::Tunnel created = CreateTunnel("t");
  EXPECT_EQ(created.name(), "tunnels/t");
  EXPECT_EQ(created.state(), v1::Tunnel::STATE_CONNECTING);
  EXPECT_EQ(created.remote_port(), 1701);
  const v1::Tunnel tunnel = GetTunnel("tunnels/t");
  EXPECT_EQ(tunnel.state(), v1::Tunnel::STATE_ESTABLISHED);
  EXPECT_EQ(tunnel.peer_host_name(), "lns");
  EXPECT_NE(tunnel.assigned_tunnel_id(), 0u);
  EXPECT_TRUE(tunnel.has_establish_time());

  EXPECT_EQ(CreateSession("t", "s").state(), v1::Session::STATE_CONNECTING);
  const v1::Session session = GetSession("tunnels/t/sessions/s");
  EXPECT_EQ(session.state(), v1::Session::STATE_ESTABLISHED);
  EXPECT_EQ(session.role(), v1::Session::ROLE_LAC);
  EXPECT_EQ(session.ipv4().local_ip_address(), "10.0.0.1");
  EXPECT_NE(session.interface_name(), "");
  EXPECT_EQ(GetTunnel("tunnels/t").session_count(), 1);

  Success(&v1::SessionService::Stub::DeleteSession,
          Named<v1::DeleteSessionRequest>("tunnels/t/sessions/s"));
  EXPECT_THAT(Failure(&v1::SessionService::Stub::GetSession,
                      Named<v1::GetSessionRequest>("tunnels/t/sessions/s")),
              Is(grpc::StatusCode::NOT_FOUND, "SESSION_NOT_FOUND",
                 Contains(Pair("name", "tunnels/t/sessions/s"))));
  Success(&v1::TunnelService::Stub::DeleteTunnel, Named<v1::DeleteTunnelRequest>("tunnels/t"));
  world_.OnLoop([&] {
    EXPECT_TRUE(world_.lac().kernel.KernelTunnels().empty());
    EXPECT_EQ(world_.lac().ppp.running(), 0);
  });
}

TEST_F(CommandsTest, GetSessionAsksTheKernelForCounters) {
  CreateTunnel("t");
  CreateSession("t", "s");
  world_.OnLoop([&] {
    const control::KernelSession session = world_.lac().kernel.KernelSessions().at(0);
    world_.lac().kernel.SetCounters(session.tunnel_id, session.session_id, {.rx_bytes = 4711});
  });
  EXPECT_EQ(GetSession("tunnels/t/sessions/s").counters().rx_byte_count(), 4711);
}

TEST_F(CommandsTest, IdsAreMadeUpWhenNoneIsGiven) {
  const v1::Tunnel tunnel = CreateTunnel("");
  EXPECT_GT(tunnel.name().size(), std::string("tunnels/").size());
  EXPECT_EQ(GetTunnel(tunnel.name()).uid(), tunnel.uid());
}

TEST_F(CommandsTest, BadTunnelsAreRefused) {
  const auto create = [&](const v1::CreateTunnelRequest& request) {
    return Failure(&v1::TunnelService::Stub::CreateTunnel, request);
  };
  v1::CreateTunnelRequest request = TunnelRequest("t");
  request.mutable_tunnel()->set_remote_ip_address("300.0.0.1");
  EXPECT_THAT(create(request), Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                                  Contains(Pair("field", "tunnel.remote_ip_address"))));
  request = TunnelRequest("t");
  request.mutable_tunnel()->clear_remote_ip_address();
  EXPECT_THAT(create(request), Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED",
                                  Contains(Pair("field", "tunnel.remote_ip_address"))));
  request = TunnelRequest("t");
  request.mutable_tunnel()->set_profile("profiles/none");
  EXPECT_THAT(create(request), Is(grpc::StatusCode::NOT_FOUND, "PROFILE_NOT_FOUND",
                                  Contains(Pair("name", "profiles/none"))));
  EXPECT_THAT(create(TunnelRequest("Not An Id")),
              Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                 Contains(Pair("field", "tunnel_id"))));
  CreateTunnel("t");
  EXPECT_THAT(create(TunnelRequest("t")), Is(grpc::StatusCode::ALREADY_EXISTS, "TUNNEL_EXISTS",
                                             Contains(Pair("name", "tunnels/t"))));
}

TEST_F(CommandsTest, BadSessionsAreRefused) {
  const auto create = [&](const v1::CreateSessionRequest& request) {
    return Failure(&v1::SessionService::Stub::CreateSession, request);
  };
  EXPECT_THAT(
      create(SessionRequest("none", "s")),
      Is(grpc::StatusCode::NOT_FOUND, "TUNNEL_NOT_FOUND", Contains(Pair("name", "tunnels/none"))));
  CreateTunnel("t");
  v1::CreateSessionRequest request = SessionRequest("t", "s");
  request.mutable_session()->set_interface_name("ppp7");
  Success(&v1::SessionService::Stub::CreateSession, request);
  EXPECT_THAT(create(SessionRequest("t", "s")),
              Is(grpc::StatusCode::ALREADY_EXISTS, "SESSION_EXISTS",
                 Contains(Pair("name", "tunnels/t/sessions/s"))));
  request.set_session_id("other");
  EXPECT_THAT(create(request), Is(grpc::StatusCode::ALREADY_EXISTS, "INTERFACE_NAME_TAKEN",
                                  AllOf(Contains(Pair("interface_name", "ppp7")),
                                        Contains(Pair("session", "tunnels/t/sessions/s")),
                                        Contains(Pair("field", "session.interface_name")))));
  request.mutable_session()->set_interface_name("no spaces");
  EXPECT_THAT(create(request), Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                                  Contains(Pair("field", "session.interface_name"))));
}

TEST_F(CommandsTest, TunnelWithSessionsIsOnlyDeletedByForce) {
  CreateTunnel("t");
  CreateSession("t", "s");
  auto request = Named<v1::DeleteTunnelRequest>("tunnels/t");
  EXPECT_THAT(Failure(&v1::TunnelService::Stub::DeleteTunnel, request),
              Is(grpc::StatusCode::FAILED_PRECONDITION, "TUNNEL_HAS_SESSIONS",
                 AllOf(Contains(Pair("name", "tunnels/t")), Contains(Pair("session_count", "1")))));
  request.set_force(true);
  Success(&v1::TunnelService::Stub::DeleteTunnel, request);
}

TEST_F(CommandsTest, ClosingTunnelTakesNoCalls) {
  CreateTunnel("t");
  // Deletion waits for the kernel, so that the tunnel can be seen while it closes.
  world_.OnLoop([&] { world_.lac().kernel.Hold(testing::FakeKernel::Op::kDeleteTunnel); });
  std::thread deletion([&] {
    grpc::ClientContext context;
    google::protobuf::Empty nothing;
    EXPECT_TRUE(v1::TunnelService::NewStub(channel_)
                    ->DeleteTunnel(&context, Named<v1::DeleteTunnelRequest>("tunnels/t"), &nothing)
                    .ok());
  });
  while (GetTunnel("tunnels/t").state() != v1::Tunnel::STATE_CLOSING) std::this_thread::yield();
  EXPECT_THAT(Failure(&v1::SessionService::Stub::CreateSession, SessionRequest("t", "s")),
              Is(grpc::StatusCode::FAILED_PRECONDITION, "TUNNEL_CLOSING",
                 Contains(Pair("name", "tunnels/t"))));
  world_.OnLoop([&] { world_.lac().kernel.Release(testing::FakeKernel::Op::kDeleteTunnel); });
  deletion.join();
}

TEST_F(CommandsTest, DeletingWhatIsNotThereIsAnErrorUnlessAllowed) {
  auto request = Named<v1::DeleteTunnelRequest>("tunnels/none");
  EXPECT_THAT(
      Failure(&v1::TunnelService::Stub::DeleteTunnel, request),
      Is(grpc::StatusCode::NOT_FOUND, "TUNNEL_NOT_FOUND", Contains(Pair("name", "tunnels/none"))));
  request.set_allow_missing(true);
  Success(&v1::TunnelService::Stub::DeleteTunnel, request);
  EXPECT_THAT(
      Failure(&v1::TunnelService::Stub::GetTunnel, Named<v1::GetTunnelRequest>("t")),
      Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID", Contains(Pair("field", "name"))));
}

// ---- Listing -----------------------------------------------------------------------------------

TEST_F(CommandsTest, ListingGoesThroughAllPagesInTheOrderOfNames) {
  for (const char* id : {"c", "a", "e", "b", "d"}) CreateTunnel(id);
  v1::ListTunnelsRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto page = Success(&v1::TunnelService::Stub::ListTunnels, request);
    for (const v1::Tunnel& tunnel : page.tunnels()) names.push_back(tunnel.name());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(names, ::testing::ElementsAre("tunnels/a", "tunnels/b", "tunnels/c", "tunnels/d",
                                            "tunnels/e"));
}

TEST_F(CommandsTest, SessionsAreListedOfOneTunnelOrOfAll) {
  CreateTunnel("a");
  CreateTunnel("b");
  CreateSession("a", "x");
  CreateSession("b", "y");
  CreateSession("b", "z");
  v1::ListSessionsRequest request;
  request.set_parent("tunnels/b");
  EXPECT_EQ(Success(&v1::SessionService::Stub::ListSessions, request).sessions_size(), 2);
  request.set_parent("tunnels/-");
  request.set_page_size(1);
  const auto first = Success(&v1::SessionService::Stub::ListSessions, request);
  EXPECT_EQ(first.sessions(0).name(), "tunnels/a/sessions/x");
  request.set_page_token(first.next_page_token());
  EXPECT_EQ(Success(&v1::SessionService::Stub::ListSessions, request).sessions(0).name(),
            "tunnels/b/sessions/y");
  // A token is good for the parent it was made for.
  request.set_parent("tunnels/b");
  EXPECT_THAT(Failure(&v1::SessionService::Stub::ListSessions, request),
              Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                 Contains(Pair("field", "page_token"))));
}

TEST_F(CommandsTest, BadListingsAreRefused) {
  v1::ListTunnelsRequest tunnels;
  tunnels.set_page_size(-1);
  EXPECT_THAT(Failure(&v1::TunnelService::Stub::ListTunnels, tunnels),
              Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                 Contains(Pair("field", "page_size"))));
  v1::ListSessionsRequest sessions;
  EXPECT_THAT(
      Failure(&v1::SessionService::Stub::ListSessions, sessions),
      Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED", Contains(Pair("field", "parent"))));
  sessions.set_parent("tunnels/none");
  EXPECT_THAT(
      Failure(&v1::SessionService::Stub::ListSessions, sessions),
      Is(grpc::StatusCode::NOT_FOUND, "TUNNEL_NOT_FOUND", Contains(Pair("name", "tunnels/none"))));
}

// ---- Profiles, pools, users, peers
// ----------------------------------------------------------------------

TEST_F(CommandsTest, ProfilePoolAndPeerAreStoredAndProtectEachOther) {
  v1::CreateProfileRequest profile;
  profile.set_profile_id("p");
  profile.mutable_profile()->mutable_ppp()->set_pool("pools/x");
  profile.mutable_profile()->mutable_ppp()->set_local_ip_address("198.51.100.1");
  EXPECT_THAT(Failure(&v1::ProfileService::Stub::CreateProfile, profile),
              Is(grpc::StatusCode::NOT_FOUND, "POOL_NOT_FOUND", Contains(Pair("name", "pools/x"))));
  v1::CreatePoolRequest pool;
  pool.set_pool_id("x");
  pool.mutable_pool()->add_ip_ranges("198.51.100.10-198.51.100.19");
  EXPECT_EQ(Success(&v1::PoolService::Stub::CreatePool, pool).addresses().free_count(), 10);
  EXPECT_EQ(Success(&v1::ProfileService::Stub::CreateProfile, profile).effective().ppp().mtu(),
            1452);
  v1::CreatePeerRequest peer;
  peer.set_peer_id("isp");
  peer.mutable_peer()->set_ip_prefix("192.0.2.0/24");
  peer.mutable_peer()->set_profile("profiles/p");
  Success(&v1::PeerService::Stub::CreatePeer, peer);

  EXPECT_THAT(
      Failure(&v1::PeerService::Stub::CreatePeer, peer),
      Is(grpc::StatusCode::ALREADY_EXISTS, "PEER_EXISTS", Contains(Pair("name", "peers/isp"))));
  EXPECT_THAT(Failure(&v1::PoolService::Stub::DeletePool, Named<v1::DeletePoolRequest>("pools/x")),
              Is(grpc::StatusCode::FAILED_PRECONDITION, "RESOURCE_IN_USE",
                 Contains(Pair("used_by", "profiles/p"))));
  EXPECT_THAT(Failure(&v1::ProfileService::Stub::DeleteProfile,
                      Named<v1::DeleteProfileRequest>("profiles/p")),
              Is(grpc::StatusCode::FAILED_PRECONDITION, "RESOURCE_IN_USE",
                 Contains(Pair("used_by", "peers/isp"))));

  Success(&v1::PeerService::Stub::DeletePeer, Named<v1::DeletePeerRequest>("peers/isp"));
  Success(&v1::ProfileService::Stub::DeleteProfile, Named<v1::DeleteProfileRequest>("profiles/p"));
  Success(&v1::PoolService::Stub::DeletePool, Named<v1::DeletePoolRequest>("pools/x"));
  EXPECT_EQ(Success(&v1::PoolService::Stub::ListPools, v1::ListPoolsRequest()).pools_size(), 0);
  EXPECT_THAT(
      Failure(&v1::PeerService::Stub::GetPeer, Named<v1::GetPeerRequest>("peers/isp")),
      Is(grpc::StatusCode::NOT_FOUND, "PEER_NOT_FOUND", Contains(Pair("name", "peers/isp"))));
}

TEST_F(CommandsTest, UserIsStoredAndProtectsWhatItRefersTo) {
  v1::CreateUserRequest alice;
  alice.set_user_id("alice");
  alice.mutable_user()->set_password(kSecret);
  alice.mutable_user()->set_profile("profiles/p");
  EXPECT_THAT(
      Failure(&v1::UserService::Stub::CreateUser, alice),
      Is(grpc::StatusCode::NOT_FOUND, "PROFILE_NOT_FOUND", Contains(Pair("name", "profiles/p"))));
  v1::CreateProfileRequest profile;
  profile.set_profile_id("p");
  profile.mutable_profile();
  Success(&v1::ProfileService::Stub::CreateProfile, profile);
  const v1::User created = Success(&v1::UserService::Stub::CreateUser, alice);
  EXPECT_EQ(created.name(), "users/alice");
  EXPECT_EQ(created.login(), "alice");
  EXPECT_TRUE(created.enabled());
  EXPECT_EQ(created.password(), "");
  EXPECT_THAT(
      Failure(&v1::UserService::Stub::CreateUser, alice),
      Is(grpc::StatusCode::ALREADY_EXISTS, "USER_EXISTS", Contains(Pair("name", "users/alice"))));
  alice.set_user_id("second");
  alice.mutable_user()->set_login("alice");
  EXPECT_THAT(Failure(&v1::UserService::Stub::CreateUser, alice),
              Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                 Contains(Pair("field", "user.login"))));
  EXPECT_THAT(Failure(&v1::ProfileService::Stub::DeleteProfile,
                      Named<v1::DeleteProfileRequest>("profiles/p")),
              Is(grpc::StatusCode::FAILED_PRECONDITION, "RESOURCE_IN_USE",
                 Contains(Pair("used_by", "users/alice"))));
  EXPECT_EQ(Success(&v1::UserService::Stub::ListUsers, v1::ListUsersRequest()).users_size(), 1);
  Success(&v1::UserService::Stub::DeleteUser, Named<v1::DeleteUserRequest>("users/alice"));
  EXPECT_THAT(
      Failure(&v1::UserService::Stub::GetUser, Named<v1::GetUserRequest>("users/alice")),
      Is(grpc::StatusCode::NOT_FOUND, "USER_NOT_FOUND", Contains(Pair("name", "users/alice"))));
}

TEST_F(CommandsTest, LeasesAreListedByPoolAndInAll) {
  v1::ListLeasesRequest request;
  EXPECT_THAT(
      Failure(&v1::PoolService::Stub::ListLeases, request),
      Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED", Contains(Pair("field", "parent"))));
  request.set_parent("tunnels/t");
  EXPECT_THAT(
      Failure(&v1::PoolService::Stub::ListLeases, request),
      Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID", Contains(Pair("field", "parent"))));
  request.set_parent("pools/x");
  EXPECT_THAT(Failure(&v1::PoolService::Stub::ListLeases, request),
              Is(grpc::StatusCode::NOT_FOUND, "POOL_NOT_FOUND", Contains(Pair("name", "pools/x"))));

  // We answer two calls of outgoing kind as LNS, with a pool.
  v1::CreatePoolRequest pool;
  pool.set_pool_id("x");
  pool.mutable_pool()->add_ip_ranges("198.51.100.10-198.51.100.19");
  pool.mutable_pool()->add_ipv6_prefixes("2001:db8:100::/48");
  Success(&v1::PoolService::Stub::CreatePool, pool);
  v1::CreateProfileRequest profile;
  profile.set_profile_id("p");
  profile.mutable_profile()->mutable_ppp()->set_pool("pools/x");
  profile.mutable_profile()->mutable_ppp()->set_local_ip_address("198.51.100.1");
  profile.mutable_profile()->mutable_ppp()->set_ipv6(true);
  Success(&v1::ProfileService::Stub::CreateProfile, profile);
  world_.OnLoop([&] {
    EXPECT_TRUE(world_.lns().controller->DeletePeer("peers/lac").ok());
    control::Peer peer;
    peer.name = "peers/any";
    peer.allow_outgoing_calls = true;
    EXPECT_TRUE(world_.lns().controller->CreatePeer(peer).ok());
  });
  CreateTunnel("t");
  for (const char* id : {"a", "b"}) {
    v1::CreateSessionRequest session = SessionRequest("t", id);
    session.mutable_session()->set_direction(v1::Session::DIRECTION_OUTGOING);
    session.mutable_session()->set_profile("profiles/p");
    Success(&v1::SessionService::Stub::CreateSession, session);
  }
  const v1::Session session = GetSession("tunnels/t/sessions/a");
  EXPECT_EQ(session.ipv4().remote_ip_address(), "198.51.100.10");
  EXPECT_EQ(session.ipv6_prefix(), "2001:db8:100::/64");
  for (const char* parent : {"pools/x", "pools/-"}) {
    request.set_parent(parent);
    request.set_page_size(1);
    request.clear_page_token();
    v1::ListLeasesResponse page = Success(&v1::PoolService::Stub::ListLeases, request);
    ASSERT_EQ(page.leases_size(), 1);
    EXPECT_EQ(page.leases(0).session(), "tunnels/t/sessions/a");
    EXPECT_EQ(page.leases(0).pool(), "pools/x");
    EXPECT_EQ(page.leases(0).ip_address(), "198.51.100.10");
    request.set_page_token(page.next_page_token());
    page = Success(&v1::PoolService::Stub::ListLeases, request);
    ASSERT_EQ(page.leases_size(), 1);
    EXPECT_EQ(page.leases(0).ipv6_prefix(), "2001:db8:100:1::/64");
    EXPECT_EQ(page.next_page_token(), "");
  }
  EXPECT_EQ(Success(&v1::PoolService::Stub::GetPool, Named<v1::GetPoolRequest>("pools/x"))
                .addresses()
                .used_count(),
            2);
}

TEST_F(CommandsTest, BadProfileNamesTheFieldOfTheRequest) {
  v1::CreateProfileRequest request;
  request.set_profile_id("p");
  request.mutable_profile()->mutable_ppp()->set_mtu(1);
  EXPECT_THAT(Failure(&v1::ProfileService::Stub::CreateProfile, request),
              Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID",
                 Contains(Pair("field", "profile.ppp.mtu"))));
}

// ---- The rest
// ------------------------------------------------------------------------------------

TEST_F(CommandsTest, SystemShowsTotals) {
  CreateTunnel("t");
  const v1::System system = Success(&v1::SystemService::Stub::GetSystem, v1::GetSystemRequest());
  EXPECT_EQ(system.version(), "1.2.3");
  EXPECT_EQ(system.state(), v1::System::STATE_RUNNING);
  EXPECT_EQ(system.tunnel_count(), 1);
  EXPECT_EQ(system.established_tunnel_count(), 1);
  EXPECT_EQ(system.listeners(0).ip_address(), "192.0.2.1");
  EXPECT_THAT(
      Failure(&v1::SystemService::Stub::GetSystem, Named<v1::GetSystemRequest>("other")),
      Is(grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID", Contains(Pair("field", "name"))));
}

TEST_F(CommandsTest, SecretsNeverComeBack) {
  v1::CreateProfileRequest profile;
  profile.set_profile_id("p");
  profile.mutable_profile()->mutable_ppp()->set_user("alice");
  profile.mutable_profile()->mutable_ppp()->set_password(kSecret);
  v1::CreateUserRequest user;
  user.set_user_id("bob");
  user.mutable_user()->set_password(kSecret);
  Success(&v1::UserService::Stub::CreateUser, user);
  Failure(&v1::UserService::Stub::CreateUser, user);
  Success(&v1::UserService::Stub::ListUsers, v1::ListUsersRequest());
  Success(&v1::ProfileService::Stub::CreateProfile, profile);
  Failure(&v1::ProfileService::Stub::CreateProfile, profile);
  v1::CreatePeerRequest peer;
  peer.set_peer_id("isp");
  peer.mutable_peer()->set_secret(kSecret);
  Success(&v1::PeerService::Stub::CreatePeer, peer);
  world_.OnLoop([&] {
    EXPECT_TRUE(world_.lns().controller->DeletePeer("peers/lac").ok());
    EXPECT_TRUE(world_.lns().controller->CreatePeer({.name = "peers/x", .secret = kSecret}).ok());
  });
  v1::CreateTunnelRequest tunnel = TunnelRequest("t");
  tunnel.mutable_tunnel()->set_secret(kSecret);
  tunnel.mutable_tunnel()->set_profile("profiles/p");
  Success(&v1::TunnelService::Stub::CreateTunnel, tunnel);
  EXPECT_EQ(GetTunnel("tunnels/t").state(), v1::Tunnel::STATE_ESTABLISHED);
  v1::CreateSessionRequest session = SessionRequest("t", "s");
  session.mutable_session()->set_user("carol");
  session.mutable_session()->set_password(kSecret);
  Success(&v1::SessionService::Stub::CreateSession, session);
  GetSession("tunnels/t/sessions/s");
  // A secret that is wrong is not repeated in the error.
  session.set_session_id("long");
  session.mutable_session()->set_password(kSecret + std::string(300, 'x'));
  Failure(&v1::SessionService::Stub::CreateSession, session);
  Success(&v1::ProfileService::Stub::ListProfiles, v1::ListProfilesRequest());
  Success(&v1::PeerService::Stub::ListPeers, v1::ListPeersRequest());
  auto deletion = Named<v1::DeleteTunnelRequest>("tunnels/t");
  deletion.set_force(true);
  Success(&v1::TunnelService::Stub::DeleteTunnel, deletion);

  // Every event since the start of the daemon.
  grpc::ClientContext context;
  v1::WatchRequest watch;
  world_.OnLoop([&] { watch.set_resume_token(world_.lac().controller->ResumeToken(0)); });
  auto stream = v1::EventService::NewStub(channel_)->Watch(&context, watch);
  v1::WatchResponse event;
  do {
    ASSERT_TRUE(stream->Read(&event));
    replies_ += event.SerializeAsString();
  } while (event.event().type() != v1::Event::TYPE_TUNNEL_DELETED);
  context.TryCancel();
  stream->Finish();

  EXPECT_NE(replies_.find("alice"), std::string::npos) << "the search works";
  EXPECT_EQ(replies_.find(kSecret), std::string::npos);
}

}  // namespace
}  // namespace l2tp::api
