#include "clients/l2tpctl/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace l2tp::ctl {
namespace {

constexpr size_t kGap = 2;        // between columns
constexpr size_t kNarrowest = 6;  // a column is not cut below this
constexpr size_t kNarrowestName = 16;

}  // namespace

Table::Table(std::vector<std::string> headings, const std::vector<std::string>& more)
    : headings_(std::move(headings)), usual_(headings_.size()) {
  headings_.insert(headings_.end(), more.begin(), more.end());
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::Render(const Layout& layout) const {
  const std::vector<size_t> widths = ColumnWidths(layout);
  std::string out = Line(headings_, widths, true, layout);
  for (const auto& row : rows_) out += Line(row, widths, false, layout);
  return out;
}

std::string Table::Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                        bool heading, const Layout& layout) const {
  std::string line;
  size_t blanks = 0;  // that stand between the last cell and the next one
  for (size_t i = 0; i < widths.size(); ++i) {
    std::string cell = DisplayWidth(cells[i]) > widths[i] ? Fit(cells[i], widths[i]) : cells[i];
    const size_t padding = widths[i] - DisplayWidth(cell);
    const bool right = right_.count(i) > 0;
    const auto style = styles_.find(i);
    if (!cell.empty()) {
      line.append(blanks + (right ? padding : 0), ' ');
      blanks = 0;
      line += Paint(cell,
                    heading                  ? Style::kHeading
                    : style == styles_.end() ? Style::kPlain
                                             : style->second(cells[i]),
                    layout.colors);
    }
    blanks += kGap + (right && !cell.empty() ? 0 : padding);
  }
  return line + "\n";
}

std::vector<size_t> Table::ColumnWidths(const Layout& layout) const {
  std::vector<size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(DisplayWidth(heading));
  if (!layout.all_columns) widths.resize(usual_);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  if (layout.width == 0) return widths;
  while (true) {
    std::vector<size_t> narrowed = widths;
    const bool few = widths.size() <= 2;
    if (Narrow(layout.width, few, &narrowed) || widths.size() == 1) return narrowed;
    widths.pop_back();
  }
}

bool Table::Narrow(size_t width, bool kept_too, std::vector<size_t>* widths) const {
  const auto too_wide = [&] {
    return std::accumulate(widths->begin(), widths->end(), kGap * (widths->size() - 1)) > width;
  };
  for (size_t i = 0; too_wide();) {
    i = 0;
    for (size_t k = 1; k < widths->size(); ++k) {
      const bool may = (*widths)[k] > kNarrowest && (kept_too || kept_.count(k) == 0);
      if (may && (i == 0 || (*widths)[k] > (*widths)[i])) i = k;
    }
    if (i == 0 && (*widths)[0] <= (kept_too ? kNarrowest : kNarrowestName)) return false;
    --(*widths)[i];
  }
  return true;
}

void Page::Add(std::string key, const std::string& value, Style style) {
  if (!value.empty()) lines_.push_back({std::move(key), Printable(value), style});
}

void Page::Gap() {
  if (!lines_.empty() && !lines_.back().key.empty()) lines_.emplace_back();
}

std::string Page::Render(const Layout& layout) const {
  size_t width = 0;
  for (const Line& line : lines_) width = std::max(width, DisplayWidth(line.key));
  const size_t indent = width + 3;  // the colon and two blanks
  std::string out;
  bool gap = false;  // one at the end stays unseen
  for (const auto& [key, value, style] : lines_) {
    if (key.empty()) {
      gap = true;
      continue;
    }
    absl::StrAppend(&out, gap ? "\n" : "",
                    Paint(absl::StrCat(key, ":"), Style::kHeading, layout.colors),
                    std::string(width - DisplayWidth(key) + 2, ' '));
    if (layout.width == 0 || indent + DisplayWidth(value) <= layout.width) {
      out += Paint(value, style, layout.colors);
    } else {
      std::vector<std::pair<std::string, Style>> words;
      for (absl::string_view word : absl::StrSplit(value, ' ')) words.emplace_back(word, style);
      out += Wrap(words, indent, indent, layout);
    }
    out += "\n";
    gap = false;
  }
  return out;
}

}  // namespace l2tp::ctl
