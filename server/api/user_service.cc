#include "server/api/user_service.h"

#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "users";

}  // namespace

grpc::ServerUnaryReactor* UserService::CreateUser(grpc::CallbackServerContext* context,
                                                  const v1::CreateUserRequest* request,
                                                  v1::User* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](control::User& user, Reply reply) {
                     auto created = controller_->CreateUser(std::move(user));
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("user", created.status()));
                   });
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
  return RunOnLoop(context, calls_, request, response,
                   ParsePage(request->page_size(), request->page_token(), kScope),
                   [this, response](control::PageRequest& page, Reply reply) {
                     FillPage(controller_->ListUsers(page), kScope, response,
                              [&] { return response->add_users(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* UserService::DeleteUser(grpc::CallbackServerContext* context,
                                                  const v1::DeleteUserRequest* request,
                                                  google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseDeletion("users", *request),
      [this](Deletion& deletion, Reply reply) {
        reply(AllowMissing(deletion.allow_missing, controller_->DeleteUser(deletion.name)));
      });
}

}  // namespace l2tp::api
