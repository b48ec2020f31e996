#include "server/ppp/radius_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/base/unique_fd.h"
#include "server/ppp/plugin_message.h"

namespace l2tp::ppp {
namespace {

// The attributes that the plugin sends or heeds (RFC 2865, 2866, 2869, 2548), as it wants them to
// be known.
constexpr char kDictionary[] =
    R"(ATTRIBUTE User-Name 1 string
ATTRIBUTE Password 2 string
ATTRIBUTE CHAP-Password 3 string
ATTRIBUTE NAS-IP-Address 4 ipaddr
ATTRIBUTE NAS-Port-Id 5 integer
ATTRIBUTE Service-Type 6 integer
ATTRIBUTE Framed-Protocol 7 integer
ATTRIBUTE Framed-IP-Address 8 ipaddr
ATTRIBUTE Framed-IP-Netmask 9 ipaddr
ATTRIBUTE Filter-Id 11 string
ATTRIBUTE Framed-MTU 12 integer
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE Framed-Route 22 string
ATTRIBUTE State 24 string
ATTRIBUTE Class 25 string
ATTRIBUTE Session-Timeout 27 integer
ATTRIBUTE Idle-Timeout 28 integer
ATTRIBUTE Termination-Action 29 integer
ATTRIBUTE Called-Station-Id 30 string
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Acct-Status-Type 40 integer
ATTRIBUTE Acct-Delay-Time 41 integer
ATTRIBUTE Acct-Input-Octets 42 integer
ATTRIBUTE Acct-Output-Octets 43 integer
ATTRIBUTE Acct-Session-Id 44 string
ATTRIBUTE Acct-Authentic 45 integer
ATTRIBUTE Acct-Session-Time 46 integer
ATTRIBUTE Acct-Input-Packets 47 integer
ATTRIBUTE Acct-Output-Packets 48 integer
ATTRIBUTE Acct-Terminate-Cause 49 integer
ATTRIBUTE Acct-Input-Gigawords 52 integer
ATTRIBUTE Acct-Output-Gigawords 53 integer
ATTRIBUTE CHAP-Challenge 60 string
ATTRIBUTE NAS-Port-Type 61 integer
ATTRIBUTE Connect-Info 77 string
ATTRIBUTE Acct-Interim-Interval 85 integer
VENDOR Microsoft 311 Microsoft
ATTRIBUTE MS-CHAP-Response 1 string Microsoft
ATTRIBUTE MS-CHAP-Error 2 string Microsoft
ATTRIBUTE MS-MPPE-Encryption-Policy 7 string Microsoft
ATTRIBUTE MS-MPPE-Encryption-Types 8 string Microsoft
ATTRIBUTE MS-CHAP-Domain 10 string Microsoft
ATTRIBUTE MS-CHAP-Challenge 11 string Microsoft
ATTRIBUTE MS-CHAP-MPPE-Keys 12 string Microsoft
ATTRIBUTE MS-MPPE-Send-Key 16 string Microsoft
ATTRIBUTE MS-MPPE-Recv-Key 17 string Microsoft
ATTRIBUTE MS-CHAP2-Response 25 string Microsoft
ATTRIBUTE MS-CHAP2-Success 26 string Microsoft
ATTRIBUTE MS-Primary-DNS-Server 28 ipaddr Microsoft
ATTRIBUTE MS-Secondary-DNS-Server 29 ipaddr Microsoft
)";

absl::Status SystemError(absl::string_view what, const std::string& path) {
  return absl::InternalError(absl::StrCat("cannot ", what, " ", path, ": ", strerror(errno)));
}

absl::Status Write(const std::string& path, const std::string& text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("make", path);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return SystemError("write", path);
  }
  return absl::OkStatus();
}

void RemoveFilesIn(const std::string& folder) {
  DIR* const entries = opendir(folder.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    unlinkat(dirfd(entries), entry->d_name, 0);  // "." and ".." are not removed so
  }
  closedir(entries);
}

std::string ServersText(const control::RadiusSpec& spec) {
  std::string text = absl::StrCat(spec.server.address.ToString(), " ", spec.secret, "\n");
  if (spec.accounting_server.address != spec.server.address) {
    absl::StrAppend(&text, spec.accounting_server.address.ToString(), " ", spec.secret, "\n");
  }
  return text;
}

std::string ConfigText(const control::RadiusSpec& spec, const std::string& servers,
                       const std::string& folder) {
  return absl::StrCat(
      "auth_order radius\nlogin_tries 4\nlogin_timeout 60\nauthserver ", spec.server.ToString(),
      "\nacctserver ", spec.accounting_server.ToString(), "\nservers ", servers, "\ndictionary ",
      folder, "/dictionary\nmapfile ", folder, "/port-id-map\nseqfile ", folder,
      "/sequence\ndefault_realm\nradius_timeout ", spec.timeout, "\nradius_retries ",
      spec.retries + 1,  // it counts the first time as well
      "\nnas_identifier ", StationId(spec.nas_identifier), "\n");
}

}  // namespace

RadiusConfig::~RadiusConfig() {
  unlink(path().c_str());
  unlink(servers_path().c_str());
}

RadiusFiles::~RadiusFiles() {
  if (!begun_) return;
  RemoveFilesIn(folder_);
  rmdir(folder_.c_str());
}

absl::StatusOr<std::shared_ptr<const RadiusConfig>> RadiusFiles::Configure(
    const control::RadiusSpec& spec) {
  std::erase_if(configs_, [](const auto& config) { return config.expired(); });
  for (const auto& known : configs_) {
    std::shared_ptr<const RadiusConfig> config = known.lock();
    if (config->spec() == spec) return config;
  }
  L2TP_RETURN_IF_ERROR(Begin());
  auto config = std::make_shared<const RadiusConfig>(
      spec, absl::StrCat(folder_, "/", ++last_number_));  // from here on it removes what is there
  std::string servers = ServersText(spec);
  const absl::Status written = Write(config->servers_path(), servers);
  WipeSecret(servers);
  L2TP_RETURN_IF_ERROR(written);
  L2TP_RETURN_IF_ERROR(Write(config->path(), ConfigText(spec, config->servers_path(), folder_)));
  configs_.push_back(config);
  return config;
}

// The files that all have in common. Others are those of a daemon that was killed.
absl::Status RadiusFiles::Begin() {
  if (begun_) return absl::OkStatus();
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return SystemError("make", folder_);
  RemoveFilesIn(folder_);
  L2TP_RETURN_IF_ERROR(Write(absl::StrCat(folder_, "/dictionary"), kDictionary));
  L2TP_RETURN_IF_ERROR(Write(absl::StrCat(folder_, "/port-id-map"), ""));
  begun_ = true;
  return absl::OkStatus();
}

std::string StationId(absl::string_view number) {
  constexpr size_t kMost = 100;
  std::string id(number.substr(0, kMost));
  for (char& c : id) {
    const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c != '\0' && strchr("+-*.:@/", c) != nullptr);
    if (!good) c = '_';
  }
  return id;
}

}  // namespace l2tp::ppp
