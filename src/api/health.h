// Health: named checks, told as Kubernetes tells its own: "ok", or every check with what is wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/http_server.h"

namespace annals::api {

class Health {
 public:
  // What is wrong now; nothing when all is well.
  using Check = std::function<std::optional<std::string>()>;

  // `name` is what the answers call it: "readyz".
  explicit Health(std::string name);

  void add(std::string check_name, Check check);

  bool is_well() const;
  // 200 when all is well, else 503 with all checks, as with ?verbose.
  Response answer(const Request& request) const;

 private:
  std::string name_;
  std::vector<std::pair<std::string, Check>> checks_;
};

}  // namespace annals::api
