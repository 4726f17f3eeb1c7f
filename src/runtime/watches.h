// Watches: one stream per kind for all clusters, each told to the shell as facts.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "k8s/client/client.h"
#include "k8s/task_scope.h"
#include "runtime/owned_kinds.h"
#include "runtime/shell.h"

namespace annals::runtime {

struct WatchesOptions {
  std::vector<std::string> name_spaces;  // none: all of them; else each is watched by itself
  bool initial_events = false;           // see k8s::ReflectorOptions
};

class Watches {
 public:
  // All outlive this.
  Watches(k8s::Client& client, Shell& shell, k8s::TaskScope& tasks, Log log,
          WatchesOptions options);
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;
  ~Watches();

  // Lists the custom resources, then what belongs to them, then tells the shell that all is listed.
  // Goes on watching in the background.
  void start(ServedKinds served);

  // Whether everything has been listed once.
  bool all_listed() const;
  // What is not known as it is now: "pods is stale". Empty before start(), too.
  std::vector<std::string> not_current() const;
  // The first kind of which nothing new has been heard for so long, because its watch is broken; no
  // text where there is none.
  std::string stale_for(Duration at_least) const;

 private:
  class Kind;
  template <class View>
  class KindOf;
  class Clusters;
  class Pods;
  class Owned;

  void add(std::unique_ptr<Kind> kind);
  void became_current();
  void start_owned();

  k8s::Client& client_;
  Shell& shell_;
  k8s::TaskScope& tasks_;
  Log log_;
  WatchesOptions options_;
  ServedKinds served_;
  std::vector<std::unique_ptr<Kind>> kinds_;
  std::size_t clusters_ = 0;  // so many of them, the first ones, watch custom resources
  std::size_t current_ = 0;   // so many were listed
};

}  // namespace annals::runtime
