// Filters, what is gone, the past, and closing many: over gRPC on a real controller.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l2tp/v1/event.grpc.pb.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"
#include "tests/api/api_world.h"

namespace l2tp::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListingTest : public ::testing::Test {
 protected:
  ListingTest() {
    for (const char* id : {"a", "b"}) {
      v1::CreateTunnelRequest request;
      request.set_tunnel_id(id);
      request.mutable_tunnel()->set_remote_ip_address("192.0.2.2");
      (*request.mutable_tunnel()->mutable_labels())["site"] = id;
      v1::Tunnel tunnel;
      EXPECT_EQ(world_.Reason(&v1::TunnelService::Stub::CreateTunnel, request, &tunnel), "");
    }
    for (const char* id : {"one", "three", "two"}) {
      v1::CreateSessionRequest request;
      request.set_parent("tunnels/a");
      request.set_session_id(id);
      request.mutable_session()->set_calling_number(id);
      v1::Session session;
      EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::CreateSession, request, &session), "");
    }
  }

  // Ids of all sessions that match, by pages of `page_size`.
  std::vector<std::string> Sessions(const v1::SessionFilter& filter, bool closed = false,
                                    int page_size = 2) {
    v1::ListSessionsRequest request;
    request.set_parent("tunnels/-");
    *request.mutable_filter() = filter;
    request.set_show_closed(closed);
    request.set_page_size(page_size);
    std::vector<std::string> ids;
    do {
      v1::ListSessionsResponse response;
      EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::ListSessions, request, &response), "");
      for (const v1::Session& session : response.sessions()) {
        ids.push_back(session.name().substr(session.name().rfind('/') + 1));
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
  std::string DeleteSession(const std::string& name) {
    v1::DeleteSessionRequest request;
    request.set_name(name);
    request.set_message("test");
    google::protobuf::Empty nothing;
    return world_.Reason(&v1::SessionService::Stub::DeleteSession, request, &nothing);
  }

  ApiWorld world_;
};

TEST_F(ListingTest, SessionsAreFoundByWhatIsKnownOfThem) {
  v1::SessionFilter filter;
  filter.set_calling_number("two");
  EXPECT_THAT(Sessions(filter), ElementsAre("two"));
  filter.Clear();
  filter.add_states(v1::Session::STATE_ESTABLISHED);
  EXPECT_THAT(Sessions(filter), ElementsAre("one", "three", "two"));
  EXPECT_THAT(Sessions(filter, false, 1), ElementsAre("one", "three", "two"));
  filter.set_interface_name("nowhere0");
  EXPECT_THAT(Sessions(filter), IsEmpty());
  filter.Clear();
  v1::ListSessionsRequest request;
  request.set_parent("tunnels/-");
  request.mutable_filter()->set_ip_address("300.1.1.1");
  v1::ListSessionsResponse response;
  EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::ListSessions, request, &response),
            "FIELD_INVALID");
}

TEST_F(ListingTest, SessionsAreFoundByTheirAddress) {
  v1::ListSessionsRequest all;
  all.set_parent("tunnels/-");
  v1::ListSessionsResponse response;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::ListSessions, all, &response), "");
  ASSERT_EQ(response.sessions_size(), 3);
  ASSERT_TRUE(response.sessions(0).has_ipv4());
  v1::SessionFilter filter;
  filter.set_ip_address(response.sessions(0).ipv4().local_ip_address());
  EXPECT_THAT(Sessions(filter), Contains("one"));
  filter.set_interface_name(response.sessions(1).interface_name());
  EXPECT_THAT(Sessions(filter), ElementsAre("three"));
}

TEST_F(ListingTest, TunnelsAreFoundByTheirLabels) {
  v1::ListTunnelsRequest request;
  (*request.mutable_filter()->mutable_labels())["site"] = "b";
  v1::ListTunnelsResponse response;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::ListTunnels, request, &response), "");
  ASSERT_EQ(response.tunnels_size(), 1);
  EXPECT_EQ(response.tunnels(0).name(), "tunnels/b");
}

// Names of all that match, by pages of one.
template <typename ListRequest, typename List>
std::vector<std::string> Names(ListRequest request, const List& list) {
  std::vector<std::string> names;
  request.set_page_size(1);
  do {
    request.set_page_token(list(request, &names));
  } while (!request.page_token().empty());
  return names;
}

TEST_F(ListingTest, UsersAreFoundByWhetherTheyMayLogInByProfileAndByLabels) {
  v1::CreateProfileRequest profile;
  profile.set_profile_id("p");
  profile.mutable_profile()->set_display_name("P");
  v1::Profile made;
  ASSERT_EQ(world_.Reason(&v1::ProfileService::Stub::CreateProfile, profile, &made), "");
  for (const char* id : {"alice", "bob", "carol"}) {
    v1::CreateUserRequest request;
    request.set_user_id(id);
    request.mutable_user()->set_password("x");
    request.mutable_user()->set_enabled(id[0] != 'b');
    if (id[0] != 'a') request.mutable_user()->set_profile("profiles/p");
    (*request.mutable_user()->mutable_labels())["site"] = id[0] == 'a' ? "ber1" : "ham2";
    v1::User user;
    ASSERT_EQ(world_.Reason(&v1::UserService::Stub::CreateUser, request, &user), "");
  }
  const auto find = [this](const v1::UserFilter& filter) {
    v1::ListUsersRequest request;
    *request.mutable_filter() = filter;
    return Names(request, [this](const auto& each, std::vector<std::string>* names) {
      v1::ListUsersResponse page;
      EXPECT_EQ(world_.Reason(&v1::UserService::Stub::ListUsers, each, &page), "");
      for (const v1::User& user : page.users()) names->push_back(user.name());
      return page.next_page_token();
    });
  };
  v1::UserFilter filter;
  EXPECT_THAT(find(filter), ElementsAre("users/alice", "users/bob", "users/carol"));
  filter.set_enabled(false);
  EXPECT_THAT(find(filter), ElementsAre("users/bob"));
  filter.set_enabled(true);
  EXPECT_THAT(find(filter), ElementsAre("users/alice", "users/carol"));
  filter.set_profile("profiles/p");
  EXPECT_THAT(find(filter), ElementsAre("users/carol"));
  filter.Clear();
  (*filter.mutable_labels())["site"] = "ham2";
  EXPECT_THAT(find(filter), ElementsAre("users/bob", "users/carol"));
  (*filter.mutable_labels())["more"] = "x";
  EXPECT_THAT(find(filter), IsEmpty());
}

TEST_F(ListingTest, ProfilesPoolsAndPeersAreFoundByTheirLabelsAndPeersByProfile) {
  for (const char* site : {"ber1", "ham2"}) {
    v1::CreateProfileRequest profile;
    profile.set_profile_id(site);
    (*profile.mutable_profile()->mutable_labels())["site"] = site;
    v1::Profile made;
    ASSERT_EQ(world_.Reason(&v1::ProfileService::Stub::CreateProfile, profile, &made), "");
    v1::CreatePoolRequest pool;
    pool.set_pool_id(site);
    (*pool.mutable_pool()->mutable_labels())["site"] = site;
    pool.mutable_pool()->add_ip_ranges(site[0] == 'b' ? "10.9.0.1" : "10.9.0.2");
    v1::Pool pool_made;
    ASSERT_EQ(world_.Reason(&v1::PoolService::Stub::CreatePool, pool, &pool_made), "");
    v1::CreatePeerRequest peer;
    peer.set_peer_id(site);
    peer.mutable_peer()->set_host_name(site);
    peer.mutable_peer()->set_profile(absl::StrCat("profiles/", site));
    (*peer.mutable_peer()->mutable_labels())["site"] = site;
    v1::Peer peer_made;
    ASSERT_EQ(world_.Reason(&v1::PeerService::Stub::CreatePeer, peer, &peer_made), "");
  }
  v1::ListProfilesRequest profiles;
  (*profiles.mutable_filter()->mutable_labels())["site"] = "ham2";
  v1::ListProfilesResponse found_profiles;
  ASSERT_EQ(world_.Reason(&v1::ProfileService::Stub::ListProfiles, profiles, &found_profiles), "");
  ASSERT_EQ(found_profiles.profiles_size(), 1);
  EXPECT_EQ(found_profiles.profiles(0).name(), "profiles/ham2");
  v1::ListPoolsRequest pools;
  (*pools.mutable_filter()->mutable_labels())["site"] = "ham2";
  v1::ListPoolsResponse found_pools;
  ASSERT_EQ(world_.Reason(&v1::PoolService::Stub::ListPools, pools, &found_pools), "");
  ASSERT_EQ(found_pools.pools_size(), 1);
  EXPECT_EQ(found_pools.pools(0).name(), "pools/ham2");
  v1::ListPeersRequest peers;
  peers.mutable_filter()->set_profile("profiles/ber1");
  v1::ListPeersResponse found_peers;
  ASSERT_EQ(world_.Reason(&v1::PeerService::Stub::ListPeers, peers, &found_peers), "");
  ASSERT_EQ(found_peers.peers_size(), 1);
  EXPECT_EQ(found_peers.peers(0).name(), "peers/ber1");
  (*peers.mutable_filter()->mutable_labels())["site"] = "ham2";
  ASSERT_EQ(world_.Reason(&v1::PeerService::Stub::ListPeers, peers, &found_peers), "");
  EXPECT_EQ(found_peers.peers_size(), 0);
  (*peers.mutable_filter()->mutable_labels())["Site"] = "x";
  EXPECT_EQ(world_.Reason(&v1::PeerService::Stub::ListPeers, peers, &found_peers), "FIELD_INVALID");
}

TEST_F(ListingTest, WhatIsGoneCanStillBeRead) {
  ASSERT_EQ(DeleteSession("tunnels/a/sessions/two"), "");
  EXPECT_THAT(Sessions({}), ElementsAre("one", "three"));
  EXPECT_THAT(Sessions({}, true), ElementsAre("one", "three", "two"));
  EXPECT_THAT(Sessions({}, true, 1), ElementsAre("one", "three", "two"));
  v1::SessionFilter closed;
  closed.add_states(v1::Session::STATE_CLOSED);
  EXPECT_THAT(Sessions(closed, true), ElementsAre("two"));

  v1::GetSessionRequest request;
  request.set_name("tunnels/a/sessions/two");
  v1::Session session;
  EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::GetSession, request, &session),
            "SESSION_NOT_FOUND");
  request.set_show_closed(true);
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::GetSession, request, &session), "");
  EXPECT_EQ(session.state(), v1::Session::STATE_CLOSED);
  EXPECT_EQ(session.cause().closed_by(), v1::Cause::CLOSED_BY_OPERATOR);
  EXPECT_EQ(session.cause().message(), "test");

  world_.Advance(Duration::Seconds(3700));
  EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::GetSession, request, &session),
            "SESSION_NOT_FOUND");
}

TEST_F(ListingTest, AnotherOneOfTheNameTakesThePlaceOfTheOneThatIsGone) {
  ASSERT_EQ(DeleteSession("tunnels/a/sessions/two"), "");
  v1::CreateSessionRequest creation;
  creation.set_parent("tunnels/a");
  creation.set_session_id("two");
  v1::Session session;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::CreateSession, creation, &session), "");
  EXPECT_THAT(Sessions({}, true), ElementsAre("one", "three", "two"));
  v1::SessionFilter closed;
  closed.add_states(v1::Session::STATE_CLOSED);
  EXPECT_THAT(Sessions(closed, true), IsEmpty());
}

TEST_F(ListingTest, SessionsOfATunnelThatIsGoneCanBeListed) {
  v1::DeleteTunnelRequest deletion;
  deletion.set_name("tunnels/a");
  deletion.set_force(true);
  google::protobuf::Empty nothing;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::DeleteTunnel, deletion, &nothing), "");
  v1::ListSessionsRequest request;
  request.set_parent("tunnels/a");
  v1::ListSessionsResponse response;
  EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::ListSessions, request, &response),
            "TUNNEL_NOT_FOUND");
  request.set_show_closed(true);
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::ListSessions, request, &response), "");
  EXPECT_EQ(response.sessions_size(), 3);
  v1::GetTunnelRequest get;
  get.set_name("tunnels/a");
  get.set_show_closed(true);
  v1::Tunnel tunnel;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::GetTunnel, get, &tunnel), "");
  EXPECT_EQ(tunnel.state(), v1::Tunnel::STATE_CLOSED);
}

TEST_F(ListingTest, ManySessionsAreClosedAtOnce) {
  v1::CloseSessionsRequest request;
  v1::CloseSessionsResponse response;
  EXPECT_EQ(world_.Reason(&v1::SessionService::Stub::CloseSessions, request, &response),
            "FIELD_REQUIRED");
  request.mutable_filter()->set_calling_number("two");
  request.set_parent("tunnels/b");
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::CloseSessions, request, &response), "");
  EXPECT_EQ(response.closed_count(), 0);
  request.set_parent("tunnels/-");
  request.set_message("unpaid");
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::CloseSessions, request, &response), "");
  EXPECT_EQ(response.closed_count(), 1);
  EXPECT_EQ(response.next_page_token(), "");
  while (Sessions({}).size() != 2) {
  }
  v1::GetSessionRequest get;
  get.set_name("tunnels/a/sessions/two");
  get.set_show_closed(true);
  v1::Session session;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::GetSession, get, &session), "");
  EXPECT_EQ(session.cause().message(), "unpaid");
}

// ---- The past ----------------------------------------------------------------------------------

TEST_F(ListingTest, TheStoryOfASessionIsListed) {
  ASSERT_EQ(DeleteSession("tunnels/a/sessions/two"), "");
  v1::ListEventsRequest request;
  request.set_name("tunnels/a/sessions/two");
  request.set_page_size(3);
  std::vector<std::string> forwards;
  v1::ListEventsResponse response;
  do {
    ASSERT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
    for (const v1::Event& event : response.events()) {
      EXPECT_EQ(event.name(), "tunnels/a/sessions/two");
      forwards.push_back(v1::Event::Type_Name(event.type()));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  ASSERT_FALSE(forwards.empty());
  EXPECT_EQ(forwards.front(), "TYPE_SESSION_CREATED");
  EXPECT_EQ(forwards.back(), "TYPE_SESSION_DELETED");
  EXPECT_EQ(response.oldest_revision(), 1);

  request.set_newest_first(true);
  std::vector<std::string> backwards;
  do {
    ASSERT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
    for (const v1::Event& event : response.events()) {
      backwards.push_back(v1::Event::Type_Name(event.type()));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(std::vector<std::string>(backwards.rbegin(), backwards.rend()), forwards);
}

TEST_F(ListingTest, WhoFiltersByLabelsSeesWhatLeavesAndComes) {
  v1::UpdateTunnelRequest update;
  update.mutable_tunnel()->set_name("tunnels/a");
  (*update.mutable_tunnel()->mutable_labels())["site"] = "c";
  v1::Tunnel tunnel;
  ASSERT_EQ(world_.Reason(&v1::TunnelService::Stub::UpdateTunnel, update, &tunnel), "");
  for (const char* site : {"a", "c"}) {
    v1::ListEventsRequest request;
    (*request.mutable_labels())["site"] = site;
    request.add_types(v1::Event::TYPE_TUNNEL_UPDATED);
    v1::ListEventsResponse response;
    ASSERT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
    EXPECT_EQ(response.events_size(), 1) << site;
  }
}

TEST_F(ListingTest, AClosedSessionIsFoundByTheAddressItHad) {
  v1::GetSessionRequest get;
  get.set_name("tunnels/a/sessions/two");
  v1::Session session;
  ASSERT_EQ(world_.Reason(&v1::SessionService::Stub::GetSession, get, &session), "");
  v1::SessionFilter filter;
  filter.set_ip_address(session.ipv4().local_ip_address());
  filter.add_states(v1::Session::STATE_CLOSED);
  EXPECT_THAT(Sessions(filter, true), IsEmpty());
  ASSERT_EQ(DeleteSession("tunnels/a/sessions/two"), "");
  EXPECT_THAT(Sessions(filter, true), ElementsAre("two"));
}

TEST_F(ListingTest, APageTokenOfTheOtherDirectionIsRefused) {
  v1::ListEventsRequest request;
  request.set_page_size(1);
  v1::ListEventsResponse response;
  ASSERT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response), "");
  request.set_page_token(response.next_page_token());
  request.set_newest_first(true);
  EXPECT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response),
            "FIELD_INVALID");
  request.Clear();
  request.mutable_start_time()->set_nanos(-1);
  EXPECT_EQ(world_.Reason(&v1::EventService::Stub::ListEvents, request, &response),
            "FIELD_INVALID");
}

}  // namespace
}  // namespace l2tp::api
