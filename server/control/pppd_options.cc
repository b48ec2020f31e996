#include "server/control/pppd_options.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/endpoint.h"
#include "server/base/error.h"

namespace l2tp::control {
namespace {

constexpr size_t kMaxOptions = 32;
constexpr size_t kMaxName = 63;

struct Option {
  enum class Argument { kNone, kNumber, kName, kAddress };
  absl::string_view name;
  Argument argument = Argument::kNone;
  int64_t least = 0;  // of a number
  int64_t most = 0;
  int times = 1;
};

// Both pppd 2.4.9 and 2.5 know all of them.
constexpr Option kOptions[] = {
    // Negotiation: how often and how long.
    {"lcp-restart", Option::Argument::kNumber, 1, 60},
    {"lcp-max-configure", Option::Argument::kNumber, 1, 100},
    {"lcp-max-failure", Option::Argument::kNumber, 1, 100},
    {"ipcp-restart", Option::Argument::kNumber, 1, 60},
    {"ipcp-max-configure", Option::Argument::kNumber, 1, 100},
    {"ipcp-max-failure", Option::Argument::kNumber, 1, 100},
    {"ipcp-max-terminate", Option::Argument::kNumber, 1, 100},
    {"ipv6cp-restart", Option::Argument::kNumber, 1, 60},
    {"ipv6cp-max-configure", Option::Argument::kNumber, 1, 100},
    {"ipv6cp-max-failure", Option::Argument::kNumber, 1, 100},
    {"ipv6cp-max-terminate", Option::Argument::kNumber, 1, 100},
    // Logins.
    {"pap-restart", Option::Argument::kNumber, 1, 60},
    {"pap-max-authreq", Option::Argument::kNumber, 1, 100},
    {"pap-timeout", Option::Argument::kNumber, 0, 3600},
    {"chap-restart", Option::Argument::kNumber, 1, 60},
    {"chap-max-challenge", Option::Argument::kNumber, 1, 100},
    {"name", Option::Argument::kName},
    {"remotename", Option::Argument::kName},
    // Limits: the cause of the end is PPP_LIMIT.
    {"idle", Option::Argument::kNumber, 0, 1'000'000},
    {"maxconnect", Option::Argument::kNumber, 0, 100'000'000},
    // The link.
    {"lcp-echo-adaptive"},
    {"nomagic"},
    {"passive"},
    {"silent"},
    {"default-asyncmap"},
    {"default-mru"},
    // IPv4.
    {"ms-wins", Option::Argument::kAddress, 0, 0, 2},
    {"proxyarp"},
};

const Option* Find(absl::string_view name) {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [name](const Option& option) { return option.name == name; });
  return found == std::end(kOptions) ? nullptr : found;
}

// No quotes, no backslash, and nothing that could be taken for another option or for a file.
bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::isalnum(static_cast<unsigned char>(text[0])) != 0 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  absl::string_view("-_.@").find(c) != absl::string_view::npos;
         });
}

absl::Status CheckArgument(const Option& option, absl::string_view argument) {
  switch (option.argument) {
    case Option::Argument::kNone: return absl::OkStatus();
    case Option::Argument::kNumber: {
      int64_t number = 0;
      // pppd takes what begins with 0 for octal.
      const bool octal = argument.size() > 1 && argument[0] == '0';
      const bool digits = std::all_of(argument.begin(), argument.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0;
      });
      if (digits && !octal && absl::SimpleAtoi(argument, &number) && number >= option.least &&
          number <= option.most) {
        return absl::OkStatus();
      }
      return absl::InvalidArgumentError(
          absl::StrCat(option.name, " takes a number from ", option.least, " to ", option.most));
    }
    case Option::Argument::kName:
      if (IsName(argument)) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat(option.name,
                       " takes a name of 1 to 63 letters, digits and - _ . @, of which "
                       "the first is a letter or digit"));
    case Option::Argument::kAddress: {
      const auto address = IpAddress::Parse(argument);
      if (address.has_value() && address->is_v4()) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(option.name, " takes an IPv4 address"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParsePppdOption(absl::string_view text) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  const Option* option = Find(words[0]);
  if (option == nullptr) {
    return absl::InvalidArgumentError("is not an option of pppd that a profile may give");
  }
  const size_t wanted = option->argument == Option::Argument::kNone ? 1 : 2;
  if (words.size() != wanted) {
    return absl::InvalidArgumentError(absl::StrCat(
        option->name, wanted == 1 ? " takes no argument" : " takes one argument, after a space"));
  }
  if (wanted == 2) {
    if (absl::Status good = CheckArgument(*option, words[1]); !good.ok()) return good;
  }
  return words;
}

absl::Status CheckPppdOptions(absl::string_view field, const std::vector<std::string>& options) {
  if (options.size() > kMaxOptions) {
    return InvalidField(field, absl::StrCat(options.size(), " are more than ", kMaxOptions));
  }
  std::map<std::string, int> counts;
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    const auto words = ParsePppdOption(options[i]);
    if (!words.ok()) return InvalidField(place, words.status().message());
    const Option* option = Find(words->front());
    if (++counts[words->front()] > option->times) {
      return InvalidField(place, absl::StrCat(option->name, " is given too often"));
    }
  }
  return absl::OkStatus();
}

}  // namespace l2tp::control
