#include "server/api/pool_service.h"

#include <utility>

#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "pools";

}  // namespace

grpc::ServerUnaryReactor* PoolService::CreatePool(grpc::CallbackServerContext* context,
                                                  const v1::CreatePoolRequest* request,
                                                  v1::Pool* response) {
  return RunOnLoop(context, executor_, FromProto(*request),
                   [this, response](control::Pool& pool, Reply reply) {
                     auto created = controller_->CreatePool(std::move(pool));
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("pool", created.status()));
                   });
}

grpc::ServerUnaryReactor* PoolService::GetPool(grpc::CallbackServerContext* context,
                                               const v1::GetPoolRequest* request,
                                               v1::Pool* response) {
  return RunOnLoop(context, executor_, ParseName("pools", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     ReplyWith(controller_->GetPool(name), response, std::move(reply));
                   });
}

grpc::ServerUnaryReactor* PoolService::ListPools(grpc::CallbackServerContext* context,
                                                 const v1::ListPoolsRequest* request,
                                                 v1::ListPoolsResponse* response) {
  return RunOnLoop(context, executor_,
                   ParsePage(request->page_size(), request->page_token(), kScope),
                   [this, response](control::PageRequest& page, Reply reply) {
                     FillPage(controller_->ListPools(page), kScope, response,
                              [&] { return response->add_pools(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* PoolService::DeletePool(grpc::CallbackServerContext* context,
                                                  const v1::DeletePoolRequest* request,
                                                  google::protobuf::Empty* /*response*/) {
  return RunOnLoop(
      context, executor_, ParseDeletion("pools", *request),
      [this](Deletion& deletion, Reply reply) {
        reply(AllowMissing(deletion.allow_missing, controller_->DeletePool(deletion.name)));
      });
}

}  // namespace l2tp::api
