#include "tests/bench/kubelets.h"

#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "lens/label.h"

namespace annals::bench {

namespace asio = boost::asio;
using Json = nlohmann::json;
using k8s::Answer;

namespace {

constexpr int kWorkersMax = 8;

std::string label(const char* name) { return concat(lens::kLabelPrefix, name); }

}  // namespace

Kubelets::Kubelets(k8s::Client& client, k8s::TaskScope& tasks, Json pattern)
    : client_(client),
      tasks_(tasks),
      pattern_(std::move(pattern)),
      reflector_(client, k8s::stateful_sets(), k8s::read_any_view, *this, {}) {}

void Kubelets::start() { tasks_.spawn("kubelets", reflector_.run()); }

asio::awaitable<void> Kubelets::observe(std::vector<k8s::Change<k8s::AnyView>> changes) {
  for (k8s::Change<k8s::AnyView>& change : changes) {
    if (!change.view || !seen_.insert(change.view->meta.key.uid).second) continue;
    waiting_.push_back(std::move(change.view->meta));
    if (workers_ == kWorkersMax) continue;
    workers_ += 1;
    tasks_.spawn("kubelet", work());
  }
  co_return;
}

asio::awaitable<void> Kubelets::work() {
  while (!waiting_.empty()) {
    k8s::ObjectMeta store = std::move(waiting_.front());
    waiting_.pop_front();
    co_await run_pod(std::move(store));
  }
  workers_ -= 1;
}

asio::awaitable<void> Kubelets::run_pod(k8s::ObjectMeta store) {
  const std::string cluster = store.labels["cluster"];
  const std::string name_space = store.key.name_space;
  const std::string name = store.key.name + "-0";
  const bool leads = !std::exchange(has_primary_[name_space + "/" + cluster], true);
  Json pod = pattern_;
  pod["metadata"]["name"] = name;
  Json& labels = pod["metadata"]["labels"];
  labels[label("cluster")] = cluster;
  labels[label("instance")] = store.labels["instance"];
  labels[label("instance-set")] = store.labels["instance-set"];
  labels[label("patroni")] = cluster + "-ha";
  labels[label("role")] = leads ? "master" : "replica";
  pod["spec"]["nodeName"] = "node1";
  std::string text = pod.dump();
  const Answer<std::string> made = co_await client_.create(k8s::pods(), name_space, text);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
  if (leads) co_await say_that_there_is_a_database(name_space, cluster);
  text =
      R"({"status":{"phase":"Running","podIP":"10.1.2.3","conditions":[{"type":"Ready","status":"True"}]}})";
  k8s::ObjectName pod_name{name_space, name};
  const Answer<std::string> told =
      co_await client_.merge_patch_status(k8s::pods(), std::move(pod_name), text);
  ANNALS_ASSERT(told.has_value(), to_string(told.error()));
  made_ += 1;
}

asio::awaitable<void> Kubelets::say_that_there_is_a_database(std::string name_space,
                                                             std::string cluster) {
  const std::string name = cluster + "-ha-config";
  const Json store = {
      {"apiVersion", "v1"},
      {"kind", "Endpoints"},
      {"metadata",
       {{"name", name},
        {"labels", {{label("cluster"), cluster}, {label("patroni"), cluster + "-ha"}}},
        {"annotations", {{"initialize", "8000000000000000001"}}}}}};
  std::string text = store.dump();
  k8s::ObjectName place{name_space, name};
  // Patroni writes into what is there, or makes it.
  Answer<std::string> written =
      co_await client_.merge_patch(k8s::endpoints(), std::move(place), text);
  if (!written) written = co_await client_.create(k8s::endpoints(), name_space, text);
  ANNALS_ASSERT(written.has_value(), to_string(written.error()));
}

}  // namespace annals::bench
