// l2tpctl man: the manual page l2tpctl(1), made of the command line's own descriptions.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/l2tpctl/commands.h"

namespace l2tp::ctl {
namespace {

// Text in which nothing means anything to roff.
std::string Roff(absl::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    switch (c) {
      case '\\': out += "\\(rs"; break;
      case '-': out += "\\-"; break;
      case '~': out += "\\(ti"; break;
      case '^': out += "\\(ha"; break;
      default: out += c;
    }
  }
  return out;
}

// As one argument of a macro.
std::string Argument(absl::string_view text) {
  std::string quoted;
  for (const char c : Roff(text)) quoted += c == '"' ? "\\(dq" : std::string(1, c);
  return absl::StrCat("\"", quoted, "\"");
}

// "-o, --output FORMAT": bold names, value in italics.
std::string Heading(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string heading = absl::StrJoin(names, ", ", [](std::string* out, const auto& name) {
    absl::StrAppend(out, "\\fB", Roff(name), "\\fR");
  });
  if (option.get_expected_max() == 0) return heading;
  // "FORMAT:{json,yaml}", "FLOAT:POSITIVE", "TEXT"
  const std::string type = option.get_type_name();
  std::string value = type;
  if (const size_t choices = type.find(":{"); choices != std::string::npos) {
    const std::string list = type.substr(choices + 2, type.find('}', choices) - choices - 2);
    value = absl::StrJoin(absl::StrSplit(list, ','), "|");
  } else if (!absl::StrContains(type, '[')) {  // "ADDRESS[:PORT]" is all of it
    value = type.substr(0, type.find(':'));
  }
  return absl::StrCat(heading, " \\fI", Roff(value), "\\fR");
}

void AddOption(const CLI::Option& option, std::string* page) {
  absl::StrAppend(page, ".TP\n", Heading(option), "\n", Roff(option.get_description()), ".\n");
}

// "l2tpctl session create tunnel [id]", then what it takes.
void AddCommand(const CLI::App& command, const std::string& path, std::string* page) {
  if (command.get_group().empty()) return;
  const auto subcommands = command.get_subcommands([](const CLI::App*) { return true; });
  if (!subcommands.empty()) {
    for (const CLI::App* each : subcommands) {
      AddCommand(*each, absl::StrCat(path, " ", each->get_name()), page);
    }
    return;
  }
  std::string synopsis = path;
  std::string positionals;
  std::string options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      const std::string name = option->get_name(true);
      absl::StrAppend(&synopsis, option->get_required() ? " " : " [", name,
                      option->get_required() ? "" : "]");
      if (option->get_description().empty()) continue;
      absl::StrAppend(&positionals, ".TP\n\\fI", Roff(name), "\\fR\n",
                      Roff(option->get_description()), ".\n");
    } else if (option->get_lnames() != std::vector<std::string>{"help"}) {
      AddOption(*option, &options);
    }
  }
  absl::StrAppend(page, ".SS ", Argument(synopsis), "\n", Roff(command.get_description()), ".\n",
                  positionals, options);
}

void AddList(const std::vector<std::pair<std::string, std::string>>& items, std::string* page) {
  for (const auto& [term, text] : items) {
    absl::StrAppend(page, ".TP\n\\fB", Roff(term), "\\fR\n", Roff(text), ".\n");
  }
}

std::vector<std::pair<std::string, std::string>> Environment(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_envname().empty()) continue;
    variables.emplace_back(option->get_envname(), absl::StrCat("As ", option->get_name()));
  }
  variables.emplace_back("L2TPCTL_SECRET",
                         "The tunnel's or peer's secret, unless --secret-file is given");
  variables.emplace_back("L2TPCTL_PASSWORD",
                         "The password of a login or user, unless --password-file is given");
  variables.emplace_back("NO_COLOR", "Set to anything: no colours, unless --color always");
  variables.emplace_back("TERM", "\"dumb\": likewise");
  variables.emplace_back("COLUMNS",
                         "Width to lay out tables and events for, instead of the terminal's");
  return variables;
}

std::string ManualPage(const CLI::App& app) {
  std::string page = absl::StrCat(
      ".\\\" Made by l2tpctl man.\n.TH L2TPCTL 1 \"\" \"l2tp\\-controller ", Roff(L2TP_VERSION),
      "\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\nl2tpctl \\- operate a running "
      "l2tp\\-controller\n"
      ".SH SYNOPSIS\n.B l2tpctl\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
      ".SH DESCRIPTION\n");
  for (absl::string_view paragraph : absl::StrSplit(app.get_description(), "\n\n")) {
    absl::StrAppend(&page, Roff(paragraph), "\n.PP\n");
  }
  absl::StrAppend(
      &page,
      Roff("Standard output is the answer; progress and errors go to standard error. On a terminal "
           "tables are cut to its width, which \"~\" shows, and events go on in the next line; in "
           "a pipe nothing is cut.\n"),
      ".SH OPTIONS\n", Roff("They may stand anywhere.\n"));
  for (const CLI::Option* option : app.get_options()) AddOption(*option, &page);
  absl::StrAppend(&page, ".SH COMMANDS\n");
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    AddCommand(*each, each->get_name(), &page);
  }
  absl::StrAppend(&page, ".SH \"EXIT STATUS\"\n");
  AddList(ExitCodes(), &page);
  absl::StrAppend(&page, ".SH ENVIRONMENT\n");
  AddList(Environment(app), &page);
  absl::StrAppend(&page, ".SH FILES\n");
  AddList({{"/run/l2tp-controller/api.sock", "The daemon's socket, unless --server is given"}},
          &page);
  absl::StrAppend(&page, ".SH EXAMPLES\n.nf\n");
  for (const char* example :
       {"l2tpctl tunnel create isp --remote 192.0.2.1 --secret-file isp.secret --wait",
        "l2tpctl session create isp home --user alice --password-file alice --wait",
        "l2tpctl session list -o wide", "l2tpctl explain isp/home", "l2tpctl watch --name isp",
        "l2tpctl profile show home -o yaml"}) {
    absl::StrAppend(&page, Roff(example), "\n");
  }
  return page + ".fi\n.SH \"SEE ALSO\"\n.BR pppd (8)\n";
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& ExitCodes() {
  static const std::vector<std::pair<std::string, std::string>> codes = {
      {absl::StrCat(kOk), "done"},
      {absl::StrCat(kFailed), "the daemon refused"},
      {absl::StrCat(kUsage), "the command line is wrong"},
      {absl::StrCat(kNotFound), "there is no such resource"},
      {absl::StrCat(kUnreachable), "nobody answers at the address"},
      {absl::StrCat(kTimedOut), "timed out"},
      {absl::StrCat(kClosed), "what was waited for closed instead of coming up"}};
  return codes;
}

void AddManCommand(CLI::App* app, Context* context, Command* chosen) {
  CLI::App* man = app->add_subcommand("man", "Print the manual page");
  man->group("");  // for the build
  man->callback([=] {
    *chosen = [=] {
      context->out << ManualPage(*app);
      return kOk;
    };
  });
}

}  // namespace l2tp::ctl
