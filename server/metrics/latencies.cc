#include "server/metrics/latencies.h"

#include <string>

#include "absl/strings/ascii.h"

namespace l2tp::metrics {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

double Seconds(Duration duration) { return static_cast<double>(duration.nanoseconds()) / 1e9; }

// From a fork to a start that waits for many others.
const Buckets& StartBuckets() {
  static const auto& buckets =
      *new Buckets{0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return buckets;
}

// From a look-up to a deletion that waits for a grace period.
const Buckets& NetlinkBuckets() {
  static const auto& buckets =
      *new Buckets{0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                   0.005,   0.01,     0.025,   0.05,   0.1,     0.25,   0.5,   1};
  return buckets;
}

}  // namespace

PppdStarts::PppdStarts(prometheus::Registry* registry)
    : seconds_(prometheus::BuildHistogram()
                   .Name("l2tp_pppd_start_seconds")
                   .Help("Time until a pppd was heard of, from when it was wanted")
                   .Register(*registry)),
      forked_(seconds_.Add({{"how", "forked"}}, StartBuckets())),
      executed_(seconds_.Add({{"how", "executed"}}, StartBuckets())) {}

void PppdStarts::Take(bool forked, Duration took) {
  (forked ? forked_ : executed_).Observe(Seconds(took));
}

NetlinkRequests::NetlinkRequests(prometheus::Registry* registry)
    : seconds_(prometheus::BuildHistogram()
                   .Name("l2tp_netlink_request_seconds")
                   .Help("Time that the kernel worked on a netlink request")
                   .Register(*registry)),
      errors_(prometheus::BuildCounter()
                  .Name("l2tp_netlink_request_errors_total")
                  .Help("Netlink requests that the kernel refused or did not answer")
                  .Register(*registry)) {
  for (const char* request : {"tunnel_create", "tunnel_delete", "tunnel_get", "session_create",
                              "session_delete", "session_modify", "session_get"}) {
    seconds_.Add({{"request", request}}, NetlinkBuckets());
    errors_.Add({{"request", request}});
  }
}

void NetlinkRequests::Take(absl::string_view request, Duration took, bool failed) {
  const std::string name = absl::AsciiStrToLower(request);
  seconds_.Add({{"request", name}}, NetlinkBuckets()).Observe(Seconds(took));
  if (failed) errors_.Add({{"request", name}}).Increment();
}

}  // namespace l2tp::metrics
