// Enumerators of the domain and of the API. The API's are the domain's with the same names and in
// the same order, behind an UNSPECIFIED = 0 that the domain mostly does not have; enums_test.cc
// holds every single one of them to that.

#ifndef L2TP_SERVER_API_ENUMS_H_
#define L2TP_SERVER_API_ENUMS_H_

#include <optional>
#include <type_traits>

#include "l2tp/v1/common.pb.h"
#include "l2tp/v1/event.pb.h"
#include "l2tp/v1/profile.pb.h"
#include "l2tp/v1/session.pb.h"
#include "server/control/ports.h"
#include "server/events/event.h"
#include "server/events/resources.h"

namespace l2tp::api {

// v1::Tunnel::State or v1::Session::State.
template <typename ProtoState>
ProtoState ToProto(events::State state) {
  return static_cast<ProtoState>(static_cast<int>(state) + 1);
}
inline v1::Origin ToProto(events::Origin origin) {
  return static_cast<v1::Origin>(static_cast<int>(origin) + 1);
}
inline v1::Session::Role ToProto(events::Role role) {
  return static_cast<v1::Session::Role>(static_cast<int>(role) + 1);
}
inline v1::Session::Direction ToProto(events::CallDirection direction) {
  return static_cast<v1::Session::Direction>(static_cast<int>(direction) + 1);
}
inline v1::Event::Type ToProto(events::EventType type) {
  return static_cast<v1::Event::Type>(static_cast<int>(type) + 1);
}
inline v1::PppSettings::AuthMethod ToProto(control::AuthMethod method) {
  return static_cast<v1::PppSettings::AuthMethod>(static_cast<int>(method) + 1);
}
// These have a zero of their own: kDead, kNobody, kNone and kSystem.
inline v1::TunnelSettings::PathMtuDiscovery ToProto(control::PathMtuDiscovery discovery) {
  return static_cast<v1::TunnelSettings::PathMtuDiscovery>(discovery);
}
inline v1::Session::PppPhase ToProto(events::PppPhase phase) {
  return static_cast<v1::Session::PppPhase>(phase);
}
inline v1::Cause::ClosedBy ToProto(events::ClosedBy closed_by) {
  return static_cast<v1::Cause::ClosedBy>(closed_by);
}
inline v1::AuthInfo::Failure ToProto(events::LoginFailure failure) {
  return static_cast<v1::AuthInfo::Failure>(failure);
}
inline v1::Cause::Reason ToProto(events::CloseReason reason) {
  return static_cast<v1::Cause::Reason>(reason);
}

// nullopt for UNSPECIFIED and for numbers this version does not know. `value` is an int because it
// comes from outside.
inline std::optional<events::EventType> EventTypeFromProto(int value) {
  if (value <= 0 || !v1::Event::Type_IsValid(value)) return std::nullopt;
  return static_cast<events::EventType>(value - 1);
}
inline std::optional<events::Kind> KindFromProto(int value) {
  if (value <= 0 || !v1::Event::Kind_IsValid(value)) return std::nullopt;
  return static_cast<events::Kind>(value - 1);
}
// Of a v1::TunnelFilter or v1::SessionFilter.
template <typename Filter>
std::optional<events::State> StateFromProto(int value) {
  const bool valid = std::is_same_v<Filter, v1::TunnelFilter> ? v1::Tunnel::State_IsValid(value)
                                                              : v1::Session::State_IsValid(value);
  if (value <= 0 || !valid) return std::nullopt;
  return static_cast<events::State>(value - 1);
}
inline std::optional<control::AuthMethod> AuthMethodFromProto(int value) {
  if (value <= 0 || !v1::PppSettings::AuthMethod_IsValid(value)) return std::nullopt;
  return static_cast<control::AuthMethod>(value - 1);
}
inline std::optional<control::PathMtuDiscovery> PathMtuDiscoveryFromProto(int value) {
  if (!v1::TunnelSettings::PathMtuDiscovery_IsValid(value)) return std::nullopt;
  return static_cast<control::PathMtuDiscovery>(value);
}

}  // namespace l2tp::api

#endif  // L2TP_SERVER_API_ENUMS_H_
