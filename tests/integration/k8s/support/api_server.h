// ApiServerTest: the fixture of tests against the real API server. It has a loop, a client with the
// cluster's administrator credentials, and a namespace of its own that goes when the test ends.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "k8s/client/client.h"
#include "k8s/task_scope.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/loop.h"

namespace annals::k8s {

// The kubeconfig of the cluster under test.
Config cluster_config();
// A file beside it, such as "pki/ca.key".
std::string cluster_path(const std::string& name);
std::string cluster_file(const std::string& name);

class ApiServerTest : public LoopTest {
 protected:
  ApiServerTest();
  ~ApiServerTest() override;

  // "{name, namespace, labels: {test: NAMESPACE}}"
  nlohmann::json metadata(const std::string& name) const;
  nlohmann::json config_map(const std::string& name, nlohmann::json data) const;
  ObjectName object(const std::string& name) const { return {space_, name}; }
  nlohmann::json created(Resource resource, const nlohmann::json& manifest);
  nlohmann::json fetched(Resource resource, const std::string& name);
  // What the server answers when it is asked again after trouble of its own.
  Answer<std::string> answered(
      const std::function<boost::asio::awaitable<Answer<std::string>>()>& ask);
  // Deletes what there is under that name.
  void remove(Resource resource, const std::string& name);
  // A reflector's, for the objects that carry metadata().
  ReflectorOptions own_objects(BackoffRange backoff = {}) const;
  // The objects of one page, as JSON.
  Answer<std::vector<nlohmann::json>> listed(Resource resource, ListOptions options);
  // A new service account of our namespace: a token of it.
  Secret token_of(const std::string& name);

  Transport transport_;
  Client client_;
  std::string space_;  // our namespace
};

nlohmann::json parsed(const std::string& text);

}  // namespace annals::k8s
