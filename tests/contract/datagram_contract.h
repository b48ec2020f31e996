// What every control::DatagramPort does. Included by one file for each implementation, which
// instantiates it.

#ifndef L2TP_TESTS_CONTRACT_DATAGRAM_CONTRACT_H_
#define L2TP_TESTS_CONTRACT_DATAGRAM_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/endpoint.h"
#include "server/control/ports.h"
#include "tests/contract/recording_sink.h"

namespace l2tp::testing {

// Two machines that reach each other.
class DatagramWorld {
 public:
  virtual ~DatagramWorld() = default;
  // `machine` is 0 or 1.
  virtual control::DatagramPort& port(int machine) = 0;
  virtual Endpoint listener(int machine) = 0;
  virtual void Start(int machine, control::DatagramSink& sink) = 0;
  // Lets datagrams travel until `done`; false when that takes too long.
  virtual bool RunUntil(const std::function<bool()>& done) = 0;
};

class DatagramContract : public ::testing::TestWithParam<std::unique_ptr<DatagramWorld> (*)()> {
 protected:
  DatagramContract() : world_(GetParam()()) {
    for (int machine : {0, 1}) world_->Start(machine, sinks_[machine]);
  }

  control::DatagramPort& port(int machine) { return world_->port(machine); }
  Endpoint listener(int machine) { return world_->listener(machine); }
  RecordingSink& sink(int machine) { return sinks_[machine]; }

  // From the listener of machine 0 to the listener of machine 1.
  Path ThereAndBack() { return {listener(0), listener(1)}; }

  bool Arrives(int machine, size_t count) {
    return world_->RunUntil([&] { return sinks_[machine].received.size() >= count; });
  }

  static Bytes Text(absl::string_view text) { return Bytes(text.begin(), text.end()); }

 private:
  RecordingSink sinks_[2];
  std::unique_ptr<DatagramWorld> world_;
};

// ---- Listeners -------------------------------------------------------------------------------

TEST_P(DatagramContract, DatagramArrivesWithBothEndsOfItsPath) {
  port(0).Send(ThereAndBack(), Text("hello"));

  ASSERT_TRUE(Arrives(1, 1));
  EXPECT_EQ(sink(1).received[0].data, "hello");
  EXPECT_EQ(sink(1).received[0].path, (Path{listener(1), listener(0)}));
}

TEST_P(DatagramContract, AnswerAlongTheReceivedPathComesBack) {
  sink(1).on_datagram = [this](const auto& datagram) {
    port(1).Send(datagram.path, Text("answer"));
  };
  port(0).Send(ThereAndBack(), Text("question"));

  ASSERT_TRUE(Arrives(0, 1));
  EXPECT_EQ(sink(0).received[0].data, "answer");
  EXPECT_EQ(sink(0).received[0].path, ThereAndBack());
}

TEST_P(DatagramContract, UnspecifiedSourceLeavesTheChoiceToTheKernel) {
  port(0).Send({{listener(0).address.is_v6() ? IpAddress::FromV6({}) : IpAddress::FromV4(0),
                 listener(0).port},
                listener(1)},
               Text("hello"));
  EXPECT_TRUE(Arrives(1, 1));
}

TEST_P(DatagramContract, SendingNeverCallsASinkFromInside) {
  port(0).Send({listener(0), listener(0)}, Text("to myself"));
  EXPECT_TRUE(sink(0).received.empty());
  EXPECT_TRUE(Arrives(0, 1));
}

TEST_P(DatagramContract, ManyDatagramsArriveInOrder) {
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back(std::to_string(i));
    port(0).Send(ThereAndBack(), Text(expected.back()));
  }

  ASSERT_TRUE(Arrives(1, expected.size()));
  EXPECT_EQ(sink(1).Texts(), expected);
}

TEST_P(DatagramContract, EmptyDatagramIsDelivered) {
  port(0).Send(ThereAndBack(), {});
  ASSERT_TRUE(Arrives(1, 1));
  EXPECT_EQ(sink(1).received[0].data, "");
}

// ---- Sockets of tunnels ----------------------------------------------------------------------

TEST_P(DatagramContract, SocketHasAPortOfItsOwnAndKnowsItsAddressWhenConnected) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok()) << socket.status();

  const auto path = port(0).Connect(*socket, listener(1));

  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(path->remote, listener(1));
  EXPECT_TRUE(path->local.address.is_set());
  EXPECT_FALSE(path->local.address.is_unspecified());
  EXPECT_NE(path->local.port, 0);
  EXPECT_NE(path->local.port, listener(0).port);
}

TEST_P(DatagramContract, WidthOfThePathIsKnownOnceTheSocketIsConnected) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  EXPECT_EQ(port(0).PathMtu(*socket), 0);

  ASSERT_TRUE(port(0).Connect(*socket, listener(1)).ok());

  EXPECT_GE(port(0).PathMtu(*socket), 1280);
}

TEST_P(DatagramContract, SocketWithOptionsReachesItsPeer) {
  control::SocketOptions options;
  options.udp_checksums = false;
  options.dscp = 46;
  options.path_mtu_discovery = control::PathMtuDiscovery::kDo;
  const auto socket = port(0).Open({}, listener(1), options);
  ASSERT_TRUE(socket.ok()) << socket.status();
  ASSERT_TRUE(port(0).Connect(*socket, listener(1)).ok());

  // Whether a listener takes datagrams without checksum over IPv6 is its own affair.
  if (listener(0).address.is_v6()) return;
  port(0).SendOn(*socket, listener(1), Text("hello"));
  ASSERT_TRUE(Arrives(1, 1));
  EXPECT_EQ(sink(1).received[0].data, "hello");
}

TEST_P(DatagramContract, SocketSendsBeforeAndAfterItIsConnected) {
  const auto socket = port(0).Open({listener(0).address, 0}, listener(1), {});
  ASSERT_TRUE(socket.ok()) << socket.status();

  port(0).SendOn(*socket, listener(1), Text("before"));
  const auto path = port(0).Connect(*socket, listener(1));
  ASSERT_TRUE(path.ok()) << path.status();
  port(0).SendOn(*socket, listener(1), Text("after"));

  ASSERT_TRUE(Arrives(1, 2));
  EXPECT_THAT(sink(1).Texts(), ::testing::ElementsAre("before", "after"));
  for (const auto& datagram : sink(1).received) {
    EXPECT_EQ(datagram.path, (Path{listener(1), path->local}));
  }
}

TEST_P(DatagramContract, AnswerToASocketArrives) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  const auto path = port(0).Connect(*socket, listener(1));
  ASSERT_TRUE(path.ok()) << path.status();

  port(1).Send({listener(1), path->local}, Text("answer"));

  ASSERT_TRUE(Arrives(0, 1));
  EXPECT_EQ(sink(0).received[0].path, *path);
}

TEST_P(DatagramContract, SocketMayShareTheListenersEndpoint) {
  const auto socket = port(0).Open(listener(0), listener(1), {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  const auto path = port(0).Connect(*socket, listener(1));
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(path->local, listener(0));

  port(0).SendOn(*socket, listener(1), Text("hello"));
  ASSERT_TRUE(Arrives(1, 1));
  EXPECT_EQ(sink(1).received[0].path.remote, listener(0));
}

TEST_P(DatagramContract, SocketsOfOnePortGoToDifferentPeers) {
  const auto first = port(0).Open(listener(0), listener(1), {});
  const auto second = port(0).Open(listener(0), listener(1), {});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  EXPECT_NE(port(0).Descriptor(*first), port(0).Descriptor(*second));
}

TEST_P(DatagramContract, FarEndCanBeReplaced) {
  const auto other = port(1).Open({listener(1).address, 0}, listener(0), {});
  ASSERT_TRUE(other.ok());
  const auto other_path = port(1).Connect(*other, listener(0));
  ASSERT_TRUE(other_path.ok());
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok());
  ASSERT_TRUE(port(0).Connect(*socket, listener(1)).ok());

  const auto path = port(0).Connect(*socket, other_path->local);

  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(path->remote, other_path->local);
}

TEST_P(DatagramContract, WhatIsQueuedIsSentBeforeTheSocketCloses) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok());
  port(0).SendOn(*socket, listener(1), Text("last words"));
  port(0).Close(*socket);

  ASSERT_TRUE(Arrives(1, 1));
  EXPECT_EQ(sink(1).received[0].data, "last words");
}

TEST_P(DatagramContract, SinkMayCloseTheSocketThatItIsCalledFor) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok());
  const auto path = port(0).Connect(*socket, listener(1));
  ASSERT_TRUE(path.ok());
  sink(0).on_datagram = [&](const auto&) { port(0).Close(*socket); };
  port(1).Send({listener(1), path->local}, Text("one"));
  ASSERT_TRUE(Arrives(0, 1));

  EXPECT_EQ(port(0).Descriptor(*socket), -1);
  port(1).Send(Path{listener(1), listener(0)}, Text("two"));
  EXPECT_TRUE(Arrives(0, 2));
}

TEST_P(DatagramContract, DescriptorLastsUntilTheSocketIsClosed) {
  const auto socket = port(0).Open({}, listener(1), {});
  ASSERT_TRUE(socket.ok());
  EXPECT_GE(port(0).Descriptor(*socket), 0);
  port(0).Close(*socket);
  EXPECT_EQ(port(0).Descriptor(*socket), -1);
}

TEST_P(DatagramContract, UnknownSocketsAreIgnoredOrRefused) {
  const control::SocketId unknown(4711);
  EXPECT_EQ(port(0).Descriptor(unknown), -1);
  EXPECT_EQ(port(0).PathMtu(unknown), 0);
  EXPECT_TRUE(absl::IsNotFound(port(0).Connect(unknown, listener(1)).status()));
  port(0).SendOn(unknown, listener(1), Text("lost"));
  port(0).Close(unknown);
}

TEST_P(DatagramContract, AddressThatIsNotOursIsRefused) {
  const auto socket = port(0).Open({*IpAddress::Parse("203.0.113.77"), 0}, listener(1), {});
  EXPECT_FALSE(socket.ok());
}

// ---- Faults ----------------------------------------------------------------------------------

TEST_P(DatagramContract, PeerThatIsGoneDoesNotHinderOthers) {
  // An endpoint where nobody listens any more, but did.
  const auto gone = port(1).Open({listener(1).address, 0}, listener(0), {});
  ASSERT_TRUE(gone.ok());
  const auto gone_path = port(1).Connect(*gone, listener(0));
  ASSERT_TRUE(gone_path.ok());
  const auto socket = port(0).Open({}, gone_path->local, {});
  ASSERT_TRUE(socket.ok());
  ASSERT_TRUE(port(0).Connect(*socket, gone_path->local).ok());
  port(1).Close(*gone);

  for (int i = 0; i < 5; ++i) {
    port(0).SendOn(*socket, gone_path->local, Text("anybody there?"));
    port(0).Send(ThereAndBack(), Text("hello"));
    ASSERT_TRUE(Arrives(1, static_cast<size_t>(i) + 1));
  }
  EXPECT_THAT(sink(1).Texts(), ::testing::Each(std::string("hello")));
}

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_CONTRACT_DATAGRAM_CONTRACT_H_
