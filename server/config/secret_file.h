// Secrets in files of their own.

#ifndef L2TP_SERVER_CONFIG_SECRET_FILE_H_
#define L2TP_SERVER_CONFIG_SECRET_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace l2tp::config {

// What stands in the file, 1 to 4096 octets, without one line break at its end. The file must be a
// regular one that only its owner may access, and the owner be root or who we are. The message of
// an error names the file.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace l2tp::config

#endif  // L2TP_SERVER_CONFIG_SECRET_FILE_H_
