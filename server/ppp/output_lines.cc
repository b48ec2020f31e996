#include "server/ppp/output_lines.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"

namespace l2tp::ppp {
namespace {

char Printable(char c) {
  if (c == '\t') return ' ';
  return c >= 0x20 && c < 0x7f ? c : '?';
}

// The beginnings of lines that pppd prints when a link comes up or goes down, whatever the cause.
constexpr std::array<absl::string_view, 15> kCommonplaces = {
    "Connect time ",    "Sent ",        "Connection terminated",
    "Link terminated",  "Exit.",        "Plugin ",
    "Using interface ", "Connect: ",    "Renamed interface",
    "local  ",          "remote ",      "Waiting for ",
    "  script ",        "Modem hangup", "pppd version ",
};

bool IsCommonplace(absl::string_view line) {
  return std::any_of(kCommonplaces.begin(), kCommonplaces.end(),
                     [line](absl::string_view start) { return absl::StartsWith(line, start); });
}

}  // namespace

void OutputLines::Append(absl::string_view octets, LineHandler handler) {
  while (!octets.empty()) {
    const size_t end = std::min(octets.find('\n'), octets.size());
    const size_t room = kMaxLineSize - line_.size();
    for (char c : octets.substr(0, std::min(end, room))) line_.push_back(Printable(c));
    if (end == octets.size()) return;
    Finish(handler);
    octets.remove_prefix(end + 1);
  }
}

void OutputLines::Finish(LineHandler handler) {
  if (!line_.empty()) handler(line_);
  line_.clear();
}

void LastWords::Add(absl::string_view line) {
  // After a wrong option pppd lists the right ones; 2.5 first says who it is, at some length.
  if (absl::StartsWith(line, "Usage: ") || absl::StartsWith(line, "ppp v")) closed_ = true;
  if (closed_ || IsCommonplace(line)) return;
  lines_.emplace_back(line);
  if (lines_.size() > kMaxLines) lines_.pop_front();
}

std::string LastWords::Text() const { return absl::StrJoin(lines_, "; "); }

}  // namespace l2tp::ppp
