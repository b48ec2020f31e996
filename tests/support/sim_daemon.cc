#include "tests/support/sim_daemon.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace l2tp::testing {
namespace {

using control::PppId;
using Op = FakeKernel::Op;

constexpr Duration kNoTime;
constexpr Duration kPatience = Duration::Seconds(8);  // with a daemon that stops

const char* NameOf(Op op) {
  switch (op) {
    case Op::kCreateTunnel: return "create tunnel";
    case Op::kDeleteTunnel: return "delete tunnel";
    case Op::kCreateSession: return "create session";
    case Op::kRequireSequencing: return "require sequencing";
    case Op::kDeleteSession: return "delete session";
    case Op::kGetCounters: return "get counters";
    case Op::kGetReceivedPackets: return "get received packets";
    case Op::kListTunnels: return "list tunnels";
  }
  return "";
}

// Mostly at once; `slow_percent` as a machine that is busy, seldom as one that hangs.
Duration DrawKernelDelay(bool faulty, int slow_percent, SeededRandom* random) {
  const auto kind = static_cast<int>(random->Below(100));
  const Duration quick = random->Between(Duration::Nanoseconds(10'000), Duration::Milliseconds(2));
  const Duration slow = random->Between(Duration::Milliseconds(20), Duration::Milliseconds(300));
  if (faulty && kind == 99) return SimDaemon::kSlowestKernel;
  return faulty && kind < slow_percent ? slow : quick;
}

}  // namespace

SimDaemon::SimDaemon(const SimSurroundings& surroundings, FakeDatagramPort* port,
                     SimDaemonOptions options)
    : surroundings_(surroundings),
      options_(std::move(options)),
      port_(*port),
      ids_(SeededRandom::For(surroundings.seed, absl::StrCat(options_.name, " ids"))),
      kernel_fate_(SeededRandom::For(surroundings.seed, absl::StrCat(options_.name, " kernel"))),
      ppp_fate_(SeededRandom::For(surroundings.seed, absl::StrCat(options_.name, " ppp"))),
      steady_(options_.name, surroundings.findings, surroundings.trace),
      fickle_(absl::StrCat(options_.name, "'s fickle watcher"), surroundings.findings, nullptr) {
  port_.OnClosed([this](int descriptor) { OnSocketClosed(descriptor); });
}

// ---- Life --------------------------------------------------------------------------------------

void SimDaemon::Start() {
  Record("starts");
  ++run_;
  kernel_busy_ = false;
  stopping_ = false;
  alarm_.Clear();
  alarms_ = 0;
  ppp_ = std::make_unique<FakePpp>();
  ppp_->ExitOnStop(false);
  ppp_->OnStart([this](PppId ppp) { OnPppStarted(ppp); });
  ppp_->OnStop([this](PppId ppp) { OnPppStopped(ppp); });
  ppp_->PostTo([this](absl::AnyInvocable<void()> event) { Later(kNoTime, std::move(event)); });
  control::Ports ports;
  ports.clock = surroundings_.clock;
  ports.alarm = &alarm_;
  ports.datagrams = &port_;
  ports.kernel = &kernel_;
  ports.ppp = ppp_.get();
  ports.random = &ids_;
  control::ControllerOptions controller = options_.controller;
  controller.host_name = absl::StrCat(options_.name, ".example");
  controller.listeners = {port_.listener()};
  controller_ = std::make_unique<control::Controller>(controller, ports);
  ppp_->SetSink(controller_.get());
  Configure();
  port_.Start(*controller_);
  steady_.Attach(controller_.get(), controller.event_limits.ring_size);
  fickle_.Attach(controller_.get(), controller.event_limits.ring_size);
}

void SimDaemon::Configure() {
  EXPECT_TRUE(controller_->CreatePool(options_.pool).ok());
  const auto profile = controller_->CreateProfile(options_.profile);
  EXPECT_TRUE(profile.ok()) << profile.status();
  for (const control::User& user : options_.users) {
    const auto created = controller_->CreateUser(user);
    EXPECT_TRUE(created.ok()) << created.status();
  }
  for (const control::Peer& peer : options_.peers) {
    EXPECT_TRUE(controller_->CreatePeer(peer).ok());
  }
}

void SimDaemon::Kill() {
  Record("is killed");
  ++run_;
  for (const control::KernelTunnel& tunnel : kernel_.KernelTunnels()) {
    leftovers_.insert(tunnel.tunnel_id);
  }
  steady_.Detach();
  fickle_.Detach();
  owed_answers_ = 0;
  kernel_.DropPending();
  controller_.reset();
  port_.Crash();
  alarm_.Clear();
  // Its pppds notice some time later; until then they hold their sessions.
  const Duration grace = ppp_fate_.Between(kNoTime, kLeftoverLife);
  surroundings_.agenda->At(surroundings_.clock->Now() + grace,
                           [orphans = std::move(ppp_)]() mutable { orphans.reset(); });
  if (on_death_) on_death_();
}

void SimDaemon::Stop() {
  if (std::exchange(stopping_, true)) return;
  Record("is told to stop");
  Later(kPatience + Duration::Milliseconds(1), [this] {
    surroundings_.findings->Add(name(), "takes longer to stop than it has been given");
  });
  controller_->Shutdown(kPatience, [this] {
    Record("has stopped");
    Later(kNoTime, [this] {
      if (owed_answers_ != 0) surroundings_.findings->Add(name(), "stops and owes answers");
      Kill();
    });
  });
}

// A dead daemon's sockets are closed, too; either way the kernel deletes tunnels a little later.
void SimDaemon::OnSocketClosed(int descriptor) {
  const Duration longest = running() ? Duration::Milliseconds(50) : kLeftoverLife;
  surroundings_.agenda->At(surroundings_.clock->Now() + kernel_fate_.Between(kNoTime, longest),
                           [this, descriptor] {
                             Record(absl::StrCat("kernel: socket ", descriptor, " is gone"));
                             kernel_.SocketClosed(descriptor);
                             ++kernel_operations_;
                           });
}

void SimDaemon::Later(Duration delay, absl::AnyInvocable<void()> work) {
  surroundings_.agenda->At(surroundings_.clock->Now() + delay,
                           [this, run = run_, work = std::move(work)]() mutable {
                             if (run == run_) work();
                           });
}

bool SimDaemon::RingAlarm() {
  const auto when = alarm_.when();
  if (!running() || !when.has_value() || *when > surroundings_.clock->Now()) return false;
  alarm_.Clear();
  ++alarms_;
  controller_->HandleTimeout();
  if (alarm_.when().has_value() && *alarm_.when() <= surroundings_.clock->Now()) {
    surroundings_.findings->Add(name(), "a timer that was just handled is due again");
  }
  return true;
}

bool SimDaemon::Settle() {
  if (running() && !kernel_busy_ && kernel_.has_pending()) {
    kernel_busy_ = true;
    Later(DrawKernelDelay(faulty_, options_.kernel_delays, &kernel_fate_), [this] {
      kernel_busy_ = false;
      WorkInKernel();
    });
  }
  const bool events = steady_.Read() > 0;
  const bool operations = std::exchange(seen_operations_, kernel_operations_) != kernel_operations_;
  return events || operations;
}

control::Done SimDaemon::Owed() {
  ++owed_answers_;
  return [this, run = run_, given = false](const absl::Status& status) mutable {
    if (run != run_) return;
    if (std::exchange(given, true)) surroundings_.findings->Add(name(), "answers twice");
    --owed_answers_;
    Record(absl::StrCat("answers ", status.ToString()));
  };
}

// ---- Kernel ------------------------------------------------------------------------------------

const std::set<TunnelId>& SimDaemon::leftovers() {
  std::set<TunnelId> there;
  for (const control::KernelTunnel& tunnel : kernel_.KernelTunnels()) {
    there.insert(tunnel.tunnel_id);
  }
  std::erase_if(leftovers_, [&there](TunnelId id) { return !there.contains(id); });
  return leftovers_;
}

void SimDaemon::WorkInKernel() {
  const auto op = kernel_.NextPending();
  if (!op.has_value()) return;
  const bool fails = kernel_fate_.Chance(options_.kernel_failures) && faulty_;
  if (fails) {
    kernel_.FailNext(*op, MakeError(Reason::kKernelRequestFailed, "no buffer space",
                                    {{"operation", NameOf(*op)}, {"errno", "105"}}));
  }
  if (fails && *op == Op::kDeleteTunnel) ++failed_tunnel_deletions_;
  Record(absl::StrCat("kernel: ", NameOf(*op), fails ? " fails" : ""));
  ++kernel_operations_;
  kernel_.RunOne();
}

// ---- pppd --------------------------------------------------------------------------------------

// The same draws for every pppd, so that the fate of one does not shift that of the next.
void SimDaemon::OnPppStarted(PppId ppp) {
  Record(absl::StrCat("pppd ", ppp.value(), " starts"));
  const uint64_t kind = ppp_fate_.Below(100);
  const Duration lcp = ppp_fate_.Between(kNoTime, Duration::Milliseconds(800));
  const Duration ip = lcp + ppp_fate_.Between(kNoTime, Duration::Milliseconds(800));
  const Duration end = ppp_fate_.Between(kNoTime, Duration::Seconds(20));
  const bool killed = ppp_fate_.Chance(50);
  if (faulty_ && kind < 4) return ppp_->Exit(ppp, -1, 0, "cannot execute pppd");
  if (faulty_ && kind < 8) return;  // never comes up
  using events::PppPhase;
  Later(kNoTime, [this, ppp] { ppp_->Phase(ppp, PppPhase::kEstablish); });
  Later(lcp, [this, ppp] {
    ppp_->LcpUp(ppp);
    ppp_->Phase(ppp, PppPhase::kAuthenticate);
  });
  Later(lcp, [this, ppp, kind, fails = faulty_ && kind < 12] {
    if (!ppp_->Find(ppp)->spec.lns) {
      ppp_->Authenticated(ppp, "us", true, false);
      return ppp_->Phase(ppp, PppPhase::kNetwork);
    }
    if (!ppp_->Find(ppp)->running) return;
    if (ppp_->LogIn(ppp, kind % 5 == 0 ? "carol" : "alice", fails ? "wrong" : "wonder")) {
      ppp_->Phase(ppp, PppPhase::kNetwork);
    }
  });
  Later(ip, [this, ppp] { ppp_->IpUp(ppp); });
  if (kind % 4 == 0) Later(ip, [this, ppp] { ppp_->Ipv6Up(ppp); });
  if (!faulty_ || kind >= 25) return;
  Later(end, [this, ppp, killed] {
    Record(absl::StrCat("pppd ", ppp.value(), " ends by itself"));
    if (!killed) ppp_->IpDown(ppp);
    ppp_->Exit(ppp, killed ? -1 : 16, killed ? 9 : 0);
  });
}

void SimDaemon::OnPppStopped(PppId ppp) {
  Record(absl::StrCat("pppd ", ppp.value(), " is stopped"));
  const bool hangs = ppp_fate_.Chance(5);
  const Duration time = ppp_fate_.Between(kNoTime, Duration::Milliseconds(300));
  Later(hangs ? kSlowestExit : time,
        [this, ppp, hangs] { ppp_->Exit(ppp, hangs ? -1 : 5, hangs ? 9 : 0); });
}

void SimDaemon::CrashPppd() {
  std::vector<PppId> running;
  for (const FakePpp::Started& started : ppp_->started()) {
    if (started.running) running.push_back(started.id);
  }
  if (running.empty()) return;
  const PppId ppp = running[ppp_fate_.Below(running.size())];
  Record(absl::StrCat("pppd ", ppp.value(), " crashes"));
  ppp_->Exit(ppp, -1, 11);
}

}  // namespace l2tp::testing
