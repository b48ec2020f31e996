#include "server/api/pool_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/base/error.h"
#include "server/control/names.h"

namespace l2tp::api {
namespace {

// What the page tokens of this service are good for.
constexpr char kScope[] = "pools";

constexpr char kAllPools[] = "pools/-";

absl::StatusOr<control::PageRequest> ParseLeasePage(const v1::ListLeasesRequest& request) {
  if (request.parent().empty()) return MissingField("parent");
  if (request.parent() != kAllPools && !control::IsName("pools", request.parent())) {
    return InvalidField("parent", absl::StrCat("\"", request.parent(),
                                               "\" is not of the form pools/{id} or pools/-"));
  }
  return ParsePage(request.page_size(), request.page_token(),
                   absl::StrCat("leases of ", request.parent()));
}

}  // namespace

grpc::ServerUnaryReactor* PoolService::CreatePool(grpc::CallbackServerContext* context,
                                                  const v1::CreatePoolRequest* request,
                                                  v1::Pool* response) {
  return RunOnLoop(context, calls_, request, response, FromProto(*request),
                   [this, response](control::Pool& pool, Reply reply) {
                     auto created = controller_->CreatePool(std::move(pool));
                     if (created.ok()) ToProto(*created, response);
                     reply(UnderField("pool", created.status()));
                   });
}

grpc::ServerUnaryReactor* PoolService::GetPool(grpc::CallbackServerContext* context,
                                               const v1::GetPoolRequest* request,
                                               v1::Pool* response) {
  return RunOnLoop(context, calls_, request, response, ParseName("pools", request->name()),
                   [this, response](std::string& name, Reply reply) {
                     ReplyWith(controller_->GetPool(name), response, std::move(reply));
                   });
}

grpc::ServerUnaryReactor* PoolService::ListPools(grpc::CallbackServerContext* context,
                                                 const v1::ListPoolsRequest* request,
                                                 v1::ListPoolsResponse* response) {
  return RunOnLoop(context, calls_, request, response,
                   ParsePage(request->page_size(), request->page_token(), kScope),
                   [this, response](control::PageRequest& page, Reply reply) {
                     FillPage(controller_->ListPools(page), kScope, response,
                              [&] { return response->add_pools(); });
                     reply(absl::OkStatus());
                   });
}

grpc::ServerUnaryReactor* PoolService::ListLeases(grpc::CallbackServerContext* context,
                                                  const v1::ListLeasesRequest* request,
                                                  v1::ListLeasesResponse* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseLeasePage(*request),
      [this, response, parent = request->parent()](control::PageRequest& page, Reply reply) {
        auto found = controller_->ListLeases(parent == kAllPools ? "" : parent, page);
        if (found.ok()) {
          FillPage(*found, absl::StrCat("leases of ", parent), response,
                   [&] { return response->add_leases(); });
        }
        reply(found.status());
      });
}

grpc::ServerUnaryReactor* PoolService::DeletePool(grpc::CallbackServerContext* context,
                                                  const v1::DeletePoolRequest* request,
                                                  google::protobuf::Empty* response) {
  return RunOnLoop(
      context, calls_, request, response, ParseDeletion("pools", *request),
      [this](Deletion& deletion, Reply reply) {
        reply(AllowMissing(deletion.allow_missing, controller_->DeletePool(deletion.name)));
      });
}

}  // namespace l2tp::api
