#include "fsm/view/renderings.h"

#include <gtest/gtest.h>

#include <functional>

namespace annals::fsm {
namespace {

manifests::Observed observed() {
  manifests::Observed world;
  world.uid = "uid-of-hippo";
  world.instances["instance1"] = {{.name = "hippo-instance1-abcd"}};
  world.images["RELATED_IMAGE_POSTGRES_15"] = "postgres:15";
  return world;
}

std::shared_ptr<Rendered> rendering(const std::string& resource, const manifests::Observed& world) {
  auto made = std::make_shared<Rendered>();
  made->resource = resource;
  made->world = world;
  return made;
}

TEST(RenderingsTest, FindWhatWasMadeOfTheSameInputs) {
  Renderings renderings;
  const std::shared_ptr<Rendered> made = rendering("hippo", observed());
  manifests::Observed other = observed();
  other.instances["instance1"].front().running = false;
  const std::shared_ptr<Rendered> of_other = rendering("hippo", other);
  renderings.keep(made);
  renderings.keep(of_other);
  EXPECT_EQ(renderings.find("hippo", observed()), made);
  EXPECT_EQ(renderings.find("hippo", other), of_other);
  EXPECT_EQ(renderings.any_of("hippo"), made);
}

TEST(RenderingsTest, FindNothingWhereAnyInputIsAnother) {
  Renderings renderings;
  renderings.keep(rendering("hippo", observed()));
  EXPECT_EQ(renderings.find("rhino", observed()), nullptr);
  EXPECT_EQ(renderings.any_of("rhino"), nullptr);
  using Change = std::function<void(manifests::Observed&)>;
  const std::vector<Change> changes{
      [](auto& world) { world.uid = "uid-of-a-namesake"; },
      [](auto& world) { world.instances["instance1"].front().name = "hippo-instance1-efgh"; },
      [](auto& world) { world.instances["instance2"]; },
      [](auto& world) { world.images["RELATED_IMAGE_POSTGRES_15"] = "postgres:15.1"; },
      [](auto& world) { world.cluster_domain = "cluster.example"; },
      [](auto& world) { world.disruption_budget_api = "policy/v1beta1"; },
      [](auto& world) { world.cron_job_api = "batch/v1beta1"; },
      [](auto& world) { world.config_maps = true; },
      [](auto& world) { world.openshift = true; },
      [](auto& world) { world.bootstrap_state.bootstrapped = true; },
      [](auto& world) { world.bootstrap_state.failsafe = false; },
      [](auto& world) { world.bootstrap_state.leader_cluster_ip = "10.0.0.7"; },
      [](auto& world) { world.bootstrap_state.replica_create_backup_complete = true; },
      [](auto& world) { world.repo_host_running = false; },
      [](auto& world) { world.requested["hippo-instance1-abcd-pgdata"] = "2Gi"; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    manifests::Observed world = observed();
    changes[i](world);
    EXPECT_EQ(renderings.find("hippo", world), nullptr) << "change " << i;
  }
}

TEST(RenderingsTest, BeginAnewWhereTheyAreTooMany) {
  Renderings renderings(2);
  const std::shared_ptr<Rendered> third = rendering("third", observed());
  renderings.keep(rendering("first", observed()));
  renderings.keep(rendering("second", observed()));
  EXPECT_EQ(renderings.size(), 2U);
  renderings.keep(third);
  EXPECT_EQ(renderings.size(), 1U);
  EXPECT_EQ(renderings.any_of("first"), nullptr);
  EXPECT_EQ(renderings.any_of("third"), third);
}

}  // namespace
}  // namespace annals::fsm
