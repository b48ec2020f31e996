// A file that says how things are to be: the resources of a daemon, in the format of its
// configuration.

#ifndef L2TP_CLIENTS_L2TPCTL_MANIFEST_H_
#define L2TP_CLIENTS_L2TPCTL_MANIFEST_H_

#include <functional>
#include <istream>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "l2tp/v1/peer.pb.h"
#include "l2tp/v1/pool.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "l2tp/v1/tunnel.pb.h"
#include "l2tp/v1/user.pb.h"

namespace l2tp::ctl {

// In the order of the file. Each has its name, and secrets if the file gives them.
struct Manifest {
  std::vector<v1::Pool> pools;
  std::vector<v1::Profile> profiles;
  std::vector<v1::User> users;
  std::vector<v1::Peer> peers;
  std::vector<v1::Tunnel> tunnels;
  std::vector<v1::Session> sessions;
  std::set<std::string> sections;  // "pools": it stands in the file, perhaps without anything in it
};

using ReadSecretFile = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Reads YAML, or JSON, which is YAML as well: one document of at most 4 MiB, without anchors. A
// section "daemon", "api" or "event_history" is left to the daemon. `read_secret` gives what stands
// in a `secret_file` or `password_file`.
// INVALID_ARGUMENT "FILE:LINE:COLUMN: tunnels[3].remote_port: what is wrong" for the first thing
// that is.
absl::StatusOr<Manifest> ParseManifest(const std::string& yaml, const std::string& file,
                                       const ReadSecretFile& read_secret);
// `path` "-" is `in`. Files of secrets are looked for from the folder of `path`.
absl::StatusOr<Manifest> ReadManifest(const std::string& path, std::istream& in);

// A parent stands above its heirs, if it is there; otherwise the order stays.
void SortByParents(std::vector<v1::Profile>* profiles);

// The same form, with all that `manifest` has set but for secrets.
std::string FormatManifest(const Manifest& manifest);

// Whether a field of a resource can stand in such a file.
bool IsInput(const google::protobuf::FieldDescriptor& field);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_MANIFEST_H_
