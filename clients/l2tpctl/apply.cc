#include "clients/l2tpctl/apply.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/error.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/difference.h"
#include "google/protobuf/empty.pb.h"
#include "l2tp/v1/peer.grpc.pb.h"
#include "l2tp/v1/pool.grpc.pb.h"
#include "l2tp/v1/profile.grpc.pb.h"
#include "l2tp/v1/session.grpc.pb.h"
#include "l2tp/v1/tunnel.grpc.pb.h"
#include "l2tp/v1/user.grpc.pb.h"

namespace l2tp::ctl {
namespace {

// Types and methods of one kind of resource, by the naming rules of the API; the secrets that it
// can be without.
#define L2TP_CTL_APPLY_KIND(Type, type, ...)                                                   \
  struct Type##Kind {                                                                          \
    using Resource = v1::Type;                                                                 \
    using CreateRequest = v1::Create##Type##Request;                                           \
    using UpdateRequest = v1::Update##Type##Request;                                           \
    using DeleteRequest = v1::Delete##Type##Request;                                           \
    using ListRequest = v1::List##Type##sRequest;                                              \
    static constexpr char kSection[] = #type "s";                                              \
    [[maybe_unused]] static inline const std::vector<const char*> kOptionalSecrets = {         \
        __VA_ARGS__};                                                                          \
    [[maybe_unused]] static constexpr auto kCreate = &v1::Type##Service::Stub::Create##Type;   \
    static constexpr auto kUpdate = &v1::Type##Service::Stub::Update##Type;                    \
    static constexpr auto kDelete = &v1::Type##Service::Stub::Delete##Type;                    \
    static constexpr auto kList = &v1::Type##Service::Stub::List##Type##s;                     \
    static Resource* Mutable(UpdateRequest* request) { return request->mutable_##type(); }     \
    static const auto& Items(const v1::List##Type##sResponse& page) { return page.type##s(); } \
  }
L2TP_CTL_APPLY_KIND(Pool, pool, );
L2TP_CTL_APPLY_KIND(Profile, profile, "ppp.password");
L2TP_CTL_APPLY_KIND(User, user, );
L2TP_CTL_APPLY_KIND(Peer, peer, "secret");
L2TP_CTL_APPLY_KIND(Tunnel, tunnel, );
L2TP_CTL_APPLY_KIND(Session, session, );
#undef L2TP_CTL_APPLY_KIND

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

v1::CreateTunnelRequest CreationOf(const v1::Tunnel& tunnel) {
  v1::CreateTunnelRequest request;
  request.set_tunnel_id(IdOf(tunnel.name()));
  *request.mutable_tunnel() = tunnel;
  return request;
}

v1::CreateSessionRequest CreationOf(const v1::Session& session) {
  v1::CreateSessionRequest request;
  request.set_session_id(IdOf(session.name()));
  request.set_parent(session.name().substr(0, session.name().find("/sessions/")));
  *request.mutable_session() = session;
  return request;
}

void SetForce(v1::DeleteTunnelRequest* request) { request->set_force(true); }
template <typename Request>
void SetForce(Request* /*request*/) {}

void SetParent(v1::ListSessionsRequest* request) { request->set_parent("tunnels/-"); }
template <typename Request>
void SetParent(Request* /*request*/) {}

bool HasSecret(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return std::any_of(fields.begin(), fields.end(), [&](const auto* field) {
    if (field->name() == "secret" || field->name() == "password") return true;
    return field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE &&
           !field->is_repeated() && HasSecret(message.GetReflection()->GetMessage(message, field));
  });
}

// What the manifest's sections have, by name, and whether an apply has made it.
template <typename Kind>
grpc::Status ListPresent(Context* context,
                         std::map<std::string, typename Kind::Resource>* present) {
  typename Kind::ListRequest request;
  SetParent(&request);
  return ListAll(context, Kind::kList, request, [&](const auto& page) {
    for (const auto& resource : Kind::Items(page)) (*present)[resource.name()] = resource;
  });
}

int SessionCount(const v1::Tunnel& tunnel) { return tunnel.session_count(); }
int SessionCount(const v1::Session& /*session*/) { return 0; }

// Not what somebody has changed meanwhile.
void SetEtag(const std::string& etag, v1::DeletePoolRequest* request) { request->set_etag(etag); }
void SetEtag(const std::string& etag, v1::DeleteProfileRequest* request) {
  request->set_etag(etag);
}
void SetEtag(const std::string& etag, v1::DeleteUserRequest* request) { request->set_etag(etag); }
void SetEtag(const std::string& etag, v1::DeletePeerRequest* request) { request->set_etag(etag); }
template <typename Request>
void SetEtag(const std::string& /*etag*/, Request* /*request*/) {}

template <typename Resource>
bool IsApplied(const Resource& resource) {
  return resource.labels().count(kAppliedLabel) > 0;
}

}  // namespace

void Apply::Done(Change::Kind kind, const std::string& name, std::vector<std::string> differences) {
  done_({kind, name, std::move(differences)});
}

// In a dry run what it refers to may be what would have been made.
bool Apply::WillBeThere(const grpc::Status& status) const {
  if (!options_.dry_run || status.error_code() != grpc::StatusCode::NOT_FOUND) return false;
  return settled_.contains(client::DecodeError(status).Metadata("name"));
}

// ---- Pools, profiles, users, peers: the daemon itself says what an update would lead to ---------

template <typename Kind>
grpc::Status Apply::SettleOne(const typename Kind::Resource& wanted,
                              const typename Kind::Resource* present) {
  typename Kind::UpdateRequest request;
  typename Kind::Resource* resource = Kind::Mutable(&request);
  *resource = wanted;
  (*resource->mutable_labels())[kAppliedLabel] = Fingerprint(wanted);
  if (present != nullptr) resource->set_etag(present->etag());
  request.mutable_update_mask()->add_paths("*");
  if (options_.secrets) {
    for (const char* secret : Kind::kOptionalSecrets) {
      request.mutable_update_mask()->add_paths(secret);
    }
  }
  request.set_allow_missing(true);
  request.set_validate_only(true);
  typename Kind::Resource result;
  grpc::Status status = context_->Call(Kind::kUpdate, request, &result);
  if (WillBeThere(status)) {
    Done(present == nullptr ? Change::Kind::kCreate : Change::Kind::kUpdate, wanted.name());
    return grpc::Status::OK;
  }
  if (!status.ok()) return status;
  std::vector<std::string> differences;
  if (present != nullptr) {
    differences = Differences(*present, result);
    if (differences.empty() && !(options_.secrets && HasSecret(wanted))) {
      ++unchanged_count_;
      return grpc::Status::OK;
    }
    if (differences.empty()) differences = {"secrets"};
  }
  if (!options_.dry_run) {
    request.set_validate_only(false);
    status = context_->Call(Kind::kUpdate, request, &result);
    if (!status.ok()) return status;
  }
  Done(present == nullptr ? Change::Kind::kCreate : Change::Kind::kUpdate, wanted.name(),
       std::move(differences));
  return status;
}

template <typename Kind>
grpc::Status Apply::Settle(const std::vector<typename Kind::Resource>& wanted) {
  std::map<std::string, typename Kind::Resource> present;
  grpc::Status status = ListPresent<Kind>(context_, &present);
  for (size_t i = 0; status.ok() && i < wanted.size(); ++i) {
    const auto found = present.find(wanted[i].name());
    status = SettleOne<Kind>(wanted[i], found == present.end() ? nullptr : &found->second);
    if (!status.ok()) failed_name_ = wanted[i].name();
    settled_.insert(wanted[i].name());
  }
  return status;
}

// ---- Tunnels and sessions ----------------------------------------------------------------------

template <typename Kind>
grpc::Status Apply::SettleOneLive(typename Kind::Resource wanted,
                                  const typename Kind::Resource* present) {
  (*wanted.mutable_labels())[kAppliedLabel] = Fingerprint(wanted);
  auto creation = CreationOf(wanted);
  creation.set_validate_only(options_.dry_run);
  typename Kind::Resource result;
  if (present == nullptr) {
    const grpc::Status status = context_->Call(Kind::kCreate, creation, &result);
    const bool was_replaced = options_.dry_run && !replaced_.empty() &&
                              status.error_code() == grpc::StatusCode::ALREADY_EXISTS;
    if (!status.ok() && !WillBeThere(status) && !was_replaced) return status;
    Done(Change::Kind::kCreate, wanted.name());
    return grpc::Status::OK;
  }
  // One that was made otherwise is taken over if what the manifest says is true of it.
  const auto applied = present->labels().find(kAppliedLabel);
  const bool new_secret = options_.secrets && HasSecret(wanted);
  const bool same = new_secret ? false
                    : applied != present->labels().end()
                        ? applied->second == wanted.labels().at(kAppliedLabel)
                        : [&] {
                            auto fields = wanted;
                            fields.clear_labels();
                            return DifferencesOfSet(*present, fields).empty();
                          }();
  if (!same) {
    std::vector<std::string> differences = DifferencesOfSet(*present, wanted);
    std::erase_if(differences, [](const std::string& line) {
      return line.rfind(absl::StrCat("labels.", kAppliedLabel), 0) == 0;
    });
    if (new_secret) differences.emplace_back("secrets");
    if (!options_.replace) {
      return {grpc::StatusCode::FAILED_PRECONDITION,
              absl::StrCat(wanted.name(),
                           " cannot be changed while it lives; --replace closes it and opens it "
                           "again (",
                           absl::StrJoin(differences, "; "), ")")};
    }
    replaced_.insert(wanted.name());
    const int sessions = SessionCount(*present);
    if (sessions > 0) differences.push_back(absl::StrCat("closes ", sessions, " sessions in it"));
    if (!options_.dry_run) {
      typename Kind::DeleteRequest deletion;
      deletion.set_name(wanted.name());
      deletion.set_allow_missing(true);
      SetForce(&deletion);
      google::protobuf::Empty nothing;
      grpc::Status status = context_->Call(Kind::kDelete, deletion, &nothing, 30);
      if (status.ok()) status = context_->Call(Kind::kCreate, creation, &result);
      if (!status.ok()) return status;
    }
    Done(Change::Kind::kReplace, wanted.name(), std::move(differences));
    return grpc::Status::OK;
  }
  typename Kind::UpdateRequest update;
  typename Kind::Resource* resource = Kind::Mutable(&update);
  resource->set_name(wanted.name());
  *resource->mutable_labels() = wanted.labels();
  update.set_validate_only(options_.dry_run);
  auto labelled = *present;
  *labelled.mutable_labels() = wanted.labels();
  std::vector<std::string> differences = Differences(*present, labelled);
  if (differences.empty()) {
    ++unchanged_count_;
    return grpc::Status::OK;
  }
  const grpc::Status status = context_->Call(Kind::kUpdate, update, &result);
  if (status.ok()) Done(Change::Kind::kUpdate, wanted.name(), std::move(differences));
  return status;
}

template <typename Kind>
grpc::Status Apply::SettleLive(const std::vector<typename Kind::Resource>& wanted) {
  std::map<std::string, typename Kind::Resource> present;
  grpc::Status status = ListPresent<Kind>(context_, &present);
  for (size_t i = 0; status.ok() && i < wanted.size(); ++i) {
    auto found = present.find(wanted[i].name());
    // Sessions of a tunnel that was replaced are gone.
    const std::string tunnel = wanted[i].name().substr(0, wanted[i].name().find("/sessions/"));
    if (tunnel != wanted[i].name() && replaced_.contains(tunnel)) found = present.end();
    status = SettleOneLive<Kind>(wanted[i], found == present.end() ? nullptr : &found->second);
    if (!status.ok()) failed_name_ = wanted[i].name();
    settled_.insert(wanted[i].name());
  }
  return status;
}

// ---- The whole ---------------------------------------------------------------------------------

// What refers to others goes first, so heirs of profiles are tried again until nothing goes.
template <typename Kind>
grpc::Status Apply::Prune(const std::vector<typename Kind::Resource>& wanted) {
  std::set<std::string> names;
  for (const auto& resource : wanted) names.insert(resource.name());
  std::map<std::string, typename Kind::Resource> present;
  grpc::Status status = ListPresent<Kind>(context_, &present);
  if (!status.ok()) return status;
  std::erase_if(present, [&](const auto& item) {
    return names.contains(item.first) || !IsApplied(item.second);
  });
  for (bool progress = true; progress && !present.empty();) {
    progress = false;
    for (auto item = present.begin(); item != present.end();) {
      typename Kind::DeleteRequest request;
      request.set_name(item->first);
      request.set_allow_missing(true);
      SetEtag(item->second.etag(), &request);
      if (options_.force) SetForce(&request);
      google::protobuf::Empty nothing;
      if (!options_.dry_run) status = context_->Call(Kind::kDelete, request, &nothing, 30);
      const bool in_use = client::DecodeError(status).reason == "RESOURCE_IN_USE";
      if (!status.ok()) failed_name_ = item->first;
      if (!status.ok() && !in_use) return status;
      if (in_use) {
        ++item;
        continue;
      }
      Done(Change::Kind::kDelete, item->first);
      item = present.erase(item);
      progress = true;
    }
  }
  return present.empty() ? grpc::Status::OK : status;
}

grpc::Status Apply::Run(const Manifest& manifest) {
  std::vector<v1::Profile> profiles = manifest.profiles;
  SortByParents(&profiles);
  grpc::Status status = Settle<PoolKind>(manifest.pools);
  if (status.ok()) status = Settle<ProfileKind>(profiles);
  if (status.ok()) status = Settle<UserKind>(manifest.users);
  if (status.ok()) status = Settle<PeerKind>(manifest.peers);
  if (status.ok()) status = SettleLive<TunnelKind>(manifest.tunnels);
  if (status.ok()) status = SettleLive<SessionKind>(manifest.sessions);
  if (!options_.prune) return status;
  const auto prune = [&](auto kind, const auto& resources) {
    using Kind = decltype(kind);
    if (status.ok() && manifest.sections.contains(Kind::kSection)) status = Prune<Kind>(resources);
  };
  prune(SessionKind(), manifest.sessions);
  prune(TunnelKind(), manifest.tunnels);
  prune(PeerKind(), manifest.peers);
  prune(UserKind(), manifest.users);
  prune(ProfileKind(), manifest.profiles);
  prune(PoolKind(), manifest.pools);
  return status;
}

}  // namespace l2tp::ctl
