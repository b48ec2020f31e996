// Where text goes: how wide the terminal is, whether it has colours, and text that fits it.

#ifndef L2TP_CLIENTS_L2TPCTL_LAYOUT_H_
#define L2TP_CLIENTS_L2TPCTL_LAYOUT_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace l2tp::ctl {

// What is at the other end of a descriptor.
struct Terminal {
  bool interactive = false;  // false: a pipe or a file, in which nothing is cut
  size_t columns = 0;        // 0: as many as it takes
  size_t rows = 0;           // 0: likewise
};

// The environment's COLUMNS goes before what the terminal says.
Terminal DetectTerminal(int descriptor);

enum class ColorMode { kAuto, kAlways, kNever };

// kAuto: on terminals, unless the environment's NO_COLOR is set or TERM is "dumb".
bool WantsColors(const Terminal& terminal, ColorMode mode);

// How to lay out text for people.
struct Layout {
  size_t width = 0;  // columns; 0: of any length
  bool colors = false;
  bool all_columns = false;  // of tables
};

enum class Style {
  kPlain,
  kHeading,
  kGood,  // up
  kBusy,  // on its way
  kBad,   // down, or failed
  kFaint,
};

// `text` in that style; as it is without colours.
std::string Paint(absl::string_view text, Style style, bool colors);

// Of a state's name as Lower() gives it: "established", "closing".
Style StyleOfState(absl::string_view state);

// Words with a blank between them, in lines that begin with `indent` blanks but for the first,
// which has `used` columns already. A word that is longer than a line goes on in the next one.
std::string Wrap(const std::vector<std::pair<std::string, Style>>& words, size_t indent,
                 size_t used, const Layout& layout);

// UTF-8 text with control characters (C0, DEL, C1) written as "\x1b": names and messages come from
// peers, and must not steer the terminal.
std::string Printable(absl::string_view text);

// Columns that UTF-8 text takes, with one for each character.
size_t DisplayWidth(absl::string_view text);

// The first `count` characters.
std::string Prefix(absl::string_view text, size_t count);

// Exactly `width` columns: blanks are added, or "~" stands for what is cut.
std::string Fit(absl::string_view text, size_t width);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_LAYOUT_H_
