#include "server/control/validate.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/control/checks.h"
#include "server/control/labels.h"
#include "server/control/names.h"
#include "server/control/pppd_options.h"

namespace l2tp::control {
namespace {

constexpr Duration kLongest = Duration::Seconds(int64_t{24} * 3600);

absl::Status CheckDuration(absl::string_view field, Duration value, Duration least) {
  if (value >= least && value <= kLongest) return absl::OkStatus();
  return InvalidField(field, absl::StrCat(value.milliseconds(), " ms is not between ",
                                          least.milliseconds(), " ms and 24 h"));
}

absl::Status CheckId(absl::string_view field, absl::string_view id) {
  if (id.empty() || IsResourceId(id)) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("\"", id,
                                          "\" is not 1 to 63 characters of a-z, 0-9 and -, "
                                          "starting with a letter, not ending with -"));
}

bool IsInterfaceName(absl::string_view name) {
  return name.size() <= 15 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isgraph(static_cast<unsigned char>(c)) != 0 && c != '/' && c != ':' &&
                  c != '%';
         });
}

absl::Status CheckInterfaceName(absl::string_view field, absl::string_view name) {
  if (IsInterfaceName(name)) return absl::OkStatus();
  return InvalidField(field,
                      "not a name of at most 15 characters without space, "
                      "slash, colon and percent sign");
}

absl::Status CheckTunnelSettings(const TunnelSettings& tunnel) {
  L2TP_RETURN_IF_ERROR(CheckDuration("tunnel.hello_interval", tunnel.hello_interval, Duration()));
  if (tunnel.hello_interval > Duration() && tunnel.hello_interval < Duration::Seconds(1)) {
    return InvalidField("tunnel.hello_interval", "is neither 0 nor at least 1 s");
  }
  L2TP_RETURN_IF_ERROR(CheckDuration("tunnel.retransmit_timeout", tunnel.retransmit_timeout,
                                     Duration::Milliseconds(100)));
  // RFC 2661 section 5.8: the cap must not be below 8 seconds.
  L2TP_RETURN_IF_ERROR(
      CheckDuration("tunnel.retransmit_cap", tunnel.retransmit_cap, Duration::Seconds(8)));
  L2TP_RETURN_IF_ERROR(CheckRange("tunnel.max_retransmits", tunnel.max_retransmits, 1, 30));
  L2TP_RETURN_IF_ERROR(CheckRange("tunnel.receive_window", tunnel.receive_window, 1, 32768));
  L2TP_RETURN_IF_ERROR(CheckRange("tunnel.max_sessions", tunnel.max_sessions, 0, 65535));
  L2TP_RETURN_IF_ERROR(CheckRange("tunnel.dscp", tunnel.socket.dscp, 0, 63));
  L2TP_RETURN_IF_ERROR(CheckInterfaceName("tunnel.device", tunnel.socket.device));
  return CheckDuration("tunnel.setup_timeout", tunnel.setup_timeout, Duration());
}

absl::Status CheckSessionSettings(const SessionSettings& session) {
  L2TP_RETURN_IF_ERROR(
      CheckDuration("session.reorder_timeout", session.reorder_timeout, Duration()));
  L2TP_RETURN_IF_ERROR(CheckDuration("session.setup_timeout", session.setup_timeout, Duration()));
  L2TP_RETURN_IF_ERROR(CheckDuration("session.ppp_timeout", session.ppp_timeout, Duration()));
  L2TP_RETURN_IF_ERROR(CheckDuration("session.reconnect_min_delay", session.reconnect_min_delay,
                                     Duration::Milliseconds(100)));
  L2TP_RETURN_IF_ERROR(CheckDuration("session.reconnect_max_delay", session.reconnect_max_delay,
                                     Duration::Milliseconds(100)));
  return CheckRange("session.max_reconnect_failures", session.max_reconnect_failures, 0, 1'000'000);
}

// "unix:/path" or "host:port".
bool IsServerAddress(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "unix:")) return absl::StartsWith(address, "/");
  const size_t colon = address.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(address.substr(colon + 1), &port) && port > 0 && port <= 65535;
}

absl::Status CheckAuthenticator(const PppSettings& ppp) {
  const Duration timeout = ppp.authenticator_timeout;
  if (timeout < Duration::Seconds(1) || timeout > Duration::Seconds(10)) {
    return InvalidField("ppp.authenticator_timeout", "is not between 1 s and 10 s");
  }
  if (ppp.authenticator.empty()) return absl::OkStatus();
  L2TP_RETURN_IF_ERROR(CheckText("ppp.authenticator", ppp.authenticator, kMaxText));
  if (IsServerAddress(ppp.authenticator)) return absl::OkStatus();
  return InvalidField("ppp.authenticator", "is not unix:/PATH or HOST:PORT");
}

absl::Status CheckRadius(const RadiusSettings& radius) {
  if (!radius.server.address.is_set()) {
    // It is set as a whole: whoever means to change one value would turn it off.
    return radius == RadiusSettings() ? absl::OkStatus() : MissingField("ppp.radius.server");
  }
  if (!radius.server.address.is_v4()) {
    return InvalidField("ppp.radius.server", "is not an IPv4 address, as pppd's plugin needs it");
  }
  if (radius.accounting_server.address.is_set() && !radius.accounting_server.address.is_v4()) {
    return InvalidField("ppp.radius.accounting_server", "is not an IPv4 address");
  }
  // What the plugin can read from its file.
  if (radius.secret.empty()) return MissingField("ppp.radius.secret");
  const bool good =
      radius.secret.size() <= 48 && std::all_of(radius.secret.begin(), radius.secret.end(),
                                                [](char c) { return c > 0x20 && c < 0x7f; });
  if (!good) {
    return InvalidField("ppp.radius.secret", "not 1 to 48 ASCII characters without space");
  }
  if (radius.timeout < Duration::Seconds(1) || radius.timeout > Duration::Seconds(10)) {
    return InvalidField("ppp.radius.timeout", "is not between 1 s and 10 s");
  }
  L2TP_RETURN_IF_ERROR(CheckRange("ppp.radius.retries", radius.retries, 1, 10));
  return CheckText("ppp.radius.nas_identifier", radius.nas_identifier, kMaxText);
}

// RFC 1661 wants every implementation to take 1500 octets on demand; 128 is pppd's least.
absl::Status CheckSize(absl::string_view field, int octets) {
  if (octets == 0) return absl::OkStatus();
  return CheckRange(field, octets, 128, 16384);
}

// What can be a file in /run/netns, and an argument of pppd.
absl::Status CheckNamespace(absl::string_view field, absl::string_view name) {
  constexpr size_t kMaxName = 64;
  const bool good = name.size() <= kMaxName && !absl::StartsWith(name, ".") &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
                             c == '_' || c == '.';
                    });
  if (good) return absl::OkStatus();
  return InvalidField(field,
                      "not a name of at most 64 letters, digits and - _ . that begins with no dot");
}

absl::Status CheckPppSettings(const PppSettings& ppp) {
  L2TP_RETURN_IF_ERROR(CheckText("ppp.user", ppp.user, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckSecret("ppp.password", ppp.password));
  L2TP_RETURN_IF_ERROR(CheckAuthenticator(ppp));
  L2TP_RETURN_IF_ERROR(CheckRadius(ppp.radius));
  L2TP_RETURN_IF_ERROR(CheckReference("ppp.pool", "pools", ppp.pool));
  if (ppp.local_address.is_set() && !ppp.local_address.is_v4()) {
    return InvalidField("ppp.local_ip_address", "not an IPv4 address");
  }
  if (ppp.dns.size() > 2) {
    return InvalidField("ppp.dns_ip_addresses", "PPP can tell at most two servers");
  }
  for (const IpAddress& dns : ppp.dns) {
    if (!dns.is_v4()) return InvalidField("ppp.dns_ip_addresses", "not an IPv4 address");
  }
  L2TP_RETURN_IF_ERROR(CheckSize("ppp.mtu", ppp.mtu));
  L2TP_RETURN_IF_ERROR(CheckSize("ppp.mru", ppp.mru));
  L2TP_RETURN_IF_ERROR(CheckRange("ppp.lcp_echo_interval", ppp.lcp_echo_interval, 0, 3600));
  L2TP_RETURN_IF_ERROR(CheckRange("ppp.lcp_echo_failures", ppp.lcp_echo_failures, 0, 100));
  L2TP_RETURN_IF_ERROR(CheckPppdOptions("ppp.pppd_options", ppp.pppd_options));
  L2TP_RETURN_IF_ERROR(CheckNamespace("ppp.network_namespace", ppp.network_namespace));
  L2TP_RETURN_IF_ERROR(CheckInterfaceName("ppp.vrf", ppp.vrf));
  return absl::OkStatus();
}

// What must go together, whoever said it.
absl::Status CheckSessionTogether(const SessionSettings& session) {
  if (session.reconnect_max_delay >= session.reconnect_min_delay) return absl::OkStatus();
  return InvalidField("session.reconnect_max_delay", "is less than session.reconnect_min_delay");
}

// At most one decides about logins, and there have to be some.
absl::Status CheckLoginsTogether(const PppSettings& ppp) {
  constexpr absl::string_view kNoLogins = "has nothing to decide without ppp.require_auth";
  const bool radius = ppp.radius.server.address.is_set();
  if (radius && !ppp.authenticator.empty()) {
    return InvalidField("ppp.radius.server", "ppp.authenticator decides already");
  }
  if (!ppp.require_auth.empty()) return absl::OkStatus();
  if (!ppp.authenticator.empty()) return InvalidField("ppp.authenticator", kNoLogins);
  return radius ? InvalidField("ppp.radius.server", kNoLogins) : absl::OkStatus();
}

absl::Status CheckPppTogether(const PppSettings& ppp) {
  L2TP_RETURN_IF_ERROR(CheckLoginsTogether(ppp));
  if (!ppp.pool.empty() && !ppp.local_address.is_set()) {
    return InvalidField("ppp.local_ip_address", "is required together with ppp.pool");
  }
  if (ppp.mppe_required) {
    const bool keys = std::find(ppp.require_auth.begin(), ppp.require_auth.end(),
                                AuthMethod::kMsChapV2) != ppp.require_auth.end();
    if (!keys && ppp.user.empty()) {
      return InvalidField("ppp.mppe_required",
                          "MPPE takes its keys from MS-CHAPv2: require it in "
                          "ppp.require_auth, or set ppp.user");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSize(absl::string_view field, const std::optional<std::string>& octets,
                       size_t least, size_t most) {
  if (!octets.has_value() || (octets->size() >= least && octets->size() <= most)) {
    return absl::OkStatus();
  }
  return InvalidField(
      field, absl::StrCat(octets->size(), " octets are not between ", least, " and ", most));
}

// What only one kind of call can tell (RFC 2661 sections 6.6, 6.8 and 6.9).
absl::Status CheckDirection(const SessionSpec& spec) {
  constexpr absl::string_view kOnlyIncoming = "outgoing calls do not tell it";
  constexpr absl::string_view kOnlyOutgoing = "incoming calls do not tell it";
  if (spec.direction == events::CallDirection::kIncoming) {
    if (spec.minimum_bps != 0) return InvalidField("minimum_bps", kOnlyOutgoing);
    if (spec.maximum_bps != 0) return InvalidField("maximum_bps", kOnlyOutgoing);
    return absl::OkStatus();
  }
  if (spec.maximum_bps != 0 && spec.minimum_bps > spec.maximum_bps) {
    return InvalidField("minimum_bps", "is more than maximum_bps");
  }
  if (spec.bearer_type == 0u) return InvalidField("bearer_type", "0 is for incoming calls only");
  if (!spec.calling_number.empty()) return InvalidField("calling_number", kOnlyIncoming);
  if (spec.physical_channel_id) return InvalidField("physical_channel_id", kOnlyIncoming);
  if (!spec.private_group_id.empty()) return InvalidField("private_group_id", kOnlyIncoming);
  if (spec.proxy != ProxySpec()) return InvalidField("proxy", kOnlyIncoming);
  if (spec.access_line != events::AccessLine()) return InvalidField("access_line", kOnlyIncoming);
  return absl::OkStatus();
}

// Section 4.4.5: which AVPs go together.
absl::Status CheckProxy(const ProxySpec& proxy) {
  constexpr size_t kMaxOctets = 1000;  // of an AVP that may be hidden
  constexpr size_t kMaxAuthen = 255;
  const events::ProxyInfo& info = proxy.info;
  L2TP_RETURN_IF_ERROR(CheckSize("proxy.initial_received_lcp_confreq",
                                 info.initial_received_lcp_confreq, 0, kMaxOctets));
  L2TP_RETURN_IF_ERROR(
      CheckSize("proxy.last_sent_lcp_confreq", info.last_sent_lcp_confreq, 0, kMaxOctets));
  L2TP_RETURN_IF_ERROR(
      CheckSize("proxy.last_received_lcp_confreq", info.last_received_lcp_confreq, 0, kMaxOctets));
  L2TP_RETURN_IF_ERROR(CheckSize("proxy.authen_name", info.authen_name, 0, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckSize("proxy.authen_challenge", info.authen_challenge, 1, kMaxAuthen));
  L2TP_RETURN_IF_ERROR(CheckSize("proxy.authen_response", proxy.authen_response, 0, kMaxAuthen));
  if (!info.authen_type.has_value()) {
    const bool any =
        info.authen_name || info.authen_challenge || info.authen_id || proxy.authen_response;
    return any ? MissingField("proxy.authen_type") : absl::OkStatus();
  }
  const uint16_t type = *info.authen_type;
  L2TP_RETURN_IF_ERROR(CheckRange("proxy.authen_type", type, 1, 5));
  constexpr uint16_t kText = 1, kChap = 2, kNone = 4, kMsChap = 5;
  if (type != kNone && !info.authen_name) return MissingField("proxy.authen_name");
  if (type != kNone && !proxy.authen_response) return MissingField("proxy.authen_response");
  if ((type == kChap || type == kMsChap) && !info.authen_challenge) {
    return MissingField("proxy.authen_challenge");
  }
  if (type != kText && type != kNone && !info.authen_id) return MissingField("proxy.authen_id");
  return info.authen_id ? CheckRange("proxy.authen_id", *info.authen_id, 0, 255) : absl::OkStatus();
}

// RFC 5515 section 5.
absl::Status CheckAccessLine(const events::AccessLine& line) {
  const auto check_id = [](absl::string_view field, const std::string& id) {
    return id.empty() ? absl::OkStatus() : CheckSize(field, id, 2, 63);
  };
  L2TP_RETURN_IF_ERROR(check_id("access_line.agent_circuit_id", line.agent_circuit_id));
  L2TP_RETURN_IF_ERROR(check_id("access_line.agent_remote_id", line.agent_remote_id));
  return CheckSize("access_line.encapsulation", line.encapsulation, 3, 3);
}

bool SamePrefix(const IpPrefix& a, const IpPrefix& b) {
  if (a.address.is_set() != b.address.is_set()) return false;
  return !a.address.is_set() || (a.length == b.length && a.Contains(b.address));
}

}  // namespace

absl::Status Validate(const Profile& profile) {
  L2TP_RETURN_IF_ERROR(CheckName("profiles", profile.name));
  L2TP_RETURN_IF_ERROR(CheckText("display_name", profile.display_name, kMaxText));
  L2TP_RETURN_IF_ERROR(ValidateLabels(profile.labels));
  L2TP_RETURN_IF_ERROR(CheckTunnelSettings(profile.tunnel));
  L2TP_RETURN_IF_ERROR(CheckSessionSettings(profile.session));
  L2TP_RETURN_IF_ERROR(CheckPppSettings(profile.ppp));
  L2TP_RETURN_IF_ERROR(CheckReference("parent", "profiles", profile.parent));
  if (profile.parent == profile.name) return InvalidField("parent", "is the profile itself");
  return absl::OkStatus();
}

absl::Status ValidateTogether(const Profile& profile) {
  L2TP_RETURN_IF_ERROR(CheckSessionTogether(profile.session));
  return CheckPppTogether(profile.ppp);
}

absl::Status Validate(const Peer& peer) {
  L2TP_RETURN_IF_ERROR(CheckName("peers", peer.name));
  L2TP_RETURN_IF_ERROR(CheckText("host_name", peer.host_name, kMaxText));
  L2TP_RETURN_IF_ERROR(ValidateLabels(peer.labels));
  L2TP_RETURN_IF_ERROR(CheckSecret("secret", peer.secret));
  return CheckReference("profile", "profiles", peer.profile);
}

absl::Status ValidateBeside(const Peer& peer, const Peer& other) {
  if (peer.deny || other.deny || !SamePrefix(peer.prefix, other.prefix)) return absl::OkStatus();
  if (other.host_name == peer.host_name) {
    return InvalidField("host_name",
                        absl::StrCat(other.name, " has the same prefix and host name"));
  }
  if (other.secret.empty() == peer.secret.empty()) return absl::OkStatus();
  return InvalidField(
      "secret", absl::StrCat(other.name, " has the same prefix and ",
                             other.secret.empty() ? "no secret" : "a secret",
                             ": a Host Name, which anybody can send, would choose between them"));
}

absl::Status Validate(const TunnelSpec& spec) {
  L2TP_RETURN_IF_ERROR(CheckId("tunnel_id", spec.id));
  L2TP_RETURN_IF_ERROR(ValidateLabels(spec.labels));
  L2TP_RETURN_IF_ERROR(CheckReference("profile", "profiles", spec.profile));
  if (!spec.remote.address.is_set()) return MissingField("remote_ip_address");
  if (spec.remote.address.is_unspecified()) {
    return InvalidField("remote_ip_address", "is the unspecified address");
  }
  if (spec.local.address.is_set() && spec.local.address.is_v4() != spec.remote.address.is_v4()) {
    return InvalidField("local_ip_address", "is of another family than remote_ip_address");
  }
  L2TP_RETURN_IF_ERROR(CheckText("host_name", spec.host_name, kMaxText));
  return CheckSecret("secret", spec.secret);
}

absl::Status Validate(const SessionSpec& spec) {
  if (!spec.tunnel_to.has_value()) {
    if (spec.tunnel.empty()) return MissingField("parent");
    L2TP_RETURN_IF_ERROR(CheckReference("parent", "tunnels", spec.tunnel));
  }
  L2TP_RETURN_IF_ERROR(CheckId("session_id", spec.id));
  L2TP_RETURN_IF_ERROR(ValidateLabels(spec.labels));
  L2TP_RETURN_IF_ERROR(CheckReference("profile", "profiles", spec.profile));
  L2TP_RETURN_IF_ERROR(CheckText("user", spec.user, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckSecret("password", spec.password));
  L2TP_RETURN_IF_ERROR(CheckInterfaceName("interface_name", spec.interface_name));
  L2TP_RETURN_IF_ERROR(CheckText("called_number", spec.called_number, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckText("calling_number", spec.calling_number, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckText("sub_address", spec.sub_address, kMaxText));
  L2TP_RETURN_IF_ERROR(CheckText("private_group_id", spec.private_group_id, kMaxText));
  if (spec.bearer_type.has_value()) {
    L2TP_RETURN_IF_ERROR(CheckRange("bearer_type", *spec.bearer_type, 0, 3));
  }
  L2TP_RETURN_IF_ERROR(CheckDirection(spec));
  L2TP_RETURN_IF_ERROR(CheckProxy(spec.proxy));
  return CheckAccessLine(spec.access_line);
}

}  // namespace l2tp::control
