#include "manifests/secrets/custom_tls_certificates.h"

#include <array>
#include <utility>

#include "base/concat.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

constexpr const char* kServerField = "spec.customTLSSecret";
constexpr const char* kReplicationField = "spec.customReplicationTLSSecret";
constexpr const char* kCertificate = "tls.crt";
constexpr const char* kPrivateKey = "tls.key";
constexpr const char* kAuthority = "ca.crt";

std::string text_in(const Json& item, const char* member) {
  const Json* found = item.find(member);
  return found != nullptr && found->is_string() ? found->text() : std::string();
}

// The key that an item puts at this path; without items a key is its own path. Empty: no item does.
std::string key_at(const spec::TlsSecret& secret, const char* path) {
  const Json items = list_of(secret.items);
  if (items.empty()) return path;
  for (const Json& item : items) {
    if (text_in(item, "path") == path) return text_in(item, "key");
  }
  return {};
}

std::optional<CustomTlsCertificate> custom_tls(const std::optional<spec::TlsSecret>& secret,
                                               const char* field, const char* common_name) {
  if (!secret) return std::nullopt;
  return CustomTlsCertificate{.field = field,
                              .secret = secret->name,
                              .certificate_key = key_at(*secret, kCertificate),
                              .private_key_key = key_at(*secret, kPrivateKey),
                              .authority_key = key_at(*secret, kAuthority),
                              .common_name = common_name,
                              .optional = secret->optional.value_or(false)};
}

// The operator writes these itself: what the user has put there would be lost.
bool is_ours(const spec::PostgresCluster& cluster, const std::string& secret) {
  return secret == names::server_certificate(cluster.name) ||
         secret == names::replication_certificate(cluster.name) || secret == kRootAuthority;
}

}  // namespace

std::optional<CustomTlsCertificate> custom_tls_for_server(const spec::PostgresCluster& cluster) {
  return custom_tls(cluster.spec.custom_tls_secret, kServerField, "");
}

std::optional<CustomTlsCertificate> custom_tls_for_replication(
    const spec::PostgresCluster& cluster) {
  return custom_tls(cluster.spec.custom_replication_tls_secret, kReplicationField,
                    kReplicationUser);
}

std::vector<CustomTlsCertificate> custom_tls_certificates(const spec::PostgresCluster& cluster) {
  std::vector<CustomTlsCertificate> all;
  if (auto server = custom_tls_for_server(cluster)) all.push_back(*std::move(server));
  if (auto replication = custom_tls_for_replication(cluster))
    all.push_back(*std::move(replication));
  return all;
}

Json custom_tls_source(const spec::TlsSecret& secret, const std::string& folder) {
  Json items = Json::array();
  if (list_of(secret.items).empty()) {
    for (const char* const file : {kCertificate, kPrivateKey})
      items.push_back({{"key", file}, {"path", folder + file}});
  }
  for (Json item : list_of(secret.items)) {
    const std::string path = text_in(item, "path");
    if (path == kAuthority) continue;
    item["path"] = folder + path;
    items.push_back(item);
  }
  Json source = {{"name", secret.name}, {"items", items}};
  if (secret.optional) source["optional"] = *secret.optional;
  return {{"secret", source}};
}

std::vector<std::string> mistakes_in_custom_tls(const spec::PostgresCluster& cluster) {
  std::vector<std::string> mistakes;
  for (const CustomTlsCertificate& each : custom_tls_certificates(cluster)) {
    if (is_ours(cluster, each.secret)) {
      mistakes.push_back(concat(each.field, ".name is ", each.secret,
                                ", which the operator writes itself: copy it to a Secret "
                                "with another name"));
    }
    const std::array<std::pair<const char*, const std::string*>, 3> needed{
        {{kCertificate, &each.certificate_key},
         {kPrivateKey, &each.private_key_key},
         {kAuthority, &each.authority_key}}};
    for (const auto& [path, key] : needed) {
      if (key->empty())
        mistakes.push_back(concat(each.field, ".items put nothing at ", path,
                                  ": add an item with path ", path, ", or remove items"));
    }
  }
  return mistakes;
}

}  // namespace annals::manifests
