// Typed reading of YAML, with the place of everything that is wrong.

#ifndef L2TP_SERVER_CONFIG_SECTION_H_
#define L2TP_SERVER_CONFIG_SECTION_H_

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/endpoint.h"
#include "server/base/time.h"
#include "server/control/specs.h"

namespace l2tp::config {

// What all sections of a file share: the first error, after which nothing is read any more.
class Reading {
 public:
  // `read_secrets`: whether secrets are fetched from files of their own.
  Reading(absl::string_view file, bool read_secrets);

  // Notes that `path`, which stands at `node`, is wrong. Only the first time counts. What `problem`
  // quotes ends at its first space or comma: a value may have swallowed a secret that follows it.
  void Fail(const YAML::Node& node, absl::string_view path, absl::string_view problem);
  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }

  bool read_secrets() const { return read_secrets_; }
  const std::string& folder() const { return folder_; }

 private:
  const std::string file_;
  const std::string folder_;  // of the file, with "/" at the end; "" for the current one
  const bool read_secrets_;
  absl::Status status_;
};

// A mapping. Reading a key that is not there leaves the value as it is:
//
//   Section ppp(node["ppp"], "profiles[0].ppp", &reading);
//   ppp.Read("mtu", &settings.mtu);
//   ppp.Done();   // any other key is an error
class Section {
 public:
  Section(const YAML::Node& node, std::string path, Reading* reading);

  // No value but a secret may have control characters.
  void Read(const char* key, std::string* value);
  void Read(const char* key, bool* value);
  // Of a file; relative to the configuration's folder without "/" at its front, and not empty.
  void ReadPath(const char* key, std::string* value);
  // Numbers are decimal, without quotes and leading zeros.
  void Read(const char* key, int* value);
  void Read(const char* key, uint16_t* value);
  void Read(const char* key, uint32_t* value);
  void ReadBits(const char* key, uint32_t* value);  // also hexadecimal: "0xa0000"
  void Read(const char* key, Duration* value);      // "60s", "1500ms"
  void ReadSeconds(const char* key, int* value);    // the same, whole seconds
  void ReadDays(const char* key, Duration* value);  // the same, also days, "7d", and longer
  void ReadSize(const char* key, int* value);       // octets; 0 for "auto"
  // Octets, also "512KiB", "64MiB", "1GiB", "1TiB".
  void ReadOctets(const char* key, int64_t* value);
  void Read(const char* key, IpAddress* value);
  void Read(const char* key, IpPrefix* value);  // "192.0.2.0/24"
  void Read(const char* key, std::vector<std::string>* values);
  void Read(const char* key, Endpoint* value);          // "192.0.2.9" or "192.0.2.9:1812"
  void ReadEndpoint(const char* key, Endpoint* value);  // "127.0.0.1:9477", with its port
  void Read(const char* key, std::vector<IpAddress>* values);
  void Read(const char* key, std::vector<IpPrefix>* values);
  // "192.0.2.1-192.0.2.9", or a single address.
  void Read(const char* key, std::vector<control::AddressRange>* values);
  void Read(const char* key, std::vector<Endpoint>* values);  // "192.0.2.1:1701"; at least one
  // "unix:/path", "127.0.0.1:50051".
  void ReadApiAddresses(const char* key, std::vector<std::string>* values);
  void Read(const char* key,
            control::PathMtuDiscovery* value);  // "want", "PATH_MTU_DISCOVERY_WANT"
  void Read(const char* key, std::vector<control::AuthMethod>* values);  // "pap", "AUTH_METHOD_PAP"
  // A mapping of texts.
  void Read(const char* key, events::Labels* value);
  // "secret" itself, or "secret_file". What is there is not empty.
  void ReadSecret(const char* key, std::string* value);

  // An inner mapping; an empty one if it is not there, or nothing in it.
  Section Inner(const char* key);
  // The mappings of a list; none if it is not there.
  std::vector<Section> List(const char* key);

  // Whether the key is there, with something behind it; asking is not reading.
  bool Has(const std::string& key) const;

  // Reports keys that nobody has asked for.
  void Done();

  // Takes over an error about the value as a whole: its metadata "field" says where below here.
  void FailAt(const absl::Status& status);
  // `key` is wrong; the section itself if there is no such key.
  void Fail(const char* key, absl::string_view problem);

 private:
  // The node of a key, noted as known; undefined when there is none or reading has failed.
  YAML::Node Find(const char* key);
  // The text of a scalar, whatever it holds.
  bool Scalar(const char* key, std::string* text);
  // The same without control characters.
  bool Text(const char* key, std::string* text);
  // Integers from `least` to `most`; `hex`: "0x..." too.
  bool Number(const char* key, bool hex, int64_t least, int64_t most, int64_t* value);
  // Calls `parse(text)` for each element of a list of scalars; false: that one is wrong.
  template <typename Parse>
  void Elements(const char* key, const char* expected, const Parse& parse);
  std::string PathOf(absl::string_view key) const;
  // The path of a key that may be none, with nothing of what may be a secret.
  std::string SafePathOf(const YAML::Node& key, const YAML::Node& value) const;

  YAML::Node node_;
  std::string path_;
  Reading* reading_;
  std::set<std::string> known_;
};

}  // namespace l2tp::config

#endif  // L2TP_SERVER_CONFIG_SECTION_H_
