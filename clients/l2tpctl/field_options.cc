#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/fields.h"
#include "clients/l2tpctl/yaml.h"

namespace l2tp::ctl {

void FieldOptions::AddTo(CLI::App* command, const std::vector<FieldOption>& options) {
  for (const FieldOption& option : options) {
    values_.emplace_back(option.path, std::make_unique<std::string>());
    options_.push_back(command->add_option(option.option, *values_.back().second, option.help));
  }
  command->add_option("--set", set_, "Set any field: --set ppp.mtu=1400")->type_name("PATH=VALUE");
  command->add_option("-f,--file", file_, "Take the resource from a file, YAML or JSON; -: stdin");
}

absl::Status FieldOptions::Apply(std::istream& in, google::protobuf::Message* message) const {
  if (!file_.empty()) {
    const absl::StatusOr<std::string> text = ReadFile(file_, in);
    if (!text.ok()) return text.status();
    const bool json = absl::StartsWith(absl::StripLeadingAsciiWhitespace(*text), "{");
    absl::Status status = json ? FromJson(*text, message) : FromYaml(*text, message);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ": ", status.message()));
    }
  }
  for (size_t i = 0; i < values_.size(); ++i) {
    if (options_[i]->count() == 0) continue;
    absl::Status status = SetField(values_[i].first, *values_[i].second, message);
    if (!status.ok()) return status;
  }
  for (const std::string& assignment : set_) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("--set ", assignment, ": no \"=\" in it"));
    }
    absl::Status status =
        SetField(assignment.substr(0, equals), assignment.substr(equals + 1), message);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace l2tp::ctl
