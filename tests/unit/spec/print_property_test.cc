// Whatever is read, even with mistakes in it, prints as text that reads back as the same cluster.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spec/postgres_cluster.h"
#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using nlohmann::json;

json everything() {
  json resource = good_resource();
  resource["spec"].update(json::parse(R"({
    "metadata": {"labels": {"a": "b"}},
    "image": "i", "imagePullPolicy": "Never", "imagePullSecrets": [{"name": "s"}], "port": 5433,
    "users": [{"name": "u", "databases": ["d"], "options": "LOGIN", "password": {"type": "AlphaNumeric"}}],
    "config": {"files": [{"secret": {}}], "parameters": {"work_mem": 1, "jit": "on"}},
    "authentication": {"rules": [{"connection": "host", "method": "md5", "users": ["u"]}]},
    "patroni": {"dynamicConfiguration": {"a": [1, null]}, "logging": {"level": "DEBUG", "storageLimit": 30000000},
                "switchover": {"enabled": true, "targetInstance": "x", "type": "Failover"}},
    "service": {"type": "NodePort", "nodePort": 31000, "ipFamilies": ["IPv6"]},
    "customTLSSecret": {"name": "t", "optional": false},
    "backups": {"snapshots": {"a": 1}, "pgbackrest": {"global": {"x": "y"}, "repoHost": {}, "manual": {"repoName": "repo1"},
      "restore": {"enabled": true, "clusterName": "c", "clusterNamespace": "n", "repoName": "repo1", "options": ["--type=time"], "resources": {"limits": {"cpu": 1}},
                  "affinity": {"a": 1}, "tolerations": [{"key": "k"}], "priorityClassName": "p", "volumes": {}},
      "repos": [{"name": "repo1", "volume": {"volumeClaimSpec": {"accessModes": ["a"]}}, "schedules": {"full": "0 1 * * 0"}}]}},
    "dataSource": {"volumes": {"pgDataVolume": {"pvcName": "v"}}, "postgresCluster": {"repoName": "repo2"},
      "pgbackrest": {"repo": {"name": "repo1", "s3": {"bucket": "b", "endpoint": "e", "region": "r"}}, "stanza": "s", "options": ["--type=time"],
        "configuration": [{"secret": {"name": "k"}}], "global": {"x": "y"}, "resources": {"limits": {"cpu": 1}}, "affinity": {"a": 1},
        "tolerations": [{"key": "k"}], "priorityClassName": "p", "volumes": {}}},
    "standby": {"enabled": false}, "proxy": {"pgBouncer": {"replicas": 0, "config": {"global": {"a": "b"}}}},
    "supplementalGroups": [1], "openshift": false, "shutdown": true, "paused": true, "monitoring": {}})"));
  return resource;
}

// Every place in a document, as JSON pointers.
void places_in(const json& value, const json::json_pointer& at,
               std::vector<json::json_pointer>& out) {
  out.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) places_in(item, at / key, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) places_in(value[i], at / i, out);
  }
}

rc::Gen<json> any_value() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::arbitrary<int>(), [](int n) { return json(n); }),
      rc::gen::map(rc::gen::element<std::string>("", "a", "1Gi", "repo1", "\xc3\xa9", "x y", "0"),
                   [](const std::string& text) { return json(text); }),
      rc::gen::element<json>(json(), json::array(), json::object(), json(true), json(1.5),
                             json(1e300), json::array({1, "a", nullptr})));
}

bool reads_back(const PostgresCluster& cluster) {
  return read_postgres_cluster(print_postgres_cluster(cluster)).cluster == cluster;
}

TEST(Printing, EverythingReadsBackAsItWas) {
  const Reading reading = read_postgres_cluster(everything().dump());
  EXPECT_TRUE(reads_back(reading.cluster));
}

TEST(Printing, AClaimThatAsksForNothingReadsBackAsItWas) {
  json resource = everything();
  resource["spec"]["instances"][0]["dataVolumeClaimSpec"] = json::object();
  const Reading reading = read_postgres_cluster(resource.dump());
  EXPECT_TRUE(reads_back(reading.cluster));
  EXPECT_FALSE(reading.findings.mistakes.empty());
}

TEST(Printing, SoDoesWhateverAChangedDocumentBecomes) {
  std::vector<json::json_pointer> places;
  places_in(everything(), json::json_pointer(), places);
  const bool holds = rc::check([&places] {
    json resource = everything();
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      const json::json_pointer place = *rc::gen::elementOf(places);
      if (!place.empty() && resource.contains(place)) resource[place] = *any_value();
    }
    RC_ASSERT(reads_back(read_postgres_cluster(resource.dump()).cluster));
  });
  EXPECT_TRUE(holds);
}

TEST(Printing, FillingInDefaultsTwiceIsTheSameAsOnce) {
  const PostgresCluster once = read_postgres_cluster(good_resource().dump()).cluster;
  const std::string printed = print_postgres_cluster(once);
  EXPECT_EQ(print_postgres_cluster(read_postgres_cluster(printed).cluster), printed);
}

}  // namespace
}  // namespace annals::spec
