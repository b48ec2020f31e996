#include "server/metrics/latencies.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace l2tp::metrics {
namespace {

using ::testing::HasSubstr;

std::string Page(const prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

TEST(LatenciesTest, PppdsAreTakenByTheWayTheyWereStarted) {
  prometheus::Registry registry;
  PppdStarts starts(&registry);
  starts.Take(true, Duration::Milliseconds(5));
  starts.Take(false, Duration::Milliseconds(250));
  starts.Take(false, Duration::Milliseconds(500));
  EXPECT_THAT(Page(registry), HasSubstr("l2tp_pppd_start_seconds_sum{how=\"forked\"} 0.005"));
  EXPECT_THAT(Page(registry), HasSubstr("l2tp_pppd_start_seconds_sum{how=\"executed\"} 0.75"));
  EXPECT_THAT(Page(registry), HasSubstr("l2tp_pppd_start_seconds_count{how=\"executed\"} 2"));
}

TEST(LatenciesTest, NetlinkRequestsAreTakenByKindAndErrorsAreCounted) {
  prometheus::Registry registry;
  NetlinkRequests requests(&registry);
  EXPECT_THAT(Page(registry),
              HasSubstr("l2tp_netlink_request_errors_total{request=\"tunnel_create\"} 0"));
  requests.Take("SESSION_CREATE", Duration::Milliseconds(2), false);
  requests.Take("SESSION_CREATE", Duration::Milliseconds(4), true);
  EXPECT_THAT(Page(registry),
              HasSubstr("l2tp_netlink_request_seconds_sum{request=\"session_create\"} 0.006"));
  EXPECT_THAT(Page(registry),
              HasSubstr("l2tp_netlink_request_errors_total{request=\"session_create\"} 1"));
}

}  // namespace
}  // namespace l2tp::metrics
