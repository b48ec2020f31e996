// What a peer is told of an end: options for delete, close and restart.

#ifndef L2TP_CLIENTS_L2TPCTL_CLOSE_OPTIONS_H_
#define L2TP_CLIENTS_L2TPCTL_CLOSE_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"

namespace l2tp::ctl {

// They go into `request`, which has result_code and message. `sent`: "CDN" or "StopCCN".
template <typename Request>
void AddCloseOptions(CLI::App* command, const std::shared_ptr<Request>& request,
                     const std::string& sent) {
  command->add_option_function<uint32_t>(
      "--result-code", [=](uint32_t code) { request->set_result_code(code); },
      "Result Code of the " + sent);
  command->add_option_function<std::string>(
      "--message", [=](const std::string& text) { request->set_message(text); },
      "Text for the peer");
}

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_CLOSE_OPTIONS_H_
