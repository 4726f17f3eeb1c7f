// spec.proxy: the connection pooler.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "spec/kubernetes.h"
#include "spec/metadata.h"
#include "spec/service.h"

namespace annals::spec {

class Fields;

struct PgBouncerConfig {
  Opaque files;  // projections, mounted at /etc/pgbouncer
  std::map<std::string, std::string> global;
  std::map<std::string, std::string> databases;
  std::map<std::string, std::string> users;

  friend bool operator==(const PgBouncerConfig&, const PgBouncerConfig&) = default;
};

void describe(Fields& fields, PgBouncerConfig& config);

struct PgBouncer {
  Metadata metadata;
  std::string image;
  std::int32_t port = 5432;
  std::int32_t replicas = 1;
  Opaque min_available;
  Resources resources;
  Scheduling scheduling;
  PgBouncerConfig config;
  Service service;
  std::optional<TlsSecret> custom_tls_secret;
  Opaque sidecars;
  Opaque containers;
  Opaque volumes;

  friend bool operator==(const PgBouncer&, const PgBouncer&) = default;
};

void describe(Fields& fields, PgBouncer& pgbouncer);

struct Proxy {
  std::optional<PgBouncer> pgbouncer;

  friend bool operator==(const Proxy&, const Proxy&) = default;
};

void describe(Fields& fields, Proxy& proxy);

}  // namespace annals::spec
