#include "manifests/secrets/secrets.h"

#include <algorithm>

#include "base/concat.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {
namespace {

constexpr std::size_t kCommonNameMax = 64;  // X.520

SecretObject secret_object(const spec::PostgresCluster& cluster, std::string name,
                           const Labels& ours, const spec::Metadata* component = nullptr) {
  return {std::move(name), cluster.namespace_name, merged_labels(cluster, component, ours),
          merged_annotations(cluster, component), Ownership::kController};
}

std::vector<SecretFile> tls_files() {
  return {{"tls.crt", Content::kCertificate},
          {"tls.key", Content::kPrivateKey},
          {"ca.crt", Content::kAuthority}};
}

}  // namespace

const SecretObject& secret_of(const SecretRecipe& recipe) {
  return std::visit([](const auto& one) -> const SecretObject& { return one.secret; }, recipe);
}

RootAuthority root_authority(const spec::PostgresCluster& cluster) {
  // Watched by its label, and of no cluster alone.
  SecretObject secret{
      kRootAuthority, cluster.namespace_name, {{label::kCluster, ""}}, {}, Ownership::kShared};
  return {std::move(secret), "root.crt", "root.key", "postgres-operator-ca"};
}

std::vector<std::string> dns_names(const std::string& name, const std::string& namespace_name,
                                   const std::string& domain) {
  const std::string with_namespace = concat(name, ".", namespace_name);
  return {concat(with_namespace, ".svc.", domain), concat(with_namespace, ".svc"), with_namespace,
          name};
}

std::string common_name_of(const std::vector<std::string>& dns_names) {
  const auto fits = [](const std::string& name) { return name.size() <= kCommonNameMax; };
  const auto found = std::ranges::find_if(dns_names, fits);
  return found == dns_names.end() ? dns_names.back().substr(0, kCommonNameMax) : *found;
}

CertificateSecret server_certificate(const spec::PostgresCluster& cluster,
                                     const Observed& observed) {
  Leaf leaf;
  for (const std::string& service : {names::primary(cluster.name), names::replicas(cluster.name)}) {
    for (std::string& name : dns_names(service, cluster.namespace_name, observed.cluster_domain)) {
      leaf.dns_names.push_back(std::move(name));
    }
  }
  leaf.common_name = common_name_of(leaf.dns_names);
  leaf.server = true;
  leaf.files = tls_files();
  const Labels labels{{label::kCluster, cluster.name},
                      {label::kClusterCertificate, "postgres-tls"}};
  return {secret_object(cluster, names::server_certificate(cluster.name), labels),
          kRootAuthority,
          {leaf},
          custom_tls_certificates(cluster)};
}

CertificateSecret replication_certificate(const spec::PostgresCluster& cluster) {
  const Leaf leaf{.common_name = kReplicationUser,
                  .dns_names = {kReplicationUser},
                  .server = false,
                  .client = true,
                  .files = tls_files()};
  const Labels labels{{label::kCluster, cluster.name},
                      {label::kClusterCertificate, "replication-client-tls"}};
  return {secret_object(cluster, names::replication_certificate(cluster.name), labels),
          kRootAuthority,
          {leaf},
          custom_tls_certificates(cluster)};
}

CertificateSecret instance_certificates(const spec::PostgresCluster& cluster,
                                        const Observed& observed, const spec::InstanceSet& set,
                                        const Instance& instance) {
  const std::string host =
      concat(names::instance_pod(instance.name), ".", names::pods(cluster.name));
  Leaf leaf;
  leaf.dns_names = dns_names(host, cluster.namespace_name, observed.cluster_domain);
  leaf.common_name = common_name_of(leaf.dns_names);
  leaf.server = true;
  leaf.client = true;  // Patroni calls the other members with it
  leaf.files = {{"dns.crt", Content::kCertificate},
                {"dns.key", Content::kPrivateKey},
                {"patroni.ca-roots", Content::kAuthority},
                {"patroni.crt-combined", Content::kKeyAndCertificate}};
  if (spec::has_backups(cluster)) {
    leaf.files.push_back({"pgbackrest-server.crt", Content::kCertificate});
    leaf.files.push_back({"pgbackrest-server.key", Content::kPrivateKey});
  }
  const Labels labels{{label::kCluster, cluster.name},
                      {label::kInstanceSet, set.name},
                      {label::kInstance, instance.name}};
  return {
      secret_object(cluster, names::instance_certificates(instance.name), labels, &set.metadata),
      kRootAuthority,
      {leaf}};
}

UserSecret user_secret(const spec::PostgresCluster& cluster, const spec::User& user) {
  const auto address = [&](const std::string& service, std::int32_t port) {
    return Address{concat(service, ".", cluster.namespace_name, ".svc"), port};
  };
  const Labels labels{
      {label::kCluster, cluster.name}, {label::kRole, role::kUser}, {label::kUser, user.name}};
  UserSecret secret;
  secret.secret = secret_object(cluster, names::user_secret(cluster.name, user.name), labels);
  secret.user = user.name;
  // The superuser always has the database of its name.
  if (user.name == kSuperuser) {
    secret.database = kSuperuser;
  } else if (!user.databases.empty()) {
    secret.database = user.databases.front();
  }
  secret.address = address(names::primary(cluster.name), cluster.spec.port);
  if (cluster.spec.proxy && cluster.spec.proxy->pgbouncer) {
    secret.pgbouncer = address(names::pgbouncer(cluster.name), cluster.spec.proxy->pgbouncer->port);
  }
  secret.password_type = user.password_type;
  return secret;
}

Leaf operator_leaf() {
  return {.common_name = kSuperuser, .dns_names = {}, .server = false, .client = true, .files = {}};
}

}  // namespace annals::manifests
