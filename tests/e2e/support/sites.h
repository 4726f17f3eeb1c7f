// Two clusters of one database, each the site of the other one: both have a bucket of the S3 server
// of script/s3, and stream from each other. Both are in one namespace, so that they have one CA; or
// each is in a Kubernetes of its own. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/far_site.h"
#include "support/object_store.h"
#include "support/site_clients.h"

namespace annals::e2e {

class Sites : public ObjectStore {
 public:
  static constexpr const char* kHeron = "heron";
  static constexpr const char* kEgret = "egret";  // follows it at first

 protected:
  /// The two edits of a switch, and in which order. Each waits for the other one.
  enum class First { kPromotion, kDemotion };

  /// With ANNALS_E2E_PARTED the second one is in another Kubernetes.
  static void make_sites();
  /// Nothing of them is left, nor of the object store.
  static void end_sites();
  /// From here on commands go to where this site is.
  static void at(const std::string& site);
  /// By libpq from here, as the user of both.
  static SiteAddress address(const std::string& site);
  static std::vector<SiteAddress> addresses() { return {address(kHeron), address(kEgret)}; }
  /// Until all is as it was, the other way round.
  static void switch_sites(const std::string& from, const std::string& to, First first);
  static void await_switched(const std::string& from, const std::string& to);
  static void ask_to_lead(const std::string& site);
  static void ask_to_follow(const std::string& site, const std::string& other);
  static void await_condition_of(const std::string& site, const std::string& type,
                                 const std::string& reason, std::chrono::seconds limit);
  /// What both say of themselves.
  static std::string trouble_of_sites();

 private:
  static void remove_sites();
  static std::string other_than(const std::string& site) {
    return site == kHeron ? kEgret : kHeron;
  }
  static std::string host_of(const std::string& site);
  static std::string standby_of(const std::string& other);
  static void lead_to(const std::string& site);
  static void make_site(const std::string& site, const std::string& standby);
  static void share_password();

  static std::unique_ptr<FarSite> far_;
};

}  // namespace annals::e2e
