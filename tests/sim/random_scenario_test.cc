// Random histories of whole daemons, by seed; see README.md.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "tests/sim/scenario.h"

ABSL_FLAG(uint64_t, seeds, 200, "how many seeds to run");
ABSL_FLAG(uint64_t, first_seed, 1, "the first of them");
ABSL_FLAG(uint64_t, seed, 0, "run only this one, and print all that happens");
ABSL_FLAG(std::string, seeds_file, L2TP_SEEDS_FILE,
          "seeds that are run besides: one a line, # begins a remark");

namespace l2tp::testing {
namespace {

ScenarioResult total;

class RandomScenarioTest : public ::testing::Test {
 public:
  RandomScenarioTest(uint64_t seed, bool verbose) : seed_(seed), verbose_(verbose) {}

  void TestBody() override {
    SCOPED_TRACE(absl::StrCat("again, with all that happens: random_scenario_test --seed ", seed_));
    const ScenarioResult result = Scenario(seed_, verbose_).Run();
    if (verbose_) std::cout << "digest " << std::hex << result.digest << std::dec << "\n";
    for (const std::string& finding : result.findings) ADD_FAILURE() << finding;
    const ScenarioResult again = Scenario(seed_, /*verbose=*/false).Run();
    EXPECT_EQ(again.digest, result.digest) << "the same seed gave another history: " << again.steps
                                           << " steps, " << result.steps << " the first time";
    total.steps += result.steps;
    total.simulated = total.simulated + result.simulated;
    total.datagrams += result.datagrams;
    total.unjudged += result.unjudged;
    total.tunnels += result.tunnels;
    total.sessions += result.sessions;
    total.deaths += result.deaths;
    total.resumptions += result.resumptions;
  }

 private:
  const uint64_t seed_;
  const bool verbose_;
};

// A test of its own for each, so that shards and filters can tell them apart.
void Register(uint64_t seed, bool verbose) {
  const std::string name = absl::StrCat("EveryPromiseIsKeptWithSeed", seed);
  ::testing::RegisterTest(
      "RandomScenarioTest", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
      [seed, verbose]() -> RandomScenarioTest* { return new RandomScenarioTest(seed, verbose); });
}

std::set<uint64_t> SeedsFromFile(const std::string& path) {
  std::set<uint64_t> seeds;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const uint64_t seed = std::strtoull(line.c_str(), nullptr, 10);
    if (seed != 0) seeds.insert(seed);
  }
  return seeds;
}

void RegisterAll() {
  if (const uint64_t only = absl::GetFlag(FLAGS_seed); only != 0) return Register(only, true);
  std::set<uint64_t> seeds = SeedsFromFile(absl::GetFlag(FLAGS_seeds_file));
  const uint64_t first = absl::GetFlag(FLAGS_first_seed);
  for (uint64_t i = 0; i < absl::GetFlag(FLAGS_seeds); ++i) seeds.insert(first + i);
  for (uint64_t seed : seeds) Register(seed, false);
}

void PrintTotal() {
  std::cout << total.steps << " steps in " << total.simulated.seconds() / 60
            << " simulated minutes, each run twice: " << total.datagrams << " datagrams of ours ("
            << total.unjudged << " not judged), " << total.deaths << " deaths, " << total.tunnels
            << " ends of tunnels and " << total.sessions << " of calls established, "
            << total.resumptions << " watches resumed\n";
}

}  // namespace
}  // namespace l2tp::testing

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  absl::ParseCommandLine(argc, argv);
  l2tp::testing::RegisterAll();
  const int result = RUN_ALL_TESTS();
  l2tp::testing::PrintTotal();
  return result;
}
