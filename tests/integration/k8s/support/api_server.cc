#include "tests/integration/k8s/support/api_server.h"

#include <cstdlib>
#include <filesystem>
#include <random>

#include "k8s/credentials/file.h"
#include "k8s/credentials/kubeconfig.h"

namespace annals::k8s {

using Json = nlohmann::json;

namespace {

std::string kubeconfig_path() {
  const char* named = std::getenv("ANNALS_TEST_KUBECONFIG");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr ? named : "/var/lib/annals-cluster/admin.conf";
}

std::string fresh_name() {
  return "annals-" + std::to_string(std::random_device{}()) +
         std::to_string(std::random_device{}());
}

}  // namespace

Config cluster_config() {
  Result<Config> config = load_kubeconfig(kubeconfig_path());
  if (!config) throw std::runtime_error(to_string(config.error()));
  return *std::move(config);
}

std::string cluster_path(const std::string& name) {
  return std::filesystem::path(kubeconfig_path()).parent_path() / name;
}

std::string cluster_file(const std::string& name) {
  const Result<Secret> text = read_file(cluster_path(name), std::size_t{1} << 20U);
  if (!text) throw std::runtime_error(to_string(text.error()));
  return std::string(text->reveal());
}

ApiServerTest::ApiServerTest()
    : transport_(loop_.get_executor(), cluster_config(), clock_, Log(), no_metrics()),
      client_(transport_),
      space_(fresh_name()) {
  const Json manifest = {
      {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space_}}}};
  const Answer<std::string> made = run(client_.create(namespaces(), {}, manifest.dump()));
  if (!made) throw std::runtime_error(to_string(made.error()));
}

ApiServerTest::~ApiServerTest() {
  const Answer<std::string> mine = run(client_.get(namespaces(), {{}, space_}));
  if (!mine) return;
  DeleteOptions options;
  options.uid = parsed(*mine)["metadata"]["uid"];
  const Answer<void> removed = run(client_.remove(namespaces(), {{}, space_}, options));
  EXPECT_TRUE(removed) << to_string(removed.error());
}

Json ApiServerTest::metadata(const std::string& name) const {
  return {{"name", name}, {"namespace", space_}, {"labels", {{"test", space_}}}};
}

Json ApiServerTest::config_map(const std::string& name, Json data) const {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", metadata(name)},
          {"data", std::move(data)}};
}

Json ApiServerTest::created(Resource resource, const Json& manifest) {
  const Answer<std::string> answer =
      answered([&] { return client_.create(resource, space_, manifest.dump()); });
  // By a try of which nobody knew whether it had come to anything.
  if (!answer && answer.error().already_exists())
    return fetched(std::move(resource), manifest["metadata"]["name"]);
  if (!answer) throw std::runtime_error(to_string(answer.error()));
  return parsed(*answer);
}

Json ApiServerTest::fetched(Resource resource, const std::string& name) {
  const Answer<std::string> answer = answered([&] { return client_.get(resource, object(name)); });
  if (!answer) throw std::runtime_error(to_string(answer.error()));
  return parsed(*answer);
}

// The server's own trouble is not what is tested: now and then it loses a large answer of etcd, and
// says 500 ("unexpected EOF").
Answer<std::string> ApiServerTest::answered(
    const std::function<boost::asio::awaitable<Answer<std::string>>()>& ask) {
  Answer<std::string> answer = run(ask());
  for (int tries = 1; tries < 5 && !answer && answer.error().status >= 500; ++tries)
    answer = run(ask());
  return answer;
}

Answer<std::vector<Json>> ApiServerTest::listed(Resource resource, ListOptions options) {
  std::vector<Json> objects;
  Answer<PageEnd> page =
      run(client_.list(std::move(resource), std::move(options), [&](std::string_view object) {
        objects.push_back(Json::parse(object));
        return Result<void>();
      }));
  if (!page) return refuse(std::move(page).error());
  return objects;
}

void ApiServerTest::remove(Resource resource, const std::string& name) {
  DeleteOptions how;
  how.uid = fetched(resource, name)["metadata"]["uid"];
  ASSERT_TRUE(run(client_.remove(std::move(resource), object(name), how)));
}

ReflectorOptions ApiServerTest::own_objects(BackoffRange backoff) const {
  ReflectorOptions options;
  options.name_space = space_;
  options.label_selector = "test=" + space_;
  options.backoff = backoff;
  return options;
}

Secret ApiServerTest::token_of(const std::string& name) {
  (void)created(service_accounts(),
                {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", metadata(name)}});
  Request request;
  request.verb = Verb::kPost;
  request.path = object_path(service_accounts(), object(name), "token");
  request.content_type = "application/json";
  request.body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})";
  const Answer<std::string> made = run(client_.raw(std::move(request)));
  if (!made) throw std::runtime_error(to_string(made.error()));
  return Secret(parsed(*made)["status"]["token"].get<std::string>());
}

Json parsed(const std::string& text) { return Json::parse(text); }

}  // namespace annals::k8s
