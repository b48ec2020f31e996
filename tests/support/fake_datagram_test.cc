#include "tests/support/fake_datagram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace l2tp::testing {
namespace {

using ::testing::ElementsAre;

const IpAddress kLac = IpAddress::FromV4(0xc0000201);
const IpAddress kLns = IpAddress::FromV4(0xc0000202);

struct ManualClock final : control::Clock {
  Instant Now() const override { return now; }
  WallTime WallNow() const override { return {}; }
  Instant now;
};

// Two machines; the trace is what arrived at the second one.
class FakeNetworkTest : public ::testing::Test, public control::DatagramSink {
 protected:
  explicit FakeNetworkTest(uint64_t seed = 1)
      : network_(clock_, seed), lac_(network_.AddNode(kLac)), lns_(network_.AddNode(kLns)) {
    lns_.Start(*this);
  }

  void OnDatagram(const Path&, ByteSpan datagram) override { trace_.push_back(AsText(datagram)); }
  void Send(const std::string& text) {
    lac_.Send({lac_.listener(), lns_.listener()}, Bytes(text.begin(), text.end()));
  }
  void Settle() {
    while (auto next = network_.NextEvent()) {
      clock_.now = *next;
      network_.DeliverDue();
    }
  }

  ManualClock clock_;
  FakeNetwork network_;
  FakeDatagramPort& lac_;
  FakeDatagramPort& lns_;
  std::vector<std::string> trace_;
};

TEST_F(FakeNetworkTest, DatagramsTakeTheirTime) {
  network_.SetQuality({.min_delay = Duration::Seconds(2), .max_delay = Duration::Seconds(2)});
  Send("a");
  EXPECT_EQ(network_.NextEvent(), Instant() + Duration::Seconds(2));
  EXPECT_EQ(network_.DeliverDue(), 0u);

  clock_.now = Instant() + Duration::Seconds(2);
  EXPECT_EQ(network_.DeliverDue(), 1u);
  EXPECT_THAT(trace_, ElementsAre("a"));
  EXPECT_EQ(network_.NextEvent(), std::nullopt);
}

TEST_F(FakeNetworkTest, EqualDelaysKeepTheOrder) {
  for (const char* text : {"a", "b", "c"}) Send(text);
  Settle();
  EXPECT_THAT(trace_, ElementsAre("a", "b", "c"));
}

TEST_F(FakeNetworkTest, LossIsOfOneDirection) {
  network_.SetQuality(kLac, kLns, {.loss = 1});
  Send("a");
  lns_.Send({lns_.listener(), lac_.listener()}, {1});
  Settle();
  EXPECT_EQ(network_.lost(), 1u);
  EXPECT_EQ(network_.delivered(), 1u);
  EXPECT_TRUE(trace_.empty());
}

TEST_F(FakeNetworkTest, DuplicatesArriveTwice) {
  network_.SetQuality({.duplicate = 1});
  Send("a");
  Settle();
  EXPECT_THAT(trace_, ElementsAre("a", "a"));
}

TEST_F(FakeNetworkTest, DropNextLosesOneThatMatches) {
  network_.DropNext([](const Path&, ByteSpan datagram) { return AsText(datagram) == "b"; });
  for (const char* text : {"a", "b", "b"}) Send(text);
  Settle();
  EXPECT_THAT(trace_, ElementsAre("a", "b"));
}

TEST_F(FakeNetworkTest, DatagramsToNobodyAreCounted) {
  lac_.Send({lac_.listener(), {kLns, 9}}, {1});
  lac_.Send({lac_.listener(), {IpAddress::FromV4(1), 1701}}, {1});
  Settle();
  EXPECT_EQ(network_.unread(), 2u);
}

// Sends through a bad network and gives what arrived.
class Scenario : public FakeNetworkTest {
 public:
  explicit Scenario(uint64_t seed) : FakeNetworkTest(seed) {}
  void TestBody() override {}
  std::vector<std::string> Run() {
    network_.SetQuality({.loss = 0.2, .duplicate = 0.1, .max_delay = Duration::Milliseconds(50)});
    for (int i = 0; i < 100; ++i) Send(absl::StrCat(i));
    Settle();
    return trace_;
  }
};

TEST(FakeNetworkSeedTest, SeedDecidesEverything) {
  const auto first = Scenario(7).Run();
  EXPECT_EQ(first, Scenario(7).Run());
  EXPECT_NE(first, Scenario(8).Run());
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
}

TEST(FakeDatagramPortTest, RecordsWhatIsSentWithItsSource) {
  FakeDatagramPort port(kLac);
  const Endpoint peer = {kLns, 1701};
  port.Send({{IpAddress::FromV4(0), 1701}, peer}, {1});
  const auto socket = port.Open({}, peer, {});
  ASSERT_TRUE(socket.ok());
  port.SendOn(*socket, peer, {2});

  const auto sent = port.TakeSent();

  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].path, (Path{port.listener(), peer}));
  EXPECT_EQ(sent[0].socket, std::nullopt);
  EXPECT_EQ(sent[1].path, (Path{port.sockets()[0], peer}));
  EXPECT_EQ(sent[1].socket, *socket);
  EXPECT_TRUE(port.sent().empty());
}

TEST(FakeDatagramPortTest, StoriedFailuresAreUsedUp) {
  FakeDatagramPort port(kLac);
  port.FailNextOpen(absl::InternalError("story"));
  EXPECT_EQ(port.Open({}, {kLns, 1701}, {}).status(), absl::InternalError("story"));
  const auto socket = port.Open({}, {kLns, 1701}, {});
  ASSERT_TRUE(socket.ok());

  port.FailNextConnect(absl::InternalError("story"));
  EXPECT_FALSE(port.Connect(*socket, {kLns, 1701}).ok());
  EXPECT_TRUE(port.Connect(*socket, {kLns, 1701}).ok());
}

TEST(FakeDatagramPortTest, ClosingTellsTheDescriptor) {
  FakeDatagramPort port(kLac);
  const auto socket = port.Open({}, {kLns, 1701}, {});
  ASSERT_TRUE(socket.ok());
  const int descriptor = port.Descriptor(*socket);
  int closed = -1;
  port.OnClosed([&closed](int fd) { closed = fd; });

  port.Close(*socket);
  EXPECT_EQ(closed, descriptor);
}

}  // namespace
}  // namespace l2tp::testing
