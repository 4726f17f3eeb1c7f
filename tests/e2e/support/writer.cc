// SPDX-License-Identifier: Apache-2.0
#include "support/writer.h"

#include <chrono>
#include <cstdlib>
#include <sstream>

#include "support/await.h"
#include "support/shell.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

const std::string kKubectl = "$KUBECTL --namespace postgres-operator ";

// psql prints a row only when its transaction is committed, as far as the server has promised that.
// A primary that does not answer is given up soon, so that the next one is found.
constexpr const char* kScript = R"(
limits='sslmode=require&connect_timeout=3&tcp_user_timeout=3000&keepalives_idle=1&keepalives_interval=1&keepalives_count=3'
ask() { psql "$URI?$limits" -XAtq -v ON_ERROR_STOP=1 "$@"; }
until ask -c 'create schema if not exists writer; create table if not exists writer.rows (id bigserial primary key)'; do
  sleep 0.2
done
touch /tmp/acknowledged
while [[ ! -e /tmp/stop ]]; do
  while [[ ! -e /tmp/stop ]] && echo 'insert into writer.rows default values returning id;'; do sleep 0.01; done 2>/dev/null |
    ask >>/tmp/acknowledged
  [[ -e /tmp/stop ]] || echo broken >>/tmp/broken
  sleep 0.1
done
touch /tmp/stopped
exec tail -f /dev/null
)";

std::string indented(const std::string& script) {
  std::string text;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) text += "        " + line + "\n";
  return text;
}

}  // namespace

Writer::Writer(std::string cluster, const std::string& node)
    : cluster_(std::move(cluster)), pod_(cluster_ + "-writer") {
  must(kKubectl + "delete pod " + pod_ +
       " --ignore-not-found --grace-period=0 --force --timeout 60s");
  must(kKubectl + "apply -f - <<'POD'\n" + R"(apiVersion: v1
kind: Pod
metadata:
  name: )" +
       pod_ + R"(
spec:
  nodeName: )" +
       node + R"(
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  activeDeadlineSeconds: 3600
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: writer
    image: localhost/annals/postgres:15
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    command:
    - bash
    - -c
    - |)" +
       indented(kScript) + R"(    env:
    - name: URI
      valueFrom: {secretKeyRef: {name: )" +
       cluster_ + "-pguser-" + cluster_ + R"(, key: uri}}
POD)");
  await_true(
      "a hundred rows that the primary of " + cluster_ + " has acknowledged", 60s,
      [&] { return acknowledged() > 100; },
      [&] {
        return std::to_string(acknowledged()) + "\n" + run(kKubectl + "get pod " + pod_).out +
               run(kKubectl + "logs --tail 20 " + pod_).out;
      });
}

Writer::~Writer() {
  run(kKubectl + "delete pod " + pod_ +
      " --ignore-not-found --grace-period=0 --force --timeout 60s");
}

long Writer::acknowledged() const {
  const std::string lines = run(kKubectl + "exec " + pod_ + " -- wc -l /tmp/acknowledged").out;
  return lines.empty() ? 0 : std::strtol(lines.c_str(), nullptr, 10);
}

long Writer::errors() const {
  const std::string lines =
      must(kKubectl + "exec " + pod_ + " -- bash -c 'touch /tmp/broken && wc -l </tmp/broken'");
  return std::strtol(lines.c_str(), nullptr, 10);
}

std::set<long> Writer::stop() {
  must(kKubectl + "exec " + pod_ + " -- touch /tmp/stop");
  await(
      "the end of the writer", 60s, [&] { return must(kKubectl + "exec " + pod_ + " -- ls /tmp"); },
      testing::HasSubstr("stopped"));
  std::istringstream rows(must(kKubectl + "exec " + pod_ + " -- cat /tmp/acknowledged"));
  std::set<long> all;
  for (long row = 0; rows >> row;) all.insert(row);
  return all;
}

std::string Writer::table() const { return "writer.rows"; }

}  // namespace annals::e2e
