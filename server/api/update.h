// What an Update call makes of a resource.

#ifndef L2TP_SERVER_API_UPDATE_H_
#define L2TP_SERVER_API_UPDATE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "server/api/from_proto.h"
#include "server/api/status.h"
#include "server/api/to_proto.h"
#include "server/base/error.h"
#include "server/control/controller.h"
#include "server/control/labels.h"

namespace l2tp::api {

// FIELD_INVALID "update_mask" when a path is not one of the message's.
absl::Status CheckMask(const google::protobuf::FieldMask& mask,
                       const google::protobuf::Message& message);

// Takes over into `resource` what `mask` names of `changes`: "*" all of it, none what is set in it.
// What is named and not set is cleared. A secret that is empty in `changes` is left as it is unless
// its own path stands in the mask, or what it goes with is another now.
struct Secret {
  absl::string_view path;       // of a field of text
  absl::string_view goes_with;  // path of one, a user or a server; "": of the resource itself
};
void Merge(const google::protobuf::Message& changes, const google::protobuf::FieldMask& mask,
           absl::Span<const Secret> secrets, google::protobuf::Message* resource);

// Whether Merge() takes over the field at `path`.
bool Touches(const google::protobuf::FieldMask& mask, const google::protobuf::Message& changes,
             absl::string_view path);

// Makes one resource of another by an Update request, or a new one where that is allowed: on the
// loop thread, so that nothing comes in between. `Calls` has, for one kind of resource:
//
//   using Resource, Message
//   static constexpr collection ("peers"), field ("peer"), secrets
//   static const Message& Of(const Request&)
//   static void SetSecrets(const Resource&, Message*)
//   static void Keep(const Resource& current, const Request&, Resource* updated): what a message
//       cannot tell
//   Get, Create, Update: the controller's
template <typename Calls, typename Request>
absl::StatusOr<typename Calls::Resource> Update(control::Controller* controller,
                                                const Request& request) {
  const typename Calls::Message& changes = Calls::Of(request);
  const control::Mode mode =
      request.validate_only() ? control::Mode::kValidateOnly : control::Mode::kDo;
  auto current = (controller->*Calls::kGet)(changes.name());
  // Whoever has seen an etag wants no new one.
  const bool create =
      request.allow_missing() && changes.etag().empty() && absl::IsNotFound(current.status());
  if (!create && !current.ok()) return current.status();
  typename Calls::Message merged;
  if (create) {
    merged = changes;
  } else {
    const absl::Status same =
        control::CheckEtag(changes.name(), changes.etag(), EtagText(current->version));
    if (!same.ok()) return same;
    ToProto(*current, &merged);
    Calls::SetSecrets(*current, &merged);
    Merge(changes, request.update_mask(), Calls::kSecrets, &merged);
  }
  auto parsed = FromProto(merged, changes.name());
  if (!parsed.ok()) return UnderField(Calls::kField, parsed.status());
  if (!create) Calls::Keep(*current, request, &*parsed);
  auto done = (controller->*(create ? Calls::kCreate : Calls::kUpdate))(*std::move(parsed), mode);
  if (!done.ok()) return UnderField(Calls::kField, done.status());
  return done;
}

// The part of an Update request that can be checked beforehand.
template <typename Calls, typename Request>
absl::StatusOr<std::string> CheckUpdate(const Request& request) {
  const typename Calls::Message& changes = Calls::Of(request);
  absl::StatusOr<std::string> name = ParseName(Calls::kCollection, changes.name());
  if (!name.ok()) return UnderField(Calls::kField, name.status());
  if (absl::Status mask = CheckMask(request.update_mask(), changes); !mask.ok()) return mask;
  return name;
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_UPDATE_H_
