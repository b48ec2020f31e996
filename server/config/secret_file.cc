#include "server/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/unique_fd.h"

namespace l2tp::config {
namespace {

constexpr size_t kMaxSize = 4096;

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  // Checked on the descriptor, so that the file cannot be exchanged in between.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found = {};
  if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", strerror(errno)));
  }
  if (!S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  }
  if ((found.st_mode & 077) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is accessible to others than its owner; chmod 600 it"));
  }
  if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " belongs to somebody else (uid ", found.st_uid, ")"));
  }
  std::string secret(kMaxSize + 1, '\0');
  const ssize_t size = ::read(fd.get(), secret.data(), secret.size());
  if (size < 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", strerror(errno)));
  }
  if (static_cast<size_t>(size) > kMaxSize) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than 4096 octets"));
  }
  secret.resize(static_cast<size_t>(size));
  if (!secret.empty() && secret.back() == '\n') secret.pop_back();
  if (!secret.empty() && secret.back() == '\r') secret.pop_back();
  if (secret.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  return secret;
}

}  // namespace l2tp::config
