// Makes what a recipe asks for, and keeps what is good already: a valid certificate, a password
// that exists. Pure but for the randomness of keys and passwords; the time is an argument.
#pragma once

#include <string>

#include "actions/secret_data.h"
#include "base/clock.h"
#include "base/result.h"
#include "postgres/tls/certificate.h"

namespace annals::actions {

Result<SecretData> make_material(const manifests::RootAuthority& recipe, const SecretData& existing,
                                 Timestamp now);

// `others`: the authorities that are trusted beside this one, in PEM.
Result<SecretData> make_material(const manifests::CertificateSecret& recipe,
                                 const postgres::Authority& authority, const std::string& others,
                                 const SecretData& existing, Timestamp now);

Result<SecretData> make_material(const manifests::UserSecret& recipe, const SecretData& existing);

// The pair in an authority's Secret, by the keys that RootAuthority has.
postgres::KeyPair authority_in(const SecretData& data);

}  // namespace annals::actions
