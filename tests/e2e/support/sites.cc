// SPDX-License-Identifier: Apache-2.0
#include "support/sites.h"

#include <cstdlib>

namespace annals::e2e {
namespace {

constexpr const char* kUser = "wader";
// Where the other site's pods find this one's primary, in a Kubernetes of its own.
constexpr int kPortOfHeron = 15432;
constexpr int kPortOfEgret = 15433;

int port_of(const std::string& site) { return site == Sites::kHeron ? kPortOfHeron : kPortOfEgret; }

}  // namespace

std::unique_ptr<FarSite> Sites::far_;

void Sites::at(const std::string& site) {
  if (far_) use_kubernetes(site == kHeron ? far_->near() : far_->far());
}

// As the other site reaches it.
std::string Sites::host_of(const std::string& site) {
  if (!far_) return site + "-primary.postgres-operator.svc";
  return (site == kHeron ? far_->far() : far_->near()).net + ".0.1";
}

// Of spec.standby.
std::string Sites::standby_of(const std::string& other) {
  const std::string port = far_ ? R"(,"port":)" + std::to_string(port_of(other)) : "";
  return R"("host":")" + host_of(other) + R"(","repoName":"repo1")" + port;
}

// With the same password on both sides: a promotion writes that of its own Secret.
void Sites::make_site(const std::string& site, const std::string& standby) {
  const std::string certificates =
      far_ ? "  customTLSSecret: {name: shared-tls}\n"
             "  customReplicationTLSSecret: {name: shared-replication-tls}\n"
           : "";
  at(site);
  apply_cluster({.name = site,
                 .backups = access("1", "/wader/repo1") + "      repos: [" + bucket("repo1") +
                            "]\n  users: [{name: " + kUser + ", databases: [" + kUser + "]}]\n" +
                            certificates,
                 .data_source = {},
                 .standby = standby});
}

void Sites::share_password() {
  const std::string secrets = std::string("-pguser-") + kUser;
  at(kHeron);
  const std::string manifest = must(
      "set -o pipefail; $KUBECTL -n postgres-operator get secret " + (kHeron + secrets) +
      " -o json | jq --compact-output '{apiVersion, kind, type, metadata: {name: \"" +
      (kEgret + secrets) + "\"}, data: {password: .data.password, verifier: .data.verifier}}'");
  at(kEgret);
  must("$KUBECTL -n postgres-operator apply -f - <<'JSON'\n" + manifest + "\nJSON");
}

// What the other site connects to, whoever leads there.
void Sites::lead_to(const std::string& site) {
  if (!far_) return;
  at(site);
  const std::string service = "get service " + site + "-ha -o jsonpath={.spec.clusterIP}";
  const Kubernetes& where = site == kHeron ? far_->far() : far_->near();
  far_->forward(where, port_of(site), must_kubectl(service) + ":5432");
}

void Sites::make_sites() {
  if (std::getenv("ANNALS_E2E_PARTED") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    far_ = std::make_unique<FarSite>();
    far_->share_certificates();
  }
  remove_sites();
  at(kHeron);
  start_store();
  if (far_) {
    far_->forward(far_->far(), kS3.port, host_address() + ":" + std::to_string(kS3.port));
    at(kEgret);
    let_pods_reach(kS3);
  }
  make_site(kHeron, "");
  await_open(kHeron);
  share_password();
  lead_to(kHeron);
  make_site(kEgret, standby_of(kHeron));
  await_condition_of(kEgret, "Ready", "StandbyLeaderReady", 500s);
  await_settled(kEgret, 500s);
  await_streaming(kEgret, 1, 240s);
  lead_to(kEgret);
  make_beats(address(kHeron));
}

void Sites::remove_sites() {
  for (const char* site : {kHeron, kEgret}) {
    at(site);
    remove(site);
  }
  must_kubectl(std::string("delete secret --ignore-not-found ") + kEgret + "-pguser-" + kUser);
}

void Sites::end_sites() {
  remove_sites();
  at(kHeron);
  end_store();
  far_.reset();
}

SiteAddress Sites::address(const std::string& site) {
  at(site);
  return "hostaddr=" + must_kubectl("get service " + site + "-ha -o jsonpath={.spec.clusterIP}") +
         " user=" + kUser + " dbname=" + kUser + " password='" + secret(site, kUser, "password") +
         "' sslmode=require connect_timeout=2 tcp_user_timeout=1000";
}

void Sites::switch_sites(const std::string& from, const std::string& to, First first) {
  if (first == First::kPromotion) ask_to_lead(to);
  ask_to_follow(from, to);
  if (first == First::kDemotion) ask_to_lead(to);
  await_switched(from, to);
}

void Sites::ask_to_lead(const std::string& site) {
  at(site);
  patch(site, R"({"spec":{"standby":{"enabled":false}}})");
}

void Sites::ask_to_follow(const std::string& site, const std::string& other) {
  at(site);
  patch(site, R"({"spec":{"standby":{"enabled":true,)" + standby_of(other) + "}}}");
}

void Sites::await_condition_of(const std::string& site, const std::string& type,
                               const std::string& reason, std::chrono::seconds limit) {
  at(site);
  await("reason of " + type + " of " + site, limit, [&] { return condition(site, type, "reason"); },
        reason, {.details = trouble_of_sites});
}

void Sites::await_switched(const std::string& from, const std::string& to) {
  await_condition_of(to, "Ready", "PrimaryReady", 300s);
  await_condition_of(from, "Ready", "StandbyLeaderReady", 300s);
  for (const std::string& site : {to, from}) {
    at(site);
    await_settled(site, 500s);
  }
  at(to);
  await_streaming(to, 2, 240s);  // its own replica, and the other site
  at(from);
  await_streaming(from, 1, 240s);
}

std::string Sites::trouble_of_sites() {
  std::string all;
  for (const char* site : {kHeron, kEgret}) {
    at(site);
    all += trouble(site) + "\n";
  }
  return all;
}

}  // namespace annals::e2e
