#include "actions/operator_login.h"

#include <chrono>

namespace annals::actions {

Result<postgres::KeyPair> operator_login(const postgres::KeyPair& authority, Timestamp now) {
  const postgres::LeafRequest request{.common_name = kSuperuser,
                                      .usage = postgres::Usage::kClient,
                                      .lifetime = std::chrono::days{1}};
  return postgres::make_leaf(authority, request, now);
}

}  // namespace annals::actions
