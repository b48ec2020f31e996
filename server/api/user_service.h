// Users over gRPC.

#ifndef L2TP_SERVER_API_USER_SERVICE_H_
#define L2TP_SERVER_API_USER_SERVICE_H_

#include "l2tp/v1/user.grpc.pb.h"
#include "server/api/executor.h"
#include "server/api/request_ids.h"
#include "server/control/controller.h"

namespace l2tp::api {

class UserService final : public v1::UserService::CallbackService {
 public:
  // Not owned: all must outlive this.
  UserService(control::Controller* controller, Executor* executor, RequestIds* request_ids)
      : controller_(controller), executor_(executor), request_ids_(request_ids) {}

  grpc::ServerUnaryReactor* CreateUser(grpc::CallbackServerContext* context,
                                       const v1::CreateUserRequest* request,
                                       v1::User* response) override;
  grpc::ServerUnaryReactor* UpdateUser(grpc::CallbackServerContext* context,
                                       const v1::UpdateUserRequest* request,
                                       v1::User* response) override;
  grpc::ServerUnaryReactor* GetUser(grpc::CallbackServerContext* context,
                                    const v1::GetUserRequest* request, v1::User* response) override;
  grpc::ServerUnaryReactor* ListUsers(grpc::CallbackServerContext* context,
                                      const v1::ListUsersRequest* request,
                                      v1::ListUsersResponse* response) override;
  grpc::ServerUnaryReactor* DeleteUser(grpc::CallbackServerContext* context,
                                       const v1::DeleteUserRequest* request,
                                       google::protobuf::Empty* response) override;

 private:
  control::Controller* controller_;
  Executor* executor_;
  RequestIds* request_ids_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_USER_SERVICE_H_
