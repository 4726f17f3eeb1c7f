// Two clusters of one database, each the site of the other one: both have a bucket of the S3 server
// of script/s3, and stream from each other. Both are in one namespace, so that they have one CA.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

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

  static void make_sites();
  static void remove_sites();
  /// By libpq from here, as the user of both.
  static SiteAddress address(const std::string& site);
  static std::vector<SiteAddress> addresses() { return {address(kHeron), address(kEgret)}; }
  /// Until all is as it was, the other way round.
  static void switch_sites(const std::string& from, const std::string& to, First first);
  static void await_switched(const std::string& from, const std::string& to);
  static void ask_to_lead(const std::string& site);
  static void ask_to_follow(const std::string& site, const std::string& other);
  /// What both say of themselves.
  static std::string trouble_of_sites();

 private:
  static void make_site(const std::string& site, const std::string& standby);
};

}  // namespace annals::e2e
