// Makes things as a manifest says.

#ifndef L2TP_CLIENTS_L2TPCTL_APPLY_H_
#define L2TP_CLIENTS_L2TPCTL_APPLY_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "clients/l2tpctl/context.h"
#include "clients/l2tpctl/manifest.h"
#include "grpcpp/support/status.h"

namespace l2tp::ctl {

// Of everything that an apply has made.
inline constexpr char kAppliedLabel[] = "l2tpctl/applied";

struct ApplyOptions {
  bool dry_run = false;  // only say what would be done
  bool prune = false;    // delete what an apply has made and the manifest's sections do not name
  bool replace = false;  // close and open again what cannot be changed while it lives
  bool secrets = false;  // give the secrets of the manifest again, although nothing else differs
  bool force = false;    // prune tunnels also when others have calls in them
};

// What was done, or would be, to one resource.
struct Change {
  enum class Kind { kCreate, kUpdate, kReplace, kDelete };
  Kind kind = Kind::kCreate;
  std::string name;
  std::vector<std::string> differences;  // of kUpdate and kReplace
};

// Goes through a manifest once, in an order in which everything finds what it refers to. What is as
// it should be is left alone, so that a second run does nothing, and one that was interrupted is
// finished by the next.
//
// Every resource made here has the label: prune deletes no others. Of tunnels and sessions, which
// have values of their own making, it tells whether the manifest has changed.
class Apply {
 public:
  // `done` is called after each resource that had to be changed.
  Apply(Context* context, const ApplyOptions& options, std::function<void(const Change&)> done)
      : context_(context), options_(options), done_(std::move(done)) {}

  // Stops at the first thing that cannot be done; `failed_name` says for which resource.
  grpc::Status Run(const Manifest& manifest);

  int unchanged_count() const { return unchanged_count_; }
  const std::string& failed_name() const { return failed_name_; }

 private:
  template <typename Kind>
  grpc::Status Settle(const std::vector<typename Kind::Resource>& wanted);
  template <typename Kind>
  grpc::Status SettleLive(const std::vector<typename Kind::Resource>& wanted);
  template <typename Kind>
  grpc::Status SettleOne(const typename Kind::Resource& wanted,
                         const typename Kind::Resource* present);
  template <typename Kind>
  grpc::Status SettleOneLive(typename Kind::Resource wanted,
                             const typename Kind::Resource* present);
  template <typename Kind>
  grpc::Status Prune(const std::vector<typename Kind::Resource>& wanted);
  void Done(Change::Kind kind, const std::string& name, std::vector<std::string> differences = {});
  bool WillBeThere(const grpc::Status& status) const;

  Context* const context_;
  const ApplyOptions options_;
  const std::function<void(const Change&)> done_;
  std::set<std::string> settled_;   // names that have been gone through
  std::set<std::string> replaced_;  // tunnels, with all that was in them
  int unchanged_count_ = 0;
  std::string failed_name_;
};

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_APPLY_H_
