#include "manifests/instance/source_login.h"

#include "base/concat.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

constexpr const char* kSourceLoginVolume = "source-login";

}  // namespace

// Members of one cluster ask for a certificate, never for the password.
const char* const kCopySourceLogin = R"bash(
copy_source() {
  local password
  if [[ -r /pgconf/source/password ]]; then
    password=$(</pgconf/source/password)
    password=${password//\\/\\\\}
    (umask 0177 && printf '*:*:*:_crunchyrepl:%s\n' "${password//:/\\:}" >/tmp/replication/pgpass.new)
    mv /tmp/replication/pgpass.new /tmp/replication/pgpass
  fi
  if [[ -r /pgconf/source/ca.crt ]]; then
    (umask 0177 && { cat /pgconf/tls/replication/ca.crt && echo && cat /pgconf/source/ca.crt; } >/tmp/replication/ca.new)
    mv /tmp/replication/ca.new /tmp/replication/ca.crt
  fi
}
)bash";

Json source_login_volume(const spec::PostgresCluster& cluster) {
  Json source = {{"secret", {{"name", spec::source_login(cluster)}, {"optional", true}}}};
  Json volume = projected_volume(kSourceLoginVolume, Json::array({std::move(source)}));
  volume["projected"]["defaultMode"] = 0600;
  return volume;
}

Json source_login_mount() { return read_only_mount(kSourceLoginVolume, paths::kSourceLogin); }

Json source_login_variable() { return variable("PGPASSFILE", paths::kSourcePasswords); }

}  // namespace annals::manifests
