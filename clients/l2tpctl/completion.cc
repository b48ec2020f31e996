// l2tpctl completion ...: what shells ask when somebody presses Tab.

#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"

namespace l2tp::ctl {
namespace {

// All three hand the words of the command line to "l2tpctl __complete".
constexpr char kBash[] = R"sh(_l2tpctl() {
  local IFS=$'\n'
  COMPREPLY=($(l2tpctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _l2tpctl l2tpctl
)sh";
constexpr char kZsh[] = R"sh(#compdef l2tpctl
_l2tpctl() {
  local -a candidates
  candidates=(${(f)"$(l2tpctl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#candidates )); then compadd -- $candidates; else _files; fi
}
compdef _l2tpctl l2tpctl
)sh";
constexpr char kFish[] = R"sh(function __l2tpctl
  set -l words (commandline -opc) (commandline -ct)
  l2tpctl __complete $words[2..-1] 2>/dev/null
end
complete -c l2tpctl -f -a '(__l2tpctl)'
complete -c l2tpctl -n 'string match -q -- "*file*" (commandline -opc)[-1]' -F
)sh";

void AddOptions(const CLI::App& app, std::set<std::string>* candidates) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) candidates->insert("--" + name);
  }
}

void AddEventTypes(std::set<std::string>* candidates) {
  for (int i = 1; i <= v1::Event::Type_MAX; ++i) {
    candidates->insert(Lower(v1::Event::Type_Name(static_cast<v1::Event::Type>(i)), "TYPE_"));
  }
}

}  // namespace

std::string Complete(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  std::string last = words.empty() ? "" : words.back();
  std::string before;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    before = words[i];
    for (const CLI::App* candidate :
         command->get_subcommands([](const CLI::App*) { return true; })) {
      if (candidate->get_name() == before) {
        command = candidate;
        break;
      }
    }
  }
  std::set<std::string> candidates;
  if (before == "--type") {
    AddEventTypes(&candidates);
  } else if (absl::StartsWith(last, "-")) {
    AddOptions(*command, &candidates);
    AddOptions(app, &candidates);
  } else {
    for (const CLI::App* candidate :
         command->get_subcommands([](const CLI::App*) { return true; })) {
      candidates.insert(candidate->get_name());
    }
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
