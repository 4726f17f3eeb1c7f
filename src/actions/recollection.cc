#include "actions/recollection.h"

#include "actions/secret_data.h"
#include "base/sha256.h"

namespace annals::actions {

void Recollection::remember(const k8s::ObjectName& secret, postgres::Authority authority) {
  if (authorities_.size() >= max_) authorities_.erase(authorities_.begin());
  std::string mark = mark_of(authority.certificate());
  authorities_.insert_or_assign(secret, std::pair(std::move(mark), std::move(authority)));
}

std::optional<postgres::Authority> Recollection::authority(const k8s::ObjectName& secret,
                                                           std::string_view mark) const {
  const auto known = authorities_.find(secret);
  if (known == authorities_.end() || known->second.first != mark) return std::nullopt;
  return known->second.second;
}

void Recollection::remember(const ClusterUid& cluster, std::string version) {
  if (versions_.size() >= max_) versions_.erase(versions_.begin());
  versions_.insert_or_assign(cluster, std::move(version));
}

std::optional<std::string> Recollection::version(const ClusterUid& cluster) const {
  const auto known = versions_.find(cluster);
  return known == versions_.end() ? std::nullopt : std::optional(known->second);
}

std::string mark_of(std::string_view certificate) {
  return sha256_hex(base64_encoded(certificate));
}

}  // namespace annals::actions
