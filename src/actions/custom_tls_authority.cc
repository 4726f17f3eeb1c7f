#include "actions/custom_tls_authority.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "postgres/tls/certificate_check.h"

namespace annals::actions {
namespace {

using manifests::CustomTlsCertificate;

Result<void> check_pair(const CustomTlsCertificate& custom_tls, const postgres::KeyPair& pair) {
  const Result<postgres::CertificateInfo> info = postgres::parse_certificate(pair.certificate);
  if (!info)
    return fail(Errc::kInvalid, custom_tls.certificate_key, ": ", info.error().detail,
                "; give a certificate in PEM");
  const Result<bool> matches = postgres::key_matches(pair);
  if (!matches)
    return fail(Errc::kInvalid, custom_tls.private_key_key, ": ", matches.error().detail,
                "; give a private key in PEM, without a passphrase");
  if (!*matches)
    return fail(Errc::kInvalid, custom_tls.private_key_key, " is not the private key of ",
                custom_tls.certificate_key);
  if (!custom_tls.common_name.empty() && info->common_name != custom_tls.common_name)
    return fail(Errc::kInvalid, custom_tls.certificate_key, " needs the common name ",
                custom_tls.common_name);
  return {};
}

}  // namespace

Result<std::string> authority_of(const CustomTlsCertificate& custom_tls, const SecretData& data) {
  for (const std::string& key :
       {custom_tls.certificate_key, custom_tls.private_key_key, custom_tls.authority_key}) {
    if (!data.contains(key)) return fail(Errc::kInvalid, "it has no key ", key);
  }
  const postgres::KeyPair pair{
      .certificate = std::string(value_of(data, custom_tls.certificate_key).reveal()),
      .key = value_of(data, custom_tls.private_key_key)};
  const Result<void> fits = check_pair(custom_tls, pair);
  if (!fits) return fail(fits.error());
  std::string authority =
      postgres::only_certificates(value_of(data, custom_tls.authority_key).reveal());
  const Result<void> is_signed = postgres::verify_signature(pair.certificate, authority);
  if (!is_signed)
    return fail(Errc::kInvalid, custom_tls.authority_key, " is not the CA of ",
                custom_tls.certificate_key, ": ", is_signed.error().detail);
  return authority;
}

boost::asio::awaitable<Answer<std::string>> custom_tls_authorities(
    std::vector<CustomTlsCertificate> custom_tls, std::string name_space, ActionContext context) {
  std::string all;
  for (const CustomTlsCertificate& each : custom_tls) {
    k8s::ObjectName name{name_space, each.secret};
    const Answer<StoredSecret> stored = co_await stored_secret(std::move(name), context);
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
