// The commands. Each function adds its own to the command line; when one is chosen, `*chosen` is
// set to what runs it.

#ifndef L2TP_CLIENTS_L2TPCTL_COMMANDS_H_
#define L2TP_CLIENTS_L2TPCTL_COMMANDS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "clients/l2tpctl/context.h"
#include "google/protobuf/message.h"

namespace l2tp::ctl {

void AddTunnelCommands(CLI::App* app, Context* context, Command* chosen);
void AddSessionCommands(CLI::App* app, Context* context, Command* chosen);
void AddProfileCommands(CLI::App* app, Context* context, Command* chosen);
void AddPoolCommands(CLI::App* app, Context* context, Command* chosen);
void AddUserCommands(CLI::App* app, Context* context, Command* chosen);
void AddPeerCommands(CLI::App* app, Context* context, Command* chosen);
void AddWatchCommand(CLI::App* app, Context* context, Command* chosen);
void AddCaptureCommand(CLI::App* app, Context* context, Command* chosen);
void AddApplyCommands(CLI::App* app, Context* context, Command* chosen);
void AddTopCommand(CLI::App* app, Context* context, Command* chosen);
void AddExplainCommand(CLI::App* app, Context* context, Command* chosen);
void AddEventsCommand(CLI::App* app, Context* context, Command* chosen);
void AddSystemCommand(CLI::App* app, Context* context, Command* chosen);
// After those of tunnels, peers and the system.
void AddDrainCommands(CLI::App* app, Context* context, Command* chosen);
void AddCompletionCommand(CLI::App* app, Context* context, Command* chosen);
void AddManCommand(CLI::App* app, Context* context, Command* chosen);

// Each exit code, and what it means.
const std::vector<std::pair<std::string, std::string>>& ExitCodes();

// The short names of all resources of a kind, "tunnel"; none if the daemon does not say at once.
using NamesOf = std::function<std::vector<std::string>(const std::string& kind)>;
std::vector<std::string> ResourceNames(Context* context, const std::string& kind);

// What could stand where the last of `words` stands, a line each; for shells. `words` are those
// behind the program's name. Options for all commands among them are put where they belong before
// `names_of` is asked.
std::string Complete(CLI::App* app, const std::vector<std::string>& words, const NamesOf& names_of);

// ---- For the commands' own use ----

// Options that set fields of a message: --hello-interval for "tunnel.hello_interval".
struct FieldOption {
  const char* option;  // "--hello-interval"
  const char* path;
  const char* help;
};

// The values of such options, --set and -f, to be applied to a message in one go.
class FieldOptions {
 public:
  // Adds all to `command`. Must outlive its parsing.
  void AddTo(CLI::App* command, const std::vector<FieldOption>& options);
  // The file first, then the options in the order in which they were defined, then --set.
  absl::Status Apply(std::istream& in, google::protobuf::Message* message) const;

 private:
  std::vector<std::pair<std::string, std::unique_ptr<std::string>>> values_;  // path, value
  std::vector<CLI::Option*> options_;                                         // as values_
  std::vector<std::string> set_;
  std::string file_;
};

// Asks for all pages of a listing. `add` is called with each response.
template <typename Stub, typename Request, typename Response, typename Add>
grpc::Status ListAll(Context* context,
                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     Request request, const Add& add) {
  request.set_page_size(1000);
  while (true) {
    Response response;
    const grpc::Status status = context->Call(method, request, &response);
    if (!status.ok()) return status;
    add(response);
    if (response.next_page_token().empty()) return grpc::Status::OK;
    request.set_page_token(response.next_page_token());
  }
}

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_COMMANDS_H_
