#include "server/config/resources.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/control/names.h"
#include "server/control/profile_fields.h"
#include "server/control/validate.h"

namespace l2tp::config {
namespace {

void CheckRange(Section* section, const char* key, int value, int least, int most) {
  if (value >= least && value <= most) return;
  section->Fail(key, absl::StrCat(value, " is not between ", least, " and ", most));
}

void CheckTimeout(Section* section, const char* key, Duration value) {
  if (value >= Duration::Seconds(1) && value <= Duration::Seconds(3600)) return;
  section->Fail(key, "is not between 1s and 1h");
}

void CheckPath(Section* section, const char* key, const std::string& path) {
  if (!absl::StartsWith(path, "/")) section->Fail(key, "is not an absolute path");
}

void ReadRole(Section* section, const char* key, Role* role) {
  std::string name(RoleName(*role));
  section->Read(key, &name);
  const auto read = ParseRole(name);
  if (!read.has_value()) {
    return section->Fail(
        key, absl::StrCat("\"", name, "\" is not one of none, viewer, operator, admin"));
  }
  *role = *read;
}

void ReadTls(Section section, ApiSettings* api) {
  section.ReadPath("certificate_file", &api->certificate_file);
  section.ReadPath("key_file", &api->key_file);
  section.ReadPath("client_ca_file", &api->client_ca_file);
  std::string clients = "require";
  section.Read("client_certificates", &clients);
  section.Done();
  if (clients != "require" && clients != "none") {
    return section.Fail("client_certificates", "is not require or none");
  }
  // Whoever leaves a key out by mistake gets no open door.
  if (api->certificate_file.empty()) section.Fail("certificate_file", "is missing");
  if (api->key_file.empty()) section.Fail("key_file", "is missing");
  if (clients == "require" && api->client_ca_file.empty()) {
    section.Fail("client_ca_file",
                 "is missing; clients without certificates need client_certificates: none");
  }
  if (clients == "none" && !api->client_ca_file.empty()) {
    section.Fail("client_ca_file", "cannot be given together with client_certificates: none");
  }
}

RoleRule ReadRoleRule(Section section) {
  RoleRule rule;
  if (!section.Has("role")) section.Fail("role", "is missing");
  ReadRole(&section, "role", &rule.role);
  section.Read("unix_user", &rule.unix_user);
  section.Read("unix_group", &rule.unix_group);
  section.Read("certificate", &rule.certificate);
  section.Done();
  const int whose = !rule.unix_user.empty() + !rule.unix_group.empty() + !rule.certificate.empty();
  if (whose != 1) section.Fail("role", "needs one of unix_user, unix_group, certificate");
  return rule;
}

// The address of "ADDRESS:PORT", which has been read as one.
bool IsLoopback(absl::string_view listen) {
  absl::string_view host = listen.substr(0, listen.rfind(':'));
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const auto address = IpAddress::Parse(host);
  return address.has_value() && address->is_loopback();
}

void ReadTunnelSettings(Section section, control::TunnelSettings* tunnel) {
  section.Read("hello_interval", &tunnel->hello_interval);
  section.Read("retransmit_timeout", &tunnel->retransmit_timeout);
  section.Read("retransmit_cap", &tunnel->retransmit_cap);
  section.Read("max_retransmits", &tunnel->max_retransmits);
  section.Read("receive_window", &tunnel->receive_window);
  section.Read("setup_timeout", &tunnel->setup_timeout);
  section.Read("hide_avps", &tunnel->hide_avps);
  section.Read("tie_breaker", &tunnel->tie_breaker);
  section.Read("max_sessions", &tunnel->max_sessions);
  section.Read("udp_checksums", &tunnel->socket.udp_checksums);
  section.Read("dscp", &tunnel->socket.dscp);
  section.Read("path_mtu_discovery", &tunnel->socket.path_mtu_discovery);
  section.Read("device", &tunnel->socket.device);
  section.Done();
}

void ReadSessionSettings(Section section, control::SessionSettings* session) {
  section.Read("send_sequence", &session->send_sequence);
  section.Read("receive_sequence", &session->receive_sequence);
  section.Read("reorder_timeout", &session->reorder_timeout);
  section.Read("tx_connect_speed_bps", &session->tx_connect_speed);
  section.Read("rx_connect_speed_bps", &session->rx_connect_speed);
  section.Read("setup_timeout", &session->setup_timeout);
  section.Read("ppp_timeout", &session->ppp_timeout);
  section.Read("reconnect_min_delay", &session->reconnect_min_delay);
  section.Read("reconnect_max_delay", &session->reconnect_max_delay);
  section.Read("max_reconnect_failures", &session->max_reconnect_failures);
  section.Done();
}

void ReadRadius(Section section, control::RadiusSettings* radius) {
  section.Read("server", &radius->server);
  section.Read("accounting_server", &radius->accounting_server);
  section.ReadSecret("secret", &radius->secret);
  section.Read("timeout", &radius->timeout);
  section.Read("retries", &radius->retries);
  section.Read("nas_identifier", &radius->nas_identifier);
  section.Done();
}

void ReadPppSettings(Section section, control::PppSettings* ppp) {
  section.Read("require_auth", &ppp->require_auth);
  ReadRadius(section.Inner("radius"), &ppp->radius);
  section.Read("authenticator", &ppp->authenticator);
  section.Read("authenticator_timeout", &ppp->authenticator_timeout);
  section.Read("user", &ppp->user);
  section.ReadSecret("password", &ppp->password);
  section.Read("local_ip_address", &ppp->local_address);
  section.Read("pool", &ppp->pool);
  section.Read("dns_ip_addresses", &ppp->dns);
  const bool v4 = std::all_of(ppp->dns.begin(), ppp->dns.end(),
                              [](const IpAddress& address) { return address.is_v4(); });
  if (!v4 || ppp->dns.size() > 2) {
    section.Fail("dns_ip_addresses", "PPP can tell at most two servers, by their IPv4 addresses");
  }
  section.Read("ask_dns", &ppp->ask_dns);
  section.Read("ipv6", &ppp->ipv6);
  section.Read("default_route", &ppp->default_route);
  section.Read("mppe_required", &ppp->mppe_required);
  section.ReadSize("mtu", &ppp->mtu);
  section.ReadSize("mru", &ppp->mru);
  section.ReadSeconds("lcp_echo_interval", &ppp->lcp_echo_interval);
  section.Read("lcp_echo_failures", &ppp->lcp_echo_failures);
  section.ReadBits("asyncmap", &ppp->asyncmap);
  section.Read("debug", &ppp->debug);
  section.Read("scripts", &ppp->scripts);
  section.Read("network_namespace", &ppp->network_namespace);
  section.Read("vrf", &ppp->vrf);
  section.Read("pppd_options", &ppp->pppd_options);
  section.Done();
}

}  // namespace

void ReadDaemon(Section section, Config* config) {
  section.Read("host_name", &config->host_name);
  section.Read("listen", &config->listen);
  section.ReadApiAddresses("api_listen", &config->api_listen);
  section.Read("api_group", &config->api_group);
  if (section.Has("metrics_listen")) {
    Endpoint endpoint;
    section.ReadEndpoint("metrics_listen", &endpoint);
    config->metrics_listen = endpoint;
  }
  section.Read("log_level", &config->log_level);
  constexpr std::array kLevels = {"trace", "debug", "info", "warning", "error"};
  if (std::find(kLevels.begin(), kLevels.end(), config->log_level) == kLevels.end()) {
    section.Fail("log_level", absl::StrCat("\"", config->log_level,
                                           "\" is not one of trace, debug, info, warning, error"));
  }
  section.Read("pppd_path", &config->pppd_path);
  CheckPath(&section, "pppd_path", config->pppd_path);
  section.Read("pppd_plugin_dir", &config->pppd_plugin_dir);
  if (!config->pppd_plugin_dir.empty()) {
    CheckPath(&section, "pppd_plugin_dir", config->pppd_plugin_dir);
  }
  section.Read("pppd_zygote", &config->pppd_zygote);
  section.Read("max_pppd_starts", &config->max_pppd_starts);
  CheckRange(&section, "max_pppd_starts", config->max_pppd_starts, 1, 1000);
  section.Read("pppd_start_timeout", &config->pppd_start_timeout);
  CheckTimeout(&section, "pppd_start_timeout", config->pppd_start_timeout);
  section.Read("pppd_phase_timeout", &config->pppd_phase_timeout);
  if (config->pppd_phase_timeout != Duration()) {
    CheckTimeout(&section, "pppd_phase_timeout", config->pppd_phase_timeout);
  }
  section.Read("run_dir", &config->run_dir);
  CheckPath(&section, "run_dir", config->run_dir);
  section.Read("max_tunnels", &config->max_tunnels);
  CheckRange(&section, "max_tunnels", config->max_tunnels, 1, 65535);
  section.Read("max_sessions", &config->max_sessions);
  CheckRange(&section, "max_sessions", config->max_sessions, 1, 1'000'000);
  section.Read("closed_retention", &config->closed_retention);
  if (config->closed_retention < Duration() ||
      config->closed_retention > Duration::Seconds(7 * 24 * 3600)) {
    section.Fail("closed_retention", "is not between 0s and 168h");
  }
  section.Read("max_closed", &config->max_closed);
  CheckRange(&section, "max_closed", config->max_closed, 0, 100'000);
  section.Read("max_half_open_tunnels", &config->max_half_open_tunnels);
  CheckRange(&section, "max_half_open_tunnels", config->max_half_open_tunnels, 2, 65535);
  section.Read("max_half_open_tunnels_per_address", &config->max_half_open_tunnels_per_address);
  CheckRange(&section, "max_half_open_tunnels_per_address",
             config->max_half_open_tunnels_per_address, 1, 65535);
  section.Done();
}

void ReadEventHistory(Section section, EventHistorySettings* history) {
  section.Read("directory", &history->directory);
  if (section.Has("directory")) CheckPath(&section, "directory", history->directory);
  section.ReadDays("keep", &history->keep);
  constexpr int64_t kHour = 3600;
  if (history->keep < Duration::Seconds(kHour) ||
      history->keep > Duration::Seconds(1000 * 24 * kHour)) {
    section.Fail("keep", "is not between 1h and 1000d");
  }
  section.ReadOctets("max_size", &history->max_size);
  if (history->max_size < (int64_t{1} << 20) || history->max_size > (int64_t{1} << 40)) {
    section.Fail("max_size", "is not between 1MiB and 1TiB");
  }
  // Whoever gives the others wants it.
  if (history->directory.empty() && (section.Has("keep") || section.Has("max_size"))) {
    section.Fail("directory", "is missing");
  }
  section.Done();
}

void ReadApi(Section section, ApiSettings* api) {
  if (section.Has("tls")) ReadTls(section.Inner("tls"), api);
  section.Inner("tls");  // a section with nothing in it is as if it were not there
  section.Read("plaintext_loopback", &api->plaintext_loopback);
  ReadRole(&section, "anonymous_role", &api->anonymous_role);
  for (Section& rule : section.List("roles")) api->roles.push_back(ReadRoleRule(rule));
  section.Read("max_message_size", &api->max_message_size);
  CheckRange(&section, "max_message_size", api->max_message_size, 65536, 64 << 20);
  section.Read("max_streams_per_connection", &api->max_streams_per_connection);
  CheckRange(&section, "max_streams_per_connection", api->max_streams_per_connection, 1, 100'000);
  section.Read("max_callers", &api->max_callers);
  CheckRange(&section, "max_callers", api->max_callers, 1, 1000);
  section.Read("max_connections_per_caller", &api->max_connections_per_caller);
  CheckRange(&section, "max_connections_per_caller", api->max_connections_per_caller, 1, 10'000);
  section.Read("max_watchers", &api->max_watchers);
  CheckRange(&section, "max_watchers", api->max_watchers, 2, 65'535);
  section.Done();
}

void CheckApiAddresses(Section daemon, const Config& config) {
  if (!config.api.certificate_file.empty()) return;
  for (const std::string& address : config.api_listen) {
    if (absl::StartsWith(address, "unix:")) continue;
    if (!IsLoopback(address)) {
      daemon.Fail("api_listen", absl::StrCat(address, " is TCP, which needs TLS: see api.tls"));
    } else if (!config.api.plaintext_loopback) {
      daemon.Fail("api_listen", absl::StrCat(address,
                                             " is TCP, which needs TLS (api.tls), or, since it is "
                                             "a loopback address, api.plaintext_loopback: true"));
    }
  }
}

void ReadProfile(Section* section, control::Profile* profile) {
  section->Read("name", &profile->name);
  section->Read("labels", &profile->labels);
  section->Read("display_name", &profile->display_name);
  section->Read("parent", &profile->parent);
  ReadTunnelSettings(section->Inner("tunnel"), &profile->tunnel);
  ReadSessionSettings(section->Inner("session"), &profile->session);
  ReadPppSettings(section->Inner("ppp"), &profile->ppp);
  for (const control::ProfileField& field : control::ProfileFields()) {
    const size_t dot = field.path.find('.');
    const Section inner = section->Inner(std::string(field.path.substr(0, dot)).c_str());
    const std::string key(field.path.substr(dot + 1));
    if (inner.Has(key) || (key == "password" && inner.Has("password_file"))) {
      profile->set.emplace(field.path);
    }
  }
  section->Done();
  section->FailAt(control::Validate(*profile));
}

void ReadPool(Section* section, control::Pool* pool) {
  section->Read("name", &pool->name);
  section->Read("labels", &pool->labels);
  section->Read("ip_ranges", &pool->ip_ranges);
  section->Read("ipv6_interface_id_ranges", &pool->ipv6_interface_ids);
  section->Read("ipv6_prefixes", &pool->ipv6_prefixes);
  section->Done();
  section->FailAt(control::Validate(*pool));
}

void ReadUser(Section* section, control::User* user) {
  section->Read("name", &user->name);
  section->Read("labels", &user->labels);
  section->Read("login", &user->login);
  section->ReadSecret("password", &user->password);
  section->Read("enabled", &user->enabled);
  section->Read("profile", &user->profile);
  section->Read("ip_address", &user->address);
  section->Read("ipv6_interface_id", &user->interface_id);
  section->Read("ipv6_prefix", &user->prefix);
  section->Read("max_sessions", &user->max_sessions);
  section->Done();
  section->FailAt(control::Validate(*user));
}

void ReadPeer(Section* section, control::Peer* peer) {
  section->Read("name", &peer->name);
  section->Read("labels", &peer->labels);
  section->Read("ip_prefix", &peer->prefix);
  section->Read("host_name", &peer->host_name);
  section->ReadSecret("secret", &peer->secret);
  section->Read("profile", &peer->profile);
  section->Read("allow_calls", &peer->allow_calls);
  section->Read("allow_outgoing_calls", &peer->allow_outgoing_calls);
  section->Read("deny", &peer->deny);
  section->Done();
  section->FailAt(control::Validate(*peer));
}

void ReadTunnel(Section* section, control::TunnelSpec* spec) {
  std::string name;
  section->Read("name", &name);
  if (!control::IsName("tunnels", name)) {
    section->Fail("name", absl::StrCat("\"", name, "\" is not of the form tunnels/{id}"));
  }
  spec->id = std::string(absl::StripPrefix(name, "tunnels/"));
  section->Read("profile", &spec->profile);
  section->Read("labels", &spec->labels);
  section->Read("remote_ip_address", &spec->remote.address);
  section->Read("remote_port", &spec->remote.port);
  section->Read("local_ip_address", &spec->local.address);
  section->Read("local_port", &spec->local.port);
  section->Read("host_name", &spec->host_name);
  section->ReadSecret("secret", &spec->secret);
  section->Read("allow_calls", &spec->allow_calls);
  section->Read("allow_outgoing_calls", &spec->allow_outgoing_calls);
  section->Done();
  section->FailAt(control::Validate(*spec));
}

void ReadSession(Section* section, control::SessionSpec* spec) {
  std::string name;
  section->Read("name", &name);
  const size_t split = name.find("/sessions/");
  spec->tunnel = name.substr(0, split);
  spec->id = split == std::string::npos ? "" : name.substr(split + 10);
  if (!control::IsName("tunnels", spec->tunnel) || !control::IsResourceId(spec->id)) {
    section->Fail("name",
                  absl::StrCat("\"", name, "\" is not of the form tunnels/{id}/sessions/{id}"));
  }
  section->Read("profile", &spec->profile);
  section->Read("labels", &spec->labels);
  section->Read("user", &spec->user);
  section->ReadSecret("password", &spec->password);
  section->Read("interface_name", &spec->interface_name);
  section->Read("persistent", &spec->persistent);
  section->Read("called_number", &spec->called_number);
  section->Read("calling_number", &spec->calling_number);
  section->Read("sub_address", &spec->sub_address);
  section->Read("private_group_id", &spec->private_group_id);
  std::string direction = "incoming";
  section->Read("direction", &direction);
  direction = std::string(absl::StripPrefix(absl::AsciiStrToLower(direction), "direction_"));
  if (direction == "outgoing") {
    spec->direction = events::CallDirection::kOutgoing;
  } else if (direction != "incoming") {
    section->Fail("direction", "is not incoming or outgoing");
  }
  section->Done();
  section->FailAt(control::Validate(*spec));
}

}  // namespace l2tp::config
