#include "actions/secret_material.h"

#include <utility>

#include "base/concat.h"
#include "postgres/sql/connection_uri.h"
#include "postgres/sql/password.h"
#include "postgres/tls/certificate_check.h"

namespace annals::actions {
namespace {

using manifests::Content;

postgres::LeafRequest request_for(const manifests::Leaf& leaf) {
  postgres::LeafRequest request{.common_name = leaf.common_name, .dns_names = leaf.dns_names};
  if (leaf.server && !leaf.client) request.usage = postgres::Usage::kServer;
  if (leaf.client && !leaf.server) request.usage = postgres::Usage::kClient;
  return request;
}

constexpr std::string_view kCertificateBegin = "-----BEGIN CERTIFICATE-----";

// The pair that a Secret's files hold for one leaf; parts that are not there stay empty.
postgres::KeyPair existing_pair(const manifests::Leaf& leaf, const SecretData& data) {
  postgres::KeyPair pair;
  for (const manifests::SecretFile& file : leaf.files) {
    const Secret value = value_of(data, file.key);
    if (file.content == Content::kCertificate) pair.certificate = std::string(value.reveal());
    if (file.content == Content::kPrivateKey) pair.key = value;
    if (file.content == Content::kKeyAndCertificate) {
      const std::size_t split = value.reveal().find(kCertificateBegin);
      if (split == std::string_view::npos) continue;
      pair.key = Secret(std::string(value.reveal().substr(0, split)));
      pair.certificate = std::string(value.reveal().substr(split));
    }
  }
  return pair;
}

// A stranger's authority of before, which has signed what some pods still show: it is trusted until
// it ends, or until somebody deletes the Secret. One of our own that was replaced is not.
std::string still_trusted(std::string_view before, const std::string& now_trusted, Timestamp now) {
  std::string kept;
  for (std::size_t at = before.find(kCertificateBegin); at != std::string_view::npos;) {
    const std::size_t next = before.find(kCertificateBegin, at + 1);
    const std::string certificate(before.substr(at, next - at));
    const Result<postgres::CertificateInfo> info = postgres::parse_certificate(certificate);
    if (info && info->is_ca && info->not_after > now &&
        info->common_name != postgres::kRootCommonName && !now_trusted.contains(certificate)) {
      kept += certificate;
    }
    at = next;
  }
  return kept;
}

void put_files(SecretData& data, const manifests::Leaf& leaf, const postgres::KeyPair& pair,
               const std::string& authorities, const SecretData& existing, Timestamp now) {
  for (const manifests::SecretFile& file : leaf.files) {
    switch (file.content) {
      case Content::kCertificate:
        data[file.key] = Secret(pair.certificate);
        break;
      case Content::kPrivateKey:
        data[file.key] = pair.key;
        break;
      case Content::kAuthority:
        data[file.key] = Secret(
            authorities + still_trusted(value_of(existing, file.key).reveal(), authorities, now));
        break;
      case Content::kKeyAndCertificate:
        data[file.key] = Secret(concat(pair.key.reveal(), pair.certificate));
        break;
    }
  }
}

postgres::PasswordType password_type(spec::PasswordType type) {
  return type == spec::PasswordType::kAlphaNumeric ? postgres::PasswordType::kAlphaNumeric
                                                   : postgres::PasswordType::kAscii;
}

std::optional<postgres::Endpoint> endpoint(const std::optional<manifests::Address>& address) {
  if (!address) return std::nullopt;
  return postgres::Endpoint{.host = address->host,
                            .port = static_cast<std::uint16_t>(address->port)};
}

}  // namespace

Result<SecretData> make_material(const manifests::RootAuthority& recipe, const SecretData& existing,
                                 Timestamp now) {
  const postgres::KeyPair before{
      .certificate = std::string(value_of(existing, recipe.certificate_key).reveal()),
      .key = value_of(existing, recipe.private_key_key)};
  if (!postgres::root_needs_renewal(before, now)) {
    return SecretData{{recipe.certificate_key, Secret(before.certificate)},
                      {recipe.private_key_key, before.key}};
  }
  Result<postgres::KeyPair> root = postgres::make_root(recipe.common_name, now);
  if (!root) return fail(std::move(root).error());
  return SecretData{{recipe.certificate_key, Secret(root->certificate)},
                    {recipe.private_key_key, root->key}};
}

Result<SecretData> make_material(const manifests::CertificateSecret& recipe,
                                 const postgres::Authority& authority, const std::string& others,
                                 const SecretData& existing, Timestamp now) {
  SecretData data;
  for (const manifests::Leaf& leaf : recipe.leaves) {
    const postgres::LeafRequest wanted = request_for(leaf);
    postgres::KeyPair pair = existing_pair(leaf, existing);
    if (postgres::needs_renewal(pair, authority.certificate(), wanted, now)) {
      Result<postgres::KeyPair> made = postgres::make_leaf(authority, wanted, now);
      if (!made) return fail(std::move(made).error());
      pair = std::move(*made);
    }
    put_files(data, leaf, pair, authority.certificate() + others, existing, now);
  }
  return data;
}

Result<SecretData> make_material(const manifests::UserSecret& recipe, const SecretData& existing) {
  postgres::UserSecret user{.primary = {.host = recipe.address.host,
                                        .port = static_cast<std::uint16_t>(recipe.address.port)}};
  user.bouncer = endpoint(recipe.pgbouncer);
  user.user = recipe.user;
  if (!recipe.database.empty()) user.database = recipe.database;
  user.password = value_of(existing, "password");
  user.verifier = value_of(existing, "verifier");
  if (user.password.empty()) {
    user.password = postgres::generate_password(password_type(recipe.password_type),
                                                postgres::system_randomness());
    user.verifier = Secret();
  }
  if (user.verifier.empty()) {
    Result<Secret> verifier = postgres::scram_verifier(
        user.password, postgres::generate_salt(postgres::system_randomness()));
    if (!verifier) return fail(std::move(verifier).error());
    user.verifier = std::move(*verifier);
  }
  return postgres::user_secret(user);
}

postgres::KeyPair authority_in(const SecretData& data) {
  return {.certificate = std::string(value_of(data, "root.crt").reveal()),
          .key = value_of(data, "root.key")};
}

}  // namespace annals::actions
