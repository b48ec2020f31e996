// Connections to a daemon.

#ifndef L2TP_CLIENTS_CPP_CHANNEL_H_
#define L2TP_CLIENTS_CPP_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace l2tp::client {

inline constexpr char kDefaultAddress[] = "unix:/run/l2tp-controller/api.sock";

// For TLS, in PEM.
struct Tls {
  std::string ca;           // who signed the daemon's certificate; empty: whom this machine trusts
  std::string certificate;  // ours, for a daemon that asks for one
  std::string key;          // its private key

  bool empty() const { return ca.empty() && certificate.empty() && key.empty(); }
};

// Reads the files of the same names, "" for none. NOT_FOUND, with its name, when one cannot be read
// or is empty.
absl::StatusOr<Tls> ReadTls(const Tls& files);

// A channel to "unix:PATH" or "ADDRESS:PORT". Connects when it is first used, and again whenever
// the connection is lost; pings the daemon so that a dead one is noticed within 40 s.
//
// TCP has TLS, without which everybody on the way could read secrets; only a loopback address has
// none unless something is in `tls`. The daemon's certificate must be for ADDRESS.
std::shared_ptr<grpc::Channel> Connect(const std::string& address, const Tls& tls = {});

}  // namespace l2tp::client

#endif  // L2TP_CLIENTS_CPP_CHANNEL_H_
