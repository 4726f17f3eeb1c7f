#include "tests/simulation/object_deeds.h"

#include <utility>
#include <variant>

#include "actions/resources.h"
#include "base/sha256.h"
#include "fsm/codec/codec.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

using manifests::CertificateSecret;
using manifests::RootAuthority;
using manifests::SecretObject;
using manifests::UserSecret;

namespace {

// What a webhook has added is not what was asked for.
bool is_another(const std::string& there, const std::string& asked) {
  return !there.empty() && there.substr(0, asked.size()) != asked;
}

// The controller tells of a new template only when it has seen it.
void take_template(Object& set, const std::string& text) {
  const std::string revision = sha256_hex(text.substr(text.find("\"template\":"))).substr(0, 10);
  if (set.revision != revision) set.fields.stateful_set = {};
  set.revision = revision;
}

// Of what is written differently for each kind of store; empty for all else.
std::string store_in(const Key& key, const Object& object, const std::string& text) {
  const auto either = [](bool config_maps) { return config_maps ? "ConfigMap" : "Endpoints"; };
  if (key.kind == "ConfigMap" && key.name == object.cluster + "-config")
    return either(text.contains("use_endpoints: false"));
  if (key.kind == "Role" && key.name == object.cluster + "-instance")
    return either(text.contains("\"configmaps\""));
  if (key.kind == "Service" && key.name == object.cluster + "-ha")
    return either(text.contains("\"selector\":"));
  return {};
}

// As the bootstrap of a configuration says, which is YAML in a JSON text.
std::string follows_in(const Key& key, const Object& object, const std::string& text) {
  const std::size_t at = text.find("standby_cluster:");
  if (key.kind != "ConfigMap" || key.name != object.cluster + "-config" || at == std::string::npos)
    return {};
  constexpr std::string_view kHost = " host: ";
  const std::size_t host = text.find(kHost, at);
  if (host == std::string::npos) return "repository";
  return text.substr(host + kHost.size(), text.find('\\', host) - host - kHost.size());
}

// The same address for the same name, so that runs can be compared.
std::string address_of(const Key& key) {
  const Digest digest = sha256(to_string(key));
  return concat("10.", static_cast<int>(digest.bytes[0]), ".", static_cast<int>(digest.bytes[1]),
                ".", static_cast<int>(digest.bytes[2]));
}

}  // namespace

// A server-side apply with force: our fields become ours again, others stay as they are. `change`
// says why it cannot be done, or nothing.
template <class Change>
Answer ObjectDeeds::write(const Key& key, const Change& change) {
  const Snapshot before = world_.server.find(key);
  Object after;
  if (before != nullptr) after = *before;
  after.key = key;
  std::string trouble = change(after);
  if (!trouble.empty()) return std::unexpected(std::move(trouble));
  if (!after.tampered.empty()) after.last_writer = {};
  after.tampered.clear();
  // A webhook writes into our fields on the way in; what we own is what came of it.
  if (world_.fault_state.webhook && !after.content_digest.ends_with("~"))
    after.content_digest += "~";
  if (before == nullptr) {
    if (world_.fault_state.quota) return refuse(403, "exceeded quota");
    world_.writes[concat(key.kind, "/", key.name)] += 1;
    return world_.server.create(std::move(after));
  }
  if (!before->controller.empty() && before->controller != after.controller) {
    // The API server would take it. What the operator does instead is to look first, where it knows
    // of a namesake; no look helps a request that was on its way for longer than its cluster lived.
    if (!cluster_.has_namesake && world_.server.exists(cluster_.uid.value()))
      world_.accuse("I12", concat(to_string(key), " of ", before->controller, " is taken over by ",
                                  after.controller));
    return refuse(409, "belongs to another cluster");
  }
  const std::string kept_for = before->fields.claim->kept_for.value_or("");
  if (!kept_for.empty() && kept_for != cluster_.uid.value()) {
    if (!cluster_.has_namesake && world_.server.exists(cluster_.uid.value()))
      world_.accuse("kept", concat(to_string(key), " is kept for ", kept_for, " and taken over by ",
                                   after.controller));
    return refuse(409, "is kept for a deleted cluster");
  }
  if (before->deleting && cluster_.has_namesake) return refuse(409, "is being deleted");
  const bool same = before->owned_digest() == after.owned_digest() &&
                    before->owners == after.owners && before->fields == after.fields;
  if (same) return before;
  world_.writes[concat(key.kind, "/", key.name)] += 1;
  return world_.server.update(key, [&](Object& object) { object = after; });
}

template <class Recipe>
Answer ObjectDeeds::ensure(const fsm::EnsureSecret& action, const Recipe& recipe) {
  return write(key_of(action.ref), [&](Object& object) {
    const SecretObject& wanted = recipe.secret;
    const auto name = wanted.labels.find(manifests::label::kCluster);
    object.is_labelled = name != wanted.labels.end();
    object.cluster = object.is_labelled ? name->second : std::string();
    object.owners.insert(cluster_.uid.value());
    if (wanted.ownership == manifests::Ownership::kController)
      object.controller = cluster_.uid.value();
    object.content_digest = fsm::recipe_digest(action.recipe);
    return make(recipe, object);
  });
}

Answer ObjectDeeds::operator()(const fsm::ApplyObject& action) {
  const Result<k8s::Resource> resource = actions::resource_of(action.ref);
  if (!resource) return std::unexpected(to_string(resource.error()));
  if (k8s::api_version(*resource) != action.ref.api_version)
    return refuse(400, concat("the API version in the data (", action.ref.api_version,
                              ") does not match ", k8s::api_version(*resource)));
  if (action.ref.kind == "RoleBinding") {
    const Key role{"Role", action.ref.name_space,
                   text_member(action.manifest, "name", "\"roleRef\":")};
    if (world_.server.find(role) == nullptr) {
      checks_.check_binding(role);
      return refuse(404, concat("roles.rbac.authorization.k8s.io \"", role.name, "\" not found"));
    }
  }
  return write(key_of(action.ref), [&](Object& object) {
    const std::string& text = action.manifest;
    if (action.ref.kind == "Job" && is_another(object.content_digest, action.digest))
      return std::string("422 Invalid: spec.template: field is immutable");
    object.content_digest = action.digest;
    object.is_labelled = text.contains("\"postgres-operator.crunchydata.com/cluster\":");
    object.cluster = label(text, "cluster");
    object.instance = label(text, "instance");
    object.controller = text_member(text, "uid", "\"ownerReferences\":");
    object.owners = {object.controller};
    object.store = store_in(object.key, object, text);
    object.follows = follows_in(object.key, object, text);
    checks_.check_store(object);
    const std::string set = label(text, "instance-set");
    if (!set.empty()) object.fields.instance.edit().set = set;
    if (!object.instance.empty()) object.fields.instance.edit().name = object.instance;
    if (action.ref.kind == "Job") take_job(object, text);
    if (action.ref.kind == "PersistentVolumeClaim") {
      const std::string uid = uid_asked_for(text);
      if (!uid.empty() && uid != object.uid) return std::string("409 Conflict: another UID");
      take_stand_in(object, text);
      // What has an owner goes with it. From a request that is older than the deletion: a known
      // gap.
      if (object.fields.claim->kept_for) {
        object.fields.claim.edit().kept_for.reset();
        world_.external_edits[concat("PersistentVolumeClaim/", object.key.name)] += 1;
      }
    }
    if (action.ref.kind == "StatefulSet") {
      object.replicas = number_member(text, "replicas", 1);
      take_template(object, text);
      checks_.check_order(object);
    }
    if (action.ref.kind == "Service") {
      const bool headless = text.contains("\"clusterIP\":\"None\"");
      object.fields.service = {{.cluster_ip = headless ? "None" : address_of(object.key)}};
    }
    return std::string();
  });
}

Answer ObjectDeeds::operator()(const fsm::EnsureSecret& action) {
  return std::visit([&](const auto& recipe) { return ensure(action, recipe); }, action.recipe);
}

Answer ObjectDeeds::operator()(const fsm::PatchStatus& action) {
  const Key key = key_of(action.ref);
  const Snapshot object = world_.server.find(key);
  if (object == nullptr) return refuse(404, "the resource is not found");
  // The UID goes with the request, so that it does not meet a namesake.
  if (object->uid != cluster_.uid.value()) return refuse(409, "it is another resource");
  if (object->status != action.manifest) {
    world_.server.update(key, [&](Object& it) { it.status = action.manifest; });
    world_.writes[fsm::target_of(action)] += 1;
  }
  return nullptr;
}

Answer ObjectDeeds::operator()(const fsm::DeleteObject& action) {
  const bool by_name = action.digest.empty();
  if (action.guard.lost.empty() || action.guard.allowed_by.empty() ||
      (by_name && action.ref.kind != "Endpoints" && action.ref.kind != "ConfigMap"))
    world_.accuse("I10", concat(fsm::target_of(action), " is deleted without a guard"));
  const Key key = key_of(action.ref);
  const Snapshot object = world_.server.find(key);
  if (object == nullptr) return nullptr;
  const bool is_it =
      by_name ? object->cluster == cluster_.name && has_its_name() : object->uid == action.digest;
  if (!is_it) return nullptr;  // a namesake
  const bool not_ready = action.precondition == fsm::kNotReady;
  if (not_ready && object->pod.ready) return refuse(409, concat(key.name, " is ready"));
  const fsm::ClaimFields& claim = *object->fields.claim;
  const std::string is =
      key.kind == "PersistentVolumeClaim"
          ? fsm::kept_as(claim.kept_for.value_or(""), claim.kept_until.value_or(""))
          : object->pod.role;
  if (!not_ready && !action.precondition.empty() && is != action.precondition)
    return refuse(409, concat(key.name, " is ", is));
  checks_.check_deletion(action, *object);
  world_.writes[fsm::target_of(action)] += 1;
  world_.server.remove(key);
  return nullptr;
}

Answer ObjectDeeds::operator()(const fsm::SetFinalizer& action) {
  const Key key = key_of(action.ref);
  const Snapshot object = world_.server.find(key);
  if (object == nullptr || object->uid != action.digest ||
      object->finalizers.contains(fsm::kFinalizer) == action.present)
    return nullptr;
  if (action.present && object->deleting) return refuse(422, "no new finalizers can be added");
  world_.writes[fsm::target_of(action)] += 1;
  world_.server.update(key, [&](Object& it) {
    if (action.present) {
      it.finalizers.insert(fsm::kFinalizer);
    } else {
      it.finalizers.erase(fsm::kFinalizer);
    }
  });
  return nullptr;
}

Answer ObjectDeeds::operator()(const fsm::KeepClaim& action) {
  const Snapshot claim = world_.server.find(key_of(action.ref));
  if (claim == nullptr && action.kept) return nullptr;
  if (claim == nullptr) return refuse(404, "the claim is not found");
  return action.kept ? keep(*claim, action) : take_up(*claim, action);
}

Answer ObjectDeeds::keep(const Object& claim, const fsm::KeepClaim& action) {
  const bool is_owned = claim.owners.contains(action.of);
  const bool is_kept = claim.fields.claim->kept_for == action.of;
  const bool is_led = claim.fields.claim->led_for == action.of;
  if (!is_owned && (!is_kept || is_led == action.led)) return world_.server.find(claim.key);
  world_.writes[fsm::target_of(action)] += 1;
  return world_.server.update(claim.key, [&](Object& kept) {
    fsm::ClaimFields& fields = kept.fields.claim.edit();
    kept.owners.erase(action.of);
    kept.controller.clear();
    fields.kept_for = action.of;
    if (!is_kept) fields.kept_until = action.until;
    if (action.led) fields.led_for = action.of;
    if (!action.led && is_led) fields.led_for.reset();
  });
}

Answer ObjectDeeds::take_up(const Object& claim, const fsm::KeepClaim& action) {
  const std::string uid = cluster_.uid.value();
  const Snapshot owner =
      world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
  if (owner == nullptr || owner->uid != uid || owner->deleting)
    return refuse(404, "the cluster is deleted");
  if (claim.owners.contains(uid)) return world_.server.find(claim.key);
  if (claim.deleting || claim.fields.claim->kept_for != action.of || !claim.owners.empty())
    return refuse(409, "is no longer kept for that cluster");
  if ((claim.fields.claim->led_for == action.of) != action.led)
    return refuse(409, "it is another one that has the data of the leader");
  world_.writes[fsm::target_of(action)] += 1;
  return world_.server.update(claim.key, [&](Object& taken) {
    fsm::ClaimFields& fields = taken.fields.claim.edit();
    taken.owners = {uid};
    taken.controller = uid;
    fields.kept_for.reset();
    fields.kept_until.reset();
  });
}

Answer ObjectDeeds::operator()(const fsm::EmitEvent& action) {
  if (action.message.empty()) world_.accuse("I13", "an Event says nothing");
  world_.events.insert(action.digest);
  world_.told.insert(concat(cluster_.name, " ", action.reason));
  return nullptr;
}

// Not so when another cluster has it by now.
bool ObjectDeeds::has_its_name() const {
  const Snapshot holder =
      world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
  return holder == nullptr || holder->uid == cluster_.uid.value();
}

void ObjectDeeds::take_job(Object& job, const std::string& text) {
  job.repo = label(text, "pgbackrest-repo");
  const std::string purpose = label(text.substr(text.find("\"labels\":{")), "pgbackrest-backup");
  checks_.check_repository_job(job);
  job.makes_backup = purpose != "stanza" && purpose != "expire";
  if (purpose == "expire") take_removal(job, text);
  if (purpose == "missing-wal") job.fields.job.edit().repo = job.repo;
  if (purpose == "missing-wal" && world_.server.find(job.key) == nullptr)
    world_.backups[concat("drop ", world_.databases[cluster_.uid.value()].dropped.size(), " of ",
                          cluster_.uid)] += 1;
  take_request(job, text);
  take_restore(job, text);
}

// Nobody in these scenarios consents to lose the newest one.
void ObjectDeeds::take_removal(Object& job, const std::string& text) {
  constexpr std::string_view kSet = "--set=";
  const std::size_t at = text.find(kSet) + kSet.size();
  job.removes_backup = text.substr(at, text.find_first_not_of("0123456789-_FDI", at) - at);
  if (world_.server.find(job.key) != nullptr) return;
  world_.backups["remove " + job.removes_backup] += 1;
  const Database& database = world_.databases[cluster_.uid.value()];
  if (database.backups.empty() || database.backups.back().label == job.removes_backup)
    world_.accuse("I10", concat("the newest backup ", job.removes_backup, " is to be removed"));
}

// Of one that was there before its cluster: which of the cluster's own it is instead of.
void ObjectDeeds::take_stand_in(Object& claim, const std::string& text) {
  const std::string repo = label(text, "pgbackrest-repo");
  const bool is_of_data = !claim.instance.empty() && label(text, "role") == "pgdata";
  const std::string usual = is_of_data      ? claim.instance + "-pgdata"
                            : !repo.empty() ? concat(claim.cluster, "-", repo)
                                            : std::string();
  if (!usual.empty() && usual != claim.key.name) claim.fields.claim.edit().stands_for = usual;
}

void ObjectDeeds::take_restore(Object& job, const std::string& text) {
  const std::string metadata = text.substr(0, text.find("\"spec\":"));
  const std::string hash = label(metadata, "pgbackrest-hash");
  if (metadata.contains("postgres-operator.crunchydata.com/move-job\":")) job.manifest = text;
  if (hash.empty()) return;
  if (metadata.contains("postgres-operator.crunchydata.com/restore-drill\":") ||
      metadata.contains("postgres-operator.crunchydata.com/shutdown-receipt\":")) {
    job.manifest = text;
    job.fields.job.edit().restore = hash;
    return;
  }
  if (!metadata.contains("postgres-operator.crunchydata.com/pgbackrest-restore\":")) return;
  if (world_.server.find(job.key) == nullptr) world_.backups["restore " + hash] += 1;
  job.manifest = text;
  job.fields.job.edit().restore = hash;
}

// A Job says by an annotation what it was asked for; labels have the same name.
void ObjectDeeds::take_request(Object& job, const std::string& text) {
  const std::size_t annotations = text.find("\"annotations\":{");
  const std::size_t labels = text.find("\"labels\":{");
  if (annotations > labels) return;
  const std::string request =
      label(text.substr(annotations, labels - annotations), "pgbackrest-backup");
  if (request.empty()) return;
  if (world_.server.find(job.key) == nullptr) world_.backups[request] += 1;
  fsm::JobFields& fields = job.fields.job.edit();
  fields.request = request;
  fields.repo = label(text, "pgbackrest-repo");
}

// The bytes of a Secret, which must get nowhere else.
std::string ObjectDeeds::new_material(const char* what) {
  return concat(kCanary, what, ++world_.materials);
}

// Keeps what is good already. Somebody else's bytes are not.
std::string ObjectDeeds::make(const RootAuthority&, Object& secret) {
  if (secret.material.empty()) secret.material = new_material("root-");
  secret.signed_by = secret.material;
  secret.fields.secret = {{.authority = sha256_hex(secret.material)}};
  return {};
}

std::string ObjectDeeds::make(const CertificateSecret& recipe, Object& secret) {
  const Snapshot authority = find_secret(world_, cluster_, recipe.authority);
  if (authority == nullptr) return "there is no authority to sign certificates";
  if (secret.material.empty() || secret.tampered.contains("data") ||
      secret.signed_by != authority->material)
    secret.material = new_material("certificate-");
  secret.signed_by = authority->material;
  return trust(recipe, secret);
}

// The authorities that users bring stand in it as copies.
std::string ObjectDeeds::trust(const CertificateSecret& recipe, Object& secret) {
  secret.trusts.clear();
  std::string all;
  for (const manifests::CustomTlsCertificate& each : recipe.also_trusts) {
    const Snapshot brought = find_secret(world_, cluster_, each.secret);
    if (brought == nullptr) return concat("Secret ", each.secret, " does not exist");
    all += sha256_hex(brought->material);
  }
  if (!all.empty()) secret.trusts = sha256_hex(all);
  return {};
}

std::string ObjectDeeds::make(const manifests::CopiedSecret& recipe, Object& secret) {
  const Snapshot source = world_.server.find({"Secret", recipe.from_namespace, recipe.from});
  if (source == nullptr) return concat("Secret ", recipe.from, " does not exist");
  secret.material = source->material;
  return {};
}

std::string ObjectDeeds::make(const UserSecret&, Object& secret) {
  if (secret.material.empty() || secret.tampered.contains("data"))
    secret.material = new_material("password-");
  return {};
}

}  // namespace annals::simulation
