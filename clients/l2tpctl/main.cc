// l2tpctl: the command line of l2tp-controller.

#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "clients/l2tpctl/cli.h"

int main(int argc, char** argv) {
  return l2tp::ctl::Run(
      std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr, std::cin,
      {l2tp::ctl::DetectTerminal(STDOUT_FILENO), l2tp::ctl::DetectTerminal(STDERR_FILENO)});
}
