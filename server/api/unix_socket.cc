#include "server/api/unix_socket.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/unique_fd.h"

namespace l2tp::api {
namespace {

// Whether a connection to the socket is taken, or could be.
bool SomebodyListens(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    return true;
  }
  return errno != ECONNREFUSED && errno != ENOENT;
}

}  // namespace

absl::Status PrepareUnixSocket(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is not 1 to ", sizeof(sockaddr_un{}.sun_path) - 1,
                     " octets, as the path of a Unix socket must be"));
  }
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
      ::mkdir(path.substr(0, slash).c_str(), 0755);  // if this fails so will listening
    }
    return absl::OkStatus();
  }
  if (!S_ISSOCK(found.st_mode)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " is there and is not a socket"));
  }
  if (SomebodyListens(path)) {
    return absl::AlreadyExistsError(absl::StrCat("somebody listens on ", path, " already"));
  }
  if (::unlink(path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot remove ", path, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status SetSocketGroup(const std::string& path, const std::string& group) {
  const ::group* found = ::getgrnam(group.c_str());
  if (found == nullptr) return absl::NotFoundError(absl::StrCat("there is no group ", group));
  // Not what a link that somebody has put there points to.
  if (::lchown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot give ", path, " to group ", group, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace l2tp::api
