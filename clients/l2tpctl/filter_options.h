// Which tunnels, sessions and so on: options for list and close; which events.

#ifndef L2TP_CLIENTS_L2TPCTL_FILTER_OPTIONS_H_
#define L2TP_CLIENTS_L2TPCTL_FILTER_OPTIONS_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/pool.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"

namespace l2tp::ctl {

// Must outlive the parsing of the command line.
class FilterOptions {
 public:
  void AddForTunnels(CLI::App* command);
  void AddForSessions(CLI::App* command);

  // Of profiles and so on, `filter` being the API's: PeerFilter.
  void AddForResources(CLI::App* command, const google::protobuf::Descriptor& filter);

  // INVALID_ARGUMENT says which option cannot be.
  absl::Status Apply(v1::TunnelFilter* filter) const;
  absl::Status Apply(v1::SessionFilter* filter) const;
  absl::Status Apply(v1::ProfileFilter* filter) const;
  absl::Status Apply(v1::PoolFilter* filter) const;
  absl::Status Apply(v1::UserFilter* filter) const;
  absl::Status Apply(v1::PeerFilter* filter) const;

 private:
  void AddCommon(CLI::App* command);
  template <typename Filter>
  absl::Status ApplyCommon(Filter* filter) const;

  std::vector<std::string> states_;
  std::vector<std::string> labels_;
  std::string profile_;
  std::string peer_;
  std::string address_;
  std::string user_;
  std::string interface_;
  std::string calling_number_;
  std::string called_number_;
  std::string enabled_;
};

// Which events. Must outlive the parsing of the command line.
class EventFilterOptions {
 public:
  // `name`: how the command calls the resource: "--name", or "name" without dashes.
  void Add(CLI::App* command, const std::string& name);

  // Of a WatchRequest or ListEventsRequest. INVALID_ARGUMENT says which option cannot be.
  template <typename Request>
  absl::Status Apply(Request* request) const;

 private:
  std::string name_;
  std::vector<std::string> types_;
  std::vector<std::string> kinds_;
  std::vector<std::string> labels_;
};

// "site=ber1" and so on into a map of labels.
absl::Status SetLabels(const std::vector<std::string>& texts,
                       google::protobuf::Map<std::string, std::string>* labels);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_FILTER_OPTIONS_H_
