#include "manifests/instance/hba.h"

#include <string_view>

#include "base/concat.h"
#include "manifests/json.h"
#include "spec/text.h"

namespace annals::manifests {
namespace {

using Lines = std::vector<std::string>;

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string names_or_all(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += concat(list.empty() ? "" : ",", in_quotes(name));
  return list.empty() ? "all" : list;
}

std::string line_of(const spec::HbaRule& rule) {
  if (!rule.hba.empty()) return std::string(spec::trimmed(rule.hba));
  const std::string address = rule.connection == "local" ? "" : " all";
  // The server keeps verifiers only, so that a clear password could never be compared with md5.
  const std::string method = rule.method == "password" ? "scram-sha-256" : rule.method;
  std::string line = concat(rule.connection, " ", names_or_all(rule.databases), " ",
                            names_or_all(rule.users), address, " ", method);
  for (const auto& [name, value] : rule.options) line += concat(" ", name, "=", in_quotes(value));
  return line;
}

// The operator comes with a certificate for the superuser, from an authority whose key only it
// uses.
void add_mandatory(Lines& lines) {
  lines.insert(lines.end(),
               {R"(local all "postgres" peer)", R"(hostssl replication "_crunchyrepl" all cert)",
                R"(hostssl "postgres" "_crunchyrepl" all cert)",
                R"(host all "_crunchyrepl" all reject)", R"(hostssl all "postgres" all cert)"});
}

void add_pgbouncer(Lines& lines) {
  lines.insert(lines.end(), {R"(hostssl all "_crunchypgbouncer" all scram-sha-256)",
                             R"(host all "_crunchypgbouncer" all reject)"});
}

// Lines that include files would reach beyond what is checked here.
Lines dynamic_lines(const spec::PostgresCluster& cluster) {
  const Json dynamic = value_of(cluster.spec.patroni.dynamic_configuration);
  const Json listed = dynamic.value("postgresql", Json()).value("pg_hba", Json());
  Lines lines;
  for (const Json& item : listed) {
    if (!item.is_string()) continue;
    const std::string line(spec::trimmed(item.text()));
    if (!line.starts_with("include")) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::vector<std::string> hba_rules(const spec::PostgresCluster& cluster) {
  Lines lines;
  add_mandatory(lines);
  if (cluster.spec.proxy && cluster.spec.proxy->pgbouncer) add_pgbouncer(lines);
  Lines users;
  for (const spec::HbaRule& rule : cluster.spec.authentication.rules) {
    users.push_back(line_of(rule));
  }
  for (std::string& line : dynamic_lines(cluster)) users.push_back(std::move(line));
  if (users.empty()) users.emplace_back("hostssl all all all scram-sha-256");
  lines.insert(lines.end(), users.begin(), users.end());
  return lines;
}

}  // namespace annals::manifests
