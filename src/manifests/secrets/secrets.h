// Recipes: what each Secret must hold, without a byte of it. The executor makes the material, keeps
// what is still good, and reports fingerprints only. PGO's names and keys throughout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "manifests/labels.h"
#include "manifests/observed.h"
#include "manifests/secrets/custom_tls_certificates.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

enum class Ownership : std::uint8_t {
  kController,  // goes with its cluster
  kShared,      // one plain owner reference for each cluster that uses it
};

struct SecretObject {
  std::string name;
  std::string namespace_name;
  Labels labels;
  Labels annotations;
  Ownership ownership = Ownership::kController;

  friend bool operator==(const SecretObject&, const SecretObject&) = default;
};

// The authority of a namespace: a self-signed certificate that may sign leaves only.
struct RootAuthority {
  SecretObject secret;
  std::string certificate_key;  // keys of the Secret
  std::string private_key_key;
  std::string common_name;

  friend bool operator==(const RootAuthority&, const RootAuthority&) = default;
};

enum class Content : std::uint8_t {
  kCertificate,
  kPrivateKey,
  kAuthority,          // the root's certificate, and those of all others that are trusted
  kKeyAndCertificate,  // both in one file, the key first
};

struct SecretFile {
  std::string key;  // of the Secret
  Content content;

  friend bool operator==(const SecretFile&, const SecretFile&) = default;
};

// A certificate that the authority signs, and the keys of the Secret where it goes.
struct Leaf {
  std::string common_name;
  std::vector<std::string> dns_names;  // in this order; none: no such extension
  bool server = false;
  bool client = false;
  std::vector<SecretFile> files;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

struct CertificateSecret {
  SecretObject secret;
  std::string authority;  // the Secret with the RootAuthority, in the same namespace
  std::vector<Leaf> leaves;
  // Whose authorities are trusted as well: they stand beside ours where kAuthority goes.
  std::vector<CustomTlsCertificate> also_trusts{};

  friend bool operator==(const CertificateSecret&, const CertificateSecret&) = default;
};

struct Address {
  std::string host;
  std::int32_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

// How one user connects. Keys: user, host, port, password, verifier; with a database also dbname,
// uri and jdbc-uri; with PgBouncer also pgbouncer-host, -port, -uri and -jdbc-uri.
struct UserSecret {
  SecretObject secret;
  std::string user;
  std::string database;  // empty: none, and no URIs
  Address address;
  std::optional<Address> pgbouncer;
  spec::PasswordType password_type = spec::PasswordType::kAscii;

  friend bool operator==(const UserSecret&, const UserSecret&) = default;
};

// Some keys of a Secret that may be in another namespace, or all of them. That one has to be there,
// with all that are named.
struct CopiedSecret {
  SecretObject secret;
  std::string from_namespace;
  std::string from;
  std::vector<std::string> keys;  // empty: all
  bool of_config_map = false;     // it is a ConfigMap
  bool optional = false;          // what is not there is left out

  friend bool operator==(const CopiedSecret&, const CopiedSecret&) = default;
};

using SecretRecipe = std::variant<RootAuthority, CertificateSecret, UserSecret, CopiedSecret>;

const SecretObject& secret_of(const SecretRecipe& recipe);

RootAuthority root_authority(const spec::PostgresCluster& cluster);
// {c}-cluster-cert and {c}-replication-cert. Where the user brings a certificate, pods take only
// what is trusted from here; ours stays for pods that were made before.
CertificateSecret server_certificate(const spec::PostgresCluster& cluster,
                                     const Observed& observed);
CertificateSecret replication_certificate(const spec::PostgresCluster& cluster);
// {i}-certs: for Patroni, and with backups for pgBackRest's server beside it.
CertificateSecret instance_certificates(const spec::PostgresCluster& cluster,
                                        const Observed& observed, const spec::InstanceSet& set,
                                        const Instance& instance);
UserSecret user_secret(const spec::PostgresCluster& cluster, const spec::User& user);

// The certificate with which the operator itself calls PostgreSQL, as its superuser, and Patroni.
// Never stored: signed when needed, for hours.
Leaf operator_leaf();

// "name.namespace.svc.domain", then shorter and shorter.
std::vector<std::string> dns_names(const std::string& name, const std::string& namespace_name,
                                   const std::string& domain);
// The first name that is short enough for a common name, which may have 64 characters.
std::string common_name_of(const std::vector<std::string>& dns_names);

}  // namespace annals::manifests
