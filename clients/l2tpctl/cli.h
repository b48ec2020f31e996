// The command line as a whole.

#ifndef L2TP_CLIENTS_L2TPCTL_CLI_H_
#define L2TP_CLIENTS_L2TPCTL_CLI_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "clients/l2tpctl/layout.h"

namespace l2tp::ctl {

// What standard output and standard error are.
struct Terminals {
  Terminal out;
  Terminal err;
};

// Runs one command; `arguments` are those behind the program's name. Gives the exit code, see
// ExitCode in context.h. Takes the daemon's address from L2TPCTL_SERVER unless --server is given.
int Run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        std::istream& in, const Terminals& terminals = {});

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_CLI_H_
