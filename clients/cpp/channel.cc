#include "clients/cpp/channel.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace l2tp::client {

namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!text.empty()) return text;
  return absl::NotFoundError(absl::StrCat("cannot read ", path, ", or it is empty"));
}

bool IsPlaintext(const std::string& address, const Tls& tls) {
  if (absl::StartsWith(address, "unix:") || absl::StartsWith(address, "unix-abstract:"))
    return true;
  const bool loopback = absl::StartsWith(address, "127.") || absl::StartsWith(address, "[::1]:") ||
                        absl::StartsWith(address, "localhost:");
  return loopback && tls.empty();
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const std::string& address,
                                                         const Tls& tls) {
  if (IsPlaintext(address, tls)) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls.ca;
  options.pem_cert_chain = tls.certificate;
  options.pem_private_key = tls.key;
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<Tls> ReadTls(const Tls& files) {
  Tls read;
  for (const auto field : {&Tls::ca, &Tls::certificate, &Tls::key}) {
    absl::StatusOr<std::string> text = ReadFile(files.*field);
    if (!text.ok()) return text.status();
    read.*field = *std::move(text);
  }
  return read;
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address, const Tls& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // gRPC's own back-off grows to two minutes; a daemon that was restarted is worth more haste.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return grpc::CreateCustomChannel(address, CredentialsFor(address, tls), arguments);
}

}  // namespace l2tp::client
