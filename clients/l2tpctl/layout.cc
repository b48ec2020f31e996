#include "clients/l2tpctl/layout.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kUsualColumns = 80;  // of a terminal that does not say
constexpr size_t kUsualRows = 24;
constexpr size_t kNarrowest = 20;  // no text fits less

std::string FromEnvironment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

bool StartsCharacter(char octet) { return (static_cast<unsigned char>(octet) & 0xc0) != 0x80; }

// Select Graphic Rendition (ECMA-48 section 8.3.117).
const char* Rendition(Style style) {
  switch (style) {
    case Style::kHeading: return "\x1b[1m";
    case Style::kGood: return "\x1b[32m";
    case Style::kBusy: return "\x1b[33m";
    case Style::kBad: return "\x1b[31m";
    case Style::kFaint: return "\x1b[2m";
    case Style::kPlain: break;
  }
  return "";
}

}  // namespace

Terminal DetectTerminal(int descriptor) {
  Terminal terminal;
  terminal.interactive = ::isatty(descriptor) == 1;
  if (terminal.interactive) {
    winsize size{};
    const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0;
    terminal.columns = known && size.ws_col > 0 ? size.ws_col : kUsualColumns;
    terminal.rows = known && size.ws_row > 0 ? size.ws_row : kUsualRows;
  }
  int columns = 0;
  if (absl::SimpleAtoi(FromEnvironment("COLUMNS"), &columns) && columns > 0) {
    terminal.columns = static_cast<size_t>(columns);
  }
  if (terminal.columns > 0) terminal.columns = std::max(terminal.columns, kNarrowest);
  return terminal;
}

bool WantsColors(const Terminal& terminal, ColorMode mode) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  return terminal.interactive && FromEnvironment("NO_COLOR").empty() &&
         FromEnvironment("TERM") != "dumb";
}

std::string Paint(absl::string_view text, Style style, bool colors) {
  if (!colors || style == Style::kPlain || text.empty()) return std::string(text);
  return absl::StrCat(Rendition(style), text, "\x1b[0m");
}

Style StyleOfState(absl::string_view state) {
  if (state == "established" || state == "running") return Style::kGood;
  if (state == "connecting" || state == "waiting") return Style::kBusy;
  return state == "closing" || state == "closed" || state == "shutting_down" ? Style::kBad
                                                                             : Style::kPlain;
}

std::string Wrap(const std::vector<std::pair<std::string, Style>>& words, size_t indent,
                 size_t used, const Layout& layout) {
  const size_t width =
      layout.width == 0 ? std::string::npos : std::max(layout.width, indent + kNarrowest / 2);
  std::string out;
  size_t column = used;
  bool first = true;
  const auto begin_line = [&] {
    absl::StrAppend(&out, "\n", std::string(indent, ' '));
    column = indent;
    first = true;
  };
  for (const auto& [word, style] : words) {
    std::string rest = word;
    const size_t gap = first ? 0 : 1;
    if (column > indent && column + gap + DisplayWidth(rest) > width) begin_line();
    if (!first) {
      out += ' ';
      ++column;
    }
    while (column + DisplayWidth(rest) > width) {
      const std::string part = Prefix(rest, width - column);
      out += Paint(part, style, layout.colors);
      rest.erase(0, part.size());
      begin_line();
    }
    out += Paint(rest, style, layout.colors);
    column += DisplayWidth(rest);
    first = false;
  }
  return out;
}

std::string Printable(absl::string_view text) {
  std::string printable;
  const auto octet = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i < text.size(); ++i) {
    // C1 is U+0080 to U+009F: 0xc2 and the octet itself.
    const bool c1 =
        octet(i) == 0xc2 && i + 1 < text.size() && octet(i + 1) >= 0x80 && octet(i + 1) <= 0x9f;
    if (c1) ++i;
    if (c1 || octet(i) < 0x20 || octet(i) == 0x7f) {
      absl::StrAppend(&printable, "\\x", absl::Hex(octet(i), absl::kZeroPad2));
    } else {
      printable += text[i];
    }
  }
  return printable;
}

size_t DisplayWidth(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

std::string Prefix(absl::string_view text, size_t count) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (StartsCharacter(text[end]) && count-- == 0) break;
  }
  return std::string(text.substr(0, end));
}

std::string Fit(absl::string_view text, size_t width) {
  const size_t needed = DisplayWidth(text);
  if (needed > width) return Prefix(text, width - 1) + "~";
  return absl::StrCat(text, std::string(width - needed, ' '));
}

}  // namespace l2tp::ctl
