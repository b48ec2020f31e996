// Errors of the API, taken apart.

#ifndef L2TP_CLIENTS_CPP_ERROR_H_
#define L2TP_CLIENTS_CPP_ERROR_H_

#include <map>
#include <string>

#include "grpcpp/support/status.h"

namespace l2tp::client {

struct Error {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  // One of those in proto/l2tp/v1/error.proto; empty for errors of gRPC itself, such as a daemon
  // that cannot be reached.
  std::string reason;
  std::map<std::string, std::string> metadata;

  // "" when there is no such key.
  std::string Metadata(const std::string& key) const;
};

Error DecodeError(const grpc::Status& status);

// "NOT_FOUND"; "CODE_99" for a number that is no code.
std::string CodeName(grpc::StatusCode code);

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_ERROR_H_
