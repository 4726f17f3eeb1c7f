// Watches: one stream per kind for all clusters, each told to the shell as facts.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "k8s/client.h"
#include "k8s/task_scope.h"
#include "runtime/owned_kinds.h"
#include "runtime/shell.h"

namespace annals::runtime {

class Watches {
 public:
  // All outlive this.
  Watches(k8s::Client& client, Shell& shell, k8s::TaskScope& tasks, Log log,
          std::string name_space);
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;
  ~Watches();

  // Lists the custom resources, then what belongs to them, then tells the shell that all is listed.
  // Goes on watching in the background.
  void start(ServedKinds served);

 private:
  class Kind;
  template <class View>
  class KindOf;
  class Clusters;
  class Pods;
  class Owned;

  void became_current(const Kind& kind);
  void start_owned();

  k8s::Client& client_;
  Shell& shell_;
  k8s::TaskScope& tasks_;
  Log log_;
  std::string name_space_;
  ServedKinds served_;
  std::vector<std::unique_ptr<Kind>> kinds_;
  std::size_t current_ = 0;
};

}  // namespace annals::runtime
