#include "server/api/audit.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "server/api/callers.h"
#include "server/base/error.h"

namespace l2tp::api {
namespace {

TEST(AuditLineTest, HasWhoWhatAndResultAndNothingOfTheMessage) {
  AuditEntry entry;
  entry.who = "unix:1000(alice)";
  entry.role = Role::kOperator;
  entry.peer = "ipv4:192.0.2.1:50000";
  entry.method = "/l2tp.v1.TunnelService/CreateTunnel";
  entry.name = "tunnels/a";
  EXPECT_EQ(AuditLine(entry),
            "audit who=unix:1000(alice) role=operator peer=ipv4:192.0.2.1:50000 "
            "method=/l2tp.v1.TunnelService/CreateTunnel name=\"tunnels/a\" result=OK");
  entry.only_checked = true;
  EXPECT_TRUE(absl::EndsWith(AuditLine(entry), " validate_only=true result=OK"));
  entry.only_checked = false;
  entry.peer.clear();
  entry.name.clear();
  entry.result = InvalidField("tunnel.secret", "\"hunter2\" is no good");
  entry.suppressed = 3;
  EXPECT_EQ(AuditLine(entry),
            "audit who=unix:1000(alice) role=operator method=/l2tp.v1.TunnelService/CreateTunnel "
            "result=INVALID_ARGUMENT reason=FIELD_INVALID suppressed=3");
}

TEST(AuditNameTest, IsWhatARequestIsAbout) {
  v1::DeleteTunnelRequest deletion;
  deletion.set_name("tunnels/a");
  EXPECT_EQ(NameIn(deletion), "tunnels/a");
  v1::CreateTunnelRequest tunnel;
  tunnel.set_tunnel_id("a");
  tunnel.mutable_tunnel()->set_secret("hunter2");
  EXPECT_EQ(NameIn(tunnel), "tunnels/a");
  v1::CreateSessionRequest session;
  session.set_parent("tunnels/a");
  EXPECT_EQ(NameIn(session), "tunnels/a/sessions/");
  session.set_session_id("b");
  EXPECT_EQ(NameIn(session), "tunnels/a/sessions/b");
  v1::ListSessionsRequest list;
  list.set_parent("tunnels/-");
  EXPECT_EQ(NameIn(list), "tunnels/-");
  v1::CloseSessionsRequest close;
  close.set_parent("tunnels/-");
  close.mutable_filter()->set_user("users/alice");
  EXPECT_EQ(NameIn(close), "tunnels/- user: \"users/alice\"");
  v1::CreateTunnelRequest checked;
  EXPECT_FALSE(IsOnlyChecked(checked));
  checked.set_validate_only(true);
  EXPECT_TRUE(IsOnlyChecked(checked));
  EXPECT_FALSE(IsOnlyChecked(close));
}

TEST(LineLimitTest, LetsSoManyThroughAndCountsTheRest) {
  LineLimit limit(2, Duration::Seconds(10));
  const auto at = [&](int seconds) {
    return limit.Admit(Instant::FromNanoseconds(0) + Duration::Seconds(100 + seconds));
  };
  EXPECT_EQ(at(0), 0);
  EXPECT_EQ(at(1), 0);
  EXPECT_EQ(at(2), std::nullopt);
  EXPECT_EQ(at(9), std::nullopt);
  EXPECT_EQ(at(10), 2);
  EXPECT_EQ(at(11), 0);
  EXPECT_EQ(at(12), std::nullopt);
}

TEST(CallersTest, TheRuleThatAllowsMostCountsAndRootIsAdminWhateverTheySay) {
  const auto callers = Callers::Make({{.role = Role::kViewer, .unix_user = "70001"},
                                      {.role = Role::kOperator, .unix_group = "70002"},
                                      {.role = Role::kNone, .unix_group = "70003"},
                                      {.role = Role::kNone, .unix_user = "0"},
                                      {.role = Role::kViewer, .certificate = "a"},
                                      {.role = Role::kAdmin, .certificate = "b"}},
                                     "70003", Role::kViewer);
  ASSERT_TRUE(callers.ok()) << callers.status();
  using Peer = PeerCredentials;
  EXPECT_EQ(callers->RoleOf(Peer{.uid = 0, .gid = 70003}), Role::kAdmin);
  EXPECT_EQ(callers->RoleOf(Peer{.uid = 70001, .gid = 1}), Role::kViewer);
  EXPECT_EQ(callers->RoleOf(Peer{.uid = 70001, .gid = 70002}), Role::kOperator);
  EXPECT_EQ(callers->RoleOf(Peer{.uid = 70002, .gid = 1}), Role::kNone);
  // A rule takes the right away that the group of the socket gives.
  EXPECT_EQ(callers->RoleOf(Peer{.uid = 70004, .gid = 1, .groups = {70003}}), Role::kNone);
  EXPECT_EQ(callers->RoleOf(std::vector<std::string>{"a", "b"}), Role::kAdmin);
  EXPECT_EQ(callers->RoleOf(std::vector<std::string>{"A"}), Role::kNone);
  EXPECT_EQ(callers->RoleOf(std::vector<std::string>{}), Role::kNone);
}

}  // namespace
}  // namespace l2tp::api
