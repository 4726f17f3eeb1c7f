// The writes that an operator has made for a cluster up to its first StatefulSet, made once more
// for other names by nobody who thinks: all of a stage at once, one stage after the other, as they
// depend on each other. What that takes, with as many requests under way at a time as the operator
// has at most, is what the API server takes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "k8s/client/client.h"
#include "k8s/task_scope.h"

namespace annals::bench {

class SameWrites {
 public:
  // Both outlive this.
  SameWrites(k8s::Client& client, k8s::TaskScope& tasks, std::string name_space,
             std::string cluster)
      : client_(client),
        tasks_(tasks),
        name_space_(std::move(name_space)),
        cluster_(std::move(cluster)) {}
  SameWrites(const SameWrites&) = delete;
  SameWrites& operator=(const SameWrites&) = delete;

  // Reads what there is of the cluster.
  boost::asio::awaitable<void> read();
  boost::asio::awaitable<void> repeat_for(std::string name, k8s::Place place);
  // So many for each name.
  std::size_t requests() const;
  int under_way() const { return under_way_; }  // names

 private:
  struct Write {
    k8s::Resource kind;
    std::string name;
    std::string manifest;
    unsigned long long version = 0;
  };
  using Stage = std::vector<Write>;

  struct Unmade;

  boost::asio::awaitable<void> make(Write write, k8s::Place place, Unmade* unmade);
  boost::asio::awaitable<void> hold(std::string name, k8s::Place place, Unmade* unmade);

  k8s::Client& client_;
  k8s::TaskScope& tasks_;
  std::string name_space_;
  std::string cluster_;
  std::vector<Stage> stages_;
  int under_way_ = 0;
};

}  // namespace annals::bench
