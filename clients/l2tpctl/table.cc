#include "clients/l2tpctl/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kGap = 2;        // between columns
constexpr size_t kNarrowest = 6;  // a column is not cut below this

bool StartsCharacter(char octet) { return (static_cast<unsigned char>(octet) & 0xc0) != 0x80; }

// The first `count` characters.
std::string Prefix(const std::string& text, size_t count) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (StartsCharacter(text[end]) && count-- == 0) break;
  }
  return text.substr(0, end);
}

std::string Fit(const std::string& text, size_t width) {
  const size_t needed = DisplayWidth(text);
  if (needed > width) return Prefix(text, width - 1) + "~";
  return text + std::string(width - needed, ' ');
}

void AppendLine(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                std::string* out) {
  std::string line;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    line += Fit(i < cells.size() ? cells[i] : "", widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  *out += line + "\n";
}

}  // namespace

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

size_t DisplayWidth(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(size_t width) const {
  const std::vector<size_t> widths = ColumnWidths(width);
  std::string out;
  AppendLine(headings_, widths, &out);
  for (const auto& row : rows_) AppendLine(row, widths, &out);
  return out;
}

std::vector<size_t> Table::ColumnWidths(size_t width) const {
  std::vector<size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(DisplayWidth(heading));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < widths.size() && i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  if (width == 0) return widths;
  const auto total = [&widths] {
    return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  };
  while (total() > width) {
    auto widest = std::max_element(widths.begin() + 1, widths.end());
    if (widest == widths.end() || *widest <= kNarrowest) widest = widths.begin();
    if (*widest <= kNarrowest) break;
    --*widest;
  }
  return widths;
}

void Page::Add(std::string key, const std::string& value) {
  if (!value.empty()) lines_.emplace_back(std::move(key), Printable(value));
}

void Page::Gap() {
  if (!lines_.empty() && !lines_.back().first.empty()) lines_.emplace_back();
}

std::string Page::Render() const {
  size_t width = 0;
  for (const auto& [key, value] : lines_) width = std::max(width, DisplayWidth(key));
  std::string out;
  std::string blank;  // a gap at the end stays unseen
  for (const auto& [key, value] : lines_) {
    if (key.empty()) {
      blank = "\n";
      continue;
    }
    out += blank + key + ":" + std::string(width - DisplayWidth(key) + 2, ' ') + value + "\n";
    blank.clear();
  }
  return out;
}

}  // namespace l2tp::ctl
