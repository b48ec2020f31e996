#include "tests/bench/load/report.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace l2tp::load {
namespace {

constexpr Phase kAllPhases[] = {Phase::kTunnel, Phase::kCall,   Phase::kLcp,   Phase::kAuth,
                                Phase::kIpcp,   Phase::kIpv6cp, Phase::kSetUp, Phase::kPing,
                                Phase::kHold,   Phase::kDown};

double Seconds(Duration duration) { return static_cast<double>(duration.nanoseconds()) / 1e9; }
double Milliseconds(Duration duration) { return static_cast<double>(duration.nanoseconds()) / 1e6; }

double CpuPerCall(const Tally& tally, const RunFacts& facts) {
  const int64_t tried = tally.count(Phase::kSetUp).tried;
  if (tried == 0) return 0;
  return (Seconds(facts.user_cpu) + Seconds(facts.system_cpu)) * 1e6 / static_cast<double>(tried);
}

std::string PhaseLine(const Tally& tally, Phase phase) {
  const Tally::Count& count = tally.count(phase);
  std::string line = absl::StrFormat("%-8s %8d %8d %8d", PhaseName(phase), count.tried,
                                     count.passed, count.failed);
  std::vector<Duration> took = count.took;
  if (took.empty()) return line;
  for (const int percent : {50, 90, 99, 100}) {
    absl::StrAppendFormat(&line, " %9.1f", Milliseconds(Percentile(percent, &took)));
  }
  return line;
}

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<int>(c));
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string PhaseJson(const Tally& tally, Phase phase) {
  const Tally::Count& count = tally.count(phase);
  std::string json =
      absl::StrFormat("%s:{\"tried\":%d,\"passed\":%d,\"failed\":%d", Quoted(PhaseName(phase)),
                      count.tried, count.passed, count.failed);
  std::vector<Duration> took = count.took;
  if (!took.empty()) {
    const auto at = [&took](int percent) { return Milliseconds(Percentile(percent, &took)); };
    absl::StrAppendFormat(&json, ",\"ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}",
                          at(50), at(90), at(99), at(100));
  }
  return json + "}";
}

}  // namespace

bool AllWell(const Tally& tally) {
  const Tally::Count& set_up = tally.count(Phase::kSetUp);
  return tally.failures().empty() && (set_up.passed > 0 || set_up.tried == 0);
}

double CallsPerSecond(const Tally& tally) {
  int64_t calls = 0;
  double seconds = 0;
  for (const Tally::Round& round : tally.rounds()) {
    calls += round.calls_up;
    seconds += Seconds(round.took);
  }
  return seconds > 0 ? static_cast<double>(calls) / seconds : 0;
}

std::string TextReport(const Tally& tally, const RunFacts& facts) {
  std::string text = absl::StrFormat("%-8s %8s %8s %8s %9s %9s %9s %9s\n", "phase", "tried",
                                     "passed", "failed", "p50 ms", "p90 ms", "p99 ms", "max ms");
  for (const Phase phase : kAllPhases) {
    if (tally.count(phase).tried == 0 && tally.count(phase).failed == 0) continue;
    absl::StrAppend(&text, PhaseLine(tally, phase), "\n");
  }
  const Tally::Count& set_up = tally.count(Phase::kSetUp);
  absl::StrAppendFormat(&text, "%d of %d calls came up", set_up.passed, set_up.tried);
  if (!facts.answer) {
    absl::StrAppendFormat(&text, ", %.1f a second; %d of %d echo requests answered",
                          CallsPerSecond(tally), tally.echoes_answered(), tally.echoes_sent());
  }
  absl::StrAppendFormat(&text,
                        "\n%.1f s in all; %.2f s of this process's CPU (%.0f us a call); "
                        "%d datagrams sent, %d received, %d dropped\n",
                        Seconds(facts.elapsed), Seconds(facts.user_cpu) + Seconds(facts.system_cpu),
                        CpuPerCall(tally, facts), facts.datagrams_sent, facts.datagrams_received,
                        facts.datagrams_dropped);
  for (const auto& [key, count] : tally.failures()) {
    absl::StrAppendFormat(&text, "failed: %d in %s: %s\n", count, PhaseName(key.first), key.second);
  }
  return text;
}

std::string JsonReport(const Tally& tally, const RunFacts& facts) {
  std::vector<std::string> phases;
  for (const Phase phase : kAllPhases) phases.push_back(PhaseJson(tally, phase));
  std::vector<std::string> failures;
  for (const auto& [key, count] : tally.failures()) {
    failures.push_back(absl::StrFormat("{\"phase\":%s,\"cause\":%s,\"count\":%d}",
                                       Quoted(PhaseName(key.first)), Quoted(key.second), count));
  }
  std::vector<std::string> rounds;
  for (const Tally::Round& round : tally.rounds()) {
    rounds.push_back(
        absl::StrFormat("{\"calls_up\":%d,\"seconds\":%.6f}", round.calls_up, Seconds(round.took)));
  }
  return absl::StrFormat(
      "{\"mode\":%s,\"peer\":%s,\"all_well\":%s,\"phases\":{%s},\"failures\":[%s],\"rounds\":[%s],"
      "\"calls_per_second\":%.3f,\"echoes\":{\"sent\":%d,\"answered\":%d},\"seconds\":%.6f,"
      "\"cpu\":{\"user_seconds\":%.6f,\"system_seconds\":%.6f,\"us_per_call\":%.3f},"
      "\"datagrams\":{\"sent\":%d,\"received\":%d,\"dropped\":%d}}\n",
      facts.answer ? "\"answer\"" : "\"load\"", Quoted(facts.peer),
      AllWell(tally) ? "true" : "false", absl::StrJoin(phases, ","), absl::StrJoin(failures, ","),
      absl::StrJoin(rounds, ","), CallsPerSecond(tally), tally.echoes_sent(),
      tally.echoes_answered(), Seconds(facts.elapsed), Seconds(facts.user_cpu),
      Seconds(facts.system_cpu), CpuPerCall(tally, facts), facts.datagrams_sent,
      facts.datagrams_received, facts.datagrams_dropped);
}

}  // namespace l2tp::load
