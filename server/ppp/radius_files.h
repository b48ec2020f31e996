// The files that pppd's radius plugin reads: its configuration, the servers' secrets, a dictionary.

#ifndef L2TP_SERVER_PPP_RADIUS_FILES_H_
#define L2TP_SERVER_PPP_RADIUS_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/control/ports.h"

namespace l2tp::ppp {

// The plugin takes a secret from a file only. The folder is ours alone (0700), the files as well
// (0600), and they are gone when this is.
class RadiusFiles {
 public:
  // Nothing is written before the first Configure().
  explicit RadiusFiles(std::string folder) : folder_(std::move(folder)) {}
  ~RadiusFiles();
  RadiusFiles(const RadiusFiles&) = delete;
  RadiusFiles& operator=(const RadiusFiles&) = delete;

  // Path of the configuration for `spec`; written the first time.
  absl::StatusOr<std::string> Configure(const control::RadiusSpec& spec);

 private:
  absl::Status Write(const std::string& path, const std::string& text);

  const std::string folder_;
  bool begun_ = false;
  std::vector<control::RadiusSpec> specs_;  // the first has the files 1.conf and 1.servers
  std::vector<std::string> written_;
};

// What may stand in an attribute that is given on pppd's command line: letters, digits and a few
// signs of numbers, others replaced by "_". The L2TP peer tells them.
std::string StationId(absl::string_view number);

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_RADIUS_FILES_H_
