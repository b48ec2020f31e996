// Text laid out in columns.

#ifndef L2TP_CLIENTS_L2TPCTL_TABLE_H_
#define L2TP_CLIENTS_L2TPCTL_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace l2tp::ctl {

inline constexpr size_t kTerminalWidth = 80;

// Rows under headings:
//
//   NAME  STATE        REMOTE
//   lns1  established  192.0.2.1:1701
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  // One cell a heading; shown as Printable().
  void AddRow(std::vector<std::string> cells);

  // Lines of at most `width` columns (0: of any length): the widest columns but the first are cut
  // first, which "~" at the end of a cell shows. The first one names things and is cut last.
  std::string Render(size_t width = kTerminalWidth) const;

 private:
  std::vector<size_t> ColumnWidths(size_t width) const;

  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Aligned "key: value" lines; values are shown as Printable(), empty ones are left out.
//
//   name:   tunnels/lns1
//   state:  established
class Page {
 public:
  void Add(std::string key, const std::string& value);
  // A blank line before what is added next, if something is.
  void Gap();
  std::string Render() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;  // an empty key is a blank line
};

// UTF-8 text with control characters (C0, DEL, C1) written as "\x1b": names and messages come from
// peers, and must not steer the terminal.
std::string Printable(absl::string_view text);

// Columns that UTF-8 text takes, with one for each character.
size_t DisplayWidth(const std::string& text);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_TABLE_H_
