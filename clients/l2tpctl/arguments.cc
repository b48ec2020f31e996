#include "clients/l2tpctl/arguments.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace l2tp::ctl {

std::string FullName(const std::string& collection, const std::string& name) {
  return absl::StrContains(name, '/') ? name : absl::StrCat(collection, "/", name);
}

std::string FullSessionName(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2) return name;
  return absl::StrCat("tunnels/", parts[0], "/sessions/", parts[1]);
}

std::string ShortName(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() == 2) return parts[1];
  if (parts.size() == 4) return absl::StrCat(parts[1], "/", parts[3]);
  return name;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& in) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(in), {});
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  if (absl::EndsWith(text, "\n")) text.pop_back();
  if (absl::EndsWith(text, "\r")) text.pop_back();
  return text;
}

absl::StatusOr<std::string> ReadSecret(const std::string& path, const char* variable,
                                       std::istream& in) {
  if (!path.empty()) return ReadFile(path, in);
  const char* value = std::getenv(variable);
  return std::string(value == nullptr ? "" : value);
}

absl::StatusOr<std::pair<std::string, int>> SplitEndpoint(const std::string& text) {
  std::string address = text;
  std::string port;
  const size_t bracket = text.find(']');
  if (absl::StartsWith(text, "[") && bracket != std::string::npos) {
    address = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (!port.empty() && port[0] != ':') {
      return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not [ADDRESS]:PORT"));
    }
    if (!port.empty()) port.erase(0, 1);
  } else if (const size_t colon = text.find(':');
             colon != std::string::npos && text.find(':', colon + 1) == std::string::npos) {
    address = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  int number = 0;
  const bool good = port.empty() || (absl::SimpleAtoi(port, &number) && number > 0);
  if (!good || number > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("\"", port, "\" is not a UDP port"));
  }
  return std::pair(address, number);
}

}  // namespace l2tp::ctl
