#include "tests/sim/scenario.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/wire/message.h"

namespace l2tp::testing {
namespace {

constexpr Duration kChaos = Duration::Seconds(50);
constexpr Duration kCheckInterval = Duration::Seconds(1);
constexpr Duration kBookmarks = Duration::Seconds(30);
constexpr int kTunnelNames = 6;  // an operator uses few names, so that they collide
constexpr int kSessionNames = 4;

Duration Ms(int64_t milliseconds) { return Duration::Milliseconds(milliseconds); }

// "192.0.2.1:1701 > 192.0.2.2:1701 SCCRQ 0/0 Ns 0 Nr 0"
std::string Describe(const char* arrow, const Path& path, ByteSpan datagram) {
  std::string line = absl::StrCat(path.local.ToString(), arrow, path.remote.ToString(), " ");
  ByteSpan body;
  const auto header = wire::ParseControlHeader(datagram, &body);
  if (!header.ok()) return absl::StrCat(line, "noise of ", datagram.size());
  const wire::MessageType type = DecodeMessage(wire::SplitAvps(body), std::nullopt).message.type();
  return absl::StrCat(line, body.empty() ? "ZLB" : wire::MessageTypeName(type), " ",
                      header->tunnel_id.value(), "/", header->session_id.value(), " Ns ",
                      header->ns, " Nr ", header->nr);
}

}  // namespace

// ---- What there is -----------------------------------------------------------------------------

Scenario::Scenario(uint64_t seed, bool verbose)
    : seed_(seed),
      trace_(clock_, verbose),
      findings_(clock_, seed),
      network_(clock_, seed),
      settings_(SeededRandom::For(seed, "settings")),
      operator_(SeededRandom::For(seed, "operator")),
      link_faults_(SeededRandom::For(seed, "link faults")),
      daemon_faults_(SeededRandom::For(seed, "daemon faults")),
      rude_times_(SeededRandom::For(seed, "rude times")),
      watchers_(SeededRandom::For(seed, "watchers")) {
  corrupting_ = settings_.Chance(33);
  if (settings_.Chance(60)) secret_ = "s3cret";
  wire_ = std::make_unique<WireMonitor>(&clock_, &findings_, secret_);
  network_.OnSent([this](const Path& path, ByteSpan datagram) {
    trace_.Add("wire", Describe(" > ", path, datagram), datagram);
    wire_->OnSent(path, datagram);
  });
  network_.OnDelivered([this](const Path& path, ByteSpan datagram) {
    trace_.Add("wire", Describe(" < ", path, datagram), datagram);
    wire_->OnDelivered(path, datagram);
  });
  AddDaemons();
}

void Scenario::AddDaemons() {
  const SimSurroundings surroundings{seed_, &clock_, &agenda_, &trace_, &findings_};
  const int64_t count = settings_.Between(2, 4);
  for (int number = 1; number <= count; ++number) {
    SimDaemonOptions options = DrawDaemon(number);
    FakeDatagramPort& port = network_.AddNode(options.address);
    wire_->Watch(options.address, options.name);
    machines_.push_back(options.address);
    daemons_.push_back(std::make_unique<SimDaemon>(surroundings, &port, std::move(options)));
    SimDaemon* daemon = daemons_.back().get();
    daemon->OnDeath([this, daemon] { StartLater(daemon); });
  }
  const IpAddress rude = *IpAddress::Parse("203.0.113.1");
  rude_ = std::make_unique<RudePeer>(&network_.AddNode(rude), seed_);
  machines_.push_back(rude);
  for (const IpAddress& from : machines_) {
    for (const IpAddress& to : machines_) {
      if (from != to) network_.SetQuality(from, to, DrawQuality(&settings_));
    }
  }
}

SimDaemonOptions Scenario::DrawDaemon(int number) {
  SimDaemonOptions options;
  options.name = absl::StrCat("node", number);
  options.address = IpAddress::FromV4(0xc0000200u + static_cast<uint32_t>(number));
  options.pool.name = "pools/p";
  options.pool.ip_ranges = {
      {IpAddress::FromV4(0x0a400002u),
       IpAddress::FromV4(0x0a400002u + static_cast<uint32_t>(settings_.Between(2, 20)))}};
  // Every second machine has somebody with an address of its own out of the pool, so that an
  // exhausted pool shows at the login only.
  for (const char* id : {"alice", "carol"}) {
    control::User& user = options.users.emplace_back();
    user.name = absl::StrCat("users/", id);
    user.password = "wonder";
  }
  if (number % 2 == 0) options.users[1].address = IpAddress::FromV4(0x0a400003u);

  control::Profile& profile = options.profile;
  profile.name = "profiles/p";
  profile.tunnel.hello_interval = settings_.Between(Duration::Seconds(5), Duration::Seconds(20));
  profile.tunnel.retransmit_timeout = settings_.Between(Ms(200), Ms(1000));
  profile.tunnel.retransmit_cap = Duration::Seconds(8);
  profile.tunnel.max_retransmits = static_cast<int>(settings_.Between(2, 5));
  profile.tunnel.receive_window = static_cast<int>(settings_.Between(1, 16));
  profile.tunnel.setup_timeout = settings_.Between(Duration::Seconds(10), Duration::Seconds(40));
  profile.tunnel.hide_avps = settings_.Chance(40);
  profile.session.setup_timeout = settings_.Between(Duration::Seconds(5), Duration::Seconds(40));
  profile.session.ppp_timeout = settings_.Between(Duration::Seconds(5), Duration::Seconds(30));
  profile.session.receive_sequence = settings_.Chance(30);
  profile.session.reconnect_min_delay = settings_.Between(Ms(100), Ms(3000));
  profile.session.reconnect_max_delay = Duration::Seconds(20);
  profile.session.max_reconnect_failures = static_cast<int>(settings_.Between(0, 8));
  profile.ppp.pool = options.pool.name;
  profile.ppp.local_address = *IpAddress::Parse("10.64.0.1");
  profile.ppp.require_auth = {control::AuthMethod::kPap};

  control::Peer anyone;
  anyone.name = "peers/anyone";
  anyone.secret = secret_;
  anyone.profile = profile.name;
  anyone.allow_calls = settings_.Chance(90);
  control::Peer rude;
  rude.name = "peers/rude";
  rude.prefix = *IpPrefix::Parse("203.0.113.0/24");
  rude.profile = profile.name;
  if (settings_.Chance(30)) rude.secret = secret_;
  options.peers = {anyone, rude};

  options.controller.max_tunnels = static_cast<int>(settings_.Between(10, 100));
  options.controller.max_sessions = static_cast<int>(settings_.Between(10, 60));
  options.controller.event_limits.ring_size = static_cast<size_t>(settings_.Between(20, 500));
  options.controller.event_limits.queue_size = static_cast<size_t>(settings_.Between(10, 200));
  options.kernel_failures = settings_.Chance(20) ? 30 : 4;
  options.kernel_delays = static_cast<int>(settings_.Between(0, 60));
  return options;
}

FakeNetwork::Quality Scenario::DrawQuality(SeededRandom* random) const {
  FakeNetwork::Quality quality;
  quality.loss = static_cast<double>(random->Between(0, 25)) / 100;
  quality.duplicate = static_cast<double>(random->Between(0, 15)) / 100;
  quality.min_delay = random->Between(Ms(1), Ms(30));
  quality.max_delay = quality.min_delay + random->Between(Ms(0), Ms(400));
  const double corrupt = static_cast<double>(random->Between(0, 30)) / 1000;
  if (corrupting_) quality.corrupt = corrupt;
  return quality;
}

// ---- Phases ------------------------------------------------------------------------------------

ScenarioResult Scenario::Run() {
  const Instant start = clock_.Now();
  for (auto& daemon : daemons_) {
    daemon->set_faulty(true);
    daemon->Start();
  }
  // Two that dial each other at the same moment.
  if (operator_.Chance(50)) {
    CreateTunnel(daemons_[0].get(), AnyTunnelId());
    CreateTunnel(daemons_[1].get(), AnyTunnelId());
  }
  Operate();
  BreakLinks();
  BreakDaemons();
  BeRude();
  CheckNowAndThen();
  if (RunFor(kChaos)) Calm();
  if (findings_.empty()) CloseAll();
  if (findings_.empty()) CheckIdle();
  phase_ = Phase::kOver;

  result_.findings = findings_.all();
  result_.digest = trace_.digest();
  result_.simulated = clock_.Now() - start;
  result_.datagrams = wire_->checked_count();
  result_.unjudged = wire_->unjudged_count();
  for (auto& daemon : daemons_) {
    result_.tunnels += daemon->steady_watcher().count(events::EventType::kTunnelUp);
    result_.sessions += daemon->steady_watcher().count(events::EventType::kSessionUp);
    result_.resumptions += daemon->fickle_watcher().resumptions();
  }
  return result_;
}

// Nothing fails any more. Whoever has lost its peer notices, and the others go on.
void Scenario::Calm() {
  trace_.Add("story", "everything heals");
  phase_ = Phase::kCalm;
  rude_->FallSilent();
  for (const IpAddress& from : machines_) {
    for (const IpAddress& to : machines_) network_.ResetQuality(from, to);
  }
  Duration longest;
  std::vector<SimDaemon*> all;
  for (auto& daemon : daemons_) {
    daemon->set_faulty(false);
    if (!daemon->running()) daemon->Start();
    const control::Profile& profile = daemon->options().profile;
    longest = std::max({longest, SilenceLimit(profile.tunnel), profile.tunnel.setup_timeout,
                        profile.session.setup_timeout + profile.session.ppp_timeout});
    all.push_back(daemon.get());
  }
  if (!RunFor(longest + Duration::Seconds(30))) return;
  for (SimDaemon* daemon : all) {
    daemon->fickle_watcher().CompareAll();
  }
  // Bits that turned over can make one end believe what the other never said.
  if (!corrupting_) Expect(*all.front(), EndsAgree(all));
}

void Scenario::CloseAll() {
  trace_.Add("story", "everything is deleted");
  phase_ = Phase::kClosing;
  Duration longest;
  for (auto& daemon : daemons_) {
    control::PageRequest page;
    page.size = 1000;
    control::CloseOptions options;
    options.force = true;
    for (const auto& tunnel : daemon->controller()->ListTunnels(page).items) {
      daemon->controller()->DeleteTunnel(tunnel.name, options, daemon->Owed());
    }
    const auto sessions = *daemon->controller()->ListSessions("", page);
    for (const auto& session : sessions.items) {
      if (session.state != events::State::kWaiting) continue;  // the others go with their tunnels
      daemon->controller()->DeleteSession(session.name, {}, daemon->Owed());
    }
    longest = std::max(longest, Retention(daemon->options().profile.tunnel));
  }
  RunFor(longest + Duration::Seconds(30));
}

// A daemon with nothing to do is woken for its bookmarks only, and says nothing.
void Scenario::CheckIdle() {
  const int64_t datagrams = wire_->checked_count();
  std::vector<int64_t> alarms;
  for (auto& daemon : daemons_) {
    Expect(*daemon, NothingIsLeft(daemon.get()));
    alarms.push_back(daemon->alarms());
  }
  if (!findings_.empty() || !RunFor(kBookmarks * 3)) return;
  if (wire_->checked_count() != datagrams) findings_.Add("wire", "idle daemons send");
  for (size_t i = 0; i < daemons_.size(); ++i) {
    const int64_t rung = daemons_[i]->alarms() - alarms[i];
    if (rung > 3) {
      findings_.Add(daemons_[i]->name(), absl::StrCat("idle, but a timer rang ", rung, " times"));
    }
    daemons_[i]->steady_watcher().CompareAll();
    daemons_[i]->fickle_watcher().CompareAll();
  }
}

// ---- Steps -------------------------------------------------------------------------------------

// False when something is wrong.
bool Scenario::RunFor(Duration duration) {
  const Instant end = clock_.Now() + duration;
  while (findings_.empty() && Step(end)) {
    ++result_.steps;
    CheckAfterStep();
  }
  clock_.Advance(std::max(clock_.Now(), end));
  return findings_.empty();
}

// The next thing that happens anywhere; false when nothing does until `end`.
bool Scenario::Step(Instant end) {
  std::optional<Instant> next = network_.NextEvent();
  const auto consider = [&next](std::optional<Instant> when) {
    if (when.has_value() && (!next.has_value() || *when < *next)) next = when;
  };
  consider(agenda_.Next());
  for (const auto& daemon : daemons_) consider(daemon->alarm().when());
  if (!next.has_value() || *next > end) return false;
  clock_.Advance(std::max(clock_.Now(), *next));
  if (network_.DeliverOne()) return true;
  if (agenda_.Next().has_value() && *agenda_.Next() <= clock_.Now()) {
    agenda_.RunNext();
    return true;
  }
  for (auto& daemon : daemons_) {
    if (daemon->RingAlarm()) return true;
  }
  findings_.Add("scenario", "time does not pass");
  return false;
}

void Scenario::CheckAfterStep() {
  for (auto& daemon : daemons_) {
    const bool changed = daemon->Settle();
    Expect(*daemon, AlarmIsNotInThePast(*daemon, clock_.Now()));
    if (!changed || !daemon->running()) continue;
    const ApiView api(daemon.get());
    Expect(*daemon, KernelHoldsOnlyWhatIsKnown(daemon.get(), api));
    Expect(*daemon, IdsAreUniqueAndNotZero(api));
  }
  if (phase_ == Phase::kChaos) ReadAsTheyLike();
}

void Scenario::ReadAsTheyLike() {
  const uint64_t whim = watchers_.Below(1000);
  SimDaemon& daemon = *daemons_[watchers_.Below(daemons_.size())];
  if (whim < 5) daemon.fickle_watcher().Disconnect();
  if (whim < 150) daemon.fickle_watcher().Read(static_cast<int>(watchers_.Between(1, 30)));
}

void Scenario::CheckNowAndThen() {
  for (auto& daemon : daemons_) {
    if (!daemon->running()) continue;
    Expect(*daemon, deadlines_.Check(*daemon, ApiView(daemon.get()), *wire_, clock_.Now()));
    daemon->steady_watcher().CompareAll();
  }
  agenda_.At(clock_.Now() + kCheckInterval, [this] { CheckNowAndThen(); });
}

void Scenario::Expect(const SimDaemon& daemon, const std::string& fault) {
  if (!fault.empty()) findings_.Add(daemon.name(), fault);
}

// ---- The story ---------------------------------------------------------------------------------

void Scenario::ScheduleAgain(Duration delay, void (Scenario::*what)()) {
  agenda_.At(clock_.Now() + delay, [this, what] {
    if (phase_ == Phase::kChaos) (this->*what)();
  });
}

void Scenario::Operate() {
  if (SimDaemon* daemon = AnyRunning(&operator_)) {
    switch (operator_.Below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: CreateTunnel(daemon, AnyTunnelId()); break;
      case 5: ChangeMind(daemon); break;
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
      case 11: CreateSession(daemon, AnyTunnelForCalls(daemon)); break;
      case 12:
      case 13: {
        const bool force = operator_.Chance(70);
        DeleteTunnel(daemon, AnyTunnel(daemon), force);
        break;
      }
      case 14:
      case 15:
      case 16: DeleteSession(daemon); break;
      case 17: daemon->CrashPppd(); break;
      case 18: Restart(daemon); break;
      default: Look(daemon); break;
    }
  }
  ScheduleAgain(operator_.Between(Ms(0), Ms(1500)), &Scenario::Operate);
}

// Each direction between two machines gets better or worse, and at times nothing comes through.
void Scenario::BreakLinks() {
  const IpAddress from = AnyMachine(&link_faults_);
  const IpAddress to = AnyMachine(&link_faults_);
  FakeNetwork::Quality quality = DrawQuality(&link_faults_);
  const bool black_hole = link_faults_.Chance(30);
  const Duration length = link_faults_.Between(Ms(300), Duration::Seconds(25));
  if (from != to) {
    if (black_hole) quality.loss = 1;
    trace_.Add("story", absl::StrCat("the link from ", from.ToString(), " to ", to.ToString(),
                                     black_hole ? " is cut" : " changes"));
    network_.SetQuality(from, to, quality);
  }
  if (from != to && black_hole) {
    agenda_.At(clock_.Now() + length, [this, from, to] { network_.ResetQuality(from, to); });
  }
  ScheduleAgain(link_faults_.Between(Ms(500), Duration::Seconds(8)), &Scenario::BreakLinks);
}

void Scenario::BreakDaemons() {
  SimDaemon* daemon = daemons_[daemon_faults_.Below(daemons_.size())].get();
  const uint64_t kind = daemon->running() ? daemon_faults_.Below(20) : 20;
  if (kind == 0) daemon->Kill();
  if (kind == 1) daemon->Stop();
  if (kind == 2 || kind == 3) {
    daemon->port().FailNextOpen(absl::ResourceExhaustedError("no descriptor is free"));
  }
  if (kind == 4 || kind == 5) {
    daemon->port().FailNextConnect(absl::ResourceExhaustedError("no buffer space"));
  }
  ScheduleAgain(daemon_faults_.Between(Ms(500), Duration::Seconds(5)), &Scenario::BreakDaemons);
}

void Scenario::StartLater(SimDaemon* daemon) {
  ++result_.deaths;
  wire_->Forget(daemon->address());
  const Duration down = daemon_faults_.Between(Ms(0), Duration::Seconds(15));
  agenda_.At(clock_.Now() + down, [daemon] {
    if (!daemon->running()) daemon->Start();
  });
}

void Scenario::BeRude() {
  const Endpoint target{daemons_[rude_times_.Below(daemons_.size())]->address(), 1701};
  rude_->Act(target);
  ScheduleAgain(rude_times_.Between(Ms(50), Ms(2500)), &Scenario::BeRude);
}

// ---- The operator ------------------------------------------------------------------------------

SimDaemon* Scenario::AnyRunning(SeededRandom* random) {
  SimDaemon* daemon = daemons_[random->Below(daemons_.size())].get();
  return daemon->running() ? daemon : nullptr;
}

IpAddress Scenario::AnyMachine(SeededRandom* random) const {
  return machines_[random->Below(machines_.size())];
}

std::string Scenario::AnyTunnelId() { return absl::StrCat("t", operator_.Below(kTunnelNames)); }

void Scenario::CreateTunnel(SimDaemon* daemon, const std::string& id) {
  control::TunnelSpec spec;
  spec.id = id;
  spec.profile = daemon->options().profile.name;
  spec.remote.address = AnyMachine(&operator_);
  spec.secret = secret_;
  spec.allow_calls = operator_.Chance(60);
  const bool fixed_port = operator_.Chance(30);
  const bool wrong_secret = operator_.Chance(5);
  if (fixed_port) spec.local = {daemon->address(), 1701};
  // Hidden with another secret, ids would be a riddle for the monitor of the wire, too.
  if (wrong_secret && !daemon->options().profile.tunnel.hide_avps) spec.secret = "wrong";
  const auto created = daemon->controller()->CreateTunnel(spec);
  trace_.Add(daemon->name(),
             absl::StrCat("operator: create tunnel ", spec.id, " to ", spec.remote.ToString(), ": ",
                          created.status().ToString()));
}

// A tunnel with calls, and its end before much has come of it.
void Scenario::ChangeMind(SimDaemon* daemon) {
  const std::string id = AnyTunnelId();
  const std::string name = absl::StrCat("tunnels/", id);
  CreateTunnel(daemon, id);
  for (int64_t calls = operator_.Between(0, 3); calls > 0; --calls) CreateSession(daemon, name);
  agenda_.At(clock_.Now() + operator_.Between(Ms(0), Ms(800)), [this, daemon, name] {
    if (daemon->running()) DeleteTunnel(daemon, name, /*force=*/true);
  });
}

std::string Scenario::AnyTunnelForCalls(SimDaemon* daemon) {
  std::string name = AnyTunnel(daemon);
  for (int tries = 0; tries < 3; ++tries) {  // mostly one that is up
    const auto tunnel = daemon->controller()->GetTunnel(name);
    if (tunnel.ok() && tunnel->state == events::State::kEstablished) break;
    name = AnyTunnel(daemon);
  }
  return name;
}

void Scenario::CreateSession(SimDaemon* daemon, const std::string& tunnel) {
  control::SessionSpec spec;
  spec.tunnel = tunnel;
  spec.id = absl::StrCat("s", operator_.Below(kSessionNames));
  spec.user = "alice";
  spec.password = "wonder";
  spec.persistent = operator_.Chance(25);
  if (operator_.Chance(20)) spec.interface_name = absl::StrCat("cust", operator_.Below(3));
  const auto created = daemon->controller()->CreateSession(spec);
  trace_.Add(daemon->name(), absl::StrCat("operator: create session ", spec.tunnel, " ", spec.id,
                                          ": ", created.status().ToString()));
}

void Scenario::DeleteTunnel(SimDaemon* daemon, const std::string& name, bool force) {
  control::CloseOptions options;
  options.force = force;
  trace_.Add(daemon->name(), absl::StrCat("operator: delete ", name));
  daemon->controller()->DeleteTunnel(name, options, daemon->Owed());
}

void Scenario::DeleteSession(SimDaemon* daemon) {
  const std::string name = AnySession(daemon);
  trace_.Add(daemon->name(), absl::StrCat("operator: delete ", name));
  daemon->controller()->DeleteSession(name, {}, daemon->Owed());
}

// What is not persistent is refused.
void Scenario::Restart(SimDaemon* daemon) {
  const bool whole_tunnel = operator_.Chance(30);
  const std::string name = whole_tunnel ? AnyTunnel(daemon) : AnySession(daemon);
  const absl::Status status =
      whole_tunnel ? daemon->controller()->RestartTunnel(name, {.force = true}).status()
                   : daemon->controller()->RestartSession(name, {}).status();
  trace_.Add(daemon->name(), absl::StrCat("operator: restart ", name, ": ", status.ToString()));
}

// Reads the counters of a session.
void Scenario::Look(SimDaemon* daemon) {
  const std::string name = AnySession(daemon);
  daemon->controller()->GetSession(name, [this, daemon, name](const auto& session) {
    trace_.Add(daemon->name(),
               absl::StrCat("counters of ", name, ": ", session.status().ToString()));
  });
}

std::string Scenario::AnyTunnel(SimDaemon* daemon) {
  control::PageRequest page;
  page.size = 1000;
  const auto tunnels = daemon->controller()->ListTunnels(page).items;
  const uint64_t draw = operator_.Next();
  return tunnels.empty() ? "tunnels/t0" : tunnels[draw % tunnels.size()].name;
}

std::string Scenario::AnySession(SimDaemon* daemon) {
  control::PageRequest page;
  page.size = 1000;
  const auto sessions = daemon->controller()->ListSessions("", page)->items;
  const uint64_t draw = operator_.Next();
  return sessions.empty() ? "tunnels/t0/sessions/s0" : sessions[draw % sessions.size()].name;
}

}  // namespace l2tp::testing
