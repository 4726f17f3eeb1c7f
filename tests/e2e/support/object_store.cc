// SPDX-License-Identifier: Apache-2.0
#include "support/object_store.h"

#include <cstdlib>

namespace annals::e2e {
namespace {

constexpr const char* kRestoreRequest = "postgres-operator.crunchydata.com/pgbackrest-restore";

// Pods reach it by a name, which its certificate has.
void make_service(const Store& store) {
  // A second one is known to pods by its own number.
  std::string of_service =
      "{name: https, port: 443, targetPort: " + std::to_string(store.port) + "}";
  std::string of_server = "{name: https, port: " + std::to_string(store.port) + "}";
  if (store.second_port != 0) {
    const std::string second = ", {name: second, port: " + std::to_string(store.second_port) + "}";
    of_service += second;
    of_server += second;
  }
  const std::string metadata =
      std::string("metadata: {name: ") + store.name + ", namespace: object-store}\n";
  must(
      "$KUBECTL apply -f - <<'YAML'\n"
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: object-store}\n---\n"
      "apiVersion: v1\nkind: Service\n" +
      metadata + "spec: {ports: [" + of_service + "]}\n---\napiVersion: v1\nkind: Endpoints\n" +
      metadata + "subsets: [{addresses: [{ip: " + host_address() + "}], ports: [" + of_server +
      "]}]\nYAML");
}

// Never in an argument.
void make_keys(const Store& store, const std::string& number) {
  const std::string name = store.name;
  must("set -o pipefail; files=$(mktemp -d); script/" + name + " secret " + number +
       " $files; $KUBECTL -n postgres-operator create secret generic " + name + "-keys-" + number +
       " --dry-run=client -o yaml --from-file=$files | $KUBECTL apply -f -; rm -r $files");
}

std::string script(const Store& store) { return std::string("script/") + store.name; }

}  // namespace

void ObjectStore::start_store(const Store& store) {
  must(script(store) + " down && " + script(store) + " up", 300s);
  let_pods_reach(store);
}

void ObjectStore::let_pods_reach(const Store& store) {
  make_service(store);
  update_secrets(store);
}

void ObjectStore::end_store(const Store& store) {
  const std::string name = store.name;
  must_kubectl("delete secret " + name + "-keys-1 " + name + "-keys-2 --ignore-not-found");
  // What else is in that namespace may be another test's.
  must("$KUBECTL -n object-store delete service,endpoints " + name + " --ignore-not-found");
  must(script(store) + " down");
}

void ObjectStore::stop_server(const Store& store) { must(script(store) + " stop", 60s); }
void ObjectStore::start_server(const Store& store) { must(script(store) + " up", 120s); }
void ObjectStore::rotate_keys(const Store& store) { must(script(store) + " rotate", 120s); }
void ObjectStore::update_secrets(const Store& store) {
  for (const char* number : {"1", "2"}) make_keys(store, number);
}

std::string ObjectStore::bucket(const std::string& repo, const Store& store,
                                const std::string& rest) {
  return "{name: " + repo + ", " + store.repository + rest + "}";
}

std::string ObjectStore::access(const std::string& number, const std::string& path,
                                const Store& store, const std::string& global) {
  const std::string repo = "repo" + number;
  std::string options = repo + "-path: " + path + ", " + repo + "-" + store.options + ", " + repo +
                        "-storage-ca-file: /etc/pgbackrest/conf.d/ca.crt";
  if (*store.more != '\0') options += ", " + repo + "-" + store.more;
  if (!global.empty()) options += ", " + global;
  return std::string("configuration: [{secret: {name: ") + store.name + "-keys-" + number +
         "}}]\n      global: {" + options + "}\n";
}

void ObjectStore::apply_cluster(const Wish& wish) {
  const std::string source =
      wish.data_source.empty() ? "" : "  dataSource:\n    " + wish.data_source + "\n";
  const std::string standby = wish.standby.empty() ? "" : "  standby: {" + wish.standby + "}\n";
  must(
      "$KUBECTL -n postgres-operator apply -f - <<'YAML'\n"
      "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\n"
      "metadata: {name: " +
      wish.name + "}\nspec:\n  postgresVersion: " + postgres_version() +
      "\n"
      "  instances: [{name: instance1, replicas: 2, dataVolumeClaimSpec: " +
      kClaim + "}]\n" + source + standby + "  backups:\n    pgbackrest:\n      " + wish.backups +
      "YAML");
}

void ObjectStore::await_open(const std::string& cluster, int replicas) {
  await_settled(cluster, 500s);
  await_backup(cluster);
  await_streaming(cluster, replicas, 240s);
}

void ObjectStore::ask_restore(const std::string& cluster, const std::string& id,
                              const std::string& repo, const std::string& options) {
  patch(cluster, R"({"metadata":{"annotations":{")" + std::string(kRestoreRequest) + R"(":")" + id +
                     R"("}},"spec":{"backups":{"pgbackrest":{"restore":{"enabled":true,)"
                     R"("repoName":")" +
                     repo + R"(","options":[)" + options + "]}}}}}");
}

void ObjectStore::await_restored(const std::string& cluster, const std::string& id) {
  await("the end of restore " + id, 500s,
        [&] {
          const std::string restore = ".status.pgbackrest.restore.";
          return field(cluster, restore + "id") + " " + field(cluster, restore + "succeeded");
        },
        id + " 1", {.details = [&] { return trouble(cluster); }});
}

std::string ObjectStore::trouble(const std::string& cluster) {
  return conditions(cluster) + "\n" +
         must_kubectl("get jobs,pods -o wide -l postgres-operator.crunchydata.com/cluster=" +
                      cluster) +
         "\n" + events(cluster);
}

void ObjectStore::ask_backup(const std::string& cluster, const std::string& id,
                             const std::string& repo, const std::string& type) {
  patch(cluster, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":")" + repo +
                     R"(","options":["--type=)" + type + R"("]}}}}})");
  annotate(cluster, "pgbackrest-backup=" + id);
}

void ObjectStore::await_backed_up(const std::string& cluster, const std::string& id,
                                  std::chrono::seconds limit) {
  await("the end of backup " + id, limit,
        [&] {
          const std::string backup = ".status.pgbackrest.manualBackup.";
          return field(cluster, backup + "id") + " " + field(cluster, backup + "succeeded");
        },
        id + " 1", {.details = [&] { return trouble(cluster); }});
}

void ObjectStore::make_notes(const std::string& cluster) {
  superuser(cluster, "create table notes (at timestamptz default now(), note text)");
}

void ObjectStore::note(const std::string& cluster, const std::string& text) {
  superuser(cluster, "insert into notes (note) values ('" + text + "')");
}

std::string ObjectStore::notes(const std::string& cluster) {
  return superuser(cluster, "select string_agg(note, ',' order by at) from notes");
}

std::string ObjectStore::a_time_between(const std::string& cluster) {
  const std::string time = superuser(
      cluster,
      "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')||'+00'");
  await(
      "two seconds after " + time, 30s,
      [&] {
        return superuser(cluster,
                         "select clock_timestamp() > '" + time + "'::timestamptz + interval '2 s'");
      },
      "t");
  return time;
}

std::string ObjectStore::switch_wal(const std::string& cluster) {
  return superuser(cluster, "select pg_walfile_name(pg_switch_wal())");
}

void ObjectStore::await_archived(const std::string& cluster, const std::string& segment,
                                 std::chrono::seconds limit) {
  await("whether segment " + segment + " is archived", limit,
        [&] {
          return superuser(
              cluster,
              "select count(*) from pg_ls_archive_statusdir() where name = '" + segment + ".done'");
        },
        "1", {.details = [&] { return conditions(cluster); }});
}

}  // namespace annals::e2e
