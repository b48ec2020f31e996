#include "server/api/profile_service.h"

#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "profiles";

}  // namespace

grpc::ServerUnaryReactor* ProfileService::CreateProfile(grpc::CallbackServerContext* context,
                                                        const v1::CreateProfileRequest* request,
                                                        v1::Profile* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](control::Profile& profile, Reply reply) {
                     auto created = controller_->CreateProfile(std::move(profile));
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("profile", created.status()));
                   });
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
  return RunOnLoop(context, calls_, request, response,
                   ParsePage(request->page_size(), request->page_token(), kScope),
                   [this, response](control::PageRequest& page, Reply reply) {
                     FillPage(controller_->ListProfiles(page), kScope, response,
                              [&] { return response->add_profiles(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* ProfileService::DeleteProfile(grpc::CallbackServerContext* context,
                                                        const v1::DeleteProfileRequest* request,
                                                        google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseDeletion("profiles", *request),
      [this](Deletion& deletion, Reply reply) {
        reply(AllowMissing(deletion.allow_missing, controller_->DeleteProfile(deletion.name)));
      });
}

}  // namespace l2tp::api
