#include "clients/l2tpctl/cli.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/commands.h"

namespace l2tp::ctl {
namespace {

constexpr char kAbout[] =
    "Operates a running l2tp-controller.\n\n"
    "Names may be short: lns1 for tunnels/lns1, lns1/home for tunnels/lns1/sessions/home.\n"
    "Secrets are read from files or from the environment, never from the command line.";

std::string Footer() {
  std::string text = "Exit codes:";
  for (const auto& [code, meaning] : ExitCodes()) {
    absl::StrAppend(&text, "\n  ", code, "  ", meaning);
  }
  return text;
}

const std::map<std::string, Output>& Outputs() {
  static const std::map<std::string, Output> outputs = {{"table", Output::kTable},
                                                        {"wide", Output::kWide},
                                                        {"json", Output::kJson},
                                                        {"yaml", Output::kYaml}};
  return outputs;
}

const std::map<std::string, ColorMode>& ColorModes() {
  static const std::map<std::string, ColorMode> modes = {
      {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
  return modes;
}

template <typename Values>
std::vector<std::string> NamesOf(const Values& values) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

Layout LayoutOf(const Terminal& terminal, ColorMode color, Output output) {
  const bool wide = output == Output::kWide;
  return {wide ? 0 : terminal.columns, WantsColors(terminal, color), wide};
}

void AddGlobalOptions(CLI::App* app, Context* context, ColorMode* color) {
  app->add_option("--server", context->server, "unix:PATH or ADDRESS:PORT of the daemon")
      ->envname("L2TPCTL_SERVER")
      ->capture_default_str();
  app->add_option_function<std::string>(
         "-o,--output", [context](const auto& name) { context->output = Outputs().at(name); },
         "Form of the answer and of errors. wide: more columns, and not cut; json: an object or a "
         "list a line; yaml: a document a resource")
      ->check(CLI::IsMember(NamesOf(Outputs())))
      ->type_name("FORMAT");
  app->add_flag_callback(
         "--json", [context] { context->output = Output::kJson; }, "Short for -o json")
      ->excludes("--output");
  app->add_option_function<std::string>(
         "--color", [color](const auto& name) { *color = ColorModes().at(name); },
         "Whether to use colours. auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember(NamesOf(ColorModes())))
      ->type_name("WHEN");
  app->add_option("--tls-ca", context->tls_files.ca,
                  "File with the CA of the daemon's certificate; without it: those of this machine")
      ->envname("L2TPCTL_TLS_CA");
  CLI::Option* certificate =
      app->add_option("--tls-cert", context->tls_files.certificate, "File with our certificate")
          ->envname("L2TPCTL_TLS_CERT");
  app->add_option("--tls-key", context->tls_files.key, "File with its private key")
      ->envname("L2TPCTL_TLS_KEY")
      ->needs(certificate);
  app->add_option("--timeout", context->timeout, "Give up after so many seconds")
      ->check(CLI::PositiveNumber);
  app->add_flag_callback(
         "--wide", [context] { context->output = Output::kWide; }, "Short for -o wide")
      ->excludes("--output")
      ->excludes("--json");
}

}  // namespace

int Run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        std::istream& in, const Terminals& terminals) {
  Context context(out, err, in);
  Command chosen;
  CLI::App app(kAbout, "l2tpctl");
  app.footer(Footer());
  app.set_version_flag("--version", "l2tpctl " L2TP_VERSION, "Print the version and exit");
  app.fallthrough();
  app.require_subcommand(1);
  ColorMode color = ColorMode::kAuto;
  AddGlobalOptions(&app, &context, &color);
  AddTunnelCommands(&app, &context, &chosen);
  AddSessionCommands(&app, &context, &chosen);
  AddProfileCommands(&app, &context, &chosen);
  AddPoolCommands(&app, &context, &chosen);
  AddUserCommands(&app, &context, &chosen);
  AddPeerCommands(&app, &context, &chosen);
  AddWatchCommand(&app, &context, &chosen);
  AddExplainCommand(&app, &context, &chosen);
  AddEventsCommand(&app, &context, &chosen);
  AddTopCommand(&app, &context, &chosen);
  AddCaptureCommand(&app, &context, &chosen);
  AddApplyCommands(&app, &context, &chosen);
  AddSystemCommand(&app, &context, &chosen);
  AddDrainCommands(&app, &context, &chosen);
  AddCompletionCommand(&app, &context, &chosen);
  AddManCommand(&app, &context, &chosen);

  if (!arguments.empty() && arguments[0] == "__complete") {
    out << Complete(&app, {arguments.begin() + 1, arguments.end()},
                    [&](const std::string& kind) { return ResourceNames(&context, kind); });
    return kOk;
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? kOk : kUsage;
  }
  context.live = terminals.out.interactive;
  context.layout = LayoutOf(terminals.out, color, context.output);
  context.error_layout = LayoutOf(terminals.err, color, Output::kTable);
  return chosen();
}

}  // namespace l2tp::ctl
