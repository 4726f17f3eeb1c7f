#include "actions/brought_authority.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "postgres/tls/certificate_check.h"

namespace annals::actions {
namespace {

using manifests::BroughtCertificate;

Result<void> check_pair(const BroughtCertificate& brought, const postgres::KeyPair& pair) {
  const Result<postgres::CertificateInfo> info = postgres::parse_certificate(pair.certificate);
  if (!info)
    return fail(Errc::kInvalid, brought.certificate_key, ": ", info.error().detail,
                "; give a certificate in PEM");
  const Result<bool> matches = postgres::key_matches(pair);
  if (!matches)
    return fail(Errc::kInvalid, brought.private_key_key, ": ", matches.error().detail,
                "; give a private key in PEM, without a passphrase");
  if (!*matches)
    return fail(Errc::kInvalid, brought.private_key_key, " is not the private key of ",
                brought.certificate_key);
  if (!brought.common_name.empty() && info->common_name != brought.common_name)
    return fail(Errc::kInvalid, brought.certificate_key, " needs the common name ",
                brought.common_name);
  return {};
}

}  // namespace

Result<std::string> authority_of(const BroughtCertificate& brought, const SecretData& data) {
  for (const std::string& key :
       {brought.certificate_key, brought.private_key_key, brought.authority_key}) {
    if (!data.contains(key)) return fail(Errc::kInvalid, "it has no key ", key);
  }
  const postgres::KeyPair pair{
      .certificate = std::string(value_of(data, brought.certificate_key).reveal()),
      .key = value_of(data, brought.private_key_key)};
  const Result<void> fits = check_pair(brought, pair);
  if (!fits) return fail(fits.error());
  std::string authority =
      postgres::only_certificates(value_of(data, brought.authority_key).reveal());
  const Result<void> is_signed = postgres::verify_signature(pair.certificate, authority);
  if (!is_signed)
    return fail(Errc::kInvalid, brought.authority_key, " is not the CA of ",
                brought.certificate_key, ": ", is_signed.error().detail);
  return authority;
}

boost::asio::awaitable<Answer<std::string>> brought_authorities(
    std::vector<BroughtCertificate> brought, std::string name_space, Means means) {
  std::string all;
  for (const BroughtCertificate& each : brought) {
    k8s::ObjectName name{name_space, each.secret};
    const Answer<StoredSecret> stored = co_await stored_secret(std::move(name), means);
    if (!stored) co_return k8s::refuse(stored.error());
    if (stored->data.empty() && each.optional) continue;
    if (stored->data.empty())
      co_return k8s::refuse(k8s::Trouble::kNotSent, "Secret ", each.secret, " of ", each.field,
                            " does not exist or is empty: create it with ", each.certificate_key,
                            ", ", each.private_key_key, " and ", each.authority_key);
    const Result<std::string> authority = authority_of(each, stored->data);
    if (!authority)
      co_return k8s::refuse(k8s::Trouble::kNotSent, "Secret ", each.secret, " of ", each.field,
                            " cannot be used: ", authority.error().detail);
    if (!all.contains(*authority)) all += *authority;
  }
  co_return all;
}

}  // namespace annals::actions
