#include "clients/l2tpctl/filter_options.h"

#include "absl/strings/str_cat.h"
#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/fields.h"

namespace l2tp::ctl {

void FilterOptions::AddCommon(CLI::App* command) {
  command->add_option("--state", states_, "Only in this state; may be given several times")
      ->type_name("STATE");
  command->add_option("--label", labels_, "Only with this label; may be given several times")
      ->type_name("KEY=VALUE");
  command->add_option("--profile", profile_, "Only with this profile");
}

void FilterOptions::AddForTunnels(CLI::App* command) {
  AddCommon(command);
  command->add_option("--peer", peer_, "Only those that this peer has opened");
  command->add_option("--remote", address_, "Only to or from this address")->type_name("ADDRESS");
}

void FilterOptions::AddForSessions(CLI::App* command) {
  AddCommon(command);
  command->add_option("--user", user_, "Only of this user, or of who logs in under this name");
  command->add_option("--address", address_, "Only with this IPv4 address at either end")
      ->type_name("ADDRESS");
  command->add_option("--interface", interface_, "Only with this interface");
  command->add_option("--calling-number", calling_number_, "Only with this Calling Number");
  command->add_option("--called-number", called_number_, "Only with this Called Number");
}

void FilterOptions::AddForResources(CLI::App* command, const google::protobuf::Descriptor& filter) {
  command->add_option("--label", labels_, "Only with this label; may be given several times")
      ->type_name("KEY=VALUE");
  if (filter.FindFieldByName("profile") != nullptr) {
    command->add_option("--profile", profile_, "Only with this profile");
  }
  if (filter.FindFieldByName("enabled") != nullptr) {
    command->add_option("--enabled", enabled_, "Only those that may log in, or may not")
        ->check(CLI::IsMember({"true", "false"}));
  }
}

template <typename Filter>
absl::Status FilterOptions::ApplyCommon(Filter* filter) const {
  const auto* states = Filter::descriptor()->FindFieldByName("states");
  for (const std::string& state : states_) {
    absl::Status status = SetText(*states, state, filter);
    if (!status.ok()) return status;
  }
  if (!profile_.empty()) filter->set_profile(FullName("profiles", profile_));
  return SetLabels(labels_, filter->mutable_labels());
}

absl::Status FilterOptions::Apply(v1::ProfileFilter* filter) const {
  return SetLabels(labels_, filter->mutable_labels());
}

absl::Status FilterOptions::Apply(v1::PoolFilter* filter) const {
  return SetLabels(labels_, filter->mutable_labels());
}

absl::Status FilterOptions::Apply(v1::UserFilter* filter) const {
  if (!enabled_.empty()) filter->set_enabled(enabled_ == "true");
  if (!profile_.empty()) filter->set_profile(FullName("profiles", profile_));
  return SetLabels(labels_, filter->mutable_labels());
}

absl::Status FilterOptions::Apply(v1::PeerFilter* filter) const {
  if (!profile_.empty()) filter->set_profile(FullName("profiles", profile_));
  return SetLabels(labels_, filter->mutable_labels());
}

absl::Status FilterOptions::Apply(v1::TunnelFilter* filter) const {
  if (!peer_.empty()) filter->set_peer(FullName("peers", peer_));
  filter->set_remote_ip_address(address_);
  return ApplyCommon(filter);
}

absl::Status FilterOptions::Apply(v1::SessionFilter* filter) const {
  filter->set_user(user_);
  filter->set_ip_address(address_);
  filter->set_interface_name(interface_);
  filter->set_calling_number(calling_number_);
  filter->set_called_number(called_number_);
  return ApplyCommon(filter);
}

void EventFilterOptions::Add(CLI::App* command, const std::string& name) {
  command->add_option(name, name_,
                      "Only of this TUNNEL with its sessions, TUNNEL/SESSION, users/USER, "
                      "peers/PEER and so on");
  command->add_option("--type", types_, "Only of this type: session-ip-up. Repeatable");
  command->add_option("--kind", kinds_, "Only about this kind of thing. Repeatable")
      ->check(CLI::IsMember({"tunnel", "session", "refusal", "profile", "pool", "user", "peer"}));
  command->add_option("--label", labels_, "Only with this label, as it was then. Repeatable")
      ->type_name("KEY=VALUE");
}

template <typename Request>
absl::Status EventFilterOptions::Apply(Request* request) const {
  const auto set = [request](const char* field, const std::vector<std::string>& texts) {
    absl::Status status;
    for (const std::string& text : texts) {
      if (!status.ok()) break;
      status = SetText(*Request::descriptor()->FindFieldByName(field), text, request);
    }
    return status;
  };
  if (absl::Status status = set("types", types_); !status.ok()) return status;
  if (absl::Status status = set("kinds", kinds_); !status.ok()) return status;
  // "a", "a/b", or what is a full name already.
  const size_t slash = name_.find('/');
  const std::string first = name_.substr(0, slash);
  const bool full = first == "tunnels" || first == "profiles" || first == "pools" ||
                    first == "users" || first == "peers";
  if (name_.empty() || full) {
    request->set_name(name_);
  } else {
    request->set_name(slash == std::string::npos ? FullName("tunnels", name_)
                                                 : FullSessionName(name_));
  }
  return SetLabels(labels_, request->mutable_labels());
}

template absl::Status EventFilterOptions::Apply(v1::WatchRequest* request) const;
template absl::Status EventFilterOptions::Apply(v1::ListEventsRequest* request) const;

absl::Status SetLabels(const std::vector<std::string>& texts,
                       google::protobuf::Map<std::string, std::string>* labels) {
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(absl::StrCat("--label ", text, ": is not KEY=VALUE"));
    }
    (*labels)[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return absl::OkStatus();
}

}  // namespace l2tp::ctl
