// How this machine's pppd is to be run; from the daemon's configuration.

#ifndef L2TP_SERVER_PPP_SETTINGS_H_
#define L2TP_SERVER_PPP_SETTINGS_H_

#include <string>
#include <vector>

#include "server/base/time.h"

namespace l2tp::ppp {

// Where `make install` puts our two plugins, and what they come with.
std::string DefaultPluginDir();

struct Settings {
  std::string pppd_path = "/usr/sbin/pppd";
  // Holds pppol2tp.so and pppol2tp_events.so.
  std::string plugin_dir = DefaultPluginDir();
  // Path of without_scripts.so, which a pppd loads that is not to run its scripts; empty: they run
  // in any case.
  std::string without_scripts;
  // Where the plugins report to. Its folder must exist and be closed to other users.
  std::string event_socket = "/run/l2tp-controller/ppp.sock";
  // Where files for pppd's radius plugin are made, in a folder that exists and is closed to others.
  std::string radius_folder = "/run/l2tp-controller/radius";
  // Between TERM and KILL. pppd takes up to 3 s of it to tell the other end.
  Duration grace = Duration::Seconds(5);
  // Fork pppds from one that waits (zygote.h) instead of executing each.
  bool zygote = true;
  // pppds that are being started at a time; others wait. At least 1.
  int max_starts = 16;
  // A pppd that takes longer is ended. From its start to the first word of its plugin.
  Duration start_timeout = Duration::Seconds(30);
  // In each phase of PPP. pppd's own limits, which are a matter between it and its peer, are 30 s;
  // 0: none.
  Duration phase_timeout = Duration::Seconds(45);
  // From the beginning of its end to its exit. pppd takes up to 3 s to tell the other end, and 5 s
  // for scripts to end.
  Duration end_timeout = Duration::Seconds(15);
  // Further pppd options for every session, after all others: these win.
  std::vector<std::string> extra_arguments;
};

}  // namespace l2tp::ppp

#endif  // L2TP_SERVER_PPP_SETTINGS_H_
