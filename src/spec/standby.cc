#include "spec/standby.h"

#include "spec/fields.h"
#include "spec/repository.h"

namespace annals::spec {

void describe(Fields& fields, Standby& standby) {
  fields.flag("enabled", standby.enabled);
  fields.text("host", standby.host);
  fields.number("port", standby.port);
  fields.check(!standby.port || (*standby.port >= 1024 && *standby.port <= 65535), "port",
               "choose a port from 1024 to 65535");
  describe_repo_name(fields, standby.repo_name);
  fields.check_self(!standby.enabled || !standby.host.empty() || !standby.repo_name.empty(),
                    "give host, repoName or both: the source of the standby's data");
}

}  // namespace annals::spec
