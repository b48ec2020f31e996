#include "server/ppp/pppd_arguments.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/ppp/radius_files.h"

namespace l2tp::ppp {
namespace {

using control::AuthMethod;
using control::PppSpec;

constexpr int kStatisticsInterval = 60;  // seconds

class Arguments {
 public:
  template <typename... T>
  void Add(const T&... words) {
    (words_.push_back(absl::StrCat(words)), ...);
  }
  // `name` or nothing.
  void AddIf(bool wanted, absl::string_view name) {
    if (wanted) Add(name);
  }
  void AddEither(bool first, absl::string_view if_true, absl::string_view if_false) {
    Add(first ? if_true : if_false);
  }
  std::vector<std::string> Take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

void AddProcess(const PppSpec& spec, Arguments& out) {
  out.Add("nodetach", "nopersist");
  // Our pipe, even when /etc/ppp/options names a log file.
  out.Add("logfd", 2);
  out.Add("hide-password");
  out.AddIf(spec.debug, "debug");
  // One Terminate-Request (3 s) instead of two, so that pppd ends by itself within the grace
  // period even when nobody answers. The peer hears of the end by CDN as well.
  out.Add("lcp-max-terminate", 1);
  out.Add("nomp", "noendpoint");
  out.Add("ipparam", spec.name);
}

void AddTransport(const PppSpec& spec, Arguments& out) {
  out.Add("pppol2tp", kPppoxDescriptor);
  out.Add("pppol2tp_tunnel_id", spec.tunnel_id.value());
  out.Add("pppol2tp_session_id", spec.session_id.value());
  out.Add("pppol2tp_hold", kHoldDescriptor);
  // The kernel's session was made as it has to be.
  out.Add("pppol2tp_keep_settings");
  // The LAC's end is mostly made after ours: let it speak first, or our first LCP request is lost.
  if (spec.lns) out.Add("pppol2tp_listen_time", 1);
}

void AddEvents(const Settings& settings, const PppSpec& spec, control::PppId id, Arguments& out) {
  out.Add("pppol2tp_events_socket", settings.event_socket);
  out.Add("pppol2tp_events_instance", id.value());
  out.Add("pppol2tp_events_statistics", kStatisticsInterval);
  // What pppd has to say comes through our pipe; twice is too much.
  out.Add("pppol2tp_events_nosyslog");
  out.AddIf(!spec.require_auth.empty() || !spec.user.empty(), "pppol2tp_events_auth");
}

bool Requires(const PppSpec& spec, AuthMethod method) {
  return std::find(spec.require_auth.begin(), spec.require_auth.end(), method) !=
         spec.require_auth.end();
}

void AddAuthentication(const PppSpec& spec, Arguments& out) {
  // pppd offers CHAP-MD5, then MS-CHAPv2, then PAP, in this order whatever we say.
  out.AddEither(!spec.require_auth.empty(), "auth", "noauth");
  out.AddIf(Requires(spec, AuthMethod::kChapMd5), "require-chap");
  out.AddIf(Requires(spec, AuthMethod::kMsChapV2), "require-mschap-v2");
  out.AddIf(Requires(spec, AuthMethod::kPap), "require-pap");

  // MS-CHAPv1 is broken, and of EAP we could only do the CHAP-MD5 in another coat.
  out.Add("refuse-eap", "refuse-mschap");
  if (!spec.user.empty()) {
    out.Add("user", spec.user);
  } else {
    out.Add("refuse-pap", "refuse-chap", "refuse-mschap-v2");
  }
}

// Behind our own plugin, whose hooks for the peer's login its take the place of.
void AddRadius(const PppSpec& spec, const std::string& config, Arguments& out) {
  if (!spec.radius.has_value()) return;
  out.Add("plugin", "radius.so");
  out.Add("radius-config-file", config);
  if (!spec.called_number.empty()) {
    out.Add("avpair", absl::StrCat("Called-Station-Id=", StationId(spec.called_number)));
  }
  // Without it the plugin sends ipparam, which is the session's name.
  if (!spec.calling_number.empty()) out.Add("remotenumber", StationId(spec.calling_number));
}

void AddLink(const PppSpec& spec, Arguments& out) {
  if (spec.mtu > 0) out.Add("mtu", spec.mtu);
  if (spec.mru > 0) out.Add("mru", spec.mru);
  out.Add("asyncmap", absl::StrFormat("%x", spec.asyncmap));  // pppd reads it as hexadecimal
  out.Add("lcp-echo-interval", spec.lcp_echo_interval);
  out.Add("lcp-echo-failure", spec.lcp_echo_failures);
  // An L2TP tunnel gains nothing from header compression on a serial line, and the kernel's data
  // path compresses neither field.
  out.Add("noaccomp", "nopcomp", "novj", "novjccomp");
  out.Add("nobsdcomp", "nodeflate", "nopredictor1");
  if (spec.mppe_required) {
    out.Add("require-mppe-128", "nomppe-stateful");
  } else {
    out.Add("nomppe", "noccp");
  }
}

void AddNetwork(const PppSpec& spec, Arguments& out) {
  if (!spec.interface_name.empty()) out.Add("ifname", spec.interface_name);
  if (!spec.network_namespace.empty()) out.Add("pppol2tp_netns", spec.network_namespace);
  if (!spec.vrf.empty()) out.Add("pppol2tp_vrf", spec.vrf);

  // Without it pppd offers whatever address this machine's host name has.
  out.Add("noipdefault");
  if (!spec.local_address.is_set()) out.Add("ipcp-accept-local");
  if (!spec.peer_address.is_set()) out.Add("ipcp-accept-remote");
  if (spec.local_address.is_set() || spec.peer_address.is_set()) {
    out.Add(absl::StrCat(spec.local_address.ToString(), ":", spec.peer_address.ToString()));
  }
  int told = 0;
  for (const IpAddress& server : spec.dns) {
    if (server.is_v4() && told++ < 2) out.Add("ms-dns", server.ToString());
  }
  out.AddIf(spec.ask_dns, "usepeerdns");
  out.AddEither(spec.default_route, "defaultroute", "nodefaultroute");
  // pppd takes no proxyarp behind it.
  out.AddIf(!spec.proxyarp, "noproxyarp");

  out.AddEither(spec.ipv6, "+ipv6", "noipv6");
  // Ours is pppd's to choose.
  if (spec.ipv6 && spec.peer_interface_id.is_set()) {
    out.Add("ipv6", absl::StrCat(",", InterfaceIdText(spec.peer_interface_id)));
  }
  out.AddEither(spec.ipv6 && spec.default_route, "defaultroute6", "nodefaultroute6");
}

}  // namespace

std::vector<std::string> PppdPlugins(const Settings& settings) {
  return {"plugin", absl::StrCat(settings.plugin_dir, "/pppol2tp.so"), "plugin",
          absl::StrCat(settings.plugin_dir, "/pppol2tp_events.so")};
}

std::vector<std::string> PppdOptions(const Settings& settings, const PppSpec& spec,
                                     control::PppId id, const std::string& radius_config) {
  Arguments out;
  AddProcess(spec, out);
  AddTransport(spec, out);
  AddEvents(settings, spec, id, out);
  AddAuthentication(spec, out);
  AddRadius(spec, radius_config, out);
  AddLink(spec, out);
  AddNetwork(spec, out);
  for (const std::string& word : spec.more_options) out.Add(word);
  for (const std::string& word : settings.extra_arguments) out.Add(word);
  return out.Take();
}

}  // namespace l2tp::ppp
