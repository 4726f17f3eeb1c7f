// A second Kubernetes with an operator of its own, for one of two sites. The two reach each other
// through this computer alone, which forwards connections as a load balancer between two networks
// would. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/shell.h"

namespace annals::e2e {

class FarSite {
 public:
  /// Starts it, with script/demo. The one before is what commands went to until now.
  FarSite();
  /// Ends it.
  ~FarSite();
  FarSite(const FarSite&) = delete;
  FarSite& operator=(const FarSite&) = delete;

  [[nodiscard]] const Kubernetes& near() const { return near_; }
  [[nodiscard]] const Kubernetes& far() const { return far_; }

  /// From here on this computer listens at `port`, at the address that pods of `where` reach, and
  /// leads to `target`, "10.193.140.7:5432". Returns when it listens.
  void forward(const Kubernetes& where, int port, const std::string& target);
  /// In both, with certificates of one authority that no operator has: Secrets `shared-tls` and
  /// `shared-replication-tls`.
  void share_certificates() const;

 private:
  Kubernetes near_ = kubernetes();
  Kubernetes far_{.name = "far", .net = "10.195"};
  std::vector<std::unique_ptr<Background>> forwards_;
};

}  // namespace annals::e2e
