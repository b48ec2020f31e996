// Update calls, labels, etags, request ids and validate_only over gRPC on a real controller.

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::HasSubstr;

class UpdateTest : public ::testing::Test {
 protected:
  std::string CreatePeer() {
    v1::CreatePeerRequest request;
    request.set_peer_id("a");
    request.mutable_peer()->set_host_name("lac");
    request.mutable_peer()->set_secret("hush");
    return world_.Reason(&v1::PeerService::Stub::CreatePeer, request, &peer_);
  }
  std::string UpdatePeer(const v1::UpdatePeerRequest& request) {
    return world_.Reason(&v1::PeerService::Stub::UpdatePeer, request, &peer_);
  }
  std::string CreateProfile(const std::string& id, const v1::Profile& profile) {
    v1::CreateProfileRequest request;
    request.set_profile_id(id);
    *request.mutable_profile() = profile;
    return world_.Reason(&v1::ProfileService::Stub::CreateProfile, request, &profile_);
  }
  std::string UpdateProfile(const v1::UpdateProfileRequest& request) {
    return world_.Reason(&v1::ProfileService::Stub::UpdateProfile, request, &profile_);
  }
  v1::Profile GetProfile(const std::string& name) {
    v1::GetProfileRequest request;
    request.set_name(name);
    v1::Profile profile;
    EXPECT_EQ(world_.Reason(&v1::ProfileService::Stub::GetProfile, request, &profile), "");
    return profile;
  }
  std::string StoredPeerSecret() {
    std::string secret;
    world_.OnLoop([&] { secret = world_.lac().controller->GetPeer("peers/a")->secret; });
    return secret;
  }

  ApiWorld world_;
  v1::Peer peer_;
  v1::Profile profile_;
};

TEST_F(UpdateTest, WithoutAMaskWhatIsSetIsChanged) {
  ASSERT_EQ(CreatePeer(), "");
  const std::string etag = peer_.etag();
  EXPECT_FALSE(etag.empty());
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_peer()->set_allow_outgoing_calls(true);
  ASSERT_EQ(UpdatePeer(request), "");
  EXPECT_TRUE(peer_.allow_outgoing_calls());
  EXPECT_TRUE(peer_.allow_calls());
  EXPECT_EQ(peer_.host_name(), "lac");
  EXPECT_NE(peer_.etag(), etag);
  EXPECT_EQ(StoredPeerSecret(), "hush");
}

TEST_F(UpdateTest, WhatAMaskNamesAndIsNotSetIsCleared) {
  ASSERT_EQ(CreatePeer(), "");
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_update_mask()->add_paths("host_name");
  ASSERT_EQ(UpdatePeer(request), "");
  EXPECT_EQ(peer_.host_name(), "");
}

TEST_F(UpdateTest, ASecretGoesOnlyWhenItIsNamed) {
  ASSERT_EQ(CreatePeer(), "");
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_update_mask()->add_paths("*");
  ASSERT_EQ(UpdatePeer(request), "");
  EXPECT_EQ(peer_.host_name(), "");
  EXPECT_EQ(StoredPeerSecret(), "hush");

  request.mutable_update_mask()->add_paths("secret");
  ASSERT_EQ(UpdatePeer(request), "");
  EXPECT_EQ(StoredPeerSecret(), "");
}

TEST_F(UpdateTest, ANewSecretTakesThePlaceOfTheOld) {
  ASSERT_EQ(CreatePeer(), "");
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_peer()->set_secret("louder");
  ASSERT_EQ(UpdatePeer(request), "");
  EXPECT_EQ(StoredPeerSecret(), "louder");
  EXPECT_EQ(peer_.secret(), "");
}

TEST_F(UpdateTest, AnUnknownFieldOfTheMaskIsNamed) {
  ASSERT_EQ(CreatePeer(), "");
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_update_mask()->add_paths("hostname");
  const client::Error error = world_.Call(&v1::PeerService::Stub::UpdatePeer, request, &peer_);
  EXPECT_EQ(error.reason, "FIELD_INVALID");
  EXPECT_EQ(error.metadata.at("field"), "update_mask");
  EXPECT_THAT(error.message, HasSubstr("hostname"));
}

TEST_F(UpdateTest, AnotherEtagThanTheResourcesStopsUpdateAndDeletion) {
  ASSERT_EQ(CreatePeer(), "");
  const std::string etag = peer_.etag();
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_peer()->set_deny(true);
  ASSERT_EQ(UpdatePeer(request), "");
  const std::string now = peer_.etag();
  request.mutable_peer()->set_etag(etag);
  const client::Error error = world_.Call(&v1::PeerService::Stub::UpdatePeer, request, &peer_);
  EXPECT_EQ(error.code, grpc::StatusCode::ABORTED);
  EXPECT_EQ(error.reason, "ETAG_MISMATCH");
  EXPECT_EQ(error.metadata.at("etag"), now);

  v1::DeletePeerRequest deletion;
  deletion.set_name("peers/a");
  deletion.set_etag(etag);
  google::protobuf::Empty nothing;
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::DeletePeer, deletion, &nothing), "ETAG_MISMATCH");
  deletion.set_etag(now);
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::DeletePeer, deletion, &nothing), "");
}

TEST_F(UpdateTest, WhatIsNotThereIsMadeOnlyIfThatIsAllowed) {
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_peer()->set_host_name("lac");
  EXPECT_EQ(UpdatePeer(request), "PEER_NOT_FOUND");
  request.set_allow_missing(true);
  EXPECT_EQ(UpdatePeer(request), "");
  EXPECT_EQ(peer_.host_name(), "lac");
}

TEST_F(UpdateTest, ValidateOnlyChangesNothing) {
  v1::CreatePeerRequest creation;
  creation.set_peer_id("a");
  creation.mutable_peer()->set_host_name("lac");
  creation.set_validate_only(true);
  ASSERT_EQ(world_.Reason(&v1::PeerService::Stub::CreatePeer, creation, &peer_), "");
  EXPECT_EQ(peer_.name(), "peers/a");
  v1::GetPeerRequest get;
  get.set_name("peers/a");
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::GetPeer, get, &peer_), "PEER_NOT_FOUND");
  creation.mutable_peer()->set_profile("profiles/nowhere");
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::CreatePeer, creation, &peer_),
            "PROFILE_NOT_FOUND");

  ASSERT_EQ(CreatePeer(), "");
  const std::string etag = peer_.etag();
  v1::UpdatePeerRequest update;
  update.mutable_peer()->set_name("peers/a");
  update.mutable_peer()->set_deny(true);
  update.set_validate_only(true);
  ASSERT_EQ(UpdatePeer(update), "");
  EXPECT_TRUE(peer_.deny());
  ASSERT_EQ(world_.Reason(&v1::PeerService::Stub::GetPeer, get, &peer_), "");
  EXPECT_FALSE(peer_.deny());
  EXPECT_EQ(peer_.etag(), etag);
}

TEST_F(UpdateTest, ValidateOnlyOpensNoTunnelAndPlacesNoCall) {
  v1::CreateTunnelRequest tunnel;
  tunnel.set_tunnel_id("t");
  tunnel.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  tunnel.set_validate_only(true);
  v1::Tunnel seen;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, tunnel, &seen), "");
  EXPECT_EQ(seen.name(), "tunnels/t");
  v1::GetTunnelRequest get;
  get.set_name("tunnels/t");
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::GetTunnel, get, &seen), "TUNNEL_NOT_FOUND");

  v1::CreateSessionRequest session;
  session.set_parent("tunnels/-");
  session.set_session_id("s");
  session.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  session.set_validate_only(true);
  v1::Session call;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::CreateSession, session, &call), "");
  v1::ListTunnelsResponse all;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::ListTunnels, v1::ListTunnelsRequest(), &all),
            "");
  EXPECT_EQ(all.tunnels_size(), 0);
}

// ---- Request ids -------------------------------------------------------------------------------

TEST_F(UpdateTest, ALostAnswerIsGivenAgain) {
  v1::CreateTunnelRequest request;
  request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  request.set_request_id("one");
  v1::Tunnel first, second;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &first), "");
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &second), "");
  EXPECT_EQ(first.uid(), second.uid());
  v1::ListTunnelsResponse all;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::ListTunnels, v1::ListTunnelsRequest(), &all),
            "");
  EXPECT_EQ(all.tunnels_size(), 1);
}

TEST_F(UpdateTest, AnIdBelongsToOneRequest) {
  v1::CreateTunnelRequest request;
  request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  request.set_request_id("one");
  v1::Tunnel tunnel;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &tunnel), "");
  request.mutable_tunnel()->set_remote_port(1702);
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &tunnel),
            "REQUEST_ID_REUSED");
  request.set_request_id("with space");
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &tunnel),
            "FIELD_INVALID");
}

TEST_F(UpdateTest, WhatFailedMayBeTriedAgainUnderItsId) {
  v1::CreatePeerRequest request;
  request.set_peer_id("a");
  request.mutable_peer()->set_profile("profiles/p");
  request.set_request_id("one");
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::CreatePeer, request, &peer_),
            "PROFILE_NOT_FOUND");
  ASSERT_EQ(CreateProfile("p", v1::Profile()), "");
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::CreatePeer, request, &peer_), "");
}

// ---- Profiles ----------------------------------------------------------------------------------

TEST_F(UpdateTest, HeirsOfAProfileChangeWithIt) {
  v1::Profile parent;
  parent.mutable_ppp()->set_mtu(1400);
  ASSERT_EQ(CreateProfile("parent", parent), "");
  v1::Profile child;
  child.set_parent("profiles/parent");
  child.mutable_ppp()->set_mru(1300);
  ASSERT_EQ(CreateProfile("child", child), "");
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/parent");
  request.mutable_profile()->mutable_ppp()->set_mtu(1350);
  ASSERT_EQ(UpdateProfile(request), "");
  v1::Profile heir = GetProfile("profiles/child");
  EXPECT_EQ(heir.effective().ppp().mtu(), 1350);
  EXPECT_EQ(heir.effective().ppp().mru(), 1300);
  EXPECT_FALSE(heir.ppp().has_mtu());

  // Named, and not set: inherited, here from the defaults.
  request.mutable_profile()->mutable_ppp()->clear_mtu();
  request.mutable_update_mask()->add_paths("ppp.mtu");
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_EQ(GetProfile("profiles/child").effective().ppp().mtu(), 1452);
}

TEST_F(UpdateTest, AProfileCannotInheritFromItself) {
  ASSERT_EQ(CreateProfile("parent", v1::Profile()), "");
  v1::Profile child;
  child.set_parent("profiles/parent");
  ASSERT_EQ(CreateProfile("child", child), "");
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/parent");
  request.mutable_profile()->set_parent("profiles/child");
  const client::Error error =
      world_.Call(&v1::ProfileService::Stub::UpdateProfile, request, &profile_);
  EXPECT_EQ(error.reason, "FIELD_INVALID");
  EXPECT_EQ(error.metadata.at("field"), "profile.parent");
  EXPECT_EQ(GetProfile("profiles/parent").parent(), "");
}

TEST_F(UpdateTest, WhatWouldMakeAnHeirWrongIsRefused) {
  v1::Profile parent;
  parent.mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_MSCHAPV2);
  ASSERT_EQ(CreateProfile("parent", parent), "");
  v1::Profile child;
  child.set_parent("profiles/parent");
  child.mutable_ppp()->set_mppe_required(true);
  ASSERT_EQ(CreateProfile("child", child), "");
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/parent");
  request.mutable_profile()->mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_PAP);
  const client::Error error =
      world_.Call(&v1::ProfileService::Stub::UpdateProfile, request, &profile_);
  EXPECT_EQ(error.reason, "FIELD_INVALID");
  EXPECT_THAT(error.message, HasSubstr("profiles/child"));
}

TEST_F(UpdateTest, ProfilesKeepTheirSecretsWithWhatTheyGoWith) {
  v1::Profile profile;
  profile.mutable_ppp()->set_user("alice");
  profile.mutable_ppp()->set_password("wonderland");
  ASSERT_EQ(CreateProfile("p", profile), "");
  const auto password = [&] {
    std::string stored;
    world_.OnLoop(
        [&] { stored = world_.lac().controller->GetProfile("profiles/p")->ppp.password; });
    return stored;
  };
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/p");
  request.mutable_profile()->mutable_ppp()->set_mtu(1400);
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_EQ(password(), "wonderland");
  // Another one has another password.
  request.mutable_profile()->mutable_ppp()->set_user("bob");
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_EQ(password(), "");
}

TEST_F(UpdateTest, APasswordDoesNotStayWhenItsUserGoes) {
  v1::Profile parent;
  parent.mutable_ppp()->set_user("bob");
  parent.mutable_ppp()->set_password("builder");
  ASSERT_EQ(CreateProfile("parent", parent), "");
  v1::Profile child;
  child.set_parent("profiles/parent");
  child.mutable_ppp()->set_user("alice");
  child.mutable_ppp()->set_password("wonderland");
  ASSERT_EQ(CreateProfile("child", child), "");
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/child");
  request.mutable_profile()->set_parent("profiles/parent");
  request.mutable_update_mask()->add_paths("*");
  ASSERT_EQ(UpdateProfile(request), "");
  world_.OnLoop([&] {
    const auto stored = world_.lac().controller->GetProfile("profiles/child");
    EXPECT_EQ(stored->ppp.user, "bob");
    EXPECT_EQ(stored->ppp.password, "builder");
  });
}

TEST_F(UpdateTest, RadiusCanBeChangedTurnedOffAndInheritedAgain) {
  const auto with_radius = [](v1::Profile* profile, const std::string& server) {
    profile->mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_PAP);
    profile->mutable_ppp()->mutable_radius()->set_server(server);
    profile->mutable_ppp()->mutable_radius()->set_secret("hush");
  };
  v1::Profile parent, child;
  with_radius(&parent, "192.0.2.8");
  ASSERT_EQ(CreateProfile("parent", parent), "");
  with_radius(&child, "192.0.2.9");
  child.set_parent("profiles/parent");
  ASSERT_EQ(CreateProfile("child", child), "");

  v1::UpdateProfileRequest request;
  v1::Profile* changed = request.mutable_profile();
  changed->set_name("profiles/child");
  changed->mutable_ppp()->mutable_radius()->set_retries(3);
  ASSERT_EQ(UpdateProfile(request), "") << "the secret of the same server stays";
  EXPECT_EQ(profile_.ppp().radius().server(), "192.0.2.9");
  changed->mutable_ppp()->mutable_radius()->set_server("192.0.2.10");
  EXPECT_EQ(UpdateProfile(request), "FIELD_REQUIRED") << "another server has another secret";

  changed->mutable_ppp()->mutable_radius()->Clear();
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_TRUE(profile_.ppp().has_radius());
  EXPECT_EQ(profile_.effective().ppp().radius().server(), "") << "turned off";

  changed->mutable_ppp()->clear_radius();
  request.mutable_update_mask()->add_paths("ppp.radius");
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_FALSE(profile_.ppp().has_radius());
  EXPECT_EQ(profile_.effective().ppp().radius().server(), "192.0.2.8") << "inherited";
}

TEST_F(UpdateTest, WhatTheConfigurationSetToNothingStaysSo) {
  v1::Profile parent;
  parent.mutable_ppp()->add_require_auth(v1::PppSettings::AUTH_METHOD_PAP);
  ASSERT_EQ(CreateProfile("parent", parent), "");
  world_.OnLoop([&] {
    control::Profile child;
    child.name = "profiles/child";
    child.parent = "profiles/parent";
    child.set = {"ppp.require_auth"};
    EXPECT_TRUE(world_.lac().controller->CreateProfile(child).ok());
  });
  v1::UpdateProfileRequest request;
  request.mutable_profile()->set_name("profiles/child");
  request.mutable_profile()->set_display_name("Child");
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_EQ(profile_.effective().ppp().require_auth_size(), 0);
  request.mutable_update_mask()->add_paths("ppp.require_auth");
  ASSERT_EQ(UpdateProfile(request), "");
  EXPECT_EQ(profile_.effective().ppp().require_auth_size(), 1);
}

TEST_F(UpdateTest, WhoHasSeenAnEtagDoesNotMakeItAnew) {
  v1::UpdatePeerRequest request;
  request.mutable_peer()->set_name("peers/a");
  request.mutable_peer()->set_etag("0123456789abcdef");
  request.set_allow_missing(true);
  EXPECT_EQ(UpdatePeer(request), "PEER_NOT_FOUND");
}

// ---- Pools and users ---------------------------------------------------------------------------

TEST_F(UpdateTest, APoolGrowsButKeepsWhatSessionsHave) {
  v1::CreatePoolRequest request;
  request.set_pool_id("p");
  request.mutable_pool()->add_ip_ranges("10.0.0.1-10.0.0.2");
  v1::Pool pool;
  ASSERT_EQ(world_.Reason(&v1::PoolService::Stub::CreatePool, request, &pool), "");
  v1::UpdatePoolRequest update;
  update.mutable_pool()->set_name("pools/p");
  update.mutable_pool()->add_ip_ranges("10.0.0.1-10.0.0.9");
  ASSERT_EQ(world_.Reason(&v1::PoolService::Stub::UpdatePool, update, &pool), "");
  EXPECT_EQ(pool.addresses().total_count(), 9);
}

TEST_F(UpdateTest, AUserMayGetAnotherLoginAndAddress) {
  v1::CreateUserRequest request;
  request.set_user_id("alice");
  request.mutable_user()->set_password("wonderland");
  v1::User user;
  ASSERT_EQ(world_.Reason(&v1::UserService::Stub::CreateUser, request, &user), "");
  request.set_user_id("bob");
  request.mutable_user()->set_ip_address("10.0.0.7");
  ASSERT_EQ(world_.Reason(&v1::UserService::Stub::CreateUser, request, &user), "");

  v1::UpdateUserRequest update;
  update.mutable_user()->set_name("users/alice");
  update.mutable_user()->set_login("bob");
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::UpdateUser, update, &user), "FIELD_INVALID");
  update.mutable_user()->set_login("alice@example.net");
  update.mutable_user()->set_ip_address("10.0.0.7");
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::UpdateUser, update, &user), "FIELD_INVALID");
  update.mutable_user()->set_ip_address("10.0.0.8");
  ASSERT_EQ(world_.Reason(&v1::UserService::Stub::UpdateUser, update, &user), "");
  EXPECT_EQ(user.login(), "alice@example.net");
  EXPECT_EQ(user.ip_address(), "10.0.0.8");
  // What it had before is free again.
  update.mutable_user()->set_name("users/bob");
  update.mutable_user()->set_login("alice");
  update.mutable_user()->set_ip_address("10.0.0.9");
  EXPECT_EQ(world_.Reason(&v1::UserService::Stub::UpdateUser, update, &user), "");
}

// ---- Labels ------------------------------------------------------------------------------------

TEST_F(UpdateTest, TunnelsAndSessionsGetOtherLabelsAndTunnelsDebug) {
  v1::CreateTunnelRequest request;
  request.set_tunnel_id("t");
  request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
  (*request.mutable_tunnel()->mutable_labels())["site"] = "ber1";
  v1::Tunnel tunnel;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &tunnel), "");
  EXPECT_EQ(tunnel.labels().at("site"), "ber1");
  v1::UpdateTunnelRequest update;
  update.mutable_tunnel()->set_name("tunnels/t");
  update.mutable_tunnel()->set_etag(tunnel.etag());
  (*update.mutable_tunnel()->mutable_labels())["site"] = "ham2";
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  EXPECT_EQ(tunnel.labels().at("site"), "ham2");
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel),
            "ETAG_MISMATCH");
  update.mutable_tunnel()->clear_etag();

  // The mask says which of the two: nothing else changes.
  update.mutable_tunnel()->clear_labels();
  update.mutable_tunnel()->set_debug(true);
  const std::string etag = tunnel.etag();
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  EXPECT_TRUE(tunnel.debug());
  EXPECT_EQ(tunnel.labels().at("site"), "ham2");
  EXPECT_NE(tunnel.etag(), etag);
  update.mutable_tunnel()->set_debug(false);
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel),
            "FIELD_REQUIRED");
  update.mutable_update_mask()->add_paths("debug");
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  EXPECT_FALSE(tunnel.debug());
  EXPECT_EQ(tunnel.labels().at("site"), "ham2");
  update.mutable_tunnel()->set_debug(true);
  update.mutable_update_mask()->set_paths(0, "*");
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  EXPECT_TRUE(tunnel.debug());
  EXPECT_TRUE(tunnel.labels().empty());

  update.mutable_update_mask()->set_paths(0, "remote_port");
  EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel),
            "FIELD_INVALID");

  v1::CreateSessionRequest call;
  call.set_parent("tunnels/t");
  call.set_session_id("s");
  v1::Session session;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::CreateSession, call, &session), "");
  v1::UpdateSessionRequest relabel;
  relabel.mutable_session()->set_name(session.name());
  (*relabel.mutable_session()->mutable_labels())["ticket"] = "4711";
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::UpdateSession, relabel, &session), "");
  EXPECT_EQ(session.labels().at("ticket"), "4711");
}

TEST_F(UpdateTest, LabelsHaveTheirRules) {
  v1::CreatePeerRequest request;
  request.set_peer_id("a");
  (*request.mutable_peer()->mutable_labels())["Site"] = "x";
  client::Error error = world_.Call(&v1::PeerService::Stub::CreatePeer, request, &peer_);
  EXPECT_EQ(error.metadata.at("field"), "peer.labels");
  request.mutable_peer()->clear_labels();
  for (int i = 0; i < 33; ++i) {
    (*request.mutable_peer()->mutable_labels())[absl::StrCat("k", i)] = "x";
  }
  error = world_.Call(&v1::PeerService::Stub::CreatePeer, request, &peer_);
  EXPECT_EQ(error.metadata.at("field"), "peer.labels");
  request.mutable_peer()->clear_labels();
  (*request.mutable_peer()->mutable_labels())["site"] = std::string(254, 'x');
  error = world_.Call(&v1::PeerService::Stub::CreatePeer, request, &peer_);
  EXPECT_EQ(error.metadata.at("field"), "peer.labels");
}

}  // namespace
}  // namespace l2tp::api
