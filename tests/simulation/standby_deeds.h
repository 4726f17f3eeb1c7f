// What people do with clusters that follow another one: "hippo", and "rhino" that follows it first.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "manifests/labels.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

inline std::string store(const std::string& bucket) {
  return concat(
      R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1","schedules":{"full":"0 1 * * 0"},)",
      R"("s3":{"bucket":")", bucket, R"(","endpoint":"e","region":"r"}}]}})");
}

inline std::string cluster_of_two(const std::string& more) {
  return concat(R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":2,)",
                R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}}])", more, "}");
}

inline std::string standby_of(const std::string& source, const std::string& more = {}) {
  return cluster_of_two(concat(more, R"(,"standby":{)", source, "}"));
}

inline Deed make_cluster(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.create(name, spec); }};
}
inline Deed edit_spec(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.change(name, spec); }};
}
inline Deed write_into(Duration at, std::string name) {
  return {at, [name](People& people) { people.write(name); }};
}

inline constexpr const char* kHost = R"("host":"hippo-primary.ns.svc")";
inline constexpr const char* kOther = R"("host":"rhino-primary.ns.svc")";
inline constexpr const char* kRepository = R"("repoName":"repo1")";
inline constexpr const char* kConnections =
    R"(,"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":{"work_mem":"8MB"}}}})";

// The spec as it was, and its instances do not run.
inline Deed shut_down(Duration at, std::string name, const std::string& more = {}) {
  return edit_spec(at, std::move(name), cluster_of_two(concat(more, R"(,"shutdown":true)")));
}
inline Deed cut(Duration at, std::string name, bool is_cut = true) {
  return {at, [name, is_cut](People& people) { people.cut_off(name, is_cut); }};
}
inline Deed slow_down(Duration at, std::string name) {
  return {at, [name](People& people) { people.slow_replay(name); }};
}
inline Deed leave_receipt(Duration at, std::string name, bool withdrawn = false) {
  return {at, [name, withdrawn](People& people) { people.leave_receipt(name, withdrawn); }};
}
inline Deed permit(Duration at, std::string name, std::string text) {
  return {at, [name, text](People& people) {
            people.annotate(name, manifests::annotation::kStandbyPromotion, text);
          }};
}

inline std::string cluster_of_one(const std::string& more) {
  std::string spec = cluster_of_two(more);
  const std::string two = R"("replicas":2)";
  return spec.replace(spec.find(two), two.size(), R"("replicas":1)");
}
inline std::string named(const char* host, bool enabled) {
  return concat(R"(,"standby":{"enabled":)", enabled ? "true," : "false,", host, "}");
}

// What the followed cluster has when the other one is promoted is chance under faults.
inline const std::vector<std::string> kOfSource{" user hippo", " database hippo", " row "};

}  // namespace annals::simulation
