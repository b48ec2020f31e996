// A subscriber that believes nothing: it keeps the state of every resource from events alone, and
// says when these break a promise of server/events/README.md.

#ifndef L2TP_TESTS_SUPPORT_WATCH_MODEL_H_
#define L2TP_TESTS_SUPPORT_WATCH_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/control/controller.h"
#include "server/events/event.h"
#include "server/events/subscription.h"
#include "tests/support/findings.h"
#include "tests/support/trace.h"

namespace l2tp::testing {

// - Revisions follow each other without gap, also over a disconnection with its token.
// - A token is refused only when it is of another run, or the ring does not reach back so far.
// - A resource is created once, goes through its states in order, and is deleted once, with a
//   cause; nothing is told of it before or afterwards; a session is within the life of its tunnel.
// - What is configured is created once, then updated, and deleted once; no secret is told.
// - When all has been read, the resources are those that Get and List show.
class WatchModel {
 public:
  // `findings` is not owned. With `trace` every event is recorded there.
  WatchModel(std::string name, Findings* findings, Trace* trace)
      : name_(std::move(name)), findings_(findings), trace_(trace) {}

  // A run of the daemon has begun, with this many events in its ring. A token of the run before is
  // tried first, and must be refused.
  void Attach(control::Controller* controller, size_t ring_size);
  // The daemon has died.
  void Detach();

  // Reads what there is, at most `limit` items, and resumes when the subscription has ended. Gives
  // how many items were read.
  int Read(int limit = 1 << 30);
  // The connection breaks; Read() takes up again with the token.
  void Disconnect() { subscription_ = nullptr; }

  // Reads everything and compares with what the controller shows.
  void CompareAll();

  // Events of a type, and resumptions with a token, so far.
  int64_t count(events::EventType type) const {
    const auto found = counts_.find(type);
    return found == counts_.end() ? 0 : found->second;
  }
  int64_t resumptions() const { return resumptions_; }

 private:
  void Subscribe();
  void SubscribeAnew();
  void OnEnded(const absl::Status& status);
  void Take(const events::Item& item);
  void Take(const events::Event& event);
  std::string Fault(const events::Event& event) const;
  static std::string RefusalFault(const events::Event& event, const events::RefusalInfo& refusal);
  std::string TunnelFault(const events::Event& event, const events::TunnelInfo& tunnel) const;
  std::string SessionFault(const events::Event& event, const events::SessionInfo& session) const;
  std::string ConfigFault(const events::Event& event, const events::ConfigInfo& config) const;
  void Remember(const events::Resource& resource);
  void Record(const events::Event& event);
  void Complain(absl::string_view what) { findings_->Add(name_, what); }
  void CompareTunnels();
  void CompareSessions();
  void CompareConfigs();

  const std::string name_;
  Findings* const findings_;
  Trace* const trace_;
  control::Controller* controller_ = nullptr;
  int64_t ring_size_ = 0;
  bool token_is_of_another_run_ = false;
  std::shared_ptr<events::Subscription> subscription_;
  std::string token_;                // "": start anew
  std::optional<int64_t> revision_;  // of the last event; nullopt: the initial state is coming
  std::map<std::string, events::TunnelInfo> tunnels_;
  std::map<std::string, events::SessionInfo> sessions_;
  std::map<std::string, events::ConfigInfo> configs_;
  std::map<events::EventType, int64_t> counts_;
  int64_t resumptions_ = 0;
};

}  // namespace l2tp::testing

#endif  // L2TP_TESTS_SUPPORT_WATCH_MODEL_H_
