// The sample configuration is valid as it is installed, and so are the examples in its comments.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/config/config.h"

namespace l2tp::config {
namespace {

// Tests run in the top folder of the tree.
constexpr char kSample[] = "deploy/l2tp-controller.yaml";

// True for "#key: ...", "#- ..." and "#  ...", which are examples; "# Text" is for people.
bool IsExample(absl::string_view line) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(line);
  if (text.size() < 3 || text[0] != '#') return false;
  return absl::ascii_islower(static_cast<unsigned char>(text[1])) || text[1] == '-' ||
         text.substr(1, 2) == "  ";
}

std::string WithExamples() {
  std::ifstream file(kSample);
  std::string all;
  for (std::string line; std::getline(file, line);) {
    if (IsExample(line)) line.erase(line.find('#'), 1);
    absl::StrAppend(&all, line, "\n");
  }
  // The files of the secrets are not there.
  return absl::StrReplaceAll(all, {{"secret_file:", "secret:"}, {"password_file:", "password:"}});
}

TEST(SampleConfigTest, TheSampleLoadsAndIsTheDefaults) {
  const auto config = LoadConfig(kSample);
  ASSERT_TRUE(config.ok()) << config.status();
  const Config defaults;
  EXPECT_EQ(config->api_group, "l2tp-controller");
  EXPECT_EQ(config->listen, defaults.listen);
  EXPECT_EQ(config->api_listen, defaults.api_listen);
  EXPECT_EQ(config->run_dir, defaults.run_dir);
  EXPECT_EQ(config->event_history.directory, "/var/lib/l2tp-controller/events");
  EXPECT_TRUE(config->api.roles.empty());
  EXPECT_TRUE(config->api.certificate_file.empty());
  EXPECT_TRUE(config->profiles.empty());
  EXPECT_TRUE(config->pools.empty());
  EXPECT_TRUE(config->users.empty());
  EXPECT_TRUE(config->peers.empty()) << "nobody is welcome until the operator says so";
  EXPECT_TRUE(config->tunnels.empty());
  EXPECT_TRUE(config->sessions.empty());
}

TEST(SampleConfigTest, TheExamplesAreValidTogether) {
  const auto config = ParseConfig(WithExamples(), kSample);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->profiles.size(), 3u);
  EXPECT_EQ(config->pools.size(), 1u);
  EXPECT_EQ(config->users.size(), 1u);
  EXPECT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->tunnels.size(), 1u);
  EXPECT_EQ(config->sessions.size(), 1u);
}

TEST(SampleConfigTest, WhatTheSampleCallsDefaultsAre) {
  const auto config = ParseConfig(WithExamples(), kSample);
  ASSERT_TRUE(config.ok()) << config.status();
  const Config defaults;
  EXPECT_EQ(config->listen, defaults.listen);
  EXPECT_EQ(config->api_listen, defaults.api_listen);
  EXPECT_EQ(config->api.plaintext_loopback, defaults.api.plaintext_loopback);
  EXPECT_EQ(config->api.anonymous_role, defaults.api.anonymous_role);
  EXPECT_EQ(config->api.max_message_size, defaults.api.max_message_size);
  EXPECT_EQ(config->api.max_streams_per_connection, defaults.api.max_streams_per_connection);
  EXPECT_EQ(config->api.max_callers, defaults.api.max_callers);
  EXPECT_EQ(config->api.max_connections_per_caller, defaults.api.max_connections_per_caller);
  EXPECT_EQ(config->api.max_watchers, defaults.api.max_watchers);
  EXPECT_EQ(config->event_history.keep, defaults.event_history.keep);
  EXPECT_EQ(config->event_history.max_size, defaults.event_history.max_size);
  EXPECT_EQ(config->log_level, defaults.log_level);
  EXPECT_EQ(config->pppd_path, defaults.pppd_path);
  EXPECT_EQ(config->pppd_zygote, defaults.pppd_zygote);
  EXPECT_EQ(config->max_pppd_starts, defaults.max_pppd_starts);
  EXPECT_EQ(config->pppd_start_timeout, defaults.pppd_start_timeout);
  EXPECT_EQ(config->pppd_phase_timeout, defaults.pppd_phase_timeout);
  EXPECT_EQ(config->run_dir, defaults.run_dir);
  EXPECT_EQ(config->max_tunnels, defaults.max_tunnels);
  EXPECT_EQ(config->max_sessions, defaults.max_sessions);
  ASSERT_EQ(config->profiles.size(), 3u);
  const control::Profile& profile = config->profiles[0];
  const control::Profile built_in;
  EXPECT_EQ(profile.tunnel.hello_interval, built_in.tunnel.hello_interval);
  EXPECT_EQ(profile.tunnel.retransmit_timeout, built_in.tunnel.retransmit_timeout);
  EXPECT_EQ(profile.tunnel.retransmit_cap, built_in.tunnel.retransmit_cap);
  EXPECT_EQ(profile.tunnel.max_retransmits, built_in.tunnel.max_retransmits);
  EXPECT_EQ(profile.tunnel.receive_window, built_in.tunnel.receive_window);
  EXPECT_EQ(profile.tunnel.setup_timeout, built_in.tunnel.setup_timeout);
  EXPECT_EQ(profile.session.tx_connect_speed, built_in.session.tx_connect_speed);
  EXPECT_EQ(profile.session.reorder_timeout, built_in.session.reorder_timeout);
  EXPECT_EQ(profile.session.setup_timeout, built_in.session.setup_timeout);
  EXPECT_EQ(profile.session.ppp_timeout, built_in.session.ppp_timeout);
  EXPECT_EQ(profile.session.reconnect_min_delay, built_in.session.reconnect_min_delay);
  EXPECT_EQ(profile.session.reconnect_max_delay, built_in.session.reconnect_max_delay);
  EXPECT_EQ(profile.session.max_reconnect_failures, built_in.session.max_reconnect_failures);
  EXPECT_EQ(profile.ppp.mtu, built_in.ppp.mtu);
  EXPECT_EQ(profile.ppp.mru, built_in.ppp.mru);
  EXPECT_EQ(profile.ppp.lcp_echo_interval, built_in.ppp.lcp_echo_interval);
  EXPECT_EQ(profile.ppp.lcp_echo_failures, built_in.ppp.lcp_echo_failures);
  EXPECT_EQ(config->profiles[1].ppp.authenticator_timeout, built_in.ppp.authenticator_timeout);
  EXPECT_EQ(config->profiles[2].ppp.radius.timeout, built_in.ppp.radius.timeout);
  EXPECT_EQ(config->profiles[2].ppp.radius.retries, built_in.ppp.radius.retries);
}

}  // namespace
}  // namespace l2tp::config
