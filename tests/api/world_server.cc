// A daemon without kernel, pppd and network, for tests of clients in other languages: prints the
// address of its API, and ends when its standard input does.

#include <iostream>
#include <string>

#include "tests/api/api_world.h"

int main() {
  l2tp::api::ApiWorld world;
  std::cout << world.address() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}
