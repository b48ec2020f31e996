// The files that pppd's radius plugin reads: its configuration, the servers' secrets, a dictionary.

#ifndef L2TP_SERVER_PPP_RADIUS_FILES_H_
#define L2TP_SERVER_PPP_RADIUS_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/control/ports.h"

namespace l2tp::ppp {

// The two files of one RADIUS server. They are there as long as this is.
class RadiusConfig {
 public:
  RadiusConfig(control::RadiusSpec spec, std::string stem)
      : spec_(std::move(spec)), stem_(std::move(stem)) {}
  ~RadiusConfig();
  RadiusConfig(const RadiusConfig&) = delete;
  RadiusConfig& operator=(const RadiusConfig&) = delete;

  const control::RadiusSpec& spec() const { return spec_; }
  // For the plugin's option radius-config-file.
  std::string path() const { return stem_ + ".conf"; }
  // With the secret.
  std::string servers_path() const { return stem_ + ".servers"; }

 private:
  const control::RadiusSpec spec_;
  const std::string stem_;
};

// The plugin takes a secret from a file only. The folder is ours alone (0700), the files as well
// (0600), and a secret is there only while a pppd runs that needs it.
class RadiusFiles {
 public:
  // Nothing is written before the first Configure().
  explicit RadiusFiles(std::string folder) : folder_(std::move(folder)) {}
  ~RadiusFiles();
  RadiusFiles(const RadiusFiles&) = delete;
  RadiusFiles& operator=(const RadiusFiles&) = delete;

  // Who holds one for the same `spec` already shares it.
  absl::StatusOr<std::shared_ptr<const RadiusConfig>> Configure(const control::RadiusSpec& spec);

 private:
  absl::Status Begin();

  const std::string folder_;
  bool begun_ = false;
  uint64_t last_number_ = 0;
  std::vector<std::weak_ptr<const RadiusConfig>> configs_;
};

// What may stand in an attribute that is given on pppd's command line: letters, digits and a few
// signs of numbers, others replaced by "_". The L2TP peer tells them.
std::string StationId(absl::string_view number);

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_RADIUS_FILES_H_
