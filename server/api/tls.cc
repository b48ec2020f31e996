#include "server/api/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "server/base/status_macros.h"

namespace l2tp::api {
namespace {

template <typename T, void (*kFree)(T*)>
struct FreedBy {
  void operator()(T* thing) const { kFree(thing); }
};
void FreeBio(BIO* bio) { BIO_free(bio); }
using Bio = std::unique_ptr<BIO, FreedBy<BIO, FreeBio>>;
using Certificate = std::unique_ptr<X509, FreedBy<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY, EVP_PKEY_free>>;

// A daemon has nobody to type a pass phrase.
int NoPassPhrase(char*, int, int, void*) { return -1; }

absl::StatusOr<Bio> Open(const std::string& path) {
  Bio file(BIO_new_file(path.c_str(), "r"));
  if (file != nullptr) return file;
  return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& path) {
  L2TP_ASSIGN_OR_RETURN(const Bio file, Open(path));
  Certificate certificate(PEM_read_bio_X509(file.get(), nullptr, NoPassPhrase, nullptr));
  if (certificate != nullptr) return certificate;
  return absl::InvalidArgumentError(absl::StrCat(path, " does not begin with a PEM certificate"));
}

absl::StatusOr<Key> ReadKey(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IRWXO) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is a private key and accessible to everybody; chmod 600 it"));
  }
  L2TP_ASSIGN_OR_RETURN(const Bio file, Open(path));
  Key key(PEM_read_bio_PrivateKey(file.get(), nullptr, NoPassPhrase, nullptr));
  if (key != nullptr) return key;
  return absl::InvalidArgumentError(
      absl::StrCat(path, " has no PEM private key, or one with a pass phrase"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const TlsFiles& files) {
  L2TP_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(files.certificate));
  L2TP_ASSIGN_OR_RETURN(const Key key, ReadKey(files.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.key, " is not the key of ", files.certificate));
  }
  const bool mutual = !files.client_ca.empty();
  if (mutual) L2TP_RETURN_IF_ERROR(ReadCertificate(files.client_ca).status());

  const auto interval = static_cast<unsigned>(files.refresh_interval_s);
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          files.key, files.certificate, files.client_ca, interval));
  options.watch_identity_key_cert_pairs();
  if (mutual) options.watch_root_certs();
  options.set_cert_request_type(mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                       : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace l2tp::api
