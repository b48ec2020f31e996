// Users over gRPC.

#ifndef L2TP_SERVER_API_USER_SERVICE_H_
#define L2TP_SERVER_API_USER_SERVICE_H_

#include "l2tp/v1/user.grpc.pb.h"
#include "server/api/call_environment.h"
#include "server/control/controller.h"

namespace l2tp::api {

class UserService final : public v1::UserService::CallbackService {
 public:
  // Not owned: the controller must outlive this.
  UserService(control::Controller* controller, const CallEnvironment& calls)
      : controller_(controller), calls_(calls) {}

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
  const CallEnvironment calls_;
};

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_USER_SERVICE_H_
