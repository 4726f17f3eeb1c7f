// What deploy/ installs: both files on a real API server, with no more rights than they need, and a
// pod that asks for no privilege.
#include "own_server.h"

namespace annals::e2e {
namespace {

class Deploy : public OwnServer {
 protected:
  static void SetUpTestSuite() {
    OwnServer::SetUpTestSuite();
    kubectl("create namespace postgres-operator");
  }

  // The objects of one of the files, as the server would keep them.
  static json objects(const std::string& file) {
    return json::parse(
               kubectl_must("apply --server-side --force-conflicts --dry-run=server -o json -f "
                            "deploy/" +
                            file + ".yaml"))
        .at("items");
  }
  static json only(const json& all, const std::string& kind) {
    json found = json::array();
    for (const json& object : all) {
      if (object.at("kind") == kind) found.push_back(object);
    }
    EXPECT_EQ(found.size(), 1U) << kind;
    return found.empty() ? json::object() : found.front();
  }
};

TEST_F(Deploy, InstallsForAllNamespaces) {
  const json all = objects("operator");
  const json role = only(all, "ClusterRole");
  EXPECT_EQ(only(all, "ClusterRoleBinding").at("roleRef").at("name"),
            role.at("metadata").at("name"));
  EXPECT_EQ(only(all, "Namespace").at("metadata").at("name"), "postgres-operator");
}

TEST_F(Deploy, InstallsForOneNamespaceWithNothingOutsideOfIt) {
  const json all = objects("singlenamespace");
  for (const json& object : all)
    EXPECT_EQ(object.at("metadata").at("namespace"), "postgres-operator") << object.at("kind");
  EXPECT_EQ(only(all, "RoleBinding").at("roleRef").at("kind"), "Role");
  const json container =
      only(all, "Deployment").at("/spec/template/spec/containers/0"_json_pointer);
  bool is_told = false;
  for (const json& variable : container.at("env"))
    is_told = is_told || variable.at("name") == "PGO_TARGET_NAMESPACE";
  EXPECT_TRUE(is_told);
}

TEST_F(Deploy, GivesTheSameRightsInBothWaysAndNoneByWildcard) {
  const json rules = only(objects("operator"), "ClusterRole").at("rules");
  EXPECT_EQ(only(objects("singlenamespace"), "Role").at("rules"), rules);
  EXPECT_GE(rules.size(), 10U);
  for (const json& rule : rules) {
    for (const char* part : {"apiGroups", "resources", "verbs"}) {
      for (const json& word : rule.at(part)) EXPECT_NE(word, "*") << rule;
    }
    EXPECT_FALSE(rule.contains("nonResourceURLs")) << rule;
  }
}

// The rules of the level `restricted` of the Pod Security Standards, as far as they apply to a pod
// like this one.
TEST_F(Deploy, RunsTheOperatorAsARestrictedPod) {
  for (const char* file : {"operator", "singlenamespace"}) {
    const json pod = only(objects(file), "Deployment").at("/spec/template/spec"_json_pointer);
    for (const char* shared : {"hostNetwork", "hostPID", "hostIPC"})
      EXPECT_FALSE(pod.value(shared, false)) << shared;
    EXPECT_EQ(pod.at("/securityContext/runAsNonRoot"_json_pointer), true);
    EXPECT_NE(pod.at("/securityContext/runAsUser"_json_pointer), 0);
    EXPECT_EQ(pod.at("/securityContext/seccompProfile/type"_json_pointer), "RuntimeDefault");
    for (const json& volume : pod.at("volumes"))
      EXPECT_TRUE(volume.contains("persistentVolumeClaim") || volume.contains("emptyDir"))
          << volume;
    for (const json& container : pod.at("containers")) {
      const json& context = container.at("securityContext");
      EXPECT_EQ(context.at("allowPrivilegeEscalation"), false);
      EXPECT_EQ(context.at("readOnlyRootFilesystem"), true);
      EXPECT_FALSE(context.value("privileged", false));
      EXPECT_EQ(context.at("/capabilities/drop"_json_pointer), json::array({"ALL"}));
      EXPECT_FALSE(context.at("capabilities").contains("add"));
      EXPECT_TRUE(container.contains("readinessProbe") && container.contains("livenessProbe"));
    }
  }
}

}  // namespace
}  // namespace annals::e2e
