#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/l2tpctl/rates.h"
#include "clients/l2tpctl/top_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l2tp::ctl {
namespace {

using ::testing::HasSubstr;

v1::Session SessionWith(const std::string& name, int64_t rx_bytes, int64_t tx_bytes) {
  v1::Session session;
  session.set_name(name);
  session.set_uid("0a");
  session.set_state(v1::Session::STATE_ESTABLISHED);
  session.set_assigned_session_id(7);
  session.mutable_counters()->set_rx_byte_count(rx_bytes);
  session.mutable_counters()->set_tx_byte_count(tx_bytes);
  session.mutable_counters()->set_rx_packet_count(rx_bytes / 100);
  session.mutable_counters()->set_tx_packet_count(tx_bytes / 100);
  return session;
}

RateMeter::Time At(int milliseconds) {
  return RateMeter::Time() + std::chrono::milliseconds(milliseconds);
}

TEST(RateMeterTest, RatesAreWhatCountersGrewInTheTimeBetween) {
  RateMeter meter;
  EXPECT_FALSE(meter.Update(SessionWith("a", 1000, 0), At(0)).has_value());
  EXPECT_FALSE(meter.Update(SessionWith("b", 1000, 0), At(0)).has_value());
  const auto rates = meter.Update(SessionWith("a", 6000, 2500), At(2500));
  ASSERT_TRUE(rates.has_value());
  EXPECT_DOUBLE_EQ(rates->rx_bps, 16'000);
  EXPECT_DOUBLE_EQ(rates->tx_bps, 8'000);
  EXPECT_DOUBLE_EQ(rates->rx_pps, 20);
  EXPECT_DOUBLE_EQ(rates->tx_pps, 10);
}

TEST(RateMeterTest, AnotherCallOfTheSameSessionBeginsAnew) {
  RateMeter meter;
  meter.Update(SessionWith("a", 1000, 1000), At(0));
  EXPECT_FALSE(meter.Update(SessionWith("a", 0, 0), At(1000)).has_value());
  v1::Session next = SessionWith("a", 9000, 9000);
  next.set_assigned_session_id(8);
  EXPECT_FALSE(meter.Update(next, At(2000)).has_value());
  EXPECT_FALSE(meter.Update(next, At(2000)).has_value());  // no time has passed
}

TEST(RateMeterTest, ForgetsWhatIsNotToldOfAnyMore) {
  RateMeter meter;
  meter.Update(SessionWith("a", 0, 0), At(0));
  meter.ForgetOthers();
  meter.Update(SessionWith("b", 0, 0), At(1000));
  meter.ForgetOthers();
  EXPECT_FALSE(meter.Update(SessionWith("a", 0, 0), At(2000)).has_value());
  EXPECT_TRUE(meter.Update(SessionWith("b", 0, 0), At(2000)).has_value());
}

TEST(FormatRateTest, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(FormatRate(0), "0");
  EXPECT_EQ(FormatRate(999), "999");
  EXPECT_EQ(FormatRate(999.6), "1.00k");
  EXPECT_EQ(FormatRate(12'340), "12.3k");
  EXPECT_EQ(FormatRate(99'960), "100k");
  EXPECT_EQ(FormatRate(9'996'000), "10.0M");
  EXPECT_EQ(FormatRate(940e9), "940G");
  EXPECT_EQ(FormatRate(5e18), "5000P");
}

Sample MakeSample(int sessions) {
  Sample sample;
  sample.system.set_version("0.1.0");
  sample.system.set_host_name("lns");
  sample.system.set_session_count(sessions);
  for (int i = 0; i < sessions; ++i) {
    v1::Session session = SessionWith(absl::StrCat("tunnels/isp/sessions/s", 100 + i), 0, 0);
    session.set_interface_name(absl::StrCat("ppp", i));
    session.set_user(std::string(60, 'u'));
    sample.sessions.push_back({session, Rates{1000.0 * i, 5.0, 1.0 * i, 1.0}});
  }
  v1::Tunnel tunnel;
  tunnel.set_name("tunnels/isp");
  tunnel.set_state(v1::Tunnel::STATE_ESTABLISHED);
  tunnel.set_remote_ip_address("2001:db8:1234:5678:9abc:def0:1234:5678");
  tunnel.set_remote_port(1701);
  sample.tunnels.push_back(tunnel);
  return sample;
}

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(absl::string_view(text).substr(0, text.size() - 1), '\n');
}

// The names in the order in which they stand.
std::vector<std::string> Names(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& line : Lines(text)) {
    if (line.rfind("isp", 0) == 0) names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

TEST(TopViewTest, FitsEveryTerminal) {
  const Sample sample = MakeSample(100);
  for (const bool tunnels : {false, true}) {
    for (const size_t width : {20, 40, 80, 132}) {
      for (const size_t rows : {1, 2, 5, 24}) {
        const auto lines = Lines(TopView(sample, {.tunnels = tunnels}, {.width = width}, rows));
        EXPECT_LE(lines.size(), rows) << width;
        for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), width) << line;
      }
    }
  }
  const auto lines = Lines(TopView(sample, {}, {.width = 80}, 24));
  EXPECT_EQ(lines.size(), 24u);
  EXPECT_EQ(lines.back(), "and 82 more");
}

TEST(TopViewTest, MostComesFirstAndNamesGoByTheAlphabet) {
  Sample sample = MakeSample(3);
  sample.sessions[2].rates.reset();
  sample.sessions[0].rates->tx_bps = 99;
  using List = std::vector<std::string>;
  const auto order = [&](Sort sort) { return Names(TopView(sample, {.sort = sort}, {}, 0)); };
  EXPECT_EQ(order(Sort::kTotal), (List{"isp/s101", "isp/s100", "isp/s102"}));
  EXPECT_EQ(order(Sort::kRx), (List{"isp/s101", "isp/s100", "isp/s102"}));
  EXPECT_EQ(order(Sort::kTx), (List{"isp/s100", "isp/s101", "isp/s102"}));
  EXPECT_EQ(order(Sort::kName), (List{"isp/s100", "isp/s101", "isp/s102"}));
}

TEST(TopViewTest, TunnelsAndTheHeaderHaveSums) {
  const Sample sample = MakeSample(5);
  const std::string text = TopView(sample, {.tunnels = true}, {}, 0);
  EXPECT_THAT(text, HasSubstr("received 10.0k bit/s, 10 packets/s; sent 25 bit/s, 5 packets/s\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("isp +established +5 +10.0k +25 +10 +5 +"));
}

TEST(TopViewTest, SaysWhenItIsStale) {
  Sample sample = MakeSample(1);
  sample.trouble = "UNAVAILABLE: \x1b[2Jconnection refused";
  EXPECT_THAT(TopView(sample, {}, {}, 0),
              HasSubstr("stale: UNAVAILABLE: \\x1b[2Jconnection refused\n"));
}

}  // namespace
}  // namespace l2tp::ctl
