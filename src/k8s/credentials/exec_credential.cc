#include "k8s/credentials/exec_credential.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/printable.h"
#include "k8s/text/json_scratch.ipp"
#include "k8s/text/rfc3339.h"
#include "k8s/text/text.h"

namespace annals::k8s {

using Json = nlohmann::json;

namespace {

struct Printed {
  std::string api_version;
  std::string kind;
  ExecCredential credential;
  std::string expires;
  bool status = false;
};

void take_field(Printed& into, std::string_view field, ondemand::value value) {
  if (field == "apiVersion") into.api_version = text_of(value);
  if (field == "kind") into.kind = text_of(value);
  if (field != "status") return;
  into.status = true;
  each_field(value, [&into](std::string_view key, ondemand::value inner) {
    ExecCredential& credential = into.credential;
    if (key == "token") credential.token = Secret(text_of(inner));
    if (key == "clientCertificateData") credential.certificate = Secret(text_of(inner));
    if (key == "clientKeyData") credential.key = Secret(text_of(inner));
    if (key == "expirationTimestamp") into.expires = text_of(inner);
  });
}

std::string objection(const Printed& printed, std::string_view api_version) {
  if (printed.kind != "ExecCredential") return "its kind is not ExecCredential";
  if (printed.api_version != api_version) {
    return concat("its apiVersion is '", printable(printed.api_version, 100),
                  "', the kubeconfig's ", api_version);
  }
  if (!printed.status) return "it has no status";
  const ExecCredential& credential = printed.credential;
  if (credential.certificate.empty() != credential.key.empty()) {
    return "it has only one of clientCertificateData and clientKeyData";
  }
  if (credential.token.empty() && credential.certificate.empty()) {
    return "it has neither a token nor clientCertificateData";
  }
  return {};
}

}  // namespace

std::string plugin_title(const ExecPlugin& plugin) {
  return concat("user '", plugin.user, "': exec plugin '", plugin.command, "'");
}

std::string exec_info(const Config& config, std::string_view authorities) {
  Json spec = {{"interactive", false}};
  if (config.exec && config.exec->provide_cluster_info) {
    const ServerUrl& to = config.server;
    Json cluster = {{"server", concat(to.tls ? "https://" : "http://", to.authority(), to.prefix)},
                    {"config", nullptr}};
    if (!config.tls_server_name.empty()) cluster["tls-server-name"] = config.tls_server_name;
    if (config.insecure_skip_tls_verify) cluster["insecure-skip-tls-verify"] = true;
    if (!authorities.empty()) {
      cluster["certificate-authority-data"] = base64_encoded(authorities);
    }
    spec["cluster"] = std::move(cluster);
  }
  const std::string version = config.exec ? config.exec->api_version : std::string();
  return Json{{"kind", "ExecCredential"}, {"apiVersion", version}, {"spec", std::move(spec)}}.dump(
      -1, ' ', true, Json::error_handler_t::replace);
}

Result<ExecCredential> read_exec_credential(std::string_view text, std::string_view api_version) {
  JsonReader reader;
  Printed printed;
  const Result<void> read = read_object(reader, text, [&printed](ondemand::object& root) {
    each_field(root, [&printed](std::string_view key, ondemand::value value) {
      take_field(printed, key, value);
    });
  });
  if (!read) return fail(Errc::kInvalid, "printed no ExecCredential: ", read.error().detail);
  const std::string why = objection(printed, api_version);
  if (!why.empty()) return fail(Errc::kInvalid, "printed an ExecCredential, but ", why);
  if (printed.expires.empty()) return std::move(printed.credential);
  const Result<Timestamp> expires = parse_rfc3339(printed.expires);
  if (!expires) return fail(Errc::kInvalid, "expirationTimestamp: ", expires.error().detail);
  printed.credential.expires = *expires;
  return std::move(printed.credential);
}

}  // namespace annals::k8s
