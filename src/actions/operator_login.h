// The certificate with which the operator logs in to PostgreSQL and to Patroni: signed for the
// occasion by the cluster's authority, valid for a day, stored nowhere.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "postgres/tls/certificate.h"

namespace annals::actions {

inline constexpr const char* kSuperuser = "postgres";

Result<postgres::KeyPair> operator_login(const postgres::KeyPair& authority, Timestamp now);

}  // namespace annals::actions
