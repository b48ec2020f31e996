// The commands that profiles, pools, users and peers have in common: list, show, delete, and the
// frame of create.

#ifndef L2TP_CLIENTS_L2TPCTL_RESOURCE_COMMANDS_H_
#define L2TP_CLIENTS_L2TPCTL_RESOURCE_COMMANDS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/l2tpctl/arguments.h"
#include "clients/l2tpctl/commands.h"
#include "clients/l2tpctl/describe.h"
#include "clients/l2tpctl/filter_options.h"
#include "google/protobuf/empty.pb.h"

namespace l2tp::ctl {

// What tells one kind of resource from another. `Kind` gives the types and the stub's methods.
template <typename Kind>
struct ResourceCommands {
  using Resource = typename Kind::Resource;
  // Puts into `resource` what its own options say.
  using Amend = std::function<absl::Status(Resource* resource)>;

  static int Create(Context* context, const std::string& id, const FieldOptions& fields,
                    const Amend& amend) {
    typename Kind::CreateRequest request;
    Resource* resource = Kind::Mutable(&request);
    absl::Status good = fields.Apply(context->in, resource);
    if (good.ok()) good = amend(resource);
    if (!good.ok()) return context->FailUsage(good);
    Kind::SetId(id, &request);
    Resource created;
    const grpc::Status status = context->Call(Kind::kCreate, request, &created);
    if (!status.ok()) return context->Fail(status);
    context->Print(created, created.name() + "\n");
    return kOk;
  }

  // Changes what `fields` set, or takes away what stands in `clear`.
  static int Update(Context* context, const std::string& name, const FieldOptions& fields,
                    const std::vector<std::string>& labels, const std::vector<std::string>& clear) {
    typename Kind::UpdateRequest request;
    Resource* resource = Kind::Mutable(&request);
    absl::Status good = fields.Apply(context->in, resource);
    if (good.ok()) good = SetLabels(labels, resource->mutable_labels());
    if (good.ok() && !clear.empty() && resource->ByteSizeLong() > 0) {
      good = absl::InvalidArgumentError("--clear goes with nothing else: call twice");
    }
    if (!good.ok()) return context->FailUsage(good);
    resource->set_name(FullName(Kind::kCollection, name));
    for (const std::string& path : clear) request.mutable_update_mask()->add_paths(path);
    Resource updated;
    const grpc::Status status = context->Call(Kind::kUpdate, request, &updated);
    if (!status.ok()) return context->Fail(status);
    if (IsForPrograms(context->output)) context->Print(updated, "");
    return kOk;
  }

  static int List(Context* context, const FilterOptions& filter) {
    typename Kind::ListRequest request;
    if (absl::Status good = filter.Apply(request.mutable_filter()); !good.ok()) {
      return context->FailUsage(good);
    }
    std::vector<Resource> resources;
    const grpc::Status status = ListAll(context, Kind::kList, request, [&](const auto& page) {
      resources.insert(resources.end(), Kind::Items(page).begin(), Kind::Items(page).end());
    });
    if (!status.ok()) return context->Fail(status);
    if (IsForPrograms(context->output)) {
      context->out << EncodeList(resources, context->output);
      return kOk;
    }
    Table table(Kind::Headings(), Kind::MoreHeadings());
    for (const Resource& resource : resources) table.AddRow(Kind::Cells(resource));
    context->Print(table);
    return kOk;
  }

  static int Show(Context* context, const std::string& name) {
    typename Kind::GetRequest request;
    request.set_name(FullName(Kind::kCollection, name));
    Resource resource;
    const grpc::Status status = context->Call(Kind::kGet, request, &resource);
    if (!status.ok()) return context->Fail(status);
    context->Print(resource, Describe(resource));
    return kOk;
  }

  static int Delete(Context* context, const std::string& name, bool allow_missing) {
    typename Kind::DeleteRequest request;
    request.set_name(FullName(Kind::kCollection, name));
    request.set_allow_missing(allow_missing);
    google::protobuf::Empty nothing;
    const grpc::Status status = context->Call(Kind::kDelete, request, &nothing);
    return status.ok() ? kOk : context->Fail(status);
  }

  // Adds create, list, show, update and delete. Gives create, for options of its own.
  static CLI::App* AddTo(CLI::App* app, Context* context, Command* chosen,
                         const std::vector<FieldOption>& options, const Amend& amend) {
    const std::string kind = Kind::kName;
    CLI::App* group = app->add_subcommand(kind, "Create, look at and delete " + kind + "s");
    group->require_subcommand(1);

    auto id = std::make_shared<std::string>();
    auto fields = std::make_shared<FieldOptions>();
    CLI::App* create = group->add_subcommand("create", "Create a " + kind + "; prints its name");
    create->add_option("id", *id, "Id of the " + kind)->required();
    fields->AddTo(create, options);
    create->callback([=] { *chosen = [=] { return Create(context, *id, *fields, amend); }; });

    auto filter = std::make_shared<FilterOptions>();
    CLI::App* list = group->add_subcommand("list", "List " + kind + "s");
    filter->AddForResources(list, *Kind::Filter::descriptor());
    list->callback([=] { *chosen = [=] { return List(context, *filter); }; });

    auto name = std::make_shared<std::string>();
    CLI::App* show = group->add_subcommand("show", "Show one " + kind);
    show->add_option(kind, *name)->required();
    show->callback([=] { *chosen = [=] { return Show(context, *name); }; });

    auto changed = std::make_shared<FieldOptions>();
    auto labels = std::make_shared<std::vector<std::string>>();
    auto clear = std::make_shared<std::vector<std::string>>();
    CLI::App* update = group->add_subcommand(
        "update", "Change a " + kind + ": what is given; the rest stays. Secrets come by -f");
    update->add_option(kind, *name)->required();
    update->add_option("--label", *labels, "Labels in place of those it has; repeatable")
        ->type_name("KEY=VALUE");
    update->add_option("--clear", *clear, "Give a field its default: --clear ppp.mtu. Repeatable")
        ->type_name("PATH");
    changed->AddTo(update, options);
    update->callback(
        [=] { *chosen = [=] { return Update(context, *name, *changed, *labels, *clear); }; });

    auto allow_missing = std::make_shared<bool>(false);
    CLI::App* remove = group->add_subcommand("delete", "Delete a " + kind);
    remove->add_option(kind, *name)->required();
    remove->add_flag("--allow-missing", *allow_missing, "Succeed if there is none");
    remove->callback([=] { *chosen = [=] { return Delete(context, *name, *allow_missing); }; });
    return create;
  }
};

// Types and methods by the naming rules of the API: Pool, "pool".
#define L2TP_CTL_RESOURCE_KIND(Type, type)                                               \
  using Resource = v1::Type;                                                             \
  using CreateRequest = v1::Create##Type##Request;                                       \
  using GetRequest = v1::Get##Type##Request;                                             \
  using ListRequest = v1::List##Type##sRequest;                                          \
  using Filter = v1::Type##Filter;                                                       \
  using DeleteRequest = v1::Delete##Type##Request;                                       \
  using UpdateRequest = v1::Update##Type##Request;                                       \
  static constexpr char kName[] = #type;                                                 \
  static constexpr char kCollection[] = #type "s";                                       \
  static constexpr auto kCreate = &v1::Type##Service::Stub::Create##Type;                \
  static constexpr auto kGet = &v1::Type##Service::Stub::Get##Type;                      \
  static constexpr auto kList = &v1::Type##Service::Stub::List##Type##s;                 \
  static constexpr auto kDelete = &v1::Type##Service::Stub::Delete##Type;                \
  static constexpr auto kUpdate = &v1::Type##Service::Stub::Update##Type;                \
  static Resource* Mutable(CreateRequest* request) { return request->mutable_##type(); } \
  static Resource* Mutable(UpdateRequest* request) { return request->mutable_##type(); } \
  static void SetId(const std::string& id, CreateRequest* request) {                     \
    request->set_##type##_id(id);                                                        \
  }                                                                                      \
  static const auto& Items(const v1::List##Type##sResponse& page) { return page.type##s(); }

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_RESOURCE_COMMANDS_H_
