#include "tests/bench/load/options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <fstream>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace l2tp::load {
namespace {

using ppp::AuthMethod;

constexpr uint16_t kL2tpPort = 1701;
constexpr size_t kMaxAddresses = 65'536;

constexpr char kAbout[] =
    "Plays many LACs against an LNS: tunnels, calls, and PPP in each of them, without a kernel's\n"
    "L2TP and without root. With --answer it plays the LNS instead.\n\n"
    "Times are in seconds and may have a fraction.";

constexpr char kExitCodes[] =
    "Exit codes:\n"
    "  0  nothing failed: all that was tried came up, was pinged and taken down\n"
    "  1  something failed: the report says where, and why\n"
    "  2  the command line is wrong\n"
    "  3  a file could not be read, or a socket not be bound\n"
    "SIGINT and SIGTERM end it in order, twice at once.";

// What CLI11 fills in; the rest of the program has types of its own.
struct Raw {
  std::string target;
  std::vector<std::string> local;
  std::string listen = "0.0.0.0";
  std::string secret_file;
  std::string user;
  std::string password_file;
  std::vector<std::string> auth;
  std::string own_address = "10.128.0.1";
  std::string pool = "10.128.0.2-10.128.255.254";
  std::string teardown = "cdn";
  std::string host_name = "l2tp-load";
  double setup_timeout = 60;
  double hold = 0;
  double ping_interval = 1;
  double ping_timeout = 10;
  double echo_interval = 0;
  double duration = 0;
  double pause = 0;
  int pings = 1;
  uint16_t mru = 1500;
  bool ipv6 = false;
};

Duration Seconds(double seconds) {
  return Duration::Nanoseconds(static_cast<int64_t>(std::llround(seconds * 1e9)));
}

const CLI::Range& SomeTime() {
  static const CLI::Range range(0.0, 1e6);
  return range;
}

void AddLoadOptions(CLI::App* app, Raw* raw, Options* options) {
  LacPlan& lac = options->lac;
  app->add_option("target", raw->target, "The LNS: ADDRESS or ADDRESS:PORT ([v6]:PORT)");
  app->add_option(
         "--local", raw->local,
         "Addresses to come from: ADDRESS, FIRST-LAST or PREFIX/LENGTH. Tunnels take turns")
      ->allow_extra_args(false);  // the next word may be the target
  app->add_option("--local-port", lac.local_port,
                  "Port to come from; the tunnels of an address share it. 0: each has its own")
      ->capture_default_str();
  app->add_option("--tunnels", lac.tunnels, "Tunnels to open")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app->add_option("--calls,--sessions-per-tunnel", lac.calls, "Calls in each tunnel")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app->add_option("--rate", lac.rate, "Calls a second; 0: as fast as --concurrency allows")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app->add_option("--concurrency", lac.concurrency, "Calls being set up at a time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app->add_option("--hold", raw->hold, "How long to keep everything up")->check(SomeTime());
  app->add_option("--pings", raw->pings, "Echo replies wanted from each call; 0: no pings")
      ->check(CLI::Range(0, 30'000))
      ->capture_default_str();
  app->add_option("--ping-interval", raw->ping_interval, "From a reply to the next request")
      ->check(SomeTime())
      ->capture_default_str();
  app->add_option("--ping-timeout", raw->ping_timeout, "Without a reply for so long, give up")
      ->check(SomeTime())
      ->capture_default_str();
  app->add_option("--teardown", raw->teardown,
                  "cdn: CDN for each call, then StopCCN; stopccn: StopCCN alone; abrupt: nothing")
      ->check(CLI::IsMember({"cdn", "stopccn", "abrupt"}))
      ->capture_default_str();
  app->add_option("--rounds", options->rounds, "Up and down so often; 0: until --duration is over")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app->add_option("--pause", raw->pause, "Between two rounds")->check(SomeTime());
}

void AddAnswerOptions(CLI::App* app, Raw* raw, Options* options) {
  app->add_flag("--answer", options->answer, "Play the LNS, until a signal or --duration");
  app->add_option("--listen", raw->listen, "With --answer: where. Port 0: any that is free")
      ->capture_default_str();
  app->add_option("--own-address", raw->own_address, "With --answer: our IPv4 address in PPP")
      ->capture_default_str();
  app->add_option("--pool", raw->pool, "With --answer: addresses to give, FIRST-LAST")
      ->capture_default_str();
}

void AddCommonOptions(CLI::App* app, Raw* raw, Options* options) {
  app->add_option("--host-name", raw->host_name,
                  "Host Name AVP; %d is the number of the tunnel, from 1")
      ->capture_default_str();
  app->add_option("--secret-file", raw->secret_file, "The tunnel's secret, in the first line");
  app->add_flag("--hide-avps", options->lac.hide_avps, "Hide AVPs; needs a secret");
  app->add_option("--user", raw->user, "PPP login; %d is the number of the call, from 1");
  app->add_option("--password-file", raw->password_file, "Everybody's password, in the first line");
  app->add_option("--auth", raw->auth,
                  "pap, chap_md5, mschapv2: what we log in by, best first (default: all); with "
                  "--answer what the peer has to (default: none)")
      ->check(CLI::IsMember({"pap", "chap_md5", "mschapv2"}))
      ->allow_extra_args(false);
  app->add_flag("--ipv6", raw->ipv6, "IPV6CP has to come up as well");
  app->add_option("--mru", raw->mru, "Our MRU, octets")
      ->check(CLI::Range(128, 9000))
      ->capture_default_str();
  app->add_option("--echo-interval", raw->echo_interval, "Between LCP Echo-Requests; 0: none")
      ->check(SomeTime());
  app->add_option("--setup-timeout", raw->setup_timeout, "For a call to come up; 0: no limit")
      ->check(SomeTime())
      ->capture_default_str();
  app->add_option("--duration", raw->duration, "End in order after so long; 0: no limit")
      ->check(SomeTime());
  app->add_flag("--json", options->json, "The report as a JSON object");
  app->add_flag("--quiet", options->quiet, "No progress on the terminal");
  app->set_version_flag("--version", "l2tp-load " L2TP_VERSION);
}

AuthMethod MethodOf(const std::string& name) {
  if (name == "pap") return AuthMethod::kPap;
  return name == "chap_md5" ? AuthMethod::kChapMd5 : AuthMethod::kMsChapV2;
}

// The first line.
absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  return std::string(absl::StripSuffix(line, "\r"));
}

// What is wrong, if anything; not about files.
std::string Complete(const Raw& raw, Options* options) {
  LacPlan& lac = options->lac;
  LnsPlan& lns = options->lns;
  if (options->answer != raw.target.empty()) {
    return options->answer ? "--answer goes without a target" : "a target is needed, or --answer";
  }
  if (!options->answer) {
    const auto target = ParseEndpoint(raw.target, kL2tpPort);
    if (!target.has_value()) return "the target is no address: " + raw.target;
    lac.target = *target;
  }
  for (const std::string& text : raw.local) {
    const auto range = ParseAddressRange(text);
    if (!range.has_value()) return "--local is no address and no range: " + text;
    if (range->front().is_v6() != lac.target.address.is_v6()) {
      return "--local is not of the target's address family: " + text;
    }
    lac.local.insert(lac.local.end(), range->begin(), range->end());
  }
  const auto listen = ParseEndpoint(raw.listen, kL2tpPort);
  if (!listen.has_value()) return "--listen is no address: " + raw.listen;
  options->listen = *listen;
  const auto own = IpAddress::Parse(raw.own_address);
  if (!own.has_value() || !own->is_v4()) return "--own-address is no IPv4 address";
  const auto pool = ParseAddressRange(raw.pool);
  if (!pool.has_value() || !pool->front().is_v4()) return "--pool is no range of IPv4 addresses";
  lns.first_address = pool->front();
  lns.addresses = static_cast<uint32_t>(pool->size());
  lns.call.ppp.local = *own;
  if (options->answer && raw.auth.size() > 1) return "--answer requires one --auth";
  if (options->rounds == 0 && raw.duration == 0) return "--rounds 0 needs --duration";
  if (lac.hide_avps && raw.secret_file.empty()) return "--hide-avps needs --secret-file";
  lac.teardown = raw.teardown == "cdn"       ? Teardown::kCdn
                 : raw.teardown == "stopccn" ? Teardown::kStopCcn
                                             : Teardown::kAbrupt;
  lac.hold = Seconds(raw.hold);
  options->duration = Seconds(raw.duration);
  options->pause = Seconds(raw.pause);
  return "";
}

// The two sides of PPP. The password is in `login` of both.
void CompletePpp(const Raw& raw, const std::string& password, Options* options) {
  CallPlan& load = options->lac.call;
  CallPlan& answer = options->lns.call;
  for (CallPlan* plan : {&load, &answer}) {
    plan->setup_timeout = Seconds(raw.setup_timeout);
    plan->ppp.ipv6 = raw.ipv6;
    plan->ppp.lcp.mru = raw.mru;
    plan->ppp.lcp.echo_interval = Seconds(raw.echo_interval);
    plan->ppp.login.password = password;
  }
  load.ping = {raw.pings, Seconds(raw.ping_interval), Seconds(raw.ping_timeout)};
  answer.ping.count = 0;
  load.ppp.login.user = raw.user;
  answer.ppp.login.user = raw.host_name;
  if (!raw.auth.empty()) answer.ppp.lcp.require_auth = MethodOf(raw.auth.front());
  if (raw.user.empty()) return;
  for (const std::string& name : raw.auth) {
    load.ppp.lcp.accept_auth.push_back(MethodOf(name));
  }
  if (raw.auth.empty()) {
    load.ppp.lcp.accept_auth = {AuthMethod::kChapMd5, AuthMethod::kMsChapV2, AuthMethod::kPap};
  }
}

}  // namespace

std::optional<Endpoint> ParseEndpoint(absl::string_view text, uint16_t default_port) {
  if (const auto address = IpAddress::Parse(text)) return Endpoint{*address, default_port};
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const auto address = IpAddress::Parse(host);
  int port = 0;
  if (!address.has_value() || bracketed != address->is_v6() ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 || port > 65'535) {
    return std::nullopt;
  }
  return Endpoint{*address, static_cast<uint16_t>(port)};
}

std::optional<std::vector<IpAddress>> ParseAddressRange(absl::string_view text) {
  std::vector<IpAddress> result;
  if (const auto address = IpAddress::Parse(text)) {
    result.push_back(*address);
    return result;
  }
  uint64_t first = 0;
  uint64_t last = 0;
  if (const size_t dash = text.find('-'); dash != absl::string_view::npos) {
    const auto from = IpAddress::Parse(text.substr(0, dash));
    const auto to = IpAddress::Parse(text.substr(dash + 1));
    if (!from.has_value() || !to.has_value() || !from->is_v4() || !to->is_v4()) return std::nullopt;
    first = from->v4();
    last = to->v4();
  } else {
    const auto prefix = IpPrefix::Parse(text);
    if (!prefix.has_value() || !prefix->address.is_v4()) return std::nullopt;
    const uint64_t size = uint64_t{1} << (32 - prefix->length);
    first = prefix->address.v4() & ~(size - 1);
    last = first + size - 1;
  }
  if (last < first || last - first >= kMaxAddresses) return std::nullopt;
  for (uint64_t address = first; address <= last; ++address) {
    result.push_back(IpAddress::FromV4(static_cast<uint32_t>(address)));
  }
  return result;
}

ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err) {
  ParsedCommand parsed;
  Options& options = parsed.options;
  Raw raw;
  CLI::App app(kAbout, "l2tp-load");
  app.footer(kExitCodes);
  AddLoadOptions(&app, &raw, &options);
  AddAnswerOptions(&app, &raw, &options);
  AddCommonOptions(&app, &raw, &options);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    parsed.exit = app.exit(error, out, err) == 0 ? kAllWell : kUsage;
    return parsed;
  }
  if (const std::string wrong = Complete(raw, &options); !wrong.empty()) {
    err << "l2tp-load: " << wrong << "\n";
    parsed.exit = kUsage;
    return parsed;
  }
  const auto secret = ReadSecret(raw.secret_file);
  const auto password = ReadSecret(raw.password_file);
  for (const auto& read : {secret, password}) {
    if (read.ok()) continue;
    err << "l2tp-load: " << std::string(read.status().message()) << "\n";
    parsed.exit = kCannotStart;
    return parsed;
  }
  options.lac.host_name = options.lns.host_name = raw.host_name;
  options.lac.secret = options.lns.secret = *secret;
  CompletePpp(raw, *password, &options);
  return parsed;
}

}  // namespace l2tp::load
