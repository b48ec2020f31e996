#include "server/metrics/system_metrics.h"

#include <string>

namespace l2tp::metrics {
namespace {

prometheus::Gauge& MakeGauge(prometheus::Registry* registry, const char* name, const char* help,
                             const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add(labels);
}

prometheus::Counter& MakeCounter(prometheus::Registry* registry, const char* name, const char* help,
                                 const prometheus::Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry).Add(labels);
}

prometheus::Counter& Drop(prometheus::Registry* registry, const char* why) {
  return MakeCounter(registry, "l2tp_control_datagrams_dropped_total",
                     "Control messages that were not looked at further", {{"why", why}});
}

prometheus::Gauge& Pppds(prometheus::Registry* registry, const char* state) {
  return MakeGauge(registry, "l2tp_pppds", "pppds, by how far they are", {{"state", state}});
}

prometheus::Counter& PppdStarts(prometheus::Registry* registry, const char* how) {
  return MakeCounter(registry, "l2tp_pppd_starts_total", "pppds that were started", {{"how", how}});
}

}  // namespace

SystemMetrics::SystemMetrics(prometheus::Registry* registry)
    : info_(prometheus::BuildGauge()
                .Name("l2tp_controller_info")
                .Help("Always 1; the labels say what runs")
                .Register(*registry)),
      start_time_(MakeGauge(registry, "l2tp_controller_start_time_seconds",
                            "When the daemon was started, in seconds since 1970")),
      watchers_(
          MakeGauge(registry, "l2tp_watchers", "Subscribers of events, the daemon's own too")),
      waiting_calls_(
          MakeGauge(registry, "l2tp_api_calls_waiting", "Calls of the API that wait for the loop")),
      half_open_(MakeGauge(registry, "l2tp_half_open_tunnels",
                           "Tunnels that peers have begun and not established")),
      events_(MakeCounter(registry, "l2tp_events_total", "Events that have been")),
      retransmits_(MakeCounter(registry, "l2tp_control_retransmits_total",
                               "Control messages that were sent again")),
      duplicates_(MakeCounter(registry, "l2tp_control_duplicates_total",
                              "Control messages that came again")),
      window_full_(MakeCounter(registry, "l2tp_window_full_seconds_total",
                               "Time that control messages waited for room in a window, over all "
                               "tunnels")),
      malformed_(Drop(registry, "malformed")),
      unknown_tunnel_(Drop(registry, "unknown_tunnel")),
      foreign_source_(Drop(registry, "foreign_source")),
      dropped_sccrq_(Drop(registry, "too_many_half_open")),
      displaced_(MakeCounter(registry, "l2tp_half_open_tunnels_displaced_total",
                             "Half-open tunnels that made room for others")),
      lost_ties_(MakeCounter(registry, "l2tp_lost_ties_total",
                             "SCCRQs of peers that crossed ours and lost the tie")),
      refused_tunnels_(MakeCounter(registry, "l2tp_refused_total",
                                   "What peers wanted and did not get", {{"what", "tunnel"}})),
      refused_sessions_(MakeCounter(registry, "l2tp_refused_total",
                                    "What peers wanted and did not get", {{"what", "session"}})),
      pppds_queued_(Pppds(registry, "queued")),
      pppds_starting_(Pppds(registry, "starting")),
      pppds_running_(Pppds(registry, "running")),
      pppds_forked_(PppdStarts(registry, "forked")),
      pppds_executed_(PppdStarts(registry, "executed")),
      history_written_(MakeCounter(registry, "l2tp_history_events_written_total",
                                   "Events that were put on disk")),
      history_left_out_(MakeCounter(registry, "l2tp_history_events_left_out_total",
                                    "Events that the disk was too slow or too full for")),
      history_damaged_(MakeCounter(registry, "l2tp_history_damaged_files_total",
                                   "Files of events in which reading has met damage")),
      history_octets_(MakeGauge(registry, "l2tp_history_octets", "Size of all files of events")) {}

void SystemMetrics::Raise(prometheus::Counter* counter, double total) {
  const double more = total - counter->Value();
  if (more > 0) counter->Increment(more);
}

void SystemMetrics::Set(const control::SystemInfo& system, int waiting_calls) {
  info_.Add({{"version", system.version}, {"host_name", system.host_name}}).Set(1);
  start_time_.Set(static_cast<double>(system.start_time.nanoseconds) / 1e9);
  watchers_.Set(system.watcher_count);
  waiting_calls_.Set(waiting_calls);
  half_open_.Set(system.half_open_tunnel_count);
  Raise(&events_, system.revision);
  Raise(&retransmits_, system.retransmit_count);
  Raise(&duplicates_, system.duplicate_count);
  Raise(&window_full_, static_cast<double>(system.window_full_time.nanoseconds()) / 1e9);
  Raise(&malformed_, system.malformed_count);
  Raise(&unknown_tunnel_, system.unknown_tunnel_count);
  Raise(&foreign_source_, system.foreign_source_count);
  Raise(&dropped_sccrq_, system.dropped_sccrq_count);
  Raise(&displaced_, system.displaced_count);
  Raise(&lost_ties_, system.lost_tie_count);
  Raise(&refused_tunnels_, system.refused_tunnel_count);
  Raise(&refused_sessions_, system.refused_session_count);
  pppds_queued_.Set(system.ppp.queued);
  pppds_starting_.Set(system.ppp.starting);
  pppds_running_.Set(system.ppp.running);
  Raise(&pppds_forked_, system.ppp.forked);
  Raise(&pppds_executed_, system.ppp.executed);
}

void SystemMetrics::Set(const history::Totals& history) {
  Raise(&history_written_, history.written);
  Raise(&history_left_out_, history.left_out);
  Raise(&history_damaged_, history.damaged);
  history_octets_.Set(static_cast<double>(history.octets));
}

}  // namespace l2tp::metrics
