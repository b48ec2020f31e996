// What every control::KernelPort does. Included by one file for each implementation, which
// instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Fake, KernelContract, ::testing::Values(&MakeFakeKernelWorld));

#ifndef L2TP_TESTS_CONTRACT_KERNEL_CONTRACT_H_
#define L2TP_TESTS_CONTRACT_KERNEL_CONTRACT_H_

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/error.h"
#include "server/base/unique_fd.h"
#include "server/control/ports.h"
#include "tests/contract/kernel_world.h"

namespace l2tp::testing {

// ---- Tunnels ---------------------------------------------------------------------------------

TEST_P(KernelContract, CreatedTunnelIsListedUntilItIsDeleted) {
  const auto tunnel = NewTunnel();

  EXPECT_THAT(Create(tunnel), Succeeded());
  EXPECT_THAT(Tunnels(), ::testing::Contains(tunnel.tunnel_id));

  EXPECT_THAT(Delete(tunnel.tunnel_id), Succeeded());
  EXPECT_TRUE(Eventually([&] {
    const auto tunnels = Tunnels();
    return std::find(tunnels.begin(), tunnels.end(), tunnel.tunnel_id) == tunnels.end();
  }));
}

TEST_P(KernelContract, SecondTunnelWithAnIdIsRefused) {
  const auto first = NewTunnel();
  auto second = NewTunnel();
  second.tunnel_id = first.tunnel_id;
  ASSERT_THAT(Create(first), Succeeded());

  EXPECT_THAT(Create(second), RequestFailed("TUNNEL_CREATE", EEXIST));
}

TEST_P(KernelContract, SocketCarriesOneTunnelOnly) {
  const auto first = NewTunnel();
  auto second = NewTunnel();
  second.socket = first.socket;
  ASSERT_THAT(Create(first), Succeeded());

  EXPECT_THAT(Create(second), RequestFailed("TUNNEL_CREATE", EBUSY));
}

TEST_P(KernelContract, TunnelWithoutSocketIsRefused) {
  auto tunnel = NewTunnel();
  tunnel.socket = -1;
  EXPECT_THAT(Create(tunnel), RequestFailed("TUNNEL_CREATE", EBADF));
}

TEST_P(KernelContract, IdsThatL2tpv2DoesNotHaveAreRefused) {
  auto tunnel = NewTunnel();
  tunnel.tunnel_id = TunnelId(0x10000);
  EXPECT_THAT(Create(tunnel), RequestFailed("TUNNEL_CREATE", EINVAL));
  tunnel.tunnel_id = TunnelId();
  EXPECT_THAT(Create(tunnel), RequestFailed("TUNNEL_CREATE", EINVAL));
}

TEST_P(KernelContract, DeletingWhatIsNotThereSucceeds) {
  const auto tunnel = NewTunnel();
  EXPECT_THAT(Delete(tunnel.tunnel_id), Succeeded());
  EXPECT_THAT(Delete(tunnel.tunnel_id, SessionId(1)), Succeeded());
  ASSERT_THAT(Create(tunnel), Succeeded());
  EXPECT_THAT(Delete(tunnel.tunnel_id, SessionId(1)), Succeeded());
}

TEST_P(KernelContract, TunnelIdCanBeUsedAgain) {
  const auto first = NewTunnel();
  ASSERT_THAT(Create(first), Succeeded());
  ASSERT_THAT(Delete(first.tunnel_id), Succeeded());

  // With a socket of its own each time: the kernel may mark one before it finds the id in use.
  EXPECT_TRUE(Eventually([&] {
    auto again = NewTunnel();
    again.tunnel_id = first.tunnel_id;
    return Create(again).ok();
  }));
}

// ---- Sessions --------------------------------------------------------------------------------

TEST_P(KernelContract, SessionGivesANonBlockingCloseOnExecDescriptor) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());

  const auto fd = Create(SessionIn(tunnel, 5));

  ASSERT_THAT(fd.status(), Succeeded());
  EXPECT_TRUE(fcntl(fd->get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(fcntl(fd->get(), F_GETFL) & O_NONBLOCK);
}

TEST_P(KernelContract, SessionTakesEveryOption) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  auto session = SessionIn(tunnel, 5);
  session.send_sequence = true;
  session.receive_sequence = true;
  session.lns_mode = true;
  session.reorder_timeout = Duration::Milliseconds(150);

  EXPECT_THAT(Create(session).status(), Succeeded());
}

TEST_P(KernelContract, SessionOverIpv6) {
  auto tunnel = NewTunnel();
  const KernelWorld::TunnelSocket socket = world().NewIpv6Socket();
  tunnel.socket = socket.fd;
  ASSERT_THAT(Create(tunnel), Succeeded());
  auto session = SessionIn(tunnel, 5);
  session.path = socket.path;

  EXPECT_THAT(Create(session).status(), Succeeded());
}

TEST_P(KernelContract, SecondSessionWithAnIdIsRefusedAndLeavesTheFirstAlone) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto first = Create(SessionIn(tunnel, 5));
  ASSERT_THAT(first.status(), Succeeded());

  EXPECT_THAT(Create(SessionIn(tunnel, 5)).status(), RequestFailed("SESSION_CREATE", EEXIST));
  EXPECT_THAT(Counters(tunnel.tunnel_id, SessionId(5)).status(), Succeeded());
}

TEST_P(KernelContract, SessionIdsAreFreeInEveryTunnel) {
  const auto one = NewTunnel();
  const auto other = NewTunnel();
  ASSERT_THAT(Create(one), Succeeded());
  ASSERT_THAT(Create(other), Succeeded());

  const auto first = Create(SessionIn(one, 5));
  EXPECT_THAT(first.status(), Succeeded());
  EXPECT_THAT(Create(SessionIn(other, 5)).status(), Succeeded());
}

TEST_P(KernelContract, SessionInMissingTunnelIsNotFound) {
  const auto tunnel = NewTunnel();
  const absl::Status status = Create(SessionIn(tunnel, 5)).status();
  EXPECT_TRUE(HasReason(status, Reason::kTunnelNotFound)) << status;
  EXPECT_EQ(MetadataOf(status, "operation"), "SESSION_CREATE");
}

TEST_P(KernelContract, SessionIdsThatL2tpv2DoesNotHaveAreRefused) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  for (uint32_t id : {0u, 0x10000u}) {
    EXPECT_THAT(Create(SessionIn(tunnel, id)).status(), RequestFailed("SESSION_CREATE", EINVAL));
  }
}

TEST_P(KernelContract, NewSessionHasCountedNothing) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto fd = Create(SessionIn(tunnel, 5));

  const auto counters = Counters(tunnel.tunnel_id, SessionId(5));

  ASSERT_THAT(counters.status(), Succeeded());
  EXPECT_EQ(counters->tx_packets + counters->rx_packets + counters->rx_errors, 0);
}

TEST_P(KernelContract, CountersOfMissingSessionAreNotFound) {
  const auto tunnel = NewTunnel();
  const absl::Status without_tunnel = Counters(tunnel.tunnel_id, SessionId(5)).status();
  EXPECT_TRUE(HasReason(without_tunnel, Reason::kSessionNotFound)) << without_tunnel;

  ASSERT_THAT(Create(tunnel), Succeeded());
  const absl::Status without_session = Counters(tunnel.tunnel_id, SessionId(5)).status();
  EXPECT_TRUE(HasReason(without_session, Reason::kSessionNotFound)) << without_session;
}

TEST_P(KernelContract, ClosingTheLastCopyOfTheDescriptorRemovesTheSession) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  auto fd = Create(SessionIn(tunnel, 5));
  ASSERT_THAT(fd.status(), Succeeded());
  UniqueFd copy(fcntl(fd->get(), F_DUPFD_CLOEXEC, 0));

  fd->Reset();
  EXPECT_THAT(Counters(tunnel.tunnel_id, SessionId(5)).status(), Succeeded());

  copy.Reset();
  EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(5)));
}

TEST_P(KernelContract, DeletedSessionIsGoneThoughItsDescriptorIsOpen) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto fd = Create(SessionIn(tunnel, 5));
  ASSERT_THAT(fd.status(), Succeeded());

  EXPECT_THAT(Delete(tunnel.tunnel_id, SessionId(5)), Succeeded());
  EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(5)));
}

TEST_P(KernelContract, DeletingATunnelRemovesItsSessions) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto first = Create(SessionIn(tunnel, 5));
  const auto second = Create(SessionIn(tunnel, 6));

  EXPECT_THAT(Delete(tunnel.tunnel_id), Succeeded());
  EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(5)));
  EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(6)));
}

TEST_P(KernelContract, SessionIdCanBeUsedAgain) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto first = Create(SessionIn(tunnel, 5));
  ASSERT_THAT(Delete(tunnel.tunnel_id, SessionId(5)), Succeeded());

  EXPECT_TRUE(Eventually([&] { return Create(SessionIn(tunnel, 5)).ok(); }));
}

TEST_P(KernelContract, SequencingMayBeRequiredOfASessionThatIsThere) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  const auto session = Create(SessionIn(tunnel, 5));
  EXPECT_THAT(RequireSequencing(tunnel.tunnel_id, SessionId(5)), Succeeded());
  EXPECT_TRUE(absl::IsNotFound(RequireSequencing(tunnel.tunnel_id, SessionId(6))));
}

TEST_P(KernelContract, TunnelOfWhichNothingHasComeHasReceivedNothing) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());
  EXPECT_EQ(ReceivedPackets(tunnel.tunnel_id).value_or(-1), 0);
  EXPECT_TRUE(absl::IsNotFound(ReceivedPackets(NewTunnelId()).status()));
}

// ---- Many at once ----------------------------------------------------------------------------

TEST_P(KernelContract, ManyRequestsInFlightEachHaveOneCompletion) {
  constexpr uint32_t kSessions = 100;
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());

  std::vector<absl::StatusOr<UniqueFd>> created;
  for (uint32_t id = 1; id <= kSessions; ++id) {
    port().CreateSession(SessionIn(tunnel, id),
                         [&created](auto fd) { created.push_back(std::move(fd)); });
  }
  ASSERT_TRUE(RunUntil([&] { return created.size() == kSessions; }));
  for (const auto& fd : created) EXPECT_THAT(fd.status(), Succeeded());

  std::vector<absl::Status> deleted;
  for (uint32_t id = 1; id <= kSessions; ++id) {
    port().DeleteSession(tunnel.tunnel_id, SessionId(id),
                         [&deleted](absl::Status status) { deleted.push_back(std::move(status)); });
  }
  ASSERT_TRUE(RunUntil([&] { return deleted.size() == kSessions; }));
  EXPECT_THAT(deleted, ::testing::Each(Succeeded()));
  EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(kSessions)));
}

TEST_P(KernelContract, DeletionDoesNotOvertakeTheCreationOfTheSameSession) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());

  // The descriptors stay open, so only the deletions can have removed the sessions.
  std::vector<absl::StatusOr<UniqueFd>> created;
  int deleted = 0;
  for (uint32_t id = 1; id <= 40; ++id) {
    port().CreateSession(SessionIn(tunnel, id),
                         [&created](auto fd) { created.push_back(std::move(fd)); });
    port().DeleteSession(tunnel.tunnel_id, SessionId(id), [&deleted](absl::Status) { ++deleted; });
  }

  ASSERT_TRUE(RunUntil([&] { return created.size() == 40 && deleted == 40; }));
  for (const auto& fd : created) EXPECT_THAT(fd.status(), Succeeded());
  for (uint32_t id = 1; id <= 40; ++id) {
    EXPECT_TRUE(SessionIsGone(tunnel.tunnel_id, SessionId(id))) << id;
  }
}

TEST_P(KernelContract, ListsAskedForTogetherAreBothAnswered) {
  const auto tunnel = NewTunnel();
  ASSERT_THAT(Create(tunnel), Succeeded());

  std::vector<absl::StatusOr<std::vector<TunnelId>>> lists;
  for (int i = 0; i < 3; ++i) {
    port().ListTunnels([&lists](auto tunnels) { lists.push_back(std::move(tunnels)); });
  }

  ASSERT_TRUE(RunUntil([&] { return lists.size() == 3; }));
  for (const auto& list : lists) {
    ASSERT_THAT(list.status(), Succeeded());
    EXPECT_THAT(*list, ::testing::Contains(tunnel.tunnel_id));
  }
}

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_CONTRACT_KERNEL_CONTRACT_H_
