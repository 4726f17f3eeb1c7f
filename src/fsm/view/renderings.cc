#include "fsm/view/renderings.h"

#include <algorithm>
#include <utility>

namespace annals::fsm {

std::shared_ptr<Rendered> Renderings::find(const std::string& resource,
                                           const manifests::Observed& world) const {
  const auto all = by_resource_.find(resource);
  if (all == by_resource_.end()) return nullptr;
  const auto same = std::ranges::find_if(
      all->second, [&](const auto& rendered) { return rendered->world == world; });
  return same == all->second.end() ? nullptr : *same;
}

std::shared_ptr<Rendered> Renderings::any_of(const std::string& resource) const {
  const auto all = by_resource_.find(resource);
  return all == by_resource_.end() ? nullptr : all->second.front();
}

void Renderings::keep(std::shared_ptr<Rendered> made) {
  if (size_ == most_) {
    by_resource_.clear();
    size_ = 0;
  }
  by_resource_[made->resource].push_back(std::move(made));
  ++size_;
}

}  // namespace annals::fsm
