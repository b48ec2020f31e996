// The daemon's configuration file.

#ifndef L2TP_SERVER_CONFIG_CONFIG_H_
#define L2TP_SERVER_CONFIG_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/endpoint.h"
#include "server/base/role.h"
#include "server/base/time.h"
#include "server/control/specs.h"

namespace l2tp::config {

// Section api: who may use the API, and how.
struct ApiSettings {
  // Files in PEM for TCP addresses; all empty: no TLS.
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;  // empty: clients need no certificate, which the file says by name
  bool plaintext_loopback = false;
  Role anonymous_role = Role::kViewer;  // of callers without a certificate
  std::vector<RoleRule> roles;
  int max_message_size = 1 << 20;         // octets; 65536..67108864
  int max_streams_per_connection = 1000;  // calls under way; 1..100000
  int max_callers = 64;                   // at a time on Unix sockets; 1..1000
  int max_connections_per_caller = 100;   // on Unix sockets; 1..10000
  int max_watchers = 256;                 // the daemon's log is one; 2..65535
};

// Section event_history: events on disk.
struct EventHistorySettings {
  std::string directory;                             // absolute; empty: none are kept
  Duration keep = Duration::Seconds(7 * 24 * 3600);  // 1 h..1000 days
  int64_t max_size = int64_t{1} << 30;               // octets; 1 MiB..1 TiB
};

// The file has the sections daemon, api, event_history, profiles, pools, users, peers, tunnels and
// sessions; keys are the names of the API's fields. README.md shows a whole one.
struct Config {
  // daemon:
  std::string host_name;  // our Host Name AVP; empty: the machine's name
  // Not empty.
  std::vector<Endpoint> listen = {Endpoint{IpAddress::FromV4(0), 1701}};
  // Where the API listens: "unix:/path" or "ADDRESS:PORT", as in "[::1]:50051". TCP has TLS in
  // `api`, but for loopback addresses when that allows it.
  std::vector<std::string> api_listen = {"unix:/run/l2tp-controller/api.sock"};
  std::string api_group;  // group that may use the Unix sockets; empty: the daemon's own
  std::optional<Endpoint> metrics_listen;  // for Prometheus; nullopt: none
  std::string log_level = "info";          // trace, debug, info, warning, error
  std::string pppd_path = "/usr/sbin/pppd";
  std::string pppd_plugin_dir;                          // empty: where they were installed
  bool pppd_zygote = true;                              // fork pppds from one that waits
  int max_pppd_starts = 16;                             // 1..1000
  Duration pppd_start_timeout = Duration::Seconds(30);  // 1 s..1 h
  Duration pppd_phase_timeout = Duration::Seconds(45);  // 0 (none), or 1 s..1 h
  std::string run_dir = "/run/l2tp-controller";
  int max_tunnels = 4096;    // 1..65535
  int max_sessions = 65536;  // 1..1000000
  // How long tunnels and sessions that are gone can be read, and how many of each.
  Duration closed_retention = Duration::Seconds(3600);  // 0 (not at all) .. 7 days
  int max_closed = 4096;                                // 0..100000
  // Tunnels that peers have begun and not established.
  int max_half_open_tunnels = 1000;            // 2..65535
  int max_half_open_tunnels_per_address = 32;  // 1..65535

  ApiSettings api;
  EventHistorySettings event_history;
  std::vector<control::Profile> profiles;
  std::vector<control::Pool> pools;
  std::vector<control::User> users;
  std::vector<control::Peer> peers;
  std::vector<control::TunnelSpec> tunnels;    // opened at start; id is set
  std::vector<control::SessionSpec> sessions;  // placed at start; id is set
};

// Reads YAML text; `file` is for messages. Every resource has passed control::Validate(), names are
// unique, and what is referred to is there. InvalidArgument "FILE:LINE:COLUMN: key.path: what is
// wrong" for the first thing that is; secrets do not appear in it.
// Opens no file: `secret_file` and `password_file` are errors.
absl::StatusOr<Config> ParseConfig(absl::string_view text, absl::string_view file);

// Reads the file. Secrets that stand in files of their own (`secret_file`, `password_file`; a path
// that does not start with "/" is relative to the configuration's folder) are read too; such a file
// must not be empty and be accessible to its owner only, who must be root or the user the daemon
// runs as. NotFound when `file` cannot be opened.
absl::StatusOr<Config> LoadConfig(const std::string& file);

}  // namespace l2tp::config

#endif  // L2TP_SERVER_CONFIG_CONFIG_H_
