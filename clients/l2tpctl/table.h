// Text laid out in columns.

#ifndef L2TP_CLIENTS_L2TPCTL_TABLE_H_
#define L2TP_CLIENTS_L2TPCTL_TABLE_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clients/l2tpctl/layout.h"

namespace l2tp::ctl {

// Rows under headings:
//
//   NAME  STATE        REMOTE
//   lns1  established  192.0.2.1:1701
class Table {
 public:
  // `more` are the headings of columns that are only shown with Layout::all_columns.
  explicit Table(std::vector<std::string> headings, const std::vector<std::string>& more = {});

  // One cell a heading; shown as Printable().
  void AddRow(std::vector<std::string> cells);

  // The cells of a column are shown in the style of what they say.
  using StyleOf = Style (*)(absl::string_view);
  void SetStyle(size_t column, StyleOf style) { styles_[column] = style; }
  // Numbers stand on the right of their column.
  void AlignRight(size_t column) { right_.insert(column); }
  // A column whose cells say little when they are cut.
  void Keep(size_t column) { kept_.insert(column); }

  // Lines of at most the layout's width: the widest columns are cut first, which "~" at the end of
  // a cell shows; then the first column, which names things; then the last columns are left out,
  // and only then are columns cut that are to be kept.
  std::string Render(const Layout& layout = {}) const;

 private:
  std::vector<size_t> ColumnWidths(const Layout& layout) const;
  // Narrows columns, in turn the widest, until they fit; false if they do not.
  bool Narrow(size_t width, bool kept_too, std::vector<size_t>* widths) const;
  std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                   bool heading, const Layout& layout) const;

  std::vector<std::string> headings_;
  size_t usual_;  // columns that are always shown
  std::vector<std::vector<std::string>> rows_;
  std::map<size_t, StyleOf> styles_;
  std::set<size_t> right_;
  std::set<size_t> kept_;
};

// Aligned "key: value" lines; values are shown as Printable(), empty ones are left out.
//
//   name:   tunnels/lns1
//   state:  established
class Page {
 public:
  void Add(std::string key, const std::string& value, Style style = Style::kPlain);
  // A blank line before what is added next, if something is.
  void Gap();
  // Values that are too long for the layout's width go on below themselves.
  std::string Render(const Layout& layout = {}) const;

 private:
  struct Line {
    std::string key;  // empty: a blank line
    std::string value;
    Style style = Style::kPlain;
  };
  std::vector<Line> lines_;
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_TABLE_H_
