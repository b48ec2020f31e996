#include "tests/api/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <functional>

namespace l2tp::api {
namespace {

constexpr int kDay = 24 * 60 * 60;

void Must(bool good) {
  if (!good) std::abort();
}

std::shared_ptr<EVP_PKEY> MakeKey() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

std::string Pem(const std::function<int(BIO*)>& write) {
  const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free);
  Must(write(bio.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Pem(X509* certificate) {
  return Pem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  const std::shared_ptr<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()), X509_EXTENSION_free);
  Must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// `issuer` null: signs itself, and may sign others.
std::shared_ptr<X509> MakeCertificate(const Subject& subject, EVP_PKEY* key, X509* issuer,
                                      EVP_PKEY* issuer_key) {
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509* const certificate = made.get();
  X509_set_version(certificate, 2);
  int64_t serial = 0;
  Must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 7) == 1);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), kDay * subject.valid_from_days);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDay * subject.valid_to_days);
  X509_set_pubkey(certificate, key);
  if (!subject.common_name.empty()) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(subject.common_name.c_str()),
                               -1, -1, 0);
  }
  X509_set_issuer_name(certificate,
                       X509_get_subject_name(issuer == nullptr ? certificate : issuer));
  if (issuer == nullptr) AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!subject.alternative_names.empty()) {
    AddExtension(certificate, NID_subject_alt_name, subject.alternative_names);
  }
  Must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
  return made;
}

}  // namespace

Authority::Authority(const std::string& common_name) : key_(MakeKey()) {
  const Subject subject = {.common_name = common_name, .valid_from_days = -30, .valid_to_days = 30};
  certificate_ = MakeCertificate(subject, key_.get(), nullptr, key_.get());
  pem_ = Pem(certificate_.get());
}

Identity Authority::Issue(const Subject& subject) const {
  const Key key = MakeKey();
  const Certificate certificate =
      MakeCertificate(subject, key.get(), certificate_.get(), key_.get());
  return {Pem(certificate.get()), Pem([&key](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace l2tp::api
