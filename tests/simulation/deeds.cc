#include "tests/simulation/deeds.h"

#include <expected>

#include "actions/resources.h"
#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec.h"
#include "fsm/deletion.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {
namespace {

using manifests::CertificateSecret;
using manifests::RootAuthority;
using manifests::SecretObject;
using manifests::UserSecret;

// What an action answers: the object as it is now, or why it was not done.
using Answer = std::expected<Snapshot, std::string>;

std::unexpected<std::string> refuse(int status, const std::string& why) {
  return std::unexpected(concat("refused: ", status, " ", why));
}

class Effect {
 public:
  Effect(World& world, const actions::ClusterIdentity& cluster)
      : world_(world), cluster_(cluster) {}

  Answer operator()(const fsm::ApplyObject& action) {
    const Result<k8s::Resource> resource = actions::resource_of(action.ref);
    if (!resource) return std::unexpected(to_string(resource.error()));
    if (k8s::api_version(*resource) != action.ref.api_version)
      return refuse(400, concat("the API version in the data (", action.ref.api_version,
                                ") does not match ", k8s::api_version(*resource)));
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
      const std::string set = label(text, "instance-set");
      if (!set.empty()) object.fields["instance-set"] = set;
      if (!object.instance.empty()) object.fields["instance"] = object.instance;
      if (action.ref.kind == "Job") take_request(object, text);
      if (action.ref.kind == "StatefulSet") {
        object.replicas = number_member(text, "replicas", 1);
        take_template(object, text);
        check_order(object);
      }
      if (action.ref.kind == "Service") {
        const bool headless = text.contains("\"clusterIP\":\"None\"");
        object.fields["clusterIP"] = headless ? "None" : address_of(object.key);
      }
      return std::string();
    });
  }

  Answer operator()(const fsm::EnsureSecret& action) {
    return std::visit([&](const auto& recipe) { return ensure(action, recipe); }, action.recipe);
  }

  Answer operator()(const fsm::RunSql& sql) {
    const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
    const Snapshot authority = secret(sql.authority_secret);
    if (sql.host.empty() || sql.users.empty())
      world_.accuse("order",
                    "SQL is sent without a host and users: of a spec that nobody can read");
    if (authority == nullptr) return std::unexpected("no authority to sign a certificate");
    if (primary == nullptr || world_.weather.database_down)
      return std::unexpected("cannot connect: connection refused");
    const Snapshot server = secret(cluster_.name + "-cluster-cert");
    if (server == nullptr || server->signed_by != authority->material)
      return std::unexpected("cannot connect: certificate verify failed");
    if (!sql.server.certificate_secret.empty() && !server->fields.contains("trusts"))
      return std::unexpected("cannot connect: certificate verify failed");
    Database& database = world_.databases[cluster_.uid.value()];
    for (const std::string& name : sql.databases) database.databases.insert(name);
    for (const fsm::SqlUser& user : sql.users) {
      const Snapshot password = secret(user.secret);
      if (password == nullptr) return std::unexpected(concat("no Secret ", user.secret));
      database.users[user.name] = password->material;
    }
    return nullptr;
  }

  Answer operator()(const fsm::PatchStatus& action) {
    const Key key = key_of(action.ref);
    const Snapshot object = world_.server.find(key);
    if (object == nullptr) return refuse(404, "the resource is not found");
    if (object->status != action.manifest) {
      world_.server.update(key, [&](Object& it) { it.status = action.manifest; });
      world_.writes[fsm::target_of(action)] += 1;
    }
    return nullptr;
  }

  Answer operator()(const fsm::DeleteObject& action) {
    const bool by_name = action.digest.empty();
    if (action.guard.lost.empty() || action.guard.allowed_by.empty() ||
        (by_name && action.ref.kind != "Endpoints"))
      world_.accuse("I10", concat(fsm::target_of(action), " is deleted without a guard"));
    const Key key = key_of(action.ref);
    const Snapshot object = world_.server.find(key);
    if (object == nullptr) return nullptr;
    const bool is_it =
        by_name ? object->cluster == cluster_.name && has_its_name() : object->uid == action.digest;
    if (!is_it) return nullptr;  // a namesake
    const bool not_ready = action.only_as == fsm::kNotReady;
    if (not_ready && object->pod.ready) return refuse(409, concat(key.name, " is ready"));
    if (!not_ready && !action.only_as.empty() && object->pod.role != action.only_as)
      return refuse(409, concat(key.name, " is ", object->pod.role));
    check_deletion(action, *object);
    world_.writes[fsm::target_of(action)] += 1;
    world_.server.remove(key);
    return nullptr;
  }

  Answer operator()(const fsm::SetFinalizer& action) {
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

  Answer operator()(const fsm::ConfigurePatroni& action) {
    const Snapshot authority = secret(action.authority_secret);
    const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
    if (authority == nullptr) return std::unexpected("no authority to sign a certificate");
    if (primary == nullptr || !action.host.starts_with(concat(primary->key.name, ".")))
      return std::unexpected("cannot connect: connection refused");
    const Key key = key_of(action.ref);
    const Snapshot store = world_.server.find(key);
    if (store == nullptr) return std::unexpected("503: Patroni has no configuration yet");
    if (store->fields.at("config") != action.digest) {
      world_.writes[fsm::target_of(action)] += 1;
      if (action.configuration.contains("max_connections")) want_restart(action.configuration);
      world_.server.update(key, [&](Object& it) { it.fields["config"] = action.digest; });
    }
    configured_ = action.digest;
    return nullptr;
  }

  Answer operator()(const fsm::AskPatroni& action) {
    if (secret(action.authority_secret) == nullptr)
      return std::unexpected("no authority to sign a certificate");
    if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
    for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
      if (pod->deleting || pod->pod.role.empty()) continue;
      const bool leads = pod->pod.role == "master";
      answered_[pod->key.name] = leads ? "leader running -" : "replica streaming 0";
    }
    return nullptr;
  }

  Answer operator()(const fsm::SwitchOver& action) {
    if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
    const Snapshot leader = leader_of(world_.server, cluster_.uid.value());
    if (leader != nullptr && leader->key.name == action.candidate) return nullptr;
    if (leader != nullptr && leader->key.name != action.leader)
      return std::unexpected(concat("pod ", leader->key.name, " leads"));
    const Snapshot candidate = world_.server.find({"Pod", cluster_.name_space, action.candidate});
    if (candidate == nullptr || candidate->deleting || !candidate->pod.ready)
      return std::unexpected("412: the candidate is not fit");
    world_.writes[fsm::target_of(action)] += 1;
    for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
      const char* role = pod->key.name == action.candidate ? "master" : "replica";
      if (pod->pod.role.empty() || pod->pod.role == role) continue;
      world_.server.update(pod->key, [&](Object& it) {
        it.pod.role = role;
        it.pod.member = pod->key.name == action.candidate ? "running" : "streaming";
      });
    }
    return nullptr;
  }

  Answer operator()(const fsm::RestartPostgres& action) {
    if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
    const Key key{"Pod", cluster_.name_space, action.pod};
    if (world_.server.find(key)->pod.pending_restart.empty()) return nullptr;
    world_.writes[fsm::target_of(action)] += 1;
    world_.server.update(key, [](Object& it) { it.pod.pending_restart.clear(); });
    return nullptr;
  }

  Answer operator()(const fsm::Checkpoint&) {
    const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
    if (primary == nullptr || world_.weather.database_down)
      return std::unexpected("cannot connect: connection refused");
    return nullptr;
  }

  Answer operator()(const fsm::RunInitSql& action) {
    const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
    const Snapshot script =
        world_.server.find({"ConfigMap", cluster_.name_space, action.config_map});
    if (!action.forget && script == nullptr)
      return std::unexpected(concat("ConfigMap/", action.config_map, " does not exist"));
    if (primary == nullptr || primary->key.name != action.pod || world_.weather.database_down)
      return std::unexpected("psql ended with exit status 2");
    Database& database = world_.databases[cluster_.uid.value()];
    if (database.users.empty())
      world_.accuse("order", "the script is run before there are users and databases");
    if (action.forget) {
      database.mark.clear();
    } else if (database.mark != action.mark) {
      database.mark = action.mark;
      database.init_sql_runs += 1;
    }
    return nullptr;
  }

  Answer operator()(const fsm::EmitEvent& action) {
    if (action.message.empty()) world_.accuse("I13", "an Event says nothing");
    world_.events.insert(action.digest);
    return nullptr;
  }

  // What Patroni answered to a new configuration.
  const std::string& configured() const { return configured_; }
  // What it answered to a question.
  const std::map<std::string, std::string>& answered() const { return answered_; }

 private:
  Snapshot secret(const std::string& name) const {
    return world_.server.find({"Secret", cluster_.name_space, name});
  }

  // Whether a pod of that name in DNS runs Patroni.
  bool is_reached(const std::string& host) const {
    const Snapshot pod =
        world_.server.find({"Pod", cluster_.name_space, host.substr(0, host.find('.'))});
    return pod != nullptr && !pod->deleting && !pod->pod.role.empty();
  }

  // Not so when another cluster has it by now.
  bool has_its_name() const {
    const Snapshot holder =
        world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
    return holder == nullptr || holder->uid == cluster_.uid.value();
  }

  // What a webhook has added is not what was asked for.
  static bool is_another(const std::string& there, const std::string& asked) {
    return !there.empty() && there.substr(0, asked.size()) != asked;
  }

  // A Job says by an annotation what it was asked for; labels have the same name.
  void take_request(Object& job, const std::string& text) {
    const std::size_t annotations = text.find("\"annotations\":{");
    const std::size_t labels = text.find("\"labels\":{");
    if (annotations > labels) return;
    const std::string request =
        label(text.substr(annotations, labels - annotations), "pgbackrest-backup");
    if (request.empty()) return;
    if (world_.server.find(job.key) == nullptr) world_.backups[request] += 1;
    job.fields["request"] = request;
    job.fields["repo"] = label(text, "pgbackrest-repo");
  }

  // The controller tells of a new template only when it has seen it.
  static void take_template(Object& set, const std::string& text) {
    const std::string revision = sha256_hex(text.substr(text.find("\"template\":"))).substr(0, 10);
    if (set.revision != revision) set.fields.erase("revision");
    set.revision = revision;
  }

  // Nothing that others depend on, or that cannot be made again, goes without need.
  void check_deletion(const fsm::DeleteObject& action, const Object& object) {
    const bool has_copy = !action.guard.other_copy.empty() && action.guard.other_copy != "none";
    const std::string target = fsm::target_of(action);
    const bool is_of_instance = !object.instance.empty();
    if (object.key.kind == "Secret" && !(is_of_instance && object.key.name.ends_with("-certs")))
      world_.accuse("I10", target + " holds what cannot be made again");
    if (object.key.kind == "PersistentVolumeClaim" &&
        (!has_copy || leader_of(world_.server, cluster_.uid.value()) == nullptr))
      world_.accuse("I10", target + " may be the last copy");
    if (object.key.kind == "Pod") check_interruption(object);
  }

  // One pod at a time; the leader only when nobody else could lead.
  void check_interruption(const Object& victim) {
    std::size_t others_ready = 0;
    for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
      if (pod->key == victim.key) continue;
      if (pod->pod.ready && !pod->deleting) {
        others_ready += 1;
      } else if (victim.pod.ready && !world_.interrupted.contains(pod->key.name) &&
                 !is_weather_against_pods()) {
        world_.accuse("I11",
                      concat(victim.key.name, " is ended while ", pod->key.name, " is not ready"));
      }
    }
    if (victim.pod.role == "master" && victim.pod.ready && others_ready > 0)
      world_.accuse("order", concat(victim.key.name, " leads and is ended while others could"));
  }

  // What the operator has not heard of yet is no reason to accuse it.
  bool is_weather_against_pods() const {
    return world_.weather.watches_stall || world_.weather.api_down || world_.weather.api_slow ||
           world_.weather.no_image || world_.weather.unschedulable || world_.weather.two_leaders ||
           world_.weather.no_leader;
  }

  // The same address for the same name, so that runs can be compared.
  static std::string address_of(const Key& key) {
    const Digest digest = sha256(to_string(key));
    return concat("10.", static_cast<int>(digest.bytes[0]), ".", static_cast<int>(digest.bytes[1]),
                  ".", static_cast<int>(digest.bytes[2]));
  }

  // A parameter that PostgreSQL reads only when it starts has another value.
  void want_restart(const std::string& configuration) {
    const int wanted = number_member(configuration, "max_connections", 100);
    for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
      world_.server.update(pod->key, [&](Object& it) {
        it.pod.pending_restart = concat("max_connections 100 -> ", wanted);
      });
    }
  }

  // A server-side apply with force: our fields become ours again, others stay as they are. `change`
  // says why it cannot be done, or nothing.
  template <class Change>
  Answer write(const Key& key, const Change& change) {
    const Snapshot before = world_.server.find(key);
    Object after;
    if (before != nullptr) after = *before;
    after.key = key;
    std::string trouble = change(after);
    if (!trouble.empty()) return std::unexpected(std::move(trouble));
    if (!after.tampered.empty()) after.last_writer = {};
    after.tampered.clear();
    // A webhook writes into our fields on the way in; what we own is what came of it.
    if (world_.weather.webhook && !after.content_digest.ends_with("~")) after.content_digest += "~";
    if (before == nullptr) {
      if (world_.weather.quota) return refuse(403, "exceeded quota");
      world_.writes[concat(key.kind, "/", key.name)] += 1;
      return world_.server.create(std::move(after));
    }
    if (!before->controller.empty() && before->controller != after.controller)
      return refuse(422, "Invalid value: only one reference can have controller set to true");
    const bool same = before->owned_digest() == after.owned_digest() &&
                      before->owners == after.owners && before->fields == after.fields;
    if (same) return before;
    world_.writes[concat(key.kind, "/", key.name)] += 1;
    return world_.server.update(key, [&](Object& object) { object = after; });
  }

  template <class Recipe>
  Answer ensure(const fsm::EnsureSecret& action, const Recipe& recipe) {
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

  // What an instance mounts is there before it runs, unless somebody took it away.
  void check_order(const Object& set) {
    if (set.instance.empty() || !world_.server.exists(cluster_.uid.value())) return;
    for (const auto& [kind, suffix] :
         {std::pair{"Secret", "-certs"}, std::pair{"PersistentVolumeClaim", "-pgdata"}}) {
      const std::string name = set.instance + suffix;
      const bool is_there = world_.server.find({kind, set.key.name_space, name}) != nullptr;
      if (is_there || world_.meddled.contains(concat(kind, "/", name))) continue;
      world_.accuse("order", concat(set.key.name, " is written before ", kind, "/", name));
    }
  }

  // The bytes of a Secret, which must get nowhere else.
  std::string new_material(const char* what) { return concat(kCanary, what, ++world_.materials); }

  // Keeps what is good already. Somebody else's bytes are not.
  std::string make(const RootAuthority&, Object& secret) {
    if (secret.material.empty()) secret.material = new_material("root-");
    secret.signed_by = secret.material;
    secret.fields["authority"] = sha256_hex(secret.material);
    return {};
  }
  std::string make(const CertificateSecret& recipe, Object& secret) {
    const Snapshot authority = this->secret(recipe.authority);
    if (authority == nullptr) return "there is no authority to sign certificates";
    if (secret.material.empty() || secret.tampered.contains("data") ||
        secret.signed_by != authority->material)
      secret.material = new_material("certificate-");
    secret.signed_by = authority->material;
    return trust(recipe, secret);
  }
  // The authorities that users bring stand in it as copies.
  std::string trust(const CertificateSecret& recipe, Object& secret) {
    secret.fields.erase("trusts");
    std::string all;
    for (const manifests::BroughtCertificate& each : recipe.also_trusts) {
      const Snapshot brought = this->secret(each.secret);
      if (brought == nullptr) return concat("Secret ", each.secret, " does not exist");
      all += sha256_hex(brought->material);
    }
    if (!all.empty()) secret.fields["trusts"] = sha256_hex(all);
    return {};
  }
  std::string make(const UserSecret&, Object& secret) {
    if (secret.material.empty() || secret.tampered.contains("data"))
      secret.material = new_material("password-");
    return {};
  }

  World& world_;
  const actions::ClusterIdentity& cluster_;
  std::string configured_;
  std::map<std::string, std::string> answered_;
};

}  // namespace

fsm::Outcome carry_out(World& world, const fsm::Intent& intent,
                       const actions::ClusterIdentity& cluster) {
  fsm::Outcome outcome;
  outcome.intent = intent.id;
  Effect effect(world, cluster);
  const Answer answer = std::visit(effect, intent.action);
  outcome.digest = effect.configured();
  outcome.fields = effect.answered();
  if (!answer) {
    outcome.status = fsm::OutcomeStatus::kFailed;
    outcome.detail = answer.error();
  } else if (*answer != nullptr) {
    outcome.uid = (*answer)->uid;
    outcome.version = (*answer)->version;
    outcome.digest = (*answer)->owned_digest();
    outcome.fields = (*answer)->fields;
  }
  return outcome;
}

}  // namespace annals::simulation
