#include "server/api/user_service.h"

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
constexpr char kScope[] = "users";

// See Update().
struct UserCalls {
  using Resource = control::User;
  using Message = v1::User;
  static constexpr char kCollection[] = "users";
  static constexpr char kField[] = "user";
  static constexpr std::array<Secret, 1> kSecrets{{{"password", ""}}};
  static constexpr auto kGet = &control::Controller::GetUser;
  static constexpr auto kCreate = &control::Controller::CreateUser;
  static constexpr auto kUpdate = &control::Controller::UpdateUser;
  static const v1::User& Of(const v1::UpdateUserRequest& request) { return request.user(); }
  static void SetSecrets(const control::User& user, v1::User* message) {
    message->set_password(user.password);
  }
  static void Keep(const control::User& /*current*/, const v1::UpdateUserRequest& /*request*/,
                   control::User* /*updated*/) {}
};

}  // namespace

grpc::ServerUnaryReactor* UserService::CreateUser(grpc::CallbackServerContext* context,
                                                  const v1::CreateUserRequest* request,
                                                  v1::User* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::User& user) {
                       return Below("user", controller_->CreateUser(std::move(user), mode));
                     });
}

grpc::ServerUnaryReactor* UserService::UpdateUser(grpc::CallbackServerContext* context,
                                                  const v1::UpdateUserRequest* request,
                                                  v1::User* response) {
  return RunMutation(
      context, calls_, request, response, CheckUpdate<UserCalls>(*request),
      [this, request](std::string&) { return Update<UserCalls>(controller_, *request); });
}

grpc::ServerUnaryReactor* UserService::GetUser(grpc::CallbackServerContext* context,
                                               const v1::GetUserRequest* request,
                                               v1::User* response) {
  return RunOnLoop(context, calls_, request, response, ParseName("users", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     ReplyWith(controller_->GetUser(name), response, std::move(reply));
                   });
}

grpc::ServerUnaryReactor* UserService::ListUsers(grpc::CallbackServerContext* context,
                                                 const v1::ListUsersRequest* request,
                                                 v1::ListUsersResponse* response) {
  return RunOnLoop(context, calls_, request, response, ParseListing(*request, kScope),
                   [this, response](Listing<control::UserFilter>& listing, Reply reply) {
                     FillPage(controller_->ListUsers(listing.page, listing.filter), kScope,
                              response, [&] { return response->add_users(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* UserService::DeleteUser(grpc::CallbackServerContext* context,
                                                  const v1::DeleteUserRequest* request,
                                                  google::protobuf::Empty* response) {
  return RunOnLoop(context, calls_, request, response, ParseDeletion("users", *request),
                   [this, etag = request->etag()](Deletion& deletion, Reply reply) {
                     const auto found = controller_->GetUser(deletion.name);
                     absl::Status status = found.status();
                     if (status.ok())
                       status = control::CheckEtag(deletion.name, etag, EtagText(found->version));
                     if (status.ok()) status = controller_->DeleteUser(deletion.name);
                     reply(AllowMissing(deletion.allow_missing, std::move(status)));
                   });
}

}  // namespace l2tp::api
