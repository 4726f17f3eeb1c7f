#include "manifests/cluster/rbac.h"

#include <string>
#include <utility>
#include <vector>

#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {
namespace {

using Names = std::vector<std::string>;

Json rule(const Names& resources, const Names& verbs) {
  return {{"apiGroups", Json::array({""})}, {"resources", resources}, {"verbs", verbs}};
}

struct Account {
  std::string name;
  Labels labels;
  const spec::Metadata* component;
  Json rules;
};

AccountRights account_with_rights(const spec::PostgresCluster& cluster, const Observed& observed,
                                  const Account& account) {
  const auto object = [&](const Kind& kind) {
    return owned_object(kind, cluster, observed, account.name, account.labels, account.component);
  };
  Json service_account = object(kServiceAccount);
  service_account["automountServiceAccountToken"] = true;
  Json role = object(kRole);
  role["rules"] = account.rules;
  Json binding = object(kRoleBinding);
  binding["roleRef"] = {
      {"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", account.name}};
  binding["subjects"] = Json::array({Json{
      {"kind", "ServiceAccount"}, {"name", account.name}, {"namespace", cluster.namespace_name}}});
  return {.account = std::move(service_account),
          .role = std::move(role),
          .binding = std::move(binding)};
}

// Nothing takes a single ConfigMap of Patroni's away, and a pod that could delete all that a
// selector finds would have more of the namespace than it needs.
Json patroni_rules(const spec::PostgresCluster& cluster, const Observed& observed) {
  const Json pods = rule({"pods"}, {"get", "list", "patch", "watch"});
  if (observed.config_maps)
    return Json::array({rule({"configmaps"}, {"create", "get", "list", "patch", "watch"}), pods});
  Json rules = Json::array(
      {rule({"endpoints"}, {"create", "deletecollection", "get", "list", "patch", "watch"}), pods,
       rule({"services"}, {"create"})});
  if (is_openshift(cluster, observed)) {
    rules.push_back(rule({"endpoints/restricted"}, {"create"}));
  }
  return rules;
}

}  // namespace

AccountRights instance_rbac(const spec::PostgresCluster& cluster, const Observed& observed) {
  const Json rules = patroni_rules(cluster, observed);
  return account_with_rights(
      cluster, observed,
      {names::instance_account(cluster.name), {{label::kCluster, cluster.name}}, nullptr, rules});
}

AccountRights pgbackrest_rbac(const spec::PostgresCluster& cluster, const Observed& observed) {
  const Json rules =
      Json::array({rule({"pods"}, {"list"}), rule({"pods/exec"}, {"create", "get"})});
  return account_with_rights(cluster, observed,
                             {names::pgbackrest_account(cluster.name),
                              {{label::kCluster, cluster.name}, {label::kPgBackRest, ""}},
                              &cluster.spec.backups->pgbackrest->metadata,
                              rules});
}

Json repo_host_account(const spec::PostgresCluster& cluster, const Observed& observed) {
  return owned_object(kServiceAccount, cluster, observed, names::repo_host_account(cluster.name),
                      {{label::kCluster, cluster.name}, {label::kPgBackRest, ""}},
                      &cluster.spec.backups->pgbackrest->metadata);
}

}  // namespace annals::manifests
