#include "postgres/sql/connect_parameters.h"

#include <algorithm>

namespace annals::postgres {

namespace {

// libpq reads a comma as several hosts, and a slash or @ in front as a socket file, where it uses
// no TLS.
bool is_host(const std::string& name) {
  return !name.empty() && !name.contains(',') && !name.starts_with('/') && !name.starts_with('@');
}

}  // namespace

Result<void> check(const ConnectOptions& options) {
  if (!is_host(options.host)) return fail(Errc::kInvalid, "'", options.host, "' is not a host");
  if (options.certified_as && !is_host(*options.certified_as))
    return fail(Errc::kInvalid, "'", *options.certified_as, "' is not a host");
  if (options.address && (options.address->empty() || options.address->contains(','))) {
    return fail(Errc::kInvalid, "'", *options.address, "' is not an address");
  }
  if (options.ca.empty()) return fail(Errc::kInvalid, "no CA to verify the server with");
  return {};
}

Result<void> ConnectParameters::add_file(std::string keyword, std::string_view content) {
  Result<MemoryFile> file = MemoryFile::with(content);
  if (!file) return fail(std::move(file).error().while_doing(keyword));
  add(std::move(keyword), file->path());
  files_.push_back(*std::move(file));
  return {};
}

Result<ConnectParameters> ConnectParameters::of(const ConnectOptions& options,
                                                const std::string& addresses) {
  ConnectParameters made;
  // As many hosts as addresses, all the same one: each is verified under that name.
  const std::string& host = options.certified_as.value_or(options.host);
  std::string hosts = host;
  for (auto more = std::ranges::count(addresses, ','); more > 0; --more) hosts += "," + host;
  made.add("host", hosts);
  made.add("hostaddr", addresses);
  made.add("port", concat(options.port));
  made.add("dbname", options.database);
  made.add("user", options.user);
  made.add("application_name", options.application_name);
  made.add("client_encoding", "UTF8");
  made.add("gssencmode", "disable");
  made.add("sslmode", "verify-full");
  made.add("tcp_user_timeout", concat(options.statement_timeout.count()));
  made.add("options", concat("-c statement_timeout=", options.statement_timeout.count(),
                             " -c client_min_messages=warning"));
  if (options.password) made.add("password", std::string(options.password->reveal()));

  const Result<void> ca = made.add_file("sslrootcert", options.ca);
  if (!ca) return fail(ca.error());
  if (!options.client) {
    made.add("sslcert", "/proc/self/fd/none");  // else libpq looks in the home directory
    return made;
  }
  const Result<void> certificate = made.add_file("sslcert", options.client->certificate);
  if (!certificate) return fail(certificate.error());
  const Result<void> key = made.add_file("sslkey", options.client->key.reveal());
  if (!key) return fail(key.error());
  return made;
}

PGconn* ConnectParameters::start() const {
  std::vector<std::string> texts;  // with the NUL that libpq needs
  texts.reserve(parameters_.size());
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters_) {
    keywords.push_back(keyword.c_str());
    texts.emplace_back(value.reveal());
    values.push_back(texts.back().c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* connection = PQconnectStartParams(keywords.data(), values.data(), 0);
  for (std::string& text : texts) explicit_bzero(text.data(), text.size());
  return connection;
}

}  // namespace annals::postgres
