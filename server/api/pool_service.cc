#include "server/api/pool_service.h"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/from_proto.h"
#include "server/api/paging.h"
#include "server/api/unary_call.h"
#include "server/api/update.h"
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

// See Update().
struct PoolCalls {
  using Resource = control::Pool;
  using Message = v1::Pool;
  static constexpr char kCollection[] = "pools";
  static constexpr char kField[] = "pool";
  static constexpr std::array<Secret, 0> kSecrets{};
  static constexpr auto kGet = &control::Controller::GetPool;
  static constexpr auto kCreate = &control::Controller::CreatePool;
  static constexpr auto kUpdate = &control::Controller::UpdatePool;
  static const v1::Pool& Of(const v1::UpdatePoolRequest& request) { return request.pool(); }
  static void SetSecrets(const control::Pool& /*pool*/, v1::Pool* /*message*/) {}
  static void Keep(const control::Pool& /*current*/, const v1::UpdatePoolRequest& /*request*/,
                   control::Pool* /*updated*/) {}
};

}  // namespace

grpc::ServerUnaryReactor* PoolService::CreatePool(grpc::CallbackServerContext* context,
                                                  const v1::CreatePoolRequest* request,
                                                  v1::Pool* response) {
  return RunMutation(context, calls_, request, response, FromProto(*request),
                     [this, mode = ModeOf(*request)](control::Pool& pool) {
                       return Below("pool", controller_->CreatePool(std::move(pool), mode));
                     });
}

grpc::ServerUnaryReactor* PoolService::UpdatePool(grpc::CallbackServerContext* context,
                                                  const v1::UpdatePoolRequest* request,
                                                  v1::Pool* response) {
  return RunMutation(
      context, calls_, request, response, CheckUpdate<PoolCalls>(*request),
      [this, request](std::string&) { return Update<PoolCalls>(controller_, *request); });
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
  return RunOnLoop(context, calls_, request, response, ParseListing(*request, kScope),
                   [this, response](Listing<control::PoolFilter>& listing, Reply reply) {
                     FillPage(controller_->ListPools(listing.page, listing.filter), kScope,
                              response, [&] { return response->add_pools(); });
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
  return RunOnLoop(context, calls_, request, response, ParseDeletion("pools", *request),
                   [this, etag = request->etag()](Deletion& deletion, Reply reply) {
                     const auto found = controller_->GetPool(deletion.name);
                     absl::Status status = found.status();
                     if (status.ok())
                       status = control::CheckEtag(deletion.name, etag, EtagText(found->version));
                     if (status.ok()) status = controller_->DeletePool(deletion.name);
                     reply(AllowMissing(deletion.allow_missing, std::move(status)));
                   });
}

}  // namespace l2tp::api
