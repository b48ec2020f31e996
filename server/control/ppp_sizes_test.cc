#include "server/control/ppp_sizes.h"

#include <gtest/gtest.h>

namespace l2tp::control {
namespace {

TEST(PppSizesTest, PathOfAnEthernetLeavesWhatTheHeadersDoNotTake) {
  // IP 20, UDP 8, L2TP 6, PPP 4; the peer's L2TP may have a Length besides.
  EXPECT_EQ(SizesForPath(1500, false, false), (PppSizes{1462, 1460}));
}

TEST(PppSizesTest, SequenceNumbersTakeFourOctets) {
  EXPECT_EQ(SizesForPath(1500, false, true), (PppSizes{1458, 1456}));
}

TEST(PppSizesTest, HeaderOfIpv6IsTwiceAsLong) {
  EXPECT_EQ(SizesForPath(1500, true, false), (PppSizes{1442, 1440}));
}

TEST(PppSizesTest, WidePathGivesNoMoreThanPppTakesUnasked) {
  EXPECT_EQ(SizesForPath(9000, false, false), (PppSizes{1500, 1500}));
  EXPECT_EQ(SizesForPath(65536, false, false), (PppSizes{1500, 1500}));
  EXPECT_EQ(SizesForPath(1539, false, false), (PppSizes{1500, 1499}));
}

TEST(PppSizesTest, NarrowPathGivesNoLessThanPppdCanDo) {
  EXPECT_EQ(SizesForPath(68, false, false), (PppSizes{128, 128}));
  EXPECT_EQ(SizesForPath(1, false, true), (PppSizes{128, 128}));
}

TEST(PppSizesTest, PathThatIsNotKnownGivesTheUsualSize) {
  EXPECT_EQ(SizesForPath(0, false, false), (PppSizes{1452, 1452}));
}

TEST(PppSizesTest, SizesOfTheProfileHoldUnlessTheyAreZero) {
  Profile profile;
  events::SessionInfo session;
  SetSizes(profile, 1400, false, &session);
  EXPECT_EQ(session.mtu, 1452);
  EXPECT_EQ(session.mru, 1452);
  profile.ppp.mtu = 0;
  profile.ppp.mru = 1300;
  SetSizes(profile, 1400, false, &session);
  EXPECT_EQ(session.mtu, 1362);
  EXPECT_EQ(session.mru, 1300);
  profile.ppp.mru = 0;
  profile.session.send_sequence = true;
  SetSizes(profile, 1400, false, &session);
  EXPECT_EQ(session.mtu, 1358);
  EXPECT_EQ(session.mru, 1356);
}

}  // namespace
}  // namespace l2tp::control
