// What holds for every desired set: order, owners, labels, security, and that everything fits
// together.
#include "manifests/cluster/desired.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "manifests/images.h"
#include "manifests/json.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::vector<Desired>> every_set() {
  return {desired_objects(hippo(), observed_hippo()),
          desired_objects(two_sets(), observed_two_sets()),
          desired_objects(custom(), observed_custom())};
}

std::vector<Json> manifests_of(const std::vector<Desired>& desired) {
  std::vector<Json> manifests;
  for (const Desired& one : desired) {
    if (const auto* manifest = std::get_if<Manifest>(&one.content)) {
      manifests.push_back(Json::parse(manifest->json));
    }
  }
  return manifests;
}

std::vector<Json> pods_of(const std::vector<Desired>& desired) {
  std::vector<Json> pods;
  for (const Json& object : manifests_of(desired)) {
    if (object["kind"] == "StatefulSet") pods.push_back(object["spec"]["template"]["spec"]);
  }
  return pods;
}

std::vector<Json> containers_of(const Json& pod) {
  std::vector<Json> all = pod["initContainers"].get<std::vector<Json>>();
  for (const Json& container : pod["containers"]) all.push_back(container);
  return all;
}

bool contains(const std::vector<Desired>& desired, const std::string& kind,
              const std::string& name) {
  return std::ranges::any_of(desired, [&](const Desired& one) {
    return one.object.kind == kind && one.object.name == name;
  });
}

TEST(DesiredSet, IsOrderedByRankAndNamesNothingTwice) {
  for (const auto& desired : every_set()) {
    EXPECT_TRUE(std::ranges::is_sorted(desired, {}, &Desired::rank));
    std::set<ObjectName> names;
    for (const Desired& one : desired) {
      EXPECT_TRUE(names.insert(one.object).second) << to_string(one.object);
    }
  }
}

TEST(DesiredSet, EqualInputsGiveEqualBytes) {
  EXPECT_EQ(desired_objects(custom(), observed_custom()),
            desired_objects(custom(), observed_custom()));
}

TEST(DesiredSet, EveryManifestIsOwnedLabelledAndWithoutStatus) {
  for (const auto& desired : every_set()) {
    for (const Json& object : manifests_of(desired)) {
      const Json& metadata = object["metadata"];
      ASSERT_EQ(metadata["ownerReferences"].size(), 1U);
      EXPECT_EQ(metadata["ownerReferences"][0]["controller"], true);
      EXPECT_TRUE(metadata["labels"].contains(label::kCluster)) << canonical(metadata);
      EXPECT_EQ(metadata["namespace"], "zoo");
      EXPECT_FALSE(object.contains("status"));
    }
  }
}

TEST(DesiredSet, OurLabelsWinOverTheSetsAndThoseOverTheSpecs) {
  for (const Json& object : manifests_of(desired_objects(custom(), observed_custom()))) {
    if (object["kind"] != "StatefulSet") continue;
    const Json& labels = object["spec"]["template"]["metadata"]["labels"];
    EXPECT_EQ(labels["team"], "set");
    EXPECT_EQ(labels["tier"], "gold");
    EXPECT_EQ(labels[label::kInstanceSet], "one");
    EXPECT_EQ(object["metadata"]["annotations"]["note"], "from the spec");
  }
}

TEST(DesiredSet, EveryContainerOfOursIsRestricted) {
  for (const auto& desired : every_set()) {
    for (const Json& pod : pods_of(desired)) {
      for (const Json& container : containers_of(pod)) {
        if (container["name"] == "mine") continue;  // the user's own
        const Json& security = container["securityContext"];
        EXPECT_EQ(security["allowPrivilegeEscalation"], false);
        EXPECT_EQ(security["capabilities"]["drop"], Json::array({"ALL"}));
        EXPECT_EQ(security["readOnlyRootFilesystem"], true);
        EXPECT_EQ(security["runAsNonRoot"], true);
        EXPECT_EQ(security["seccompProfile"]["type"], "RuntimeDefault");
      }
    }
  }
}

TEST(DesiredSet, EveryMountHasItsVolumeAndEveryVolumeAMount) {
  for (const auto& desired : every_set()) {
    for (const Json& pod : pods_of(desired)) {
      std::set<std::string> volumes;
      std::set<std::string> mounted;
      for (const Json& volume : pod["volumes"]) {
        EXPECT_TRUE(volumes.insert(volume["name"].get<std::string>()).second);
      }
      for (const Json& container : containers_of(pod)) {
        std::set<std::string> paths;
        for (const Json& mount : container.value("volumeMounts", Json::array())) {
          EXPECT_TRUE(paths.insert(mount["mountPath"].get<std::string>()).second);
          mounted.insert(mount["name"].get<std::string>());
        }
      }
      EXPECT_EQ(volumes, mounted);
    }
  }
}

// What a pod projects and claims is made by the same set, under the same keys.
TEST(DesiredSet, EveryReferenceOfAPodIsToAnObjectOfTheSet) {
  const auto desired = desired_objects(two_sets(), observed_two_sets());
  for (const Json& pod : pods_of(desired)) {
    EXPECT_TRUE(contains(desired, "ServiceAccount", pod["serviceAccountName"].get<std::string>()));
    for (const Json& volume : pod["volumes"]) {
      if (volume.contains("persistentVolumeClaim")) {
        EXPECT_TRUE(contains(desired, "PersistentVolumeClaim",
                             volume["persistentVolumeClaim"]["claimName"].get<std::string>()));
      }
      if (!volume.contains("projected")) continue;
      for (const Json& source : volume["projected"]["sources"]) {
        const bool secret = source.contains("secret");
        const Json& reference = secret ? source["secret"] : source["configMap"];
        EXPECT_TRUE(contains(desired, secret ? "Secret" : "ConfigMap",
                             reference["name"].get<std::string>()));
      }
    }
  }
}

TEST(DesiredSet, ThePrimaryHasEndpointsOnceTheLeadersServiceHasAnAddress) {
  Observed observed = observed_hippo();
  EXPECT_TRUE(contains(desired_objects(hippo(), observed), "Endpoints", "hippo-primary"));
  observed.bootstrap_state.leader_cluster_ip.clear();
  EXPECT_FALSE(contains(desired_objects(hippo(), observed), "Endpoints", "hippo-primary"));
}

TEST(DesiredSet, WithoutAnImageThereAreNoWorkloadsAndTheReasonIsNamed) {
  Observed observed = observed_two_sets();
  observed.images.clear();
  EXPECT_THAT(pods_of(desired_objects(two_sets(), observed)), IsEmpty());
  EXPECT_THAT(
      missing_images(two_sets(), observed),
      ElementsAre(MissingImage{"spec.image", "RELATED_IMAGE_POSTGRES_17"},
                  MissingImage{"spec.backups.pgbackrest.image", "RELATED_IMAGE_PGBACKREST"}));
  EXPECT_THAT(missing_images(hippo(), observed_hippo()), IsEmpty());
}

TEST(DesiredSet, AStoppedInstanceKeepsItsVolumesAndHasNoPod) {
  for (const Json& object : manifests_of(desired_objects(custom(), observed_custom()))) {
    if (object["kind"] == "StatefulSet") {
      EXPECT_EQ(object["spec"]["replicas"], 0);
    }
  }
  EXPECT_TRUE(contains(desired_objects(custom(), observed_custom()), "PersistentVolumeClaim",
                       "rhino-one-bcdf-pgdata"));
}

// Pods that were made before the user's came still mount ours.
TEST(DesiredSet, OurCertificatesStayBesideThoseThatTheUserBrings) {
  const auto desired = desired_objects(custom(), observed_custom());
  EXPECT_TRUE(contains(desired, "Secret", "rhino-cluster-cert"));
  EXPECT_TRUE(contains(desired, "Secret", "rhino-replication-cert"));
  EXPECT_TRUE(contains(desired, "Secret", "rhino-one-bcdf-certs"));
}

TEST(DisruptionBudget, ProtectsOneOfManyAndNothingOfOne) {
  const auto desired = desired_objects(two_sets(), observed_two_sets());
  EXPECT_TRUE(contains(desired, "PodDisruptionBudget", "zebra-set-big"));
  EXPECT_FALSE(contains(desired, "PodDisruptionBudget", "zebra-set-01"));
}

TEST(DisruptionBudget, HasTheApiVersionThatTheServerKnows) {
  Observed observed = observed_two_sets();
  observed.disruption_budget_api = "policy/v1beta1";
  const auto desired = desired_objects(two_sets(), observed);
  const auto is_budget = [](const Desired& one) {
    return one.object.kind == "PodDisruptionBudget";
  };
  const auto budget = std::ranges::find_if(desired, is_budget);
  ASSERT_NE(budget, desired.end());
  EXPECT_EQ(budget->object.api_version, "policy/v1beta1");
}

TEST(Certificates, HaveACommonNameThatFits) {
  const std::string prefix(30, 'n');
  EXPECT_EQ(common_name_of(dns_names(prefix, "space", "cluster.local")),
            prefix + ".space.svc.cluster.local");
  const std::string longer(50, 'n');
  EXPECT_EQ(common_name_of(dns_names(longer, "space", "cluster.local")), longer + ".space.svc");
}

TEST(UserSecret, ThePoolersAddressIsThereWithThePooler) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  const spec::User user = spec::effective_users(hippo()).at(0);
  EXPECT_FALSE(user_secret(hippo(), user).pgbouncer);
  resource["spec"]["proxy"] = Json::parse(R"({"pgBouncer": {"port": 6432}})");
  const auto cluster = spec::parse_postgres_cluster(resource.dump()).value();
  EXPECT_EQ(user_secret(cluster, user).pgbouncer, (Address{"hippo-pgbouncer.zoo.svc", 6432}));
}

TEST(UserSecret, AUserWithoutDatabasesHasNoneAndTheSuperuserItsOwn) {
  const spec::PostgresCluster cluster = two_sets();
  const std::vector<spec::User> users = spec::effective_users(cluster);
  EXPECT_EQ(user_secret(cluster, users.at(0)).database, "zoo");
  EXPECT_EQ(user_secret(cluster, users.at(1)).database, "");
  EXPECT_EQ(user_secret(cluster, users.at(2)).database, "postgres");
}

}  // namespace
}  // namespace annals::manifests
