#include "fsm/codec/action_codec.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fsm/codec/message_codec.h"
#include "manifests/secrets/recipe_codec.h"
#include "manifests/whole_number.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Unreadable{std::move(result).error()};
  return std::move(*result);
}

std::string text(const json& from, const char* key) { return from.at(key).get<std::string>(); }

Json to_json(const ObjectRef& ref) {
  const auto& [api_version, kind, name_space, name] = ref;
  return {{"apiVersion", api_version}, {"kind", kind}, {"namespace", name_space}, {"name", name}};
}
ObjectRef ref_of(const json& from) {
  return {.api_version = text(from, "apiVersion"),
          .kind = text(from, "kind"),
          .name_space = text(from, "namespace"),
          .name = text(from, "name")};
}

// Each alternative of Action: how it is written, and how it is read. The bindings below name every
// member, so that a new one does not compile until it stands here.
Json to_json(const ApplyObject& x) {
  const auto& [ref, digest, manifest] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"manifest", manifest}};
}
Json to_json(const EnsureSecret& x) {
  const auto& [ref, digest, recipe] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"recipe", manifests::recipe_to_json(recipe)}};
}
Json to_json(const SqlUser& x) {
  const auto& [name, secret, databases, options] = x;
  return {{"name", name}, {"secret", secret}, {"databases", databases}, {"options", options}};
}
// Only where it says something: other intents are what they were before there was any.
void add_server(Json& to, const BroughtIdentity& x) {
  const auto& [authorities_secret, certificate_secret, certificate_key] = x;
  if (x == BroughtIdentity()) return;
  to["server"] = {{"authoritiesSecret", authorities_secret},
                  {"certificateSecret", certificate_secret},
                  {"certificateKey", certificate_key}};
}
BroughtIdentity server_of(const json& from) {
  if (!from.contains("server")) return {};
  const json& server = from.at("server");
  return {.authorities_secret = text(server, "authoritiesSecret"),
          .certificate_secret = text(server, "certificateSecret"),
          .certificate_key = text(server, "certificateKey")};
}

Json to_json(const RunSql& x) {
  const auto& [digest, host, port, authority_secret, server, databases, users] = x;
  Json all = Json::array();
  for (const SqlUser& user : users) all.push_back(to_json(user));
  Json to = {{"digest", digest},       {"host", host},
             {"port", port},           {"authoritySecret", authority_secret},
             {"databases", databases}, {"users", std::move(all)}};
  add_server(to, server);
  return to;
}
Json to_json(const PatchStatus& x) {
  const auto& [ref, digest, manifest] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"manifest", manifest}};
}

Json to_json(const DeleteObject& x) {
  const auto& [ref, digest, guard, only_as] = x;
  const auto& [lost, other_copy, allowed_by] = guard;
  return {{"ref", to_json(ref)},
          {"digest", digest},
          {"guard",
           {{"lost", message_to_json(lost)},
            {"otherCopy", message_to_json(other_copy)},
            {"allowedBy", message_to_json(allowed_by)}}},
          {"onlyAs", only_as}};
}
Json to_json(const SetFinalizer& x) {
  const auto& [ref, digest, present] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"present", present}};
}
Json to_json(const ConfigurePatroni& x) {
  const auto& [ref, digest, host, authority_secret, configuration] = x;
  return {{"ref", to_json(ref)},
          {"digest", digest},
          {"host", host},
          {"authoritySecret", authority_secret},
          {"configuration", configuration}};
}

Json to_json(const AskPatroni& x) {
  const auto& [digest, host, authority_secret] = x;
  return {{"digest", digest}, {"host", host}, {"authoritySecret", authority_secret}};
}
Json to_json(const SwitchOver& x) {
  const auto& [digest, host, authority_secret, leader, candidate, forced] = x;
  return {{"digest", digest}, {"host", host},           {"authoritySecret", authority_secret},
          {"leader", leader}, {"candidate", candidate}, {"forced", forced}};
}
Json to_json(const RestartPostgres& x) {
  const auto& [digest, pod, host, authority_secret] = x;
  return {{"digest", digest}, {"pod", pod}, {"host", host}, {"authoritySecret", authority_secret}};
}
Json to_json(const Checkpoint& x) {
  const auto& [digest, host, port, authority_secret, server] = x;
  Json to = {
      {"digest", digest}, {"host", host}, {"port", port}, {"authoritySecret", authority_secret}};
  add_server(to, server);
  return to;
}
Json to_json(const RunInitSql& x) {
  const auto& [digest, pod, container, config_map, key, mark, forget] = x;
  return {{"digest", digest}, {"pod", pod},   {"container", container}, {"configMap", config_map},
          {"key", key},       {"mark", mark}, {"forget", forget}};
}
Json to_json(const EmitEvent& x) {
  const auto& [ref, digest, warning, reason, message] = x;
  return {{"ref", to_json(ref)},
          {"digest", digest},
          {"warning", warning},
          {"reason", reason},
          {"message", message_to_json(message)}};
}

Action read_apply(const json& from) {
  return ApplyObject{.ref = ref_of(from.at("ref")),
                     .digest = text(from, "digest"),
                     .manifest = text(from, "manifest")};
}
Action read_secret(const json& from) {
  return EnsureSecret{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .recipe = value_or_throw(manifests::recipe_from_json(from.at("recipe")))};
}
Action read_sql(const json& from) {
  RunSql sql{.digest = text(from, "digest"),
             .host = text(from, "host"),
             .port = manifests::whole_number<int>(from.at("port")),
             .authority_secret = text(from, "authoritySecret"),
             .server = server_of(from),
             .databases = from.at("databases").get<std::vector<std::string>>(),
             .users = {}};
  for (const json& user : from.at("users")) {
    sql.users.push_back({.name = text(user, "name"),
                         .secret = text(user, "secret"),
                         .databases = user.at("databases").get<std::vector<std::string>>(),
                         .options = text(user, "options")});
  }
  return sql;
}
Action read_status(const json& from) {
  return PatchStatus{.ref = ref_of(from.at("ref")),
                     .digest = text(from, "digest"),
                     .manifest = text(from, "manifest")};
}

Action read_delete(const json& from) {
  const json& guard = from.at("guard");
  return DeleteObject{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .guard = {.lost = message_from_json(guard.at("lost")),
                                .other_copy = message_from_json(guard.at("otherCopy")),
                                .allowed_by = message_from_json(guard.at("allowedBy"))},
                      .only_as = from.value("onlyAs", std::string())};
}
Action read_finalizer(const json& from) {
  return SetFinalizer{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .present = from.at("present").get<bool>()};
}
Action read_patroni(const json& from) {
  return ConfigurePatroni{.ref = ref_of(from.at("ref")),
                          .digest = text(from, "digest"),
                          .host = text(from, "host"),
                          .authority_secret = text(from, "authoritySecret"),
                          .configuration = text(from, "configuration")};
}

Action read_ask(const json& from) {
  return AskPatroni{.digest = text(from, "digest"),
                    .host = text(from, "host"),
                    .authority_secret = text(from, "authoritySecret")};
}
Action read_switch(const json& from) {
  return SwitchOver{.digest = text(from, "digest"),
                    .host = text(from, "host"),
                    .authority_secret = text(from, "authoritySecret"),
                    .leader = text(from, "leader"),
                    .candidate = text(from, "candidate"),
                    .forced = from.at("forced").get<bool>()};
}
Action read_restart(const json& from) {
  return RestartPostgres{.digest = text(from, "digest"),
                         .pod = text(from, "pod"),
                         .host = text(from, "host"),
                         .authority_secret = text(from, "authoritySecret")};
}
Action read_checkpoint(const json& from) {
  return Checkpoint{.digest = text(from, "digest"),
                    .host = text(from, "host"),
                    .port = manifests::whole_number<int>(from.at("port")),
                    .authority_secret = text(from, "authoritySecret"),
                    .server = server_of(from)};
}
Action read_init_sql(const json& from) {
  return RunInitSql{.digest = text(from, "digest"),
                    .pod = text(from, "pod"),
                    .container = text(from, "container"),
                    .config_map = text(from, "configMap"),
                    .key = text(from, "key"),
                    .mark = text(from, "mark"),
                    .forget = from.at("forget").get<bool>()};
}
Action read_event(const json& from) {
  return EmitEvent{.ref = ref_of(from.at("ref")),
                   .digest = text(from, "digest"),
                   .warning = from.at("warning").get<bool>(),
                   .reason = text(from, "reason"),
                   .message = message_from_json(from.at("message"))};
}

// By the alternative's place in the variant; the word is that of its record.
using ReadAction = Action (*)(const json&);
constexpr std::array kActions{
    std::pair<std::string_view, ReadAction>{"apply-object", read_apply},
    std::pair<std::string_view, ReadAction>{"ensure-secret", read_secret},
    std::pair<std::string_view, ReadAction>{"run-sql", read_sql},
    std::pair<std::string_view, ReadAction>{"patch-status", read_status},
    std::pair<std::string_view, ReadAction>{"delete-object", read_delete},
    std::pair<std::string_view, ReadAction>{"set-finalizer", read_finalizer},
    std::pair<std::string_view, ReadAction>{"configure-patroni", read_patroni},
    std::pair<std::string_view, ReadAction>{"ask-patroni", read_ask},
    std::pair<std::string_view, ReadAction>{"switch-over", read_switch},
    std::pair<std::string_view, ReadAction>{"restart-postgres", read_restart},
    std::pair<std::string_view, ReadAction>{"checkpoint", read_checkpoint},
    std::pair<std::string_view, ReadAction>{"run-init-sql", read_init_sql},
    std::pair<std::string_view, ReadAction>{"emit-event", read_event},
};
static_assert(kActions.size() == std::variant_size_v<Action>, "a new action needs its line here");

}  // namespace

manifests::Json action_to_json(const Action& action) {
  Json document = std::visit([](const auto& each) { return to_json(each); }, action);
  document["type"] = type_of(action);
  return document;
}

Action action_from_json(const json& from) {
  const std::string type = text(from, "type");
  for (const auto& [word, read] : kActions) {
    if (word == type) return read(from);
  }
  throw Unreadable{{Errc::kCorrupt, "no action has the type '" + type + "'"}};
}

}  // namespace annals::fsm
