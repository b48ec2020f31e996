// IPCP and IPV6CP: what each end gets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/load/ppp/ipcp.h"
#include "tests/bench/load/ppp/ipv6cp.h"
#include "tests/support/seeded_random.h"

namespace l2tp::load::ppp {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const IpAddress kOwn = *IpAddress::Parse("10.0.0.1");
const IpAddress kGiven = *IpAddress::Parse("10.0.0.7");

// Starts both and carries packets until nobody has anything to say.
template <typename Protocol>
void Exchange(Protocol* a, Protocol* b) {
  a->Start(Instant());
  b->Start(Instant());
  bool moved = true;
  while (moved) {
    moved = false;
    for (auto [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      for (const Bytes& packet : from->TakePackets()) {
        to->HandlePacket(Instant(), *ParseControlPacket(packet));
        moved = true;
      }
    }
  }
}

TEST(IpcpTest, WhoHasNoAddressIsGivenOne) {
  Ipcp lac({}, {});
  Ipcp lns(kOwn, kGiven);
  Exchange(&lac, &lns);
  ASSERT_TRUE(lac.opened() && lns.opened());
  EXPECT_EQ(lac.local(), kGiven);
  EXPECT_EQ(lac.remote(), kOwn);
  EXPECT_EQ(lns.local(), kOwn);
  EXPECT_EQ(lns.remote(), kGiven);
}

TEST(IpcpTest, WithoutAnybodyWhoGivesAddressesThereIsNone) {
  Ipcp lac({}, {});
  Ipcp other({}, {});
  Exchange(&lac, &other);
  EXPECT_FALSE(lac.opened());
}

TEST(IpcpTest, AnAddressThatIsFixedIsNotChanged) {
  Ipcp lns(kOwn, kGiven);
  lns.Start(Instant());
  const Bytes request = lns.TakePackets().at(0);
  lns.HandlePacket(Instant(), {3, request[1], Bytes{3, 6, 10, 9, 9, 9}});
  EXPECT_EQ(lns.end(), OptionAutomaton::End::kNoAgreement);
}

TEST(IpcpTest, AnOfferThatIsNoAddressIsNotTaken) {
  for (const Bytes& offer : {Bytes{3, 6, 0, 0, 0, 0}, Bytes{3, 4, 1, 2}, Bytes{3, 2}}) {
    Ipcp lac({}, {});
    lac.Start(Instant());
    const Bytes request = lac.TakePackets().at(0);
    lac.HandlePacket(Instant(), {3, request[1], offer});
    EXPECT_EQ(lac.end(), OptionAutomaton::End::kNoAgreement);
  }
}

TEST(IpcpTest, HeaderCompressionIsRejected) {
  Ipcp lac({}, {});
  lac.Start(Instant());
  lac.TakePackets();
  lac.HandlePacket(Instant(), {1, 5, Bytes{2, 6, 0, 0x2d, 15, 1, 3, 6, 10, 0, 0, 1}});
  EXPECT_THAT(lac.TakePackets(), ElementsAre(ElementsAre(4, 5, 0, 10, 2, 6, 0, 0x2d, 15, 1)));
}

TEST(IpcpTest, APeerThatTellsNoAddressIsToldOneWhenItHasToHaveIt) {
  Ipcp lns(kOwn, kGiven);
  lns.Start(Instant());
  lns.TakePackets();
  lns.HandlePacket(Instant(), {1, 5, {}});
  EXPECT_THAT(lns.TakePackets(), ElementsAre(ElementsAre(3, 5, 0, 10, 3, 6, 10, 0, 0, 7)));
}

TEST(Ipv6cpTest, BothEndsGetIdentifiersThatDiffer) {
  testing::SeededRandom random(1);
  Ipv6cp lac(&random);
  Ipv6cp lns(&random);
  Exchange(&lac, &lns);
  ASSERT_TRUE(lac.opened() && lns.opened());
  EXPECT_EQ(lac.local(), lns.remote());
  EXPECT_EQ(lns.local(), lac.remote());
  EXPECT_NE(lac.local(), lns.local());
}

TEST(Ipv6cpTest, ZeroAndOursAreNotTaken) {
  testing::SeededRandom random(1);
  Ipv6cp lac(&random);
  lac.Start(Instant());
  const Bytes ours = lac.TakePackets().at(0);
  for (const Bytes& wanted :
       {Bytes{1, 10, 0, 0, 0, 0, 0, 0, 0, 0}, Bytes(ours.begin() + 4, ours.end())}) {
    lac.HandlePacket(Instant(), {1, 5, wanted});
    const auto answer = lac.TakePackets();
    ASSERT_THAT(answer, SizeIs(1));
    EXPECT_EQ(answer[0][0], 3) << "Configure-Nak";
  }
}

}  // namespace
}  // namespace l2tp::load::ppp
