#include "server/api/profile_service.h"

#include <array>
#include <string>
#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/api/update.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "profiles";

// See Update().
struct ProfileCalls {
  using Resource = control::Profile;
  using Message = v1::Profile;
  static constexpr char kCollection[] = "profiles";
  static constexpr char kField[] = "profile";
  static constexpr std::array<Secret, 2> kSecrets{
      {{"ppp.password", "ppp.user"}, {"ppp.radius.secret", "ppp.radius.server"}}};
  static constexpr auto kGet = &control::Controller::GetProfile;
  static constexpr auto kCreate = &control::Controller::CreateProfile;
  static constexpr auto kUpdate = &control::Controller::UpdateProfile;
  static const v1::Profile& Of(const v1::UpdateProfileRequest& request) {
    return request.profile();
  }
  static void SetSecrets(const control::Profile& profile, v1::Profile* message) {
    if (!profile.set.contains("ppp.password") && !profile.set.contains("ppp.radius")) return;
    if (profile.set.contains("ppp.password")) {
      message->mutable_ppp()->set_password(profile.ppp.password);
    }
    if (profile.set.contains("ppp.radius")) {
      message->mutable_ppp()->mutable_radius()->set_secret(profile.ppp.radius.secret);
    }
  }
  // Settings that are an empty list.
  static void Keep(const control::Profile& current, const v1::UpdateProfileRequest& request,
                   control::Profile* updated) {
    for (const std::string& path : current.set) {
      if (!Touches(request.update_mask(), request.profile(), path)) updated->set.insert(path);
    }
  }
};

}  // namespace

grpc::ServerUnaryReactor* ProfileService::CreateProfile(grpc::CallbackServerContext* context,
                                                        const v1::CreateProfileRequest* request,
                                                        v1::Profile* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::Profile& profile) {
                       return Below("profile",
                                    controller_->CreateProfile(std::move(profile), mode));
                     });
}

grpc::ServerUnaryReactor* ProfileService::UpdateProfile(grpc::CallbackServerContext* context,
                                                        const v1::UpdateProfileRequest* request,
                                                        v1::Profile* response) {
  return RunMutation(
      context, calls_, request, response, CheckUpdate<ProfileCalls>(*request),
      [this, request](std::string&) { return Update<ProfileCalls>(controller_, *request); });
}

grpc::ServerUnaryReactor* ProfileService::GetProfile(grpc::CallbackServerContext* context,
                                                     const v1::GetProfileRequest* request,
                                                     v1::Profile* response) {
  return RunOnLoop(context, calls_, request, response, ParseName("profiles", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     ReplyWith(controller_->GetProfile(name), response, std::move(reply));
                   });
}

grpc::ServerUnaryReactor* ProfileService::ListProfiles(grpc::CallbackServerContext* context,
                                                       const v1::ListProfilesRequest* request,
                                                       v1::ListProfilesResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseListing(*request, kScope),
                   [this, response](Listing<control::ProfileFilter>& listing, Reply reply) {
                     FillPage(controller_->ListProfiles(listing.page, listing.filter), kScope,
                              response, [&] { return response->add_profiles(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* ProfileService::DeleteProfile(grpc::CallbackServerContext* context,
                                                        const v1::DeleteProfileRequest* request,
                                                        google::protobuf::Empty* response) {
  return RunOnLoop(context, calls_, request, response, ParseDeletion("profiles", *request),
                   [this, etag = request->etag()](Deletion& deletion, Reply reply) {
                     const auto found = controller_->GetProfile(deletion.name);
                     absl::Status status = found.status();
                     if (status.ok())
                       status = control::CheckEtag(deletion.name, etag, EtagText(found->version));
                     if (status.ok()) status = controller_->DeleteProfile(deletion.name);
                     reply(AllowMissing(deletion.allow_missing, std::move(status)));
                   });
}

}  // namespace l2tp::api
