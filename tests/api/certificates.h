// Certificates, made as they are needed.

#ifndef L2TP_TESTS_API_CERTIFICATES_H_
#define L2TP_TESTS_API_CERTIFICATES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace l2tp::api {

// In PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct Subject {
  std::string common_name;
  std::string alternative_names;  // "DNS:noc.example.net,URI:spiffe://example.net/noc"; may be ""
  int valid_from_days = -1;       // from today
  int valid_to_days = 1;
};

// Signs others.
class Authority {
 public:
  explicit Authority(const std::string& common_name);

  Identity Issue(const Subject& subject) const;
  const std::string& certificate() const { return pem_; }

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  using Certificate = std::shared_ptr<X509>;

  Key key_;
  Certificate certificate_;
  std::string pem_;
};

}  // namespace l2tp::api

#endif  // L2TP_TESTS_API_CERTIFICATES_H_
