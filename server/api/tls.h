// TLS for the API's TCP addresses.

#ifndef L2TP_SERVER_API_TLS_H_
#define L2TP_SERVER_API_TLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace l2tp::api {

// Files in PEM. What replaces them is used for new connections, without a restart.
struct TlsFiles {
  std::string certificate;     // ours, followed by those in between up to the CA
  std::string key;             // its private key, which others must not be able to read
  std::string client_ca;       // those who sign clients; empty: clients show no certificate
  int refresh_interval_s = 5;  // how often they are looked at
};

// TLS 1.2 or 1.3. With `client_ca` a client must have a certificate that is signed by it, and valid
// at the time. The error says which file is wrong, and how: NOT_FOUND when it cannot be read,
// INVALID_ARGUMENT for the rest. gRPC by itself would listen, and refuse everybody.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const TlsFiles& files);

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_TLS_H_
