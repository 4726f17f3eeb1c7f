#include "tests/bench/same_writes.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "lens/label.h"

namespace annals::bench {

namespace asio = boost::asio;
using Json = nlohmann::json;
using k8s::Answer;

namespace {

struct Kind {
  k8s::Resource resource;
  const char* name;
};

// What is written at once, in the order in which it can be.
std::vector<std::vector<Kind>> kinds_by_stage() {
  return {{{k8s::service_accounts(), "ServiceAccount"},
           {k8s::roles(), "Role"},
           {k8s::services(), "Service"},
           {k8s::config_maps(), "ConfigMap"},
           {k8s::persistent_volume_claims(), "PersistentVolumeClaim"}},
          {{k8s::role_bindings(), "RoleBinding"},
           {k8s::endpoints(), "Endpoints"},
           {k8s::secrets(), "Secret"}},
          {{k8s::stateful_sets(), "StatefulSet"}}};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// As it was asked for, as far as that can be told from what stands there.
std::string as_asked_for(Json object, const Kind& kind) {
  object["apiVersion"] = k8s::api_version(kind.resource);
  object["kind"] = kind.name;
  Json& metadata = object["metadata"];
  for (const char* field : {"uid", "resourceVersion", "creationTimestamp", "managedFields",
                            "generation", "finalizers", "annotations"})
    metadata.erase(field);
  object.erase("status");
  if (std::string_view(kind.name) == "Service" && object["spec"].value("clusterIP", "") != "None")
    for (const char* field : {"clusterIP", "clusterIPs"}) object["spec"].erase(field);
  return object.dump();
}

}  // namespace

asio::awaitable<void> SameWrites::read() {
  unsigned long long first_set = ~0ULL;
  for (const std::vector<Kind>& kinds : kinds_by_stage()) {
    Stage stage;
    for (const Kind& kind : kinds) {
      k8s::ListOptions options;
      options.name_space = name_space_;
      options.label_selector = concat(lens::kLabelPrefix, "cluster=", cluster_);
      const auto take = [&](std::string_view text) -> Result<void> {
        const Json object = Json::parse(text);
        const Json& metadata = object.at("metadata");
        const std::string version = metadata.at("resourceVersion");
        stage.push_back({kind.resource, metadata.at("name"), as_asked_for(object, kind),
                         std::strtoull(version.c_str(), nullptr, 10)});
        return {};
      };
      const Answer<k8s::PageEnd> page = co_await client_.list(kind.resource, options, take);
      ANNALS_ASSERT(page.has_value(), to_string(page.error()));
      if (std::string_view(kind.name) != "StatefulSet") continue;
      for (const Write& write : stage) first_set = std::min(first_set, write.version);
    }
    stages_.push_back(std::move(stage));
  }
  for (Stage& stage : stages_)
    std::erase_if(stage, [&](const Write& write) { return write.version > first_set; });
}

// How many writes of a stage are under way.
struct SameWrites::Unmade {
  explicit Unmade(const asio::any_io_executor& executor) : bell(executor) {}

  void made() {
    count -= 1;
    if (count == 0) bell.cancel();
  }
  asio::awaitable<void> await_none() {
    while (count > 0) {
      bell.expires_at(asio::steady_timer::time_point::max());
      (void)co_await bell.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  std::size_t count = 0;
  asio::steady_timer bell;
};

asio::awaitable<void> SameWrites::make(Write write, k8s::Place place, Unmade* unmade) {
  k8s::WriteOptions options;
  options.force = true;
  options.place = place;
  const k8s::ObjectName name{name_space_, write.name};
  const Answer<std::string> made =
      co_await client_.apply(write.kind, name, write.manifest, options);
  ANNALS_ASSERT(made.has_value(), write.name, ": ", to_string(made.error()));
  unmade->made();
}

// The finalizer, which the operator sets before anything runs.
asio::awaitable<void> SameWrites::hold(std::string name, k8s::Place place, Unmade* unmade) {
  k8s::WriteOptions options;
  options.place = place;
  const k8s::ObjectName object{name_space_, name};
  const std::string patch = R"({"metadata":{"finalizers":["example.com/bench"]}})";
  const Answer<std::string> held =
      co_await client_.merge_patch(k8s::postgres_clusters(), object, patch, options);
  ANNALS_ASSERT(held.has_value(), to_string(held.error()));
  unmade->made();
}

asio::awaitable<void> SameWrites::repeat_for(std::string name, k8s::Place place) {
  Unmade unmade(co_await asio::this_coro::executor);
  unmade.count = 1;
  under_way_ += 1;
  tasks_.spawn("finalizer", hold(name, place, &unmade));
  for (const Stage& stage : stages_) {
    unmade.count += stage.size();
    for (Write write : stage) {
      replace_all(write.name, cluster_, name);
      replace_all(write.manifest, cluster_, name);
      tasks_.spawn("write", make(std::move(write), place, &unmade));
    }
    co_await unmade.await_none();
  }
  under_way_ -= 1;
}

std::size_t SameWrites::requests() const {
  std::size_t all = 1;
  for (const Stage& stage : stages_) all += stage.size();
  return all;
}

}  // namespace annals::bench
