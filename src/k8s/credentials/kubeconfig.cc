#include "k8s/credentials/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <utility>

#include "base/printable.h"
#include "k8s/credentials/file.h"
#include "k8s/text/text.h"

namespace annals::k8s {
namespace {

constexpr std::size_t kKubeconfigMax = std::size_t{4} << 20U;
constexpr std::size_t kHintMax = 1000;
// The cluster's extension that is meant for credential plugins.
constexpr const char* kPluginExtension = "client.authentication.k8s.io/exec";

std::string yaml_text(const YAML::Node& node, const char* key) {
  if (!node.IsMap()) return {};
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

bool flag_of(const YAML::Node& node, const char* key) { return yaml_text(node, key) == "true"; }

// The entry of that name in the file's lists "clusters", "users" and "contexts".
Result<YAML::Node> named_entry(const YAML::Node& root, const char* list, const char* kind,
                               const std::string& name) {
  const YAML::Node entries = root[list];
  if (entries && entries.IsSequence()) {
    for (const YAML::Node& entry : entries) {
      if (yaml_text(entry, "name") == name && entry[kind].IsMap()) return entry[kind];
    }
  }
  return fail(Errc::kInvalid, "kubeconfig has no ", kind, " named '", printable(name, 100), "'");
}

// key-data holds base64; key names a file. The data wins, as with kubectl.
Result<Material> material(const YAML::Node& node, const std::string& key,
                          const std::filesystem::path& directory) {
  Material found;
  const std::string data = yaml_text(node, (key + "-data").c_str());
  const std::string file = yaml_text(node, key.c_str());
  if (!data.empty()) {
    std::optional<std::string> decoded = base64_decoded(data);
    if (!decoded) return fail(Errc::kInvalid, "kubeconfig: ", key, "-data is not base64");
    found.data = Secret(*std::move(decoded));
  } else if (!file.empty()) {
    found.file = directory / file;  // an absolute path stays as it is
  }
  return found;
}

Result<void> read_cluster(const YAML::Node& cluster, const std::filesystem::path& directory,
                          Config& config) {
  if (!yaml_text(cluster, "proxy-url").empty()) {
    return fail(Errc::kInvalid, "kubeconfig: proxy-url is not supported; connect directly");
  }
  Result<ServerUrl> url = parse_server_url(yaml_text(cluster, "server"));
  if (!url) return fail(std::move(url).error().while_doing("kubeconfig"));
  config.server = *std::move(url);
  config.tls_server_name = yaml_text(cluster, "tls-server-name");
  config.insecure_skip_tls_verify = flag_of(cluster, "insecure-skip-tls-verify");
  Result<Material> authority = material(cluster, "certificate-authority", directory);
  if (!authority) return fail(std::move(authority).error());
  config.certificate_authority = *std::move(authority);
  if (config.insecure_skip_tls_verify && !config.certificate_authority.empty()) {
    return fail(
        Errc::kInvalid,
        "kubeconfig: certificate-authority and insecure-skip-tls-verify exclude each other");
  }
  return {};
}

Result<ExecPlugin> read_exec(const YAML::Node& exec, const std::filesystem::path& directory) {
  ExecPlugin plugin;
  plugin.api_version = yaml_text(exec, "apiVersion");
  plugin.command = yaml_text(exec, "command");
  // A name without a slash is looked for on PATH.
  if (plugin.command.find('/') != std::string::npos) plugin.command = directory / plugin.command;
  plugin.provide_cluster_info = flag_of(exec, "provideClusterInfo");
  plugin.install_hint = printable(yaml_text(exec, "installHint"), kHintMax);
  if (plugin.command.empty()) return fail(Errc::kInvalid, "kubeconfig: exec has no command");
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return fail(Errc::kInvalid, "kubeconfig: exec's apiVersion '",
                printable(plugin.api_version, 100), "' is not supported (v1 and v1beta1 are)");
  }
  if (yaml_text(exec, "interactiveMode") == "Always") {
    return fail(Errc::kInvalid, "kubeconfig: exec needs a terminal (interactiveMode: Always)");
  }
  for (const YAML::Node& argument : exec["args"]) {
    if (!argument.IsScalar()) return fail(Errc::kInvalid, "kubeconfig: exec's args are no strings");
    plugin.arguments.push_back(argument.Scalar());
  }
  for (const YAML::Node& variable : exec["env"]) {
    plugin.environment.push_back({yaml_text(variable, "name"), yaml_text(variable, "value")});
  }
  return plugin;
}

Result<void> read_user(const YAML::Node& user, const std::filesystem::path& directory,
                       Config& config) {
  constexpr std::array kUnsupported{"auth-provider", "username",  "password",     "as",
                                    "as-uid",        "as-groups", "as-user-extra"};
  for (const char* key : kUnsupported) {
    if (user[key]) return fail(Errc::kInvalid, "kubeconfig: the user's ", key, " is not supported");
  }
  Result<Material> certificate = material(user, "client-certificate", directory);
  if (!certificate) return fail(std::move(certificate).error());
  config.client_certificate = *std::move(certificate);
  Result<Material> key = material(user, "client-key", directory);
  if (!key) return fail(std::move(key).error());
  config.client_key = *std::move(key);
  if (config.client_certificate.empty() != config.client_key.empty()) {
    return fail(Errc::kInvalid,
                "kubeconfig: a client certificate needs its key, and a key its certificate");
  }
  // Here the file wins over the value in place, as with kubectl: it can be rotated.
  if (const std::string file = yaml_text(user, "tokenFile"); !file.empty()) {
    config.token.file = directory / file;
  } else {
    config.token.data = Secret(yaml_text(user, "token"));
  }
  if (!user["exec"]) return {};
  Result<ExecPlugin> exec = read_exec(user["exec"], directory);
  if (!exec) return fail(std::move(exec).error());
  config.exec = *std::move(exec);
  return {};
}

bool has_plugin_extension(const YAML::Node& cluster) {
  const YAML::Node extensions = cluster["extensions"];
  if (!extensions || !extensions.IsSequence()) return false;
  for (const YAML::Node& extension : extensions) {
    if (yaml_text(extension, "name") == kPluginExtension) return true;
  }
  return false;
}

Result<Config> read_root(const YAML::Node& root, const KubeconfigChoice& choice) {
  if (!root.IsMap()) return fail(Errc::kInvalid, "kubeconfig is not a mapping");
  const std::string name =
      choice.context.empty() ? yaml_text(root, "current-context") : choice.context;
  if (name.empty())
    return fail(Errc::kInvalid, "kubeconfig has no current-context, and none was chosen");
  Result<YAML::Node> context = named_entry(root, "contexts", "context", name);
  if (!context) return fail(std::move(context).error());
  Config config;
  config.name_space = yaml_text(*context, "namespace");
  Result<YAML::Node> cluster =
      named_entry(root, "clusters", "cluster", yaml_text(*context, "cluster"));
  if (!cluster) return fail(std::move(cluster).error());
  Result<void> read = read_cluster(*cluster, choice.directory, config);
  if (!read) return fail(std::move(read).error());
  if (yaml_text(*context, "user").empty()) return config;
  Result<YAML::Node> user = named_entry(root, "users", "user", yaml_text(*context, "user"));
  if (!user) return fail(std::move(user).error());
  read = read_user(*user, choice.directory, config);
  if (!read) return fail(std::move(read).error());
  if (!config.exec) return config;
  config.exec->user = printable(yaml_text(*context, "user"), 200);
  if (config.exec->provide_cluster_info && has_plugin_extension(*cluster)) {
    return fail(Errc::kInvalid, "kubeconfig: the cluster's extension ", kPluginExtension,
                " is not supported");
  }
  return config;
}

}  // namespace

Result<Config> parse_kubeconfig(std::string_view text, const KubeconfigChoice& choice) {
  if (text.size() > kKubeconfigMax)
    return fail(Errc::kInvalid, "kubeconfig is larger than ", kKubeconfigMax, " bytes");
  try {
    return read_root(YAML::Load(std::string(text)), choice);
  } catch (const YAML::Exception& thrown) {
    // what() may quote the text; the message alone says what is wrong, the mark where.
    return fail(Errc::kInvalid, "kubeconfig: line ", thrown.mark.line + 1,
                ": not YAML of the expected form");
  }
}

Result<Config> load_kubeconfig(const std::filesystem::path& path, const std::string& context) {
  Result<Secret> text = read_file(path, kKubeconfigMax);
  if (!text) return fail(std::move(text).error().while_doing("read kubeconfig"));
  return parse_kubeconfig(text->reveal(), {.context = context, .directory = path.parent_path()});
}

}  // namespace annals::k8s
