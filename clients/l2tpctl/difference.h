// What is different between two states of a resource, for people.

#ifndef L2TP_CLIENTS_L2TPCTL_DIFFERENCE_H_
#define L2TP_CLIENTS_L2TPCTL_DIFFERENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace l2tp::ctl {

// A line for each field that can be given (see IsInput) and differs: "ppp.mtu: 1400 -> 1350",
// "labels.site: none -> ber1". Secrets are left out.
std::vector<std::string> Differences(const google::protobuf::Message& before,
                                     const google::protobuf::Message& after);

// The same only of the fields that `after` sets: what it does not say does not matter.
std::vector<std::string> DifferencesOfSet(const google::protobuf::Message& before,
                                          const google::protobuf::Message& after);

// 16 hex digits that differ when fields that can be given do; secrets and labels do not count.
std::string Fingerprint(const google::protobuf::Message& resource);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_DIFFERENCE_H_
