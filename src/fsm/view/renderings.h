// Renderings: what specs were rendered to, kept beyond the states that asked for it, for whoever
// takes equal clusters through many histories: the simulation does, from thousands of seeds. One
// with the same inputs is made once; they are compared, all of them, so that what is found is what
// would be made (README.md). For one thread. Holds `most` of them; when these are reached it begins
// anew.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fsm/view/rendering.h"

namespace annals::fsm {

class Renderings {
 public:
  explicit Renderings(std::size_t most = 1'000) : most_(most) {}
  Renderings(const Renderings&) = delete;
  Renderings& operator=(const Renderings&) = delete;

  // Null where nothing is kept of these inputs, or of this text.
  std::shared_ptr<Rendered> find(const std::string& resource,
                                 const manifests::Observed& world) const;
  std::shared_ptr<Rendered> any_of(const std::string& resource) const;

  // It is not kept here before, and has no mistakes. Whoever shares it leaves it as it is.
  void keep(std::shared_ptr<Rendered> made);

  std::size_t size() const { return size_; }

 private:
  std::size_t most_;
  std::size_t size_ = 0;
  std::map<std::string, std::vector<std::shared_ptr<Rendered>>> by_resource_;
};

}  // namespace annals::fsm
