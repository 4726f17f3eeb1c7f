#include "manifests/secrets/recipe_codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "manifests/whole_number.h"

namespace annals::manifests {
namespace {

template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

constexpr Words<Ownership, 2> kOwnerships{
    {{Ownership::kController, "controller"}, {Ownership::kShared, "shared"}}};
constexpr Words<Content, 4> kContents{{{Content::kCertificate, "certificate"},
                                       {Content::kPrivateKey, "private-key"},
                                       {Content::kAuthority, "authority"},
                                       {Content::kKeyAndCertificate, "key-and-certificate"}}};
constexpr Words<spec::PasswordType, 2> kPasswordTypes{
    {{spec::PasswordType::kAscii, "ascii"}, {spec::PasswordType::kAlphaNumeric, "alphanumeric"}}};

template <class E, std::size_t N>
std::string_view word(E value, const Words<E, N>& words) {
  return std::ranges::find(words, value, &std::pair<E, std::string_view>::first)->second;
}

// Thrown inside of this file only, like the errors of the JSON library, and caught at its door.
struct Unreadable {};

template <class E, std::size_t N>
E value_of_word(const nlohmann::json& json, const Words<E, N>& words) {
  const auto text = json.get<std::string>();
  const auto found = std::ranges::find(words, text, &std::pair<E, std::string_view>::second);
  if (found == words.end()) throw Unreadable{};
  return found->first;
}

Json object_json(const SecretObject& object) {
  return {{"name", object.name},
          {"namespace", object.namespace_name},
          {"labels", object.labels},
          {"annotations", object.annotations},
          {"ownership", word(object.ownership, kOwnerships)}};
}

SecretObject object_of(const nlohmann::json& json) {
  return {json.at("name").get<std::string>(), json.at("namespace").get<std::string>(),
          json.at("labels").get<Labels>(), json.at("annotations").get<Labels>(),
          value_of_word(json.at("ownership"), kOwnerships)};
}

Json leaf_json(const Leaf& leaf) {
  Json files = Json::array();
  for (const SecretFile& file : leaf.files) {
    files.push_back({{"key", file.key}, {"content", word(file.content, kContents)}});
  }
  return {{"commonName", leaf.common_name},
          {"dnsNames", leaf.dns_names},
          {"server", leaf.server},
          {"client", leaf.client},
          {"files", files}};
}

Leaf leaf_of(const nlohmann::json& json) {
  Leaf leaf{json.at("commonName").get<std::string>(),
            json.at("dnsNames").get<std::vector<std::string>>(),
            json.at("server").get<bool>(),
            json.at("client").get<bool>(),
            {}};
  for (const nlohmann::json& file : json.at("files")) {
    leaf.files.push_back(
        {file.at("key").get<std::string>(), value_of_word(file.at("content"), kContents)});
  }
  return leaf;
}

Json address_json(const Address& address) {
  return {{"host", address.host}, {"port", address.port}};
}

Address address_of(const nlohmann::json& json) {
  return {json.at("host").get<std::string>(), whole_number<std::int32_t>(json.at("port"))};
}

Json content_json(const RootAuthority& root) {
  return {{"kind", "RootAuthority"},
          {"certificateKey", root.certificate_key},
          {"privateKeyKey", root.private_key_key},
          {"commonName", root.common_name}};
}

Json brought_json(const BroughtCertificate& brought) {
  const auto& [field, secret, certificate_key, private_key_key, authority_key, common_name,
               optional] = brought;
  return {{"field", field},
          {"secret", secret},
          {"certificateKey", certificate_key},
          {"privateKeyKey", private_key_key},
          {"authorityKey", authority_key},
          {"commonName", common_name},
          {"optional", optional}};
}

BroughtCertificate brought_of(const nlohmann::json& json) {
  return {json.at("field").get<std::string>(),
          json.at("secret").get<std::string>(),
          json.at("certificateKey").get<std::string>(),
          json.at("privateKeyKey").get<std::string>(),
          json.at("authorityKey").get<std::string>(),
          json.at("commonName").get<std::string>(),
          json.at("optional").get<bool>()};
}

// Without certificates that users bring it is what it was before there were any: the same digest.
Json content_json(const CertificateSecret& certificates) {
  Json leaves = Json::array();
  for (const Leaf& leaf : certificates.leaves) leaves.push_back(leaf_json(leaf));
  Json json = {
      {"kind", "CertificateSecret"}, {"authority", certificates.authority}, {"leaves", leaves}};
  if (certificates.also_trusts.empty()) return json;
  Json also_trusts = Json::array();
  for (const BroughtCertificate& each : certificates.also_trusts)
    also_trusts.push_back(brought_json(each));
  json["alsoTrusts"] = also_trusts;
  return json;
}

Json content_json(const UserSecret& user) {
  Json json = {{"kind", "UserSecret"},
               {"user", user.user},
               {"database", user.database},
               {"address", address_json(user.address)},
               {"passwordType", word(user.password_type, kPasswordTypes)}};
  if (user.pgbouncer) json["pgbouncer"] = address_json(*user.pgbouncer);
  return json;
}

SecretRecipe recipe_of(const nlohmann::json& json) {
  const auto kind = json.at("kind").get<std::string>();
  SecretObject secret = object_of(json.at("secret"));
  if (kind == "RootAuthority") {
    return RootAuthority{std::move(secret), json.at("certificateKey").get<std::string>(),
                         json.at("privateKeyKey").get<std::string>(),
                         json.at("commonName").get<std::string>()};
  }
  if (kind == "CertificateSecret") {
    CertificateSecret recipe{std::move(secret), json.at("authority").get<std::string>(), {}};
    for (const nlohmann::json& leaf : json.at("leaves")) recipe.leaves.push_back(leaf_of(leaf));
    for (const nlohmann::json& each : json.value("alsoTrusts", nlohmann::json::array()))
      recipe.also_trusts.push_back(brought_of(each));
    return recipe;
  }
  if (kind != "UserSecret") throw Unreadable{};
  UserSecret recipe;
  recipe.secret = std::move(secret);
  recipe.user = json.at("user").get<std::string>();
  recipe.database = json.at("database").get<std::string>();
  recipe.address = address_of(json.at("address"));
  if (json.contains("pgbouncer")) recipe.pgbouncer = address_of(json.at("pgbouncer"));
  recipe.password_type = value_of_word(json.at("passwordType"), kPasswordTypes);
  return recipe;
}

}  // namespace

Json recipe_to_json(const SecretRecipe& recipe) {
  Json json = std::visit([](const auto& one) { return content_json(one); }, recipe);
  json["secret"] = object_json(secret_of(recipe));
  return json;
}

Result<SecretRecipe> recipe_from_json(const nlohmann::json& json) {
  try {
    return recipe_of(json);
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::kCorrupt, "recipe of a Secret: ", error.what());
  } catch (const Unreadable&) {
    return fail(Errc::kCorrupt, "recipe of a Secret: a word that this version does not know");
  }
}

}  // namespace annals::manifests
