// What the tests of the operator do as its users: clusters in its namespace by kubectl, SQL in
// their pods, annals-replay in the operator's own. Each helper that waits has a deadline, and ends
// the test when it has passed (await.h). SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/await.h"
#include "support/shell.h"

namespace annals::e2e {

using namespace std::chrono_literals;

// Until Kubernetes has collected what a deleted cluster owned: its last pod may use its whole grace
// period, and only then do its volumes go.
inline constexpr auto kCollected = 150s;

class Operator : public testing::Test {
 protected:
  // --- commands. `arguments` may go on with a pipe, which fails where kubectl does.
  static Output kubectl(const std::string& arguments, std::chrono::seconds limit = 120s);
  static std::string must_kubectl(const std::string& arguments, std::chrono::seconds limit = 120s);
  // What this command prints is given to kubectl as manifests.
  static void apply(const std::string& command, const std::string& verb = "apply");
  static std::string replay(const std::string& arguments);
  // The operator's journal is whole, and replaying it comes to what it says.
  static void expect_verified();

  // --- a cluster comes, changes and goes
  // "15", or what ANNALS_E2E_POSTGRES says: of every cluster made like hippo or with an object
  // store.
  static std::string postgres_version();
  // As examples/hippo.yaml has it, with another name; `edits` are more of sed's commands.
  static void apply_like_hippo(const std::string& cluster, const std::string& edits = "",
                               const std::string& verb = "apply");
  // The same from nothing, until it is ready and has its first backup.
  static void make_like_hippo(const std::string& cluster, const std::string& edits = "");
  // Until nothing of it is left. It need not be there.
  static void remove(const std::string& cluster);
  static void patch(const std::string& cluster, const std::string& merge_patch);
  // JSON patch: operations with commas between them.
  static void change(const std::string& cluster, const std::string& operations);
  static void scale(const std::string& cluster, int replicas);
  // "KEY=VALUE" of an annotation of ours.
  static void annotate(const std::string& cluster, const std::string& annotation);

  // --- what is said of it
  // A path such as .status.observedGeneration; empty where there is nothing.
  static std::string field(const std::string& cluster, const std::string& path);
  static std::string condition(const std::string& cluster, const std::string& type,
                               const std::string& what);
  // All of them, one a line: "Ready=True REASON: MESSAGE".
  static std::string conditions(const std::string& cluster);
  // Of all Events about it, "REASON NOTE" one a line.
  static std::string events(const std::string& cluster);

  // --- what is waited for
  static void await_condition(const std::string& cluster, const std::string& type,
                              std::chrono::seconds limit = 240s);
  static void await_ready(const std::string& cluster) { await_condition(cluster, "Ready"); }
  static void await_backup(const std::string& cluster) {
    await_condition(cluster, "PGBackRestReplicaCreate");
  }
  // Nothing goes on any more for the spec that there is now.
  static void await_settled(const std::string& cluster, std::chrono::seconds limit = 400s);
  static void await_streaming(const std::string& cluster, int replicas,
                              std::chrono::seconds limit = 120s);
  // Such as "deployment/annals".
  static void await_rolled_out(const std::string& object, std::chrono::seconds limit = 120s);

  // --- its objects
  static std::string uid(const std::string& object);  // empty where there is none
  // "pod/NAME" of who leads. Empty while nobody does.
  static std::string primary(const std::string& cluster);
  // The paths' values for each pod of an instance, with a comma after each, sorted by name.
  static std::string of_instances(const std::string& cluster, const std::string& path);
  // "KIND/NAME" of each object of this cluster; `more` of a selector begins with a comma.
  static std::string named(const std::string& kinds, const std::string& cluster,
                           const std::string& more = "");
  // How many of them there are.
  static std::string count(const std::string& kinds, const std::string& cluster,
                           const std::string& more = "");
  // All by kind and name, without what differs from run to run.
  static std::string objects_of(const std::string& cluster);
  // What a needless write would change: which pods there are, and from which templates.
  static std::string pods_and_templates(const std::string& cluster);
  static void expect_back(const std::string& object);

  // --- SQL
  static std::string secret(const std::string& cluster, const std::string& user,
                            const std::string& key);
  // What an application would do with the user's Secret: connect by its uri, over TLS that is
  // verified.
  static Output psql_as(const std::string& cluster, const std::string& user,
                        const std::string& sql);
  // As the user of the cluster's name.
  static Output try_psql(const std::string& cluster, const std::string& sql) {
    return psql_as(cluster, cluster, sql);
  }
  static std::string psql(const std::string& cluster, const std::string& sql);
  static std::string superuser(const std::string& cluster, const std::string& sql);

  // --- the operator's own process
  // That in the pod with this label, as its node sees it.
  static std::string process_of(const std::string& label);
  // kill -9 of the operator's process, from its node: nothing inside its container could do that to
  // the container's first process.
  static void kill_the_operator();
  // Its pod goes as well, since the kubelet would wait ever longer before it starts a container
  // again.
  static void restart_the_operator();
  // No pod of it is left, until somebody scales it to one again.
  static void stop_the_operator();
  // So often it is killed, or more often with script/test --long.
  static int kills(int ordinary, int thorough);
  // A moment is a number of decisions and outcomes since the operator's start, not a time; but not
  // later than `limit`.
  static void await_decisions(int wanted, std::chrono::seconds limit);
};

}  // namespace annals::e2e
