#include "server/ppp/radius_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/base/unique_fd.h"

namespace l2tp::ppp {
namespace {

// The attributes that the plugin sends or heeds (RFC 2865, 2866, 2869, 2548), as it wants them to be
// known.
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

}  // namespace

RadiusFiles::~RadiusFiles() {
  for (const std::string& path : written_) unlink(path.c_str());
  if (begun_) rmdir(folder_.c_str());
}

absl::StatusOr<std::string> RadiusFiles::Configure(const control::RadiusSpec& spec) {
  const auto known = std::find(specs_.begin(), specs_.end(), spec);
  const auto number = static_cast<size_t>(known - specs_.begin()) + 1;
  const std::string path = absl::StrCat(folder_, "/", number, ".conf");
  if (known != specs_.end()) return path;
  if (!begun_) {
    if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return SystemError("make", folder_);
    begun_ = true;
    L2TP_RETURN_IF_ERROR(Write(absl::StrCat(folder_, "/dictionary"), kDictionary));
    L2TP_RETURN_IF_ERROR(Write(absl::StrCat(folder_, "/port-id-map"), ""));
    written_.push_back(absl::StrCat(folder_, "/sequence"));  // the plugins make it
  }
  const std::string servers = absl::StrCat(folder_, "/", number, ".servers");
  std::string text = absl::StrCat(spec.server.address.ToString(), " ", spec.secret, "\n");
  if (spec.accounting_server.address != spec.server.address) {
    absl::StrAppend(&text, spec.accounting_server.address.ToString(), " ", spec.secret, "\n");
  }
  L2TP_RETURN_IF_ERROR(Write(servers, text));
  std::fill(text.begin(), text.end(), '\0');
  std::string config = absl::StrCat(
      "auth_order radius\nlogin_tries 4\nlogin_timeout 60\nauthserver ", spec.server.ToString(),
      "\nacctserver ", spec.accounting_server.ToString(), "\nservers ", servers, "\ndictionary ",
      folder_, "/dictionary\nmapfile ", folder_, "/port-id-map\nseqfile ", folder_,
      "/sequence\ndefault_realm\nradius_timeout ", spec.timeout, "\nradius_retries ", spec.retries,
      "\n");
  if (!spec.nas_identifier.empty()) {
    absl::StrAppend(&config, "nas_identifier ", StationId(spec.nas_identifier), "\n");
  }
  L2TP_RETURN_IF_ERROR(Write(path, config));
  specs_.push_back(spec);
  return path;
}

absl::Status RadiusFiles::Write(const std::string& path, const std::string& text) {
  unlink(path.c_str());  // left by a daemon that was killed
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("make", path);
  written_.push_back(path);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return SystemError("write", path);
  }
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
