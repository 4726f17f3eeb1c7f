#include "spec/proxy.h"

#include "spec/fields.h"

namespace annals::spec {

void describe(Fields& fields, PgBouncerConfig& config) {
  fields.opaque("files", config.files, Shape::kArray);
  fields.map("global", config.global);
  fields.map("databases", config.databases);
  fields.map("users", config.users);
}

void describe(Fields& fields, PgBouncer& pgbouncer) {
  fields.part("metadata", pgbouncer.metadata);
  fields.text("image", pgbouncer.image);
  fields.number("port", pgbouncer.port);
  fields.check(pgbouncer.port >= 1024 && pgbouncer.port <= 65535, "port",
               "choose a port from 1024 to 65535");
  fields.number("replicas", pgbouncer.replicas);
  fields.check(pgbouncer.replicas >= 0, "replicas", "give 0 or more");
  fields.number_or_text("minAvailable", pgbouncer.min_available);
  describe_resources(fields, pgbouncer.resources);
  describe_scheduling(fields, pgbouncer.scheduling, Spread::kYes);
  fields.part("config", pgbouncer.config);
  fields.part("service", pgbouncer.service);
  fields.part("customTLSSecret", pgbouncer.custom_tls_secret);
  fields.opaque("sidecars", pgbouncer.sidecars, Shape::kObject);
  fields.opaque("containers", pgbouncer.containers, Shape::kArray);
  fields.not_yet("volumes", pgbouncer.volumes);
}

void describe(Fields& fields, Proxy& proxy) {
  fields.require("pgBouncer", "define pgBouncer, or remove spec.proxy");
  fields.part("pgBouncer", proxy.pgbouncer);
  fields.unused("pgBouncer");
}

}  // namespace annals::spec
