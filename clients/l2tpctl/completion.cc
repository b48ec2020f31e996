// l2tpctl completion ...: what shells ask when somebody presses Tab.

#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {
namespace {

// All three hand the words of the command line to "l2tpctl __complete". In bash, COMP_WORDS has
// addresses in pieces: it breaks words at colons.
constexpr char kBash[] = R"sh(_l2tpctl() {
  local IFS=$' \t\n' line="${COMP_LINE:0:COMP_POINT}"
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  IFS=$'\n'
  COMPREPLY=($("${words[0]}" __complete "${words[@]:1}" 2>/dev/null))
}
complete -o default -F _l2tpctl l2tpctl
)sh";
constexpr char kZsh[] = R"sh(#compdef l2tpctl
_l2tpctl() {
  local -a candidates
  candidates=(${(f)"$($words[1] __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#candidates )); then compadd -- $candidates; else _files; fi
}
if [[ ${funcstack[1]} == _l2tpctl ]]; then _l2tpctl "$@"; else compdef _l2tpctl l2tpctl; fi
)sh";
constexpr char kFish[] = R"sh(function __l2tpctl
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c l2tpctl -f -a '(__l2tpctl)'
complete -c l2tpctl -n 'string match -qr -- "-file\$|^-[fw]\$|^--write\$" (commandline -opc)[-1]' -F
)sh";

using Candidates = std::set<std::string>;

std::vector<const CLI::App*> SubcommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void AddOptions(const CLI::App& app, Candidates* candidates) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) candidates->insert("--" + name);
  }
}

void AddEventTypes(Candidates* candidates) {
  for (int i = 1; i <= v1::Event::Type_MAX; ++i) {
    candidates->insert(Lower(v1::Event::Type_Name(static_cast<v1::Event::Type>(i)), "TYPE_"));
  }
}

// Where the words of a command line lead.
struct Place {
  const CLI::App* command = nullptr;
  const CLI::Option* option = nullptr;  // whose value comes next
  size_t positionals = 0;               // that the command has been given
  std::vector<std::string> globals;     // options for all commands, with their values
};

const CLI::Option* FindOption(const CLI::App& app, const std::string& name) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional() && option->check_name(name)) return option;
  }
  return nullptr;
}

Place PlaceBehind(const CLI::App& app, const std::vector<std::string>& words) {
  Place place;
  place.command = &app;
  bool global = false;
  for (const std::string& word : words) {
    if (place.option != nullptr) {
      if (global) place.globals.push_back(word);
      place.option = nullptr;
      continue;
    }
    if (absl::StartsWith(word, "-") && word != "-") {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* option = FindOption(*place.command, name);
      global = option == nullptr || place.command == &app;
      if (option == nullptr) option = FindOption(app, name);
      if (option == nullptr) continue;
      if (global) place.globals.push_back(word);
      const bool has_value = option->get_expected_max() > 0;
      if (has_value && name == word) place.option = option;
      continue;
    }
    const auto subcommands = SubcommandsOf(*place.command);
    const auto found = std::find_if(subcommands.begin(), subcommands.end(),
                                    [&](const auto* each) { return each->get_name() == word; });
    if (found != subcommands.end()) {
      place.command = *found;
    } else {
      ++place.positionals;
    }
  }
  return place;
}

const CLI::Option* Positional(const CLI::App& app, size_t index) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() && index-- == 0) return option;
  }
  return nullptr;
}

// What may stand for an option: one of a few words, an event type, or a resource's name.
void AddValues(const CLI::Option& option, const NamesOf& names_of, Candidates* candidates) {
  // CLI11 tells the choices as a part of the type: "FORMAT:{json,yaml}".
  const std::string type = option.get_type_name();
  if (const size_t brace = type.find('{'); brace != std::string::npos) {
    const size_t end = type.find('}', brace);
    for (absl::string_view choice : absl::StrSplit(type.substr(brace + 1, end - brace - 1), ',')) {
      candidates->insert(std::string(choice));
    }
    return;
  }
  const std::string name = option.get_positional() ? option.get_name(true) : option.get_name();
  const auto add = [&](const char* kind) {
    for (const std::string& each : names_of(kind)) candidates->insert(each);
  };
  if (name == "--type") AddEventTypes(candidates);
  for (const char* kind : {"tunnel", "session", "profile", "pool", "user", "peer"}) {
    // A login is called user as well, and is no resource.
    if (name == kind || (name == absl::StrCat("--", kind) && name != "--user")) add(kind);
  }
  if (name == "--parent") add("profile");
  if (name == "--name" || name == "name") {
    add("tunnel");
    add("session");
  }
}

}  // namespace

std::string Complete(CLI::App* app, const std::vector<std::string>& words,
                     const NamesOf& names_of) {
  const std::string last = words.empty() ? "" : words.back();
  const Place place =
      PlaceBehind(*app, {words.begin(), words.empty() ? words.end() : words.end() - 1});
  try {
    std::vector<std::string> reversed(place.globals.rbegin(), place.globals.rend());
    app->parse(reversed);
  } catch (const CLI::ParseError&) {  // there is no command: the options have been read
  }
  Candidates candidates;
  if (place.option != nullptr) {
    AddValues(*place.option, names_of, &candidates);
  } else if (absl::StartsWith(last, "-")) {
    AddOptions(*place.command, &candidates);
    AddOptions(*app, &candidates);
  } else {
    for (const CLI::App* each : SubcommandsOf(*place.command)) {
      if (!each->get_group().empty()) candidates.insert(each->get_name());
    }
    const CLI::Option* positional = Positional(*place.command, place.positionals);
    if (positional != nullptr) AddValues(*positional, names_of, &candidates);
  }
  std::string lines;
  for (const std::string& candidate : candidates) {
    if (absl::StartsWith(candidate, last)) absl::StrAppend(&lines, candidate, "\n");
  }
  return lines;
}

void AddCompletionCommand(CLI::App* app, Context* context, Command* chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app->add_subcommand(
      "completion", "Print a shell's completion script: source <(l2tpctl completion bash)");
  completion->add_option("shell", *shell)
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([=] {
    *chosen = [=] {
      context->out << (*shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish);
      return kOk;
    };
  });
}

}  // namespace l2tp::ctl
